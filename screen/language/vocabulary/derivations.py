"""Declared formulas: what a derived value is computed from."""

from collections.abc import Mapping

from screen.documents.tree import Node, Pairs, Problems, check_keys, items_of, pairs_of, text_of
from screen.language.durations import NotADuration, duration
from screen.language.vocabulary.formulas import check_formula
from screen.model.concept import Concept, Derivation, Method
from screen.problems import Kind

ROOM_AIR = "room_air"
# Inputs that are of the patient, not observations.
_OF_THE_PATIENT = ("birth_date", "sex")
_OPTIONAL = ("at_most_apart", "undated_together", "formulas")


def derivations_from_tree(
    top: Pairs, concepts: Mapping[str, Concept], problems: Problems
) -> dict[str, Derivation]:
    """Every derivation by the name of its concept; `room_air` is one without a concept."""
    found: dict[str, Derivation] = {}
    bodies: dict[str, Pairs] = {}
    for name, node in top.pairs:
        if name.value not in concepts and name.value != ROOM_AIR:
            allowed = (*sorted(concepts), ROOM_AIR)
            problems.add(Kind.UNKNOWN_CONCEPT, name, value=name.value, allowed=allowed)
        body = pairs_of(node, name.value, problems)
        if body is not None:
            derivation = _derivation(name.value, body, concepts, problems)
            if derivation is not None:
                found[name.value] = derivation
                bodies[name.value] = body
    for derivation in found.values():
        check_formula(derivation, found, concepts, bodies[derivation.name], problems)
    return found


def _derivation(
    name: str, body: Pairs, concepts: Mapping[str, Concept], problems: Problems
) -> Derivation | None:
    check_keys(body, name, ("method", "inputs", "text", "source"), _OPTIONAL, problems)
    method = text_of(body.get("method"), f"{name}.method", problems)
    methods = tuple(member.value for member in Method)
    if method is not None and method not in methods:
        problems.add(
            Kind.UNKNOWN_VALUE, body.get("method"), value=method, about="method", allowed=methods
        )
        return None
    if method is None:
        return None
    inputs = _inputs(body.get("inputs"), name, concepts, problems)
    return Derivation(
        name,
        Method(method),
        inputs,
        text_of(body.get("text"), f"{name}.text", problems) or "",
        text_of(body.get("source"), f"{name}.source", problems) or "",
        _apart(body.get("at_most_apart"), name, problems),
        flag(body.get("undated_together"), f"{name}.undated_together", problems) or False,
        _formulas(body.get("formulas"), name, inputs, problems),
    )


def _inputs(
    node: Node | None, about: str, concepts: Mapping[str, Concept], problems: Problems
) -> tuple[str, ...]:
    inputs = []
    for item in items_of(node, f"{about}.inputs", problems) or ():
        name = text_of(item, f"{about}.inputs", problems)
        if name is None:
            continue
        if name not in concepts and name not in _OF_THE_PATIENT:
            allowed = (*sorted(concepts), *_OF_THE_PATIENT)
            problems.add(Kind.UNKNOWN_CONCEPT, item, value=name, allowed=allowed)
        inputs.append(name)
    return tuple(inputs)


def _formulas(
    node: Node | None, about: str, inputs: tuple[str, ...], problems: Problems
) -> tuple[tuple[str, str], ...]:
    """`{egfr: schwartz_bedside}`: the formula by which an input has to be worked out."""
    body = pairs_of(node, f"{about}.formulas", problems)
    found = []
    for key, value in body.pairs if body else ():
        if key.value not in inputs:
            problems.add(Kind.UNKNOWN_KEY, key, value=key.value, allowed=inputs)
        formula = text_of(value, f"{about}.formulas.{key.value}", problems)
        if formula is not None:
            found.append((key.value, formula))
    return tuple(found)


def _apart(node: Node | None, about: str, problems: Problems) -> int | None:
    text = text_of(node, f"{about}.at_most_apart", problems)
    if text is None:
        return None
    try:
        return duration(text)
    except NotADuration as error:
        problems.add(Kind.NOT_A_DURATION, node, value=text, detail=str(error))
        return None


def flag(node: Node | None, about: str, problems: Problems) -> bool | None:
    """`true` or `false`; anything else is a problem. None if there is nothing."""
    text = text_of(node, about, problems)
    if text is None:
        return None
    if text not in ("true", "false"):
        problems.add(Kind.NOT_ACCEPTED, node, about=about, value=text, detail="true or false")
        return None
    return text == "true"
