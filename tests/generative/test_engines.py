"""Drawn protocols and cases hold the engines, and the facts under them, to what must be true.

Every example is a drawn vocabulary, protocol and case. `Screener` runs both engines on it and
raises if they differ on the truth of any condition, or on what they prove of the verdict. How
many examples ran is printed at the end of a test run: 120 for each test with the default
profile, 20,000 with HYPOTHESIS_PROFILE=thorough.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import combinations, product
from types import MappingProxyType

import durable_rules_engine as rete
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from screen.engine.decide import Screener
from screen.explain.show.json_result import case_result, json_text
from screen.explain.words.background import Background
from screen.model.case import Case, Measured, Observation, Patient, Stated, Status
from screen.model.concept import Concept, Kind, ValueTree, Vocabulary
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Condition,
    CriterionKind,
    Leaf,
    Not,
    OneOf,
    Selection,
    leaves,
)
from screen.model.protocol import Protocol
from screen.model.quantity import Scale
from screen.model.screening import ScreenedCase, Verdict
from screen.model.truth import Truth
from tests.generative.drawing import DRAWN, REAL, concepts, policies, vocabularies
from tests.generative.drawing_cases import SCREENED_AT, SCREENED_ON, cases
from tests.generative.drawing_protocols import conditions, protocol_of, protocols

CountExample = Callable[[], None]


@contextmanager
def screener(
    vocabulary: Vocabulary, protocol: Protocol, policy: dict[str, int] | None = None
) -> Iterator[Screener]:
    """A screener whose rules are taken out of the library again, which keeps them otherwise."""
    made = Screener(vocabulary, [protocol], policy)
    try:
        yield made
    finally:
        for compiled in made._engine._compiled.values():
            rete.delete_ruleset(compiled._handle)


def truths(screened: ScreenedCase) -> list[Truth]:
    return [result.truth for screening in screened.screenings for result in screening.results]


class Example:
    """What was drawn; it shows everything but the real vocabulary, which nobody could read."""

    def __init__(self, vocabulary: Vocabulary, protocol: Protocol, case: Case) -> None:
        self.vocabulary = vocabulary
        self.protocol = protocol
        self.case = case

    def __repr__(self) -> str:
        whens = [(one.kind.value, one.when) for one in self.protocol.criteria]
        tree = self.vocabulary.concepts[DRAWN].tree
        return f"{tree}\n{whens}\n{self.case.patient} {self.case.observations}"


@st.composite
def examples(draw: st.DrawFn) -> Example:
    vocabulary, names = draw(vocabularies()), draw(concepts())
    return Example(vocabulary, draw(protocols(vocabulary, names)), draw(cases(vocabulary, names)))


def test_the_engines_agree(count_example: CountExample) -> None:
    seen = dict.fromkeys(Truth, 0)

    @given(examples(), st.data())
    def agree(example: Example, data: st.DataObject) -> None:
        vocabulary, protocol, case = example.vocabulary, example.protocol, example.case
        recorded = sorted({record.concept for record in case.observations}) or ["spo2"]
        policy = data.draw(policies(recorded))
        with screener(vocabulary, protocol, policy) as both:
            (screening,) = both.screen(case).screenings
        count_example()
        assert [result.criterion for result in screening.results] == list(protocol.criteria)
        for result in screening.results:
            seen[result.truth] += 1
            assert bool(result.reasons) is (result.truth is Truth.UNKNOWN)
        if not protocol.complete:
            assert screening.verdict in (Verdict.INELIGIBLE, Verdict.UNDECIDED)

    agree()
    # Each truth has to come up, or the drawing has gone astray and the rest says little.
    assert min(seen.values()) >= 5, seen


def test_the_engines_agree_on_every_value_of_a_deep_tree() -> None:
    parents = {"a": None, "b": "a", "c": "b", "d": "b", "e": "a", "f": None}
    tree = ValueTree(MappingProxyType(parents), frozenset({"e"}))
    finding = Concept(DRAWN, "Finding", Kind.FINDING, tree=tree)
    vocabulary = replace(REAL, concepts=MappingProxyType({**REAL.concepts, DRAWN: finding}))
    for asked in (*((value,) for value in parents), *combinations(parents, 2)):
        leaf = Leaf(Selection(DRAWN), OneOf(asked))
        with screener(vocabulary, protocol_of((CriterionKind.INCLUSION, leaf))) as both:
            found = {value: truths(both.screen(case_of({DRAWN: value})))[0] for value in parents}
        assert all(found[value] is Truth.MET for value in asked)


def test_the_result_does_not_depend_on_the_order_of_the_records(
    count_example: CountExample,
) -> None:
    @given(examples(), st.data())
    def same_bytes(example: Example, data: st.DataObject) -> None:
        vocabulary, protocol, case = example.vocabulary, example.protocol, example.case
        shuffled = replace(case, observations=tuple(data.draw(st.permutations(case.observations))))
        with screener(vocabulary, protocol) as both:
            first, second = (
                json_text(case_result(Background(both.screen(one), vocabulary)))
                for one in (case, shuffled)
            )
        count_example()
        assert first == second

    same_bytes()


def test_a_record_that_was_entered_in_error_changes_no_truth(count_example: CountExample) -> None:
    @given(examples(), st.data())
    def unchanged(example: Example, data: st.DataObject) -> None:
        vocabulary, protocol, case = example.vocabulary, example.protocol, example.case
        withdrawn = tuple(
            replace(one, status=data.draw(st.sampled_from(NEVER_WAS))) for one in case.observations
        )
        with screener(vocabulary, protocol) as both:
            before = truths(both.screen(case))
            after = truths(both.screen(replace(case, observations=case.observations + withdrawn)))
        count_example()
        assert before == after

    unchanged()


NEVER_WAS = (Status.ENTERED_IN_ERROR, Status.CANCELLED)


def test_another_unit_changes_no_truth(count_example: CountExample) -> None:
    @given(examples(), st.data())
    def unchanged(example: Example, data: st.DataObject) -> None:
        vocabulary, protocol, case = example.vocabulary, example.protocol, example.case
        rewritten = tuple(
            in_another_unit(one, vocabulary.concepts[one.concept], data)
            for one in case.observations
        )
        with screener(vocabulary, protocol) as both:
            before = truths(both.screen(case))
            after = truths(both.screen(replace(case, observations=rewritten)))
        count_example()
        assert before == after

    unchanged()


def in_another_unit(record: Observation, concept: Concept, data: st.DataObject) -> Observation:
    """The same value in a drawn unit of the vocabulary; odd units stay as they are, and so does
    an age: `17 a` is any age from 17 years to under 18, and a number of weeks is another one.
    """
    value = record.value
    if concept.name == "age":
        return record
    scales: dict[str | None, Scale] = {concept.unit: Scale(Fraction(1))}
    scales.update(concept.scales)
    if not isinstance(value, Measured) or value.unit not in scales:
        return record
    unit = data.draw(st.sampled_from(list(scales)))
    canonical, scale = scales[value.unit].apply(value.amount), scales[unit]
    amount = canonical.scaled(1 / scale.factor, -scale.offset / scale.factor)
    return replace(record, value=Measured(amount, unit), text=f"in {unit}")


# --- more knowledge never overturns what was decided ---

SIGNS = ("dyspnea", "cyanosis", "lethargy", "convulsions", "dehydration", "feeding_difficulty")
PRESENCE = ("present", "absent")
SIGN_LEAVES = st.sampled_from(SIGNS).map(lambda name: Leaf(Selection(name), OneOf(("present",))))


def case_of(findings: dict[str, str]) -> Case:
    records = tuple(Observation(name, Stated(value), value) for name, value in findings.items())
    return Case("drawn", SCREENED_AT, SCREENED_ON, Patient(), records)


def test_what_becomes_known_never_overturns_what_was_decided(count_example: CountExample) -> None:
    recorded = st.dictionaries(st.sampled_from(SIGNS), st.sampled_from(PRESENCE))

    @given(conditions(SIGN_LEAVES), recorded, recorded)
    def kept(condition: Condition, known: dict[str, str], more: dict[str, str]) -> None:
        protocol = protocol_of((CriterionKind.INCLUSION, condition))
        with screener(REAL, protocol) as both:
            (before,) = truths(both.screen(case_of(known)))
            (after,) = truths(both.screen(case_of(more | known)))
        count_example()
        assert before in (Truth.UNKNOWN, after)

    kept()


def test_what_is_unknown_could_come_out_either_way(count_example: CountExample) -> None:
    """Where a condition asks about each finding once, unknown is never said without need."""

    @given(conditions(SIGN_LEAVES, depth=2), st.data())
    def both_ways(condition: Condition, data: st.DataObject) -> None:
        assume(sum(1 for _ in leaves(condition)) <= len(SIGNS))
        condition = each_once(condition, iter(SIGNS))
        asked = [leaf.concept for leaf in leaves(condition)]
        known = data.draw(st.dictionaries(st.sampled_from(asked), st.sampled_from(PRESENCE)))
        open_ones = [name for name in asked if name not in known]
        protocol = protocol_of((CriterionKind.INCLUSION, condition))
        with screener(REAL, protocol) as both:
            (found,) = truths(both.screen(case_of(known)))
            reachable = {
                truths(both.screen(case_of(known | dict(zip(open_ones, values, strict=True)))))[0]
                for values in product(PRESENCE, repeat=len(open_ones))
            }
        count_example()
        assert reachable == ({Truth.MET, Truth.NOT_MET} if found is Truth.UNKNOWN else {found})

    both_ways()


def each_once(condition: Condition, names: Iterator[str]) -> Condition:
    """The same tree, its leaves about one finding each."""
    match condition:
        case Leaf():
            return replace(condition, selection=Selection(next(names)))
        case Not(child):
            return Not(each_once(child, names))
        case All(children) | Any(children) | AtLeast(_, children):
            return replace(condition, children=tuple(each_once(one, names) for one in children))
