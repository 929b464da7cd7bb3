"""Whether a derived concept can be computed from what its declaration names."""

from collections.abc import Mapping

from screen.documents.tree import Node, Pairs, Problems
from screen.model.concept import Concept, Derivation, Kind, Method
from screen.problems import Kind as Wrong

_BIRTH_DATE, _SEX = "birth_date", "sex"
# How many observed inputs a method takes, in words and as the fewest and the most.
_QUANTITIES = {
    Method.RATIO: ("two quantities", 2, 2),
    Method.SHARE: ("a count, then the total, segmented, band and other shares of it", 4, None),
    Method.ROOM_AIR: ("one quantity", 1, 1),
}
_OF_A_QUANTITY = (Method.COMPLETED_YEARS, Method.RATIO, Method.SHARE)


def check_formula(
    derivation: Derivation,
    derivations: Mapping[str, Derivation],
    concepts: Mapping[str, Concept],
    body: Pairs,
    problems: Problems,
) -> None:
    """Note inputs that the method cannot use, a concept that it cannot give, and a circle."""
    node: Node = body.get("inputs") or body
    name = derivation.name
    wanted = _wanted(derivation, concepts)
    if wanted:
        problems.add(Wrong.WRONG_SHAPE, node, about=f"{name}.inputs", detail=wanted)
    concept = concepts.get(name)
    if concept is not None and derivation.method is not Method.FIRST_OF:
        is_quantity = concept.kind is Kind.QUANTITY
        if is_quantity != (derivation.method in _OF_A_QUANTITY):
            kind = "a finding" if is_quantity else "a quantity"
            detail = f"{kind} where the method is {derivation.method.value}"
            problems.add(Wrong.WRONG_SHAPE, node, about=name, detail=detail)
    inputs = [concepts[part] for part in derivation.inputs if part in concepts]
    two = not wanted and len(inputs) == 2
    if two and derivation.method is Method.RATIO and concept is not None:
        _check_ratio(concept, inputs, node, problems)
    if name in _reached(derivation, derivations):
        problems.add(Wrong.AGAINST_ITSELF, node, about=name, detail="it is derived from itself")


def _check_ratio(concept: Concept, inputs: list[Concept], node: Node, problems: Problems) -> None:
    """A ratio is a quantity over a fraction in per cent, and keeps the quantity's unit."""
    top, bottom = inputs
    if bottom.unit != "%":
        detail = f"{concept.name} divides by a fraction in %"
        problems.add(
            Wrong.WRONG_DIMENSION, node, value=bottom.unit or "", about=bottom.name, detail=detail
        )
    elif top.unit != concept.unit:
        detail = f"{top.name} over a fraction is in {top.unit}"
        problems.add(
            Wrong.WRONG_DIMENSION, node, value=concept.unit or "", about=concept.name, detail=detail
        )


def _wanted(derivation: Derivation, concepts: Mapping[str, Concept]) -> str:
    """What the inputs must be, in words; empty where they are, or where one is unknown."""
    inputs = derivation.inputs
    if any(name not in concepts and name not in (_BIRTH_DATE, _SEX) for name in inputs):
        return ""
    kinds = [concepts[name].kind if name in concepts else None for name in inputs]
    match derivation.method:
        case Method.COMPLETED_YEARS:
            return "" if inputs == (_BIRTH_DATE,) else _BIRTH_DATE
        case Method.ABSENT_FOR_MALE:
            return "" if inputs == (_SEX,) else _SEX
        case Method.FIRST_OF:
            own = concepts[derivation.name].kind if derivation.name in concepts else None
            alike = bool(kinds) and all(kind is own for kind in kinds)
            return "" if alike else f"concepts of the same kind as {derivation.name}"
        case Method.RATIO | Method.SHARE | Method.ROOM_AIR:
            words, fewest, most = _QUANTITIES[derivation.method]
            enough = len(inputs) >= fewest and (most is None or len(inputs) <= most)
            fits = enough and all(kind is Kind.QUANTITY for kind in kinds)
            return "" if fits else words


def _reached(derivation: Derivation, derivations: Mapping[str, Derivation]) -> frozenset[str]:
    """Every concept that the derivation leads to, over any number of steps."""
    reached: set[str] = set()
    waiting = list(derivation.inputs)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            if name in derivations:
                waiting.extend(derivations[name].inputs)
    return frozenset(reached)
