"""Which lines of its sources a protocol cites: all of them, or it says why not."""

from screen.documents.tree import (
    Items,
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    items_of,
    pairs_of,
    text_of,
)
from screen.language.vocabulary.derivations import flag
from screen.model.criterion import Citation, CriterionKind
from screen.model.protocol import NotScreened, Source
from screen.problems import Kind


def citation_from_node(
    node: Node | None, about: str, sources: dict[str, Source], problems: Problems
) -> Citation | None:
    """`{in: registry, at: inclusion 4}`, `at` being one line or a list; None if it is wrong."""
    body = pairs_of(node, f"{about}.source", problems)
    if body is None:
        return None
    check_keys(body, f"{about}.source", ("in", "at"), (), problems)
    return _citation(body, about, sources, problems)


def not_screened_from_node(
    node: Node | None, sources: dict[str, Source], problems: Problems
) -> tuple[NotScreened, ...]:
    """Lines that no criterion stands for, with the reason; `in` may be left out for one source.

    An inclusion or exclusion line that tests something is never left out: a person checks what
    the language cannot say.
    """
    found = []
    for item in items_of(node, "not_screened", problems) or ():
        body = pairs_of(item, "not_screened", problems)
        if body is None:
            continue
        check_keys(body, "not_screened", ("at", "reason"), ("in", "nothing_to_test"), problems)
        reason = text_of(body.get("reason"), "not_screened.reason", problems)
        citation = _citation(body, "not_screened", sources, problems)
        empty = flag(body.get("nothing_to_test"), "not_screened.nothing_to_test", problems)
        if citation is None or reason is None:
            continue
        tests = [line for line in citation.at if not line.startswith("structured ")]
        if tests and not empty:
            at = body.get("at")
            problems.add(Kind.LEFT_OUT, at, value=", ".join(tests), about=citation.source)
        found.append(NotScreened(citation, reason, empty or False))
    return tuple(found)


def check_coverage(top: Pairs, sources: dict[str, Source], problems: Problems) -> None:
    """Every line of every source is cited or listed as not screened, and not both.

    Works on what is written, so that a criterion with some other fault still counts as citing.
    """
    cited: set[tuple[str, str]] = set()
    for kind in CriterionKind:
        for body in _bodies(top.get(kind.value)):
            citation = body.get("source")
            if isinstance(citation, Pairs):
                cited.update((name, at.value.strip()) for name, at in _lines(citation, sources))
    left_out: dict[tuple[str, str], Text] = {}
    for body in _bodies(top.get("not_screened")):
        left_out.update(((name, line.value.strip()), line) for name, line in _lines(body, sources))
    for (name, text), node in left_out.items():
        if (name, text) in cited:
            problems.add(Kind.CITED_AND_NOT_SCREENED, node, value=text, about=name)
    declared = top.get("sources")
    for name, source in sources.items():
        at = declared.key(name) if isinstance(declared, Pairs) else None
        for text in source.lines:
            if (name, text) not in cited and (name, text) not in left_out:
                problems.add(Kind.UNCITED_LINE, at, value=text, about=name)


def _citation(
    body: Pairs, about: str, sources: dict[str, Source], problems: Problems
) -> Citation | None:
    name = text_of(body.get("in"), f"{about}.in", problems)
    if name is None and body.get("in") is None and len(sources) == 1:
        name = next(iter(sources))
    elif name is None:
        if body.get("in") is None and about == "not_screened":
            problems.add(Kind.MISSING_KEY, body, value="in", about=about)
        return None
    source = sources.get(name)
    if source is None:
        node = body.get("in")
        problems.add(Kind.UNKNOWN_SOURCE, node, value=name, allowed=tuple(sources))
        return None
    at = body.get("at")
    lines = []
    for item in at.items if isinstance(at, Items) else (at,):
        text = text_of(item, f"{about}.at", problems)
        if item is None or text is None:
            continue
        if text not in source.lines:
            problems.add(Kind.UNKNOWN_LINE, item, value=text, about=name, allowed=source.lines)
        lines.append(text)
    if isinstance(at, Items) and not at.items:
        problems.add(Kind.NO_VALUE, at, about=f"{about}.at")
    return Citation(name, tuple(lines)) if lines else None


def _bodies(node: Node | None) -> list[Pairs]:
    items = node.items if isinstance(node, Items) else ()
    return [item for item in items if isinstance(item, Pairs)]


def _lines(body: Pairs, sources: dict[str, Source]) -> list[tuple[str, Text]]:
    """The (source, line) pairs that a citation names, as far as they are text."""
    name = body.get("in")
    source = name.value.strip() if isinstance(name, Text) else next(iter(sources), "")
    at = body.get("at")
    nodes = at.items if isinstance(at, Items) else (at,)
    return [(source, node) for node in nodes if isinstance(node, Text)]
