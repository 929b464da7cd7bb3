"""The values of a finding or a context: a small tree, as `parent: [children]`."""

from types import MappingProxyType

from screen.documents.tree import Items, Node, Pairs, Problems, Text, items_of, pairs_of, text_of
from screen.language.identifiers import check_value, check_word
from screen.model.concept import ValueTree
from screen.problems import Kind


def tree_from_node(body: Pairs, about: str, problems: Problems) -> ValueTree:
    """The tree under `values`, with `inconclusive` and `aliases` where they are given.

    A value without children stands alone: `absent: []`, or an item of a plain list.
    """
    parents: dict[str, str | None] = {}
    top = body.get("values")
    branches = _branches(top, about, problems)
    alone = {value for value, children in branches if not children}
    for value, children in branches:
        parents.setdefault(value, None)
        for child in children:
            if parents.get(child) is not None or child == value or child in alone:
                detail = f"{child} stands in two places"
                problems.add(Kind.AGAINST_ITSELF, top, about=about, detail=detail)
            else:
                parents[child] = value
    if top is not None and not parents:
        problems.add(Kind.NO_VALUE, top, about=f"{about}.values")
    for value in parents:
        if _is_own_ancestor(value, parents):
            detail = f"{value} stands under itself"
            problems.add(Kind.AGAINST_ITSELF, top, about=about, detail=detail)
            parents[value] = None
    return ValueTree(
        MappingProxyType(parents),
        frozenset(_inconclusive(body, about, parents, problems)),
        MappingProxyType(_aliases(body, about, parents, problems)),
    )


def _branches(
    node: Node | None, about: str, problems: Problems
) -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(node, Items):
        return [(name, ()) for name in _values(node, about, problems)]
    pairs = pairs_of(node, f"{about}.values", problems)
    return [
        (name.value, _values(children, f"{about}.{name.value}", problems))
        for name, children in (pairs.pairs if pairs else ())
        if check_value(name, problems)
    ]


def _values(node: Node | None, about: str, problems: Problems) -> tuple[str, ...]:
    """The names of values in a list."""
    found = _texts(node, about, problems)
    for item in getattr(node, "items", ()):
        if isinstance(item, Text) and not item.empty and not check_value(item, problems):
            found = ()
    return found


def _texts(node: Node | None, about: str, problems: Problems) -> tuple[str, ...]:
    if isinstance(node, Text) and node.empty:
        return ()
    items = items_of(node, about, problems) or ()
    return tuple(t for item in items if (t := text_of(item, about, problems)) is not None)


def _inconclusive(
    body: Pairs, about: str, parents: dict[str, str | None], problems: Problems
) -> list[str]:
    node = body.get("inconclusive")
    values = _texts(node, f"{about}.inconclusive", problems) if node is not None else ()
    for value in values:
        if value not in parents:
            problems.add(Kind.UNKNOWN_VALUE, node, value=value, about=about, allowed=tuple(parents))
    return list(values)


def _aliases(
    body: Pairs, about: str, parents: dict[str, str | None], problems: Problems
) -> dict[str, str]:
    aliases = {}
    pairs = pairs_of(body.get("aliases"), f"{about}.aliases", problems)
    for alias, node in pairs.pairs if pairs else ():
        value = text_of(node, f"{about}.{alias.value}", problems)
        if value is None:
            continue
        if value not in parents:
            problems.add(Kind.UNKNOWN_VALUE, node, value=value, about=about, allowed=tuple(parents))
        if check_word(alias, f"an alias of {about}", problems):
            aliases[alias.value] = value
    return aliases


def _is_own_ancestor(value: str, parents: dict[str, str | None]) -> bool:
    seen = {value}
    current = parents[value]
    while current is not None:
        if current in seen:
            return current == value
        seen.add(current)
        current = parents[current]
    return False
