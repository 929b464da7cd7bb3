"""Protocols and their criteria, whatever a case says: for `protocols list` and `show`."""

from collections.abc import Iterable, Iterator
from typing import Any

from screen.explain.show.json_result import source_entry
from screen.explain.show.overview import Paint, unpainted
from screen.explain.show.whole_tree import not_screened_lines, protocol_head
from screen.explain.words.condition_words import kind_of, kind_words
from screen.explain.words.plain_text import counted, padded, wrapped
from screen.model.criterion import Condition, Criterion, CriterionKind, Leaf, children_of
from screen.model.protocol import Protocol

Json = dict[str, Any]


def protocol_list(protocols: Iterable[Protocol], paint: Paint = unpainted, width: int = 80) -> str:
    """Id, version, drug, and how much of each protocol is known; the title below."""
    lines: list[str] = []
    for protocol in protocols:
        known = "complete" if protocol.complete else "INCOMPLETE"
        number = counted(len(protocol.criteria), "criterion", "criteria")
        told = f"version {protocol.version}, {known}, {number}, {protocol.drug.name}"
        first, *rest = wrapped(f"{padded(protocol.id, 16)}  {told}", width, rest="  ")
        lines += [first.replace(protocol.id, paint(protocol.id, "heading"), 1), *rest]
        lines += wrapped(protocol.title, width, "  ")
    return "\n".join(lines) + "\n"


def protocol_text(protocol: Protocol, paint: Paint = unpainted, width: int = 80) -> str:
    """Every criterion with its source, its note and what it asks."""
    return "\n".join(_lines(protocol, paint, width)) + "\n"


def _lines(protocol: Protocol, paint: Paint, width: int) -> Iterator[str]:
    yield paint(protocol.id, "heading")
    yield from protocol_head(protocol, width)
    for kind in CriterionKind:
        criteria = [criterion for criterion in protocol.criteria if criterion.kind is kind]
        if criteria:
            yield ""
            yield paint(f"{kind.value.upper()} CRITERIA", "heading")
        for criterion in criteria:
            yield ""
            yield from _criterion(criterion, paint, width)
    yield from not_screened_lines(protocol, paint, width)


def _criterion(criterion: Criterion, paint: Paint, width: int) -> Iterator[str]:
    cited = ", ".join(criterion.citation.at)
    yield paint(criterion.id, "heading")
    yield from wrapped(criterion.text, width, "    ")
    yield from wrapped(f"source: {criterion.citation.source}, {cited}", width, "    ", "      ")
    if criterion.note:
        yield from wrapped(f"note: {criterion.note}", width, "    ", "      ")
    yield from _condition(criterion.when, "    ", width)


def _condition(condition: Condition, indent: str, width: int) -> Iterator[str]:
    yield from wrapped(kind_words(condition), width, f"{indent}- ")
    for child in children_of(condition):
        yield from _condition(child, f"{indent}  ", width)


def protocol_summary(protocol: Protocol) -> Json:
    """One protocol of a list."""
    return {
        "protocol": protocol.id,
        "title": protocol.title,
        "version": protocol.version,
        "digest": protocol.digest,
        "complete": protocol.complete,
        "status": protocol.status,
        "drug": {"name": protocol.drug.name, "dose": protocol.drug.dose},
        "inclusion": len(protocol.inclusion),
        "exclusion": len(protocol.exclusion),
        "file": protocol.file,
    }


def protocol_entry(protocol: Protocol) -> Json:
    """One protocol whole."""
    return protocol_summary(protocol) | {
        "note": protocol.note,
        "sources": [
            {
                "name": source.name,
                "title": source.title,
                "id": source.id,
                "date": source.date,
                "lines": list(source.lines),
            }
            for source in protocol.sources.values()
        ],
        "criteria": [
            {
                "id": criterion.id,
                "kind": criterion.kind.value,
                "text": criterion.text,
                "source": source_entry(criterion.citation),
                "note": criterion.note,
                "line": criterion.line,
                "when": _asked(criterion.when),
            }
            for criterion in protocol.criteria
        ],
        "not_screened": [
            {"source": source_entry(line.citation), "reason": line.reason}
            for line in protocol.not_screened
        ],
    }


def _asked(condition: Condition) -> Json:
    if not isinstance(condition, Leaf):
        children = [_asked(child) for child in children_of(condition)]
        return {"kind": kind_of(condition), "children": children}
    selection = condition.selection
    entry: Json = {
        "kind": "leaf",
        "concept": selection.concept,
        "test": condition.test.text,
        **dict(selection.contexts),
    }
    if selection.within is not None:
        entry["within"] = selection.within_text
    entry["pick"] = selection.pick.value
    return entry | {"unrecorded": "absent"} if condition.unrecorded_absent else entry
