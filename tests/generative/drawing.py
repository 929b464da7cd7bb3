"""Draws vocabularies and protocols, around a few limits.

The vocabulary is the program's own, with one finding added whose tree of values is drawn too.
Limits come from the short lists from which `drawing_cases` takes values, so that they often meet.
"""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any as Anything
from typing import TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from screen.language.load import default_rules_dir, load_vocabulary
from screen.model.case import Case, Limit, Measured, Observation, Patient, Stated, Status
from screen.model.concept import Concept, Kind, ValueTree, Vocabulary
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Citation,
    Comparison,
    Comparisons,
    Condition,
    Criterion,
    CriterionKind,
    Leaf,
    Not,
    OneOf,
    Operator,
    Pick,
    Reference,
    Selection,
    Test,
)
from screen.model.moment import DAY, HOUR, MICROSECOND, Moment, instant, whole_day
from screen.model.protocol import Drug, Protocol
from screen.model.quantity import Amount, Scale
from screen.units.number import decimal_text

REAL = load_vocabulary(default_rules_dir())
DRAWN = "drawn_finding"

T = TypeVar("T")

_SCREENED = datetime(2020, 3, 21, 9)  # noqa: DTZ001  (a case without offsets)
SCREENED_AT = instant("2020-03-21T09:00:00", _SCREENED)
SCREENED_ON = _SCREENED.date()

# The numbers that values and limits of a concept are drawn from, in its canonical unit.
AMOUNTS = {
    "platelets": ("-1", "0", "19.999", "20", "20.001", "50", "100/3", "5000", "5001"),
    "alt": ("0", "40", "199.9", "200", "200.1", "400/3", "1000"),
    "spo2": ("0.93", "30", "91", "93", "93.4", "100"),
    "sao2": ("91", "93", "95", "101"),
    "oxygen_saturation": ("91", "93", "94"),
    "fio2": ("0.5", "21", "25", "33", "50", "100"),
    "pao2": ("14", "33", "63", "75", "100", "751"),
    "pf_ratio": ("100", "150", "250", "300", "1000/3", "801"),
    "leukocytes": ("0", "1", "4", "10", "1726.6"),
    "neutrophils_percent": ("0", "45", "50", "100"),
    "bands_percent": ("0", "5", "10"),
    "neutrophils": ("0.5", "1", "2", "5"),
    "body_temperature": ("37.3", "37.4", "39", "99"),
    "creatinine": ("1", "2", "2.001"),
    "age": ("17", "17.9", "18", "62", "75", "131"),
}
FINDINGS = (
    *("tuberculosis", "sars_cov_2_test", "pregnancy", "lung_infiltrates", "informed_consent"),
    *("other_safety_concern", "dyspnea", DRAWN),
)
INPUTS = {
    "pf_ratio": ("pao2", "fio2"),
    "neutrophils": ("leukocytes", "neutrophils_percent", "bands_percent"),
    "oxygen_saturation": ("sao2", "spo2"),
    "spo2": ("fio2",),
}
CONTEXTS = {
    "on": ("room_air", "oxygen", "face_mask"),
    "assay": ("pcr", "antigen"),
    "specimen": ("respiratory", "sputum", "stool"),
}
WINDOWS = ((HOUR, "1 h"), (DAY, "24 h"), (2 * DAY, "2 d"))


def _moments() -> tuple[Moment, ...]:
    """Around the ends of the windows, and the days in which they lie."""
    ago = (0, HOUR, HOUR + 1, HOUR // 2, DAY, DAY + 1, 2 * DAY, 40 * DAY, -1, -HOUR)
    times = [_SCREENED - past * MICROSECOND for past in ago]
    hours = [instant(time.isoformat(), time) for time in times]
    again = instant("2020-03-21 08:00", datetime(2020, 3, 21, 8))  # noqa: DTZ001
    days = [date(2020, 3, day) for day in (18, 19, 20, 21, 22)]
    return (*hours, again, *(whole_day(day.isoformat(), day, _SCREENED) for day in days))


MOMENTS = _moments()


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """The real one with a finding of a drawn tree, up to three levels deep."""
    parents: dict[str, str | None] = {}
    for number in range(draw(st.integers(2, 6))):
        open_to = [name for name in parents if _depth(name, parents) < 2]
        parents[f"value_{number}"] = draw(st.sampled_from([None, *open_to]))
    inconclusive = draw(st.sets(st.sampled_from(sorted(parents)), max_size=2))
    tree = ValueTree(MappingProxyType(parents), frozenset(inconclusive))
    finding = Concept(DRAWN, "Drawn finding", Kind.FINDING, tree=tree)
    return replace(REAL, concepts=MappingProxyType({**REAL.concepts, DRAWN: finding}))


def _depth(name: str, parents: dict[str, str | None]) -> int:
    above = parents[name]
    return 0 if above is None else 1 + _depth(above, parents)


def concepts() -> st.SearchStrategy[list[str]]:
    """A few concepts, so that a protocol often asks about what a case records."""
    return st.lists(_SOME_CONCEPT, min_size=1, max_size=4, unique=True)


_SOME_CONCEPT = st.sampled_from([*AMOUNTS, *FINDINGS, DRAWN, DRAWN, DRAWN])


# --- protocols ---

_ASKED_CONTEXTS: list[dict[str, str]] = (
    [{}] * 8
    + [{"on": on} for on in CONTEXTS["on"]] * 2
    + [{"assay": assay} for assay in CONTEXTS["assay"]]
    + [{"specimen": specimen} for specimen in CONTEXTS["specimen"]]
    + [{"assay": "pcr", "specimen": "respiratory"}, {"on": "room_air", "specimen": "sputum"}]
)


@cache
def selections(name: str, quantity: bool) -> st.SearchStrategy[Selection]:
    orders = [pick for pick in Pick if quantity or pick not in (Pick.LOWEST, Pick.HIGHEST)]
    found = [
        Selection(
            name,
            within,
            text,
            contexts.get("on"),
            contexts.get("assay"),
            contexts.get("specimen"),
            pick,
        )
        for contexts in _ASKED_CONTEXTS
        for pick in (Pick.LATEST, *orders)
        for within, text in ((None, ""), (None, ""), *WINDOWS)
    ]
    return st.sampled_from(found)


@cache
def comparisons(name: str) -> st.SearchStrategy[Comparisons]:
    unit = REAL.concepts[name].unit
    amounts = [(Fraction(amount), None, unit) for amount in AMOUNTS[name]] * 2
    multiples = [
        (Fraction(multiple), reference, reference.value)
        for multiple in ("1", "5", "10/3")
        for reference in Reference
    ]
    found = [
        Comparison(sign, limit, reference, f"{sign.value} {decimal_text(limit)} {written}")
        for limit, reference, written in (*amounts, *multiples)
        for sign in Operator
    ]
    parts = st.lists(st.sampled_from(found), min_size=1, max_size=3)
    return parts.map(lambda several: Comparisons(tuple(several)))


def tests(concept: Concept) -> st.SearchStrategy[Test]:
    if concept.tree is None:
        return comparisons(concept.name)
    values = st.lists(st.sampled_from(concept.tree.values), min_size=1, max_size=3, unique=True)
    return values.map(lambda asked: OneOf(tuple(asked)))


def leaf_conditions(vocabulary: Vocabulary, names: list[str]) -> st.SearchStrategy[Leaf]:
    return st.one_of([of_concept(leaves_about, vocabulary, name) for name in names])


def of_concept(
    build: Callable[[Concept], st.SearchStrategy[T]], vocabulary: Vocabulary, name: str
) -> st.SearchStrategy[T]:
    """What `build` makes of a concept, kept from one example to the next where that is the same."""
    concept = vocabulary.concepts[name]
    if concept is not REAL.concepts.get(name):
        return build(concept)
    key = (build.__name__, name)
    if key not in _KEPT:
        _KEPT[key] = build(concept)
    return _KEPT[key]


_KEPT: dict[tuple[str, str], st.SearchStrategy[Anything]] = {}


@st.composite
def leaves_about(draw: st.DrawFn, concept: Concept) -> Leaf:
    test = draw(tests(concept))
    may_declare = isinstance(test, OneOf) and "absent" not in test.values
    declared = concept.kind is Kind.FINDING and may_declare and draw(st.booleans())
    selection = draw(selections(concept.name, concept.tree is None))
    return Leaf(selection, test, declared)


KINDS = st.sampled_from(["leaf", "all", "any", "not", "at_least"])


@st.composite
def conditions(draw: st.DrawFn, leaf: st.SearchStrategy[Leaf], depth: int = 3) -> Condition:
    """A tree of `all`, `any`, `not` and `at_least`, at most `depth` levels above its leaves."""
    kind = draw(KINDS) if depth else "leaf"
    if kind == "leaf":
        return draw(leaf)
    below = conditions(leaf, depth - 1)
    if kind == "not":
        return Not(draw(below))
    children = tuple(draw(st.lists(below, min_size=1, max_size=3)))
    if kind == "all":
        return All(children)
    if kind == "any":
        return Any(children)
    return AtLeast(draw(st.integers(1, len(children))), children)


def protocol_of(*whens: tuple[CriterionKind, Condition], complete: bool = True) -> Protocol:
    return Protocol(
        id="drawn",
        title="a drawn protocol",
        version="1",
        complete=complete,
        status="drawn",
        drug=Drug("none"),
        sources=MappingProxyType({}),
        criteria=tuple(
            Criterion(f"c{number}", kind, f"criterion {number}", Citation("drawn", ()), when)
            for number, (kind, when) in enumerate(whens)
        ),
    )


@st.composite
def protocols(draw: st.DrawFn, vocabulary: Vocabulary, names: list[str]) -> Protocol:
    condition = conditions(leaf_conditions(vocabulary, names))
    criterion = st.tuples(st.sampled_from(CriterionKind), condition)
    whens = draw(st.lists(criterion, min_size=1, max_size=3))
    return protocol_of(*whens, complete=draw(st.booleans()))
