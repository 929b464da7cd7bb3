"""From facts to truths: -1 not met, 0 unknown, 1 met, so that `and` is the least and `or` the most.

What it means is what `screen.engine.reference` means; a value of a finding is tried by the
reference evaluator itself, once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from screen.engine.columns.cells.positions import NO_HIGH, NO_LOW, STEPS, position
from screen.engine.columns.cells.whole import Bools, Ints, scaled
from screen.engine.columns.facts.gather import Facts
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pick import Fact
from screen.engine.columns.facts.pool import BIT, NO_LIMIT, Groups, Pool, mask
from screen.engine.reference import try_value
from screen.model.concept import Vocabulary
from screen.model.criterion import (
    All,
    AtLeast,
    Comparison,
    Comparisons,
    Condition,
    Leaf,
    Not,
    OneOf,
    Operator,
    Reference,
)
from screen.model.criterion import (
    Any as AnyOf,
)
from screen.model.fact import Quantifier, Value
from screen.model.truth import Reason, Truth

NOT_MET, UNKNOWN, MET = -1, 0, 1
_NUMBER = {Truth.NOT_MET: NOT_MET, Truth.UNKNOWN: UNKNOWN, Truth.MET: MET}
_NONE = np.uint32(0)
_NEAR = 2 * STEPS // 1000
"""Positions from a limit within which an end that is rough may lie on either side of it."""


@dataclass(slots=True)
class Judged:
    """The truth of a condition for each case; its reasons are worked out where they are asked."""

    truth: Any
    _why: Callable[[], Any]
    _known: Any = None

    def reasons(self) -> Any:
        """Bits of reasons, 0 where the truth is known."""
        if self._known is None:
            self._known = np.where(self.truth == UNKNOWN, self._why(), _NONE)
        return self._known


class Truths:
    """Judges conditions over the facts of a table; equal conditions are judged once."""

    def __init__(self, vocabulary: Vocabulary, facts: Facts, people: People) -> None:
        self._vocabulary = vocabulary
        self._facts = facts
        self._people = people
        self._known: dict[Condition, Judged] = {}

    def judge(self, condition: Condition) -> Judged:
        """The truth of a condition, and what is not known of it."""
        found = self._known.get(condition)
        if found is None:
            found = self._known[condition] = self._judge(condition)
        return found

    def _judge(self, condition: Condition) -> Judged:
        match condition:
            case Leaf():
                return self._leaf(condition)
            case Not(child):
                judged = self.judge(child)
                return Judged(-judged.truth, judged.reasons)
            case All(children):
                parts = [self.judge(child) for child in children]
                truth = np.minimum.reduce([part.truth for part in parts])
            case AnyOf(children):
                parts = [self.judge(child) for child in children]
                truth = np.maximum.reduce([part.truth for part in parts])
            case AtLeast(count, children):
                parts = [self.judge(child) for child in children]
                # The count-th best of the truths.
                truths = np.sort(np.stack([part.truth for part in parts]), axis=0)
                truth = _constant(MET if count <= 0 else NOT_MET, self._people)
                if 0 < count <= len(parts):
                    truth = truths[len(parts) - count]
        return Judged(truth, lambda: np.bitwise_or.reduce([part.reasons() for part in parts]))

    def _leaf(self, leaf: Leaf) -> Judged:
        fact = self._facts.fact(leaf.selection)
        tried, why = self._tried(leaf, fact.values)
        truth = np.zeros(len(self._people), dtype=np.int8)
        values = fact.values
        groups = Groups(values.case)
        least, most = (groups.reduced(of, tried) for of in (np.minimum, np.maximum))
        settles: int | None
        match fact.quantifier:
            case Quantifier.ANY:
                found, settles = most, MET
            case Quantifier.EVERY:
                found, settles = least, NOT_MET
            case Quantifier.ONE | Quantifier.ALIKE:
                found, settles = np.where(least == most, least, UNKNOWN), None
        truth[values.case[groups.starts]] = found
        if fact.hidden is not None and settles is not None:
            # One more value, and nobody knows which.
            truth[(fact.hidden != 0) & (truth != settles)] = UNKNOWN
        if leaf.unrecorded_absent:
            truth[fact.unrecorded] = NOT_MET
        return Judged(truth, lambda: _reasons(fact, tried, why()))

    def _tried(self, leaf: Leaf, values: Pool) -> tuple[Any, Callable[[], Any]]:
        """The test of a leaf applied to each value, and bits of why it is unknown."""
        match leaf.test:
            case OneOf() as test:
                return self._one_of(leaf, test, values)
            case Comparisons() as test:
                return self._all_compared(test, values)

    def _all_compared(self, test: Comparisons, values: Pool) -> tuple[Any, Callable[[], Any]]:
        parts = [self._compared(part, values) for part in test.parts]
        truth = np.minimum.reduce([truth for truth, _ in parts])

        def why() -> Any:
            reasons = [np.where(part == UNKNOWN, bits, _NONE) for part, bits in parts]
            return np.where(truth == UNKNOWN, np.bitwise_or.reduce(reasons), _NONE)

        return truth, why

    def _one_of(self, leaf: Leaf, test: OneOf, values: Pool) -> tuple[Any, Callable[[], Any]]:
        tree = self._vocabulary.concepts[leaf.concept].tree
        assert tree is not None
        found = [try_value(test, Value(state=value), tree) for value in tree.values]
        truths = np.array([_NUMBER[truth] for truth, _ in found], dtype=np.int8)
        bits = np.array([mask(why) for _, why in found], dtype=np.uint32)
        if values.state is None:
            return np.zeros(0, dtype=np.int8), lambda: np.zeros(0, dtype=np.uint32)
        return truths[values.state], lambda: bits[values.state]

    def _compared(self, comparison: Comparison, values: Pool) -> tuple[Any, Any]:
        """One comparison with each value: the truth, and why it is unknown where it is."""
        if values.low is None or values.high is None:
            return np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.uint32)
        if comparison.reference is None:
            limit = position(comparison.limit)
            truth = _compare(values.low, values.high, comparison.operator, limit)
            if limit & 1:
                # A limit between two grid points, and an amount at the same place.
                self._people.doubt(values.case[(values.low == limit) | (values.high == limit)])
            if values.rough is not None:
                # An enclosure is far narrower than that, an interval far wider.
                near = abs(values.low - limit) < _NEAR
                near |= abs(values.high - limit) < _NEAR
                self._people.doubt(values.case[values.rough & near & (truth == UNKNOWN)])
            return truth, BIT[Reason.BOUNDED]
        return self._multiple(comparison, values)

    def _multiple(self, comparison: Comparison, values: Pool) -> tuple[Any, Any]:
        """A comparison with a multiple of the limit that was printed with the value."""
        assert values.low is not None
        assert values.high is not None
        upper = comparison.reference is Reference.UPPER
        printed = values.upper if upper else values.lower
        if printed is None:
            return np.zeros(len(values), dtype=np.int8), BIT[Reason.NO_REFERENCE]
        given = printed != NO_LIMIT
        low, high, limit, fits = _over_one_denominator(values, printed, comparison.limit)
        truth = _compare(low, high, comparison.operator, limit)
        if values.rough is not None:
            fits &= ~values.rough
        self._people.doubt(values.case[given & ~fits])
        why = np.where(given, BIT[Reason.BOUNDED], BIT[Reason.NO_REFERENCE]).astype(np.uint32)
        return np.where(given, truth, UNKNOWN).astype(np.int8), why


def _over_one_denominator(
    values: Pool, printed: Ints, times: Fraction
) -> tuple[Ints, Ints, Ints, Bools]:
    """Both ends and the multiple of the limit, all times the multiple's denominator.

    Open ends stay one off their points.
    """
    assert values.low is not None
    assert values.high is not None
    below = times.denominator
    limit, fits = scaled(np.where(printed == NO_LIMIT, 0, printed), times.numerator)
    fits &= printed & 1 == 0
    ends = []
    for end, without, off in ((values.low, NO_LOW, -1), (values.high, NO_HIGH, 1)):
        is_open = end & 1 == 1
        point, small = scaled(np.where(end == without, 0, end + off * is_open), below)
        fits &= small
        ends.append(np.where(end == without, without, point - off * is_open))
    return ends[0], ends[1], limit, fits


def _compare(low: Ints, high: Ints, operator: Operator, limit: Any) -> Any:
    """Met or not met only if every value between the ends says so."""
    match operator:
        case Operator.LT:
            return _decided(high < limit, low >= limit)
        case Operator.LE:
            return _decided(high <= limit, low > limit)
        case Operator.GT:
            return _decided(low > limit, high <= limit)
        case Operator.GE:
            return _decided(low >= limit, high < limit)
        case Operator.EQ:
            exact = low == high
            return _decided(exact & (low == limit), (low > limit) | (high < limit))


def _decided(met: Bools, not_met: Bools) -> Any:
    return met.astype(np.int8) - not_met


def _reasons(fact: Fact, tried: Any, why: Any) -> Any:
    """Bits for each case: of its values where it has any, else of the fact."""
    values = fact.values
    bits = np.array(fact.reasons, dtype=np.uint32)
    groups = Groups(values.case)
    found = groups.reduced(np.bitwise_or, why)
    case = values.case[groups.starts]
    one = fact.quantifier is Quantifier.ONE
    if one and not groups.single:
        least, most = (groups.reduced(of, tried) for of in (np.minimum, np.maximum))
        found = np.where((least == NOT_MET) & (most == MET), found | BIT[Reason.CONFLICTING], found)
    if fact.superseded is not None:
        bounded = fact.superseded[case] & (found & BIT[Reason.BOUNDED] != 0)
        without = found & ~np.uint32(BIT[Reason.BOUNDED])
        found = np.where(bounded, without | BIT[Reason.SUPERSEDED], found)
    if fact.hidden is not None:
        hidden = fact.hidden[case]
        found = np.where(hidden != 0, hidden, found) if one else found | hidden
    bits[case] = found
    return bits


def _constant(truth: int, people: People) -> Any:
    return np.full(len(people), truth, dtype=np.int8)
