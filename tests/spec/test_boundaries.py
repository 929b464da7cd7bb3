"""Every limit of every protocol, at it and one step to either side, in every unit that is accepted.

A value at a limit is converted into each unit by the UCUM library on exact fractions, not by the
vocabulary's own factors. Where it has no finite decimal there, its two neighbors stand in for it.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace as with_fields
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml
from screen.engine.decide import Screener
from screen.intake.document import case_from_tree
from screen.model.case import Case
from screen.model.concept import Concept, Vocabulary
from screen.model.criterion import Comparisons, leaves
from screen.model.protocol import Protocol
from screen.model.truth import Truth
from screen.units.number import decimal_text
from tests.spec.limits import AT, NORMAL, SCREENED_AT, STATED, Limit, as_recorded

LIMITS = [one for stated in STATED for one in as_recorded(stated)]

HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

# In g/mol, from the abridged standard atomic weights: creatinine C4H7N3O, hemoglobin's monomer.
MOLAR_MASS = {"creatinine": Fraction("113.12"), "hemoglobin": Fraction("16114.5")}

# UCUM defines the metre of mercury as 133.322 kPa, which the library rounds less.
MERCURY = ("mm[Hg]", "cm[Hg]")
PASCALS_IN_MM = Fraction("133.322")

NEIGHBORS_APART = Fraction(1, 10**12)


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_limit_in_every_unit(
    limit: Limit, protocols: Mapping[str, Protocol], vocabulary: Vocabulary
) -> None:
    screener = screener_of(limit, protocols, vocabulary)
    wrong = []
    for value, unit, code in written(limit, vocabulary):
        case = case_of(limit, f"{decimal_text(value)} {unit}", vocabulary)
        (result,) = screener.screen(case).screenings[0].results
        if result.truth is not expected(limit, value, code):
            wrong.append((f"{decimal_text(value)} {unit}", result.truth, result.reasons))
    assert wrong == []


def screener_of(
    limit: Limit, protocols: Mapping[str, Protocol], vocabulary: Vocabulary
) -> Screener:
    protocol = protocols[limit.protocol]
    (criterion,) = (one for one in protocol.criteria if one.id == limit.criterion)
    return Screener(vocabulary, [replace(protocol, criteria=(criterion,))])


def expected(limit: Limit, value: Fraction, code: str) -> Truth:
    """By the sign and the limit of the source; an age counts in completed years."""
    measured = converted(value, code, limit.unit, limit.concept)
    if limit.concept == "age":
        measured = Fraction(measured // 1)
    return Truth.MET if HOLDS[limit.sign](measured, Fraction(limit.number)) else Truth.NOT_MET


def written(limit: Limit, vocabulary: Vocabulary) -> Iterator[tuple[Fraction, str, str]]:
    """Values around the limit, the unit as it is written, and the UCUM code that it stands for."""
    turns = [Fraction(limit.number)]
    if limit.concept == "age":
        turns.append(turns[0] + 1)  # 75 years are complete until the day before the 76th birthday
    for unit, code in spellings(vocabulary.concepts[limit.concept], vocabulary):
        for turn in turns:
            for value in around(converted(turn, limit.unit, code, limit.concept)):
                yield value, unit, code


def around(value: Fraction) -> tuple[Fraction, ...]:
    """The value and a step of one digit more to either side; or just its two neighbors."""
    text = decimal_text(value)
    if text.startswith("~"):
        below = value // NEIGHBORS_APART * NEIGHBORS_APART
        return (below, below + NEIGHBORS_APART)
    step = Fraction(1, 10 ** (len(text.partition(".")[2]) + 1))
    return (value - step, value, value + step)


def spellings(concept: Concept, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Every unit of a concept as it may be written, with its UCUM code."""
    assert concept.unit is not None
    # A year of an age is one of the calendar: so many months, and no number of weeks or days.
    others = ["mo"] if concept.name == "age" else [*concept.scales]
    codes = dict.fromkeys([concept.unit, *others])
    aliases = [(alias, code) for alias, code in vocabulary.unit_aliases.items() if code in codes]
    return [*((code, code) for code in codes), *aliases]


@cache
def registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry(non_int_type=Fraction)


@cache
def converted(value: Fraction, source: str, target: str, concept: str) -> Fraction:
    """`value` from one UCUM unit to another, by the library."""
    quantity, into = registry().Quantity(value, unit_of(source)), unit_of(target)
    if source in MERCURY and target not in MERCURY:
        in_mm = quantity.to(unit_of("mm[Hg]")).magnitude
        quantity = registry().Quantity(in_mm * PASCALS_IN_MM, "pascal")
    elif target in MERCURY and source not in MERCURY:
        in_mm = quantity.to("pascal").magnitude / PASCALS_IN_MM
        quantity = registry().Quantity(in_mm, unit_of("mm[Hg]"))
    elif quantity.dimensionality != into.dimensionality:
        molar_mass = registry().Quantity(MOLAR_MASS[concept], "gram / mole")
        quantity = quantity / molar_mass if "mol" in target else quantity * molar_mass
    return Fraction(quantity.to(into).magnitude)


@cache
def unit_of(code: str) -> Any:
    # The library takes no annotation that stands alone.
    return registry().from_ucum("1" if code in ("{score}", "{points}") else code).units


def case_of(limit: Limit, text: str, vocabulary: Vocabulary) -> Case:
    """The case that records the value as `text`, and what stands beside it."""
    also = f", {limit.also}" if limit.also else ""
    observations = {**limit.beside, limit.concept: f'{{value: "{text}"{also}}}'}
    age = observations.pop("age", limit.age)
    lines = [f"  {name}: {value}" for name, value in observations.items()]
    head = [f"screened_at: {SCREENED_AT}", f"patient: {{sex: male, age: {age}}}"]
    problems = Problems("case")
    tree = read_yaml(
        "\n".join(["case: limit", *head, "observations:", *(lines or ["  dyspnea: absent"])]),
        problems,
    )
    problems.check()
    assert tree is not None
    return case_from_tree(tree, "case", vocabulary)


def test_a_printed_limit_in_every_unit(
    protocols: Mapping[str, Protocol], vocabulary: Vocabulary
) -> None:
    """48 U/L in every unit, under a result of 240 U/L, which is 5 times that and not more."""
    limit = Limit("NCT04338958", "raised-transaminases", "alt", ">", "5 xULN", {"ast": NORMAL})
    screener = screener_of(limit, protocols, vocabulary)
    wrong = []
    for unit, code in spellings(vocabulary.concepts["alt"], vocabulary):
        below, at, above = around(converted(Fraction(48), "U/L", code, "alt"))
        for printed, truth in ((below, Truth.MET), (at, Truth.NOT_MET), (above, Truth.NOT_MET)):
            also = f'upper_limit: "{decimal_text(printed)} {unit}", at: {AT}'
            case = case_of(with_fields(limit, also=also), "240 U/L", vocabulary)
            (result,) = screener.screen(case).screenings[0].results
            if result.truth is not truth:
                wrong.append((unit, printed, result.truth))
    assert wrong == []


def test_every_limit_of_the_protocols_is_tried(protocols: Mapping[str, Protocol]) -> None:
    """And every limit of the sources is in the protocols, with its sign, number and unit."""
    tried = {(one.protocol, one.criterion, one.asked, f"{one.sign} {one.stated}") for one in LIMITS}
    assert tried == {
        (protocol.id, criterion.id, leaf.concept, part.text)
        for protocol in protocols.values()
        for criterion in protocol.criteria
        for leaf in leaves(criterion.when)
        if isinstance(leaf.test, Comparisons)
        for part in leaf.test.parts
    }
