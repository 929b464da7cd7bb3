"""The vocabulary for people who write case files: names, units, values."""

from collections.abc import Iterable, Iterator
from typing import Any

from screen.explain.show.overview import Paint, unpainted
from screen.explain.words.plain_text import cells, padded, wrapped
from screen.explain.words.quality import range_text
from screen.model.concept import Concept, Kind, ValueTree
from screen.units.number import decimal_text

Json = dict[str, Any]


def concept_list(concepts: Iterable[Concept], paint: Paint = unpainted, width: int = 80) -> str:
    """One concept per entry: its name, then what can be recorded of it."""
    listed = sorted(concepts, key=lambda concept: concept.name)
    lines = []
    for kind in Kind:
        those = [concept for concept in listed if concept.kind is kind]
        if those:
            lines += ["", paint(_HEADINGS[kind], "heading")]
        for concept in those:
            lines += _entry(concept, width)
    return "\n".join(lines[1:]) + "\n"


_HEADINGS = {
    Kind.QUANTITY: "Quantities, with their unit",
    Kind.FINDING: "Findings, with their values",
    Kind.ATTESTATION: "What a person must say, with its values",
}
_COLUMN = 26


def _entry(concept: Concept, width: int) -> list[str]:
    taken = concept.unit or _values_text(concept.tree)
    name = f"  {concept.name}"
    if cells(name) + 2 > _COLUMN:
        return [name, *wrapped(taken, width, " " * _COLUMN)]
    return wrapped(taken, width, padded(name, _COLUMN))


def _values_text(tree: ValueTree | None) -> str:
    """`absent, present (active, inactive)`: kinds of a value in brackets."""
    if tree is None:
        return ""
    told = []
    for value in (value for value, parent in tree.parents.items() if parent is None):
        kinds = [child for child, parent in tree.parents.items() if parent == value]
        told.append(f"{value} ({', '.join(kinds)})" if kinds else value)
    return ", ".join(told)


def concept_text(concept: Concept, paint: Paint = unpainted, width: int = 80) -> str:
    """Everything about one concept."""
    lines = [paint(concept.name, "heading")]
    for text in _facts(concept):
        lines += wrapped(text, width, "  ", "    ")
    return "\n".join(lines) + "\n"


def _facts(concept: Concept) -> Iterator[str]:
    yield concept.label
    if concept.synonyms:
        yield f"also called: {', '.join(concept.synonyms)}"
    if concept.unit:
        yield f"unit: {concept.unit}"
        others = [unit for unit in concept.scales if unit != concept.unit]
        if others:
            yield f"also accepted: {', '.join(others)}, and any unit that measures the same"
    if range_text(concept):
        yield f"plausible: {range_text(concept).removeprefix(' of').strip()}"
    if concept.tree is not None:
        yield f"values: {_values_text(concept.tree)}"
        if concept.tree.inconclusive:
            pending = [value for value in concept.tree.values if value in concept.tree.inconclusive]
            yield f"inconclusive: {', '.join(pending)}"
    if concept.derivation is not None:
        yield f"derived: {concept.derivation.text}"
        yield f"why so: {concept.derivation.source}"
    if concept.molar_mass is not None:
        yield f"molar mass: {decimal_text(concept.molar_mass)} g/mol"
    for code in concept.codes:
        meant = (("value", code.value),) if code.value else ()
        said = "".join(
            f"; {name}: {value}" for name, value in (*code.contexts, *meant, *code.values)
        )
        yield f"code: {code.system} {code.code}, {code.display}{said}"
    if concept.note:
        yield f"note: {concept.note}"


def concept_entry(concept: Concept) -> Json:
    """One concept as JSON; what it does not have is null or empty."""
    tree, derivation = concept.tree, concept.derivation
    low, high, mass = concept.plausible_low, concept.plausible_high, concept.molar_mass
    return {
        "name": concept.name,
        "label": concept.label,
        "synonyms": list(concept.synonyms),
        "kind": concept.kind.value,
        "unit": concept.unit,
        "units": list(concept.scales),
        "plausible": [None if end is None else decimal_text(end) for end in (low, high)],
        "least": None if concept.least is None else decimal_text(concept.least),
        "molar_mass": None if mass is None else f"{decimal_text(mass)} g/mol",
        "values": dict(tree.parents) if tree else {},
        "inconclusive": [value for value in tree.values if value in tree.inconclusive]
        if tree
        else [],
        "derived": derivation.text if derivation else None,
        "inputs": list(derivation.inputs) if derivation else [],
        "codes": [
            {"system": code.system, "code": code.code, "display": code.display}
            | dict(code.contexts)
            | ({"values": dict(code.values)} if code.values else {})
            | ({"value": code.value} if code.value else {})
            for code in concept.codes
        ],
        "note": concept.note,
    }
