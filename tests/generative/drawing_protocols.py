"""Draws protocols: conditions of every shape over leaves with windows, contexts and picks."""

from fractions import Fraction
from functools import cache
from types import MappingProxyType

from hypothesis import strategies as st

from screen.model import criterion
from screen.model.concept import Concept, Kind, Vocabulary
from screen.model.criterion import (
    COMBINATIONS,
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
from screen.model.protocol import Drug, Protocol
from screen.units.number import decimal_text
from tests.generative.drawing import AMOUNTS, CONTEXTS, REAL, WINDOWS, of_concept

_ASKED_CONTEXTS: list[dict[str, str]] = [
    *[{}] * 8,
    *[{"on": on} for on in CONTEXTS["on"]] * 2,
    *({"assay": assay} for assay in CONTEXTS["assay"]),
    *({"specimen": specimen} for specimen in CONTEXTS["specimen"]),
    {"assay": "pcr", "specimen": "respiratory"},
    {"on": "room_air", "specimen": "sputum"},
]


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


@st.composite
def leaves_about(draw: st.DrawFn, concept: Concept) -> Leaf:
    test = draw(tests(concept))
    may_declare = isinstance(test, OneOf) and "absent" not in test.values
    declared = concept.kind is Kind.FINDING and may_declare and draw(st.booleans())
    selection = draw(selections(concept.name, concept.tree is None))
    return Leaf(selection, test, declared)


KINDS = st.sampled_from([Leaf, *COMBINATIONS.values()])


@st.composite
def conditions(draw: st.DrawFn, leaf: st.SearchStrategy[Leaf], depth: int = 3) -> Condition:
    """A tree of `all`, `any`, `not` and `at_least`, at most `depth` levels above its leaves."""
    kind = draw(KINDS) if depth else Leaf
    below = conditions(leaf, depth - 1)
    several = st.lists(below, min_size=1, max_size=3).map(tuple)
    match kind:
        case criterion.Leaf:
            return draw(leaf)
        case criterion.Not:
            return Not(draw(below))
        case criterion.All | criterion.Any:
            return kind(draw(several))
        case criterion.AtLeast:
            children = draw(several)
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
