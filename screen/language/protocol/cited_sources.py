"""The sources of a protocol: what they are, and how many lines each of their lists has."""

from screen.documents.tree import Node, Problems, check_keys, items_of, pairs_of, text_of
from screen.model.protocol import Source
from screen.problems import Kind

SOURCE_KEYS = ("title", "id", "date", "lines")
LINE_KEYS = ("structured", "inclusion", "exclusion")
_MOST_LINES = 500


def sources_from_node(node: Node | None, problems: Problems) -> dict[str, Source]:
    """Every source by its name. Whatever is wrong is noted in `problems`."""
    body = pairs_of(node, "sources", problems)
    if body is None:
        return {}
    if not body.pairs:
        problems.add(Kind.NO_VALUE, body, about="sources")
    return {name.value: _source(name.value, source, problems) for name, source in body.pairs}


def _source(name: str, node: Node, problems: Problems) -> Source:
    body = pairs_of(node, f"sources.{name}", problems)
    if body is None:
        return Source(name, "", "", "")
    check_keys(body, f"sources.{name}", SOURCE_KEYS, (), problems)
    title, number, date = (
        text_of(body.get(key), f"sources.{name}.{key}", problems) or ""
        for key in ("title", "id", "date")
    )
    about = f"sources.{name}.lines"
    lines = pairs_of(body.get("lines"), about, problems)
    if lines is None:
        return Source(name, title, number, date)
    check_keys(lines, about, (), LINE_KEYS, problems)
    structured = items_of(lines.get("structured"), f"{about}.structured", problems) or ()
    return Source(
        name,
        title,
        number,
        date,
        tuple(text_of(item, f"{about}.structured", problems) or "" for item in structured),
        _count(lines.get("inclusion"), f"{about}.inclusion", problems),
        _count(lines.get("exclusion"), f"{about}.exclusion", problems),
    )


def _count(node: Node | None, about: str, problems: Problems) -> int:
    text = text_of(node, about, problems)
    if text is None:
        return 0
    if text.isdecimal() and text.isascii() and len(text) < 5 and int(text) <= _MOST_LINES:
        return int(text)
    detail = f"a number of lines, at most {_MOST_LINES}"
    problems.add(Kind.NOT_ACCEPTED, node, about=about, value=text, detail=detail)
    return 0
