"""Criteria as columns: a nullable boolean for the truth, a bit mask for the reasons.

NULL is unknown, and the database's own `and`, `or` and `not` are those of section 1 of the
semantics. Equal conditions are one column, whichever protocol they stand in.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from screen.engine.columns.cells import state_bits
from screen.engine.columns.dialect import (
    FALSE,
    NOTHING,
    NULL,
    Dialect,
    both,
    either,
    is_null,
    negated,
    union,
    when,
)
from screen.engine.columns.grid import Grid
from screen.engine.columns.layers import Layers
from screen.engine.columns.picks import FactColumns, Valued
from screen.engine.columns.reasons import bit, mask
from screen.engine.reference import try_value
from screen.model.concept import ValueTree
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Comparison,
    Condition,
    Leaf,
    Not,
    OneOf,
    Operator,
    Reference,
    Test,
)
from screen.model.fact import Quantifier, Value
from screen.model.truth import Reason, Truth


class Judged(NamedTuple):
    """A truth (NULL: unknown), and the reasons where it is unknown (0 where it is not)."""

    truth: str
    reasons: str


class Conditions:
    """Judges conditions; `leaf` says what a leaf comes to."""

    def __init__(self, leaf: Callable[[Leaf], Judged], layers: Layers) -> None:
        self._leaf = leaf
        self._layers = layers
        self._known: dict[Condition, Judged] = {}

    def judge(self, condition: Condition) -> Judged:
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
                return Judged(self._layers.column(negated(judged.truth)), judged.reasons)
            case All(children):
                parts = [self.judge(child) for child in children]
                truth = both(part.truth for part in parts)
            case Any(children):
                parts = [self.judge(child) for child in children]
                truth = either(part.truth for part in parts)
            case AtLeast(count, children):
                parts = [self.judge(child) for child in children]
                truth = _at_least(count, [part.truth for part in parts])
        column = self._layers.column(truth)
        reasons = union(part.reasons for part in parts)
        return Judged(column, self._layers.column(only_unknown(column, reasons)))


def only_unknown(truth: str, reasons: str) -> str:
    return when(is_null(truth), reasons, NOTHING)


def _at_least(count: int, truths: list[str]) -> str:
    truths = ["CAST(NULL AS BOOLEAN)" if truth == NULL else truth for truth in truths]
    met = " + ".join(f"CASE WHEN {truth} THEN 1 ELSE 0 END" for truth in truths) or "0"
    possible = " + ".join(f"CASE WHEN NOT {truth} THEN 0 ELSE 1 END" for truth in truths) or "0"
    return f"CASE WHEN {met} >= {count} THEN TRUE WHEN {possible} < {count} THEN FALSE END"


class Tests:
    """Applies the tests of leaves to values."""

    def __init__(self, grid: Grid | None, tree: ValueTree | None, dialect: Dialect) -> None:
        self._grid = grid
        self._tree = tree
        self._dialect = dialect

    def leaf(self, leaf: Leaf, fact: FactColumns, layers: Layers) -> Judged:
        """What a leaf comes to on the values of its fact."""
        tried = [(has, self.value(leaf.test, value, layers)) for has, value in fact.values]
        every = fact.quantifier is Quantifier.EVERY
        if len(tried) == 1:
            # A value that is not there is NULL, and what is tried on NULL is unknown.
            truth = tried[0][1].truth
        elif every:
            each = both(either([negated(has), one.truth]) for has, one in tried)
            truth = when(fact.has, each)
        else:
            truth = when(fact.has, either(both([has, one.truth]) for has, one in tried))
        why = union(when(has, one.reasons, NOTHING) for has, one in tried)
        reasons = when(fact.has, why, fact.reasons)
        if leaf.unrecorded_absent:
            truth = when(fact.unrecorded, FALSE, truth)
        column = layers.column(truth)
        return Judged(column, layers.column(only_unknown(column, layers.column(reasons))))

    def value(self, test: Test, value: Valued, layers: Layers) -> Judged:
        if isinstance(test, OneOf):
            return self._one_of(test, value.state, layers)
        parts = [self._compared(part, value, layers) for part in test.parts]
        truth = layers.column(both(part.truth for part in parts))
        reasons = union(part.reasons for part in parts)
        return Judged(truth, layers.column(only_unknown(truth, reasons)))

    def _one_of(self, test: OneOf, state: str, layers: Layers) -> Judged:
        """Each recorded value is tried once, by the reference evaluator."""
        assert self._tree is not None
        met, not_met, reasons = 0, 0, dict[int, int]()
        for value, own in state_bits(self._tree).items():
            found, why = try_value(test, Value(state=value), self._tree)
            met |= own if found is Truth.MET else 0
            not_met |= own if found is Truth.NOT_MET else 0
            if found is Truth.UNKNOWN:
                reasons[mask(*why)] = reasons.get(mask(*why), 0) | own
        if state == NULL:
            return Judged(NULL, NOTHING)
        is_met = f"({state} & {met} <> 0)"
        truth = is_met if not reasons else _decided(is_met, f"{state} & {not_met} <> 0")
        branches = "".join(
            f" WHEN {state} & {own} <> 0 THEN {why}" for why, own in sorted(reasons.items())
        )
        return Judged(
            layers.column(truth),
            layers.column(f"CASE{branches} ELSE 0 END") if branches else NOTHING,
        )

    def _compared(self, comparison: Comparison, value: Valued, layers: Layers) -> Judged:
        assert self._grid is not None
        if value.low == NULL and value.high == NULL:
            return Judged(NULL, NOTHING)
        if comparison.reference is None:
            limit = self._dialect.number(self._grid.position(comparison.limit))
            truth = layers.column(_compare(value.low, value.high, comparison.operator, limit))
            return Judged(truth, only_unknown(truth, bit(Reason.BOUNDED)))
        printed = value.upper if comparison.reference is Reference.UPPER else value.lower
        if printed == NULL:
            return Judged(NULL, bit(Reason.NO_REFERENCE))
        limit = layers.column(self._multiple(printed, comparison.limit))
        truth = layers.column(_compare(value.low, value.high, comparison.operator, limit))
        why = when(is_null(printed), bit(Reason.NO_REFERENCE), bit(Reason.BOUNDED))
        return Judged(truth, only_unknown(truth, why))

    def _multiple(self, printed: str, times: Fraction) -> str:
        """A multiple of a reference limit: a whole number, since the grid was made for it."""
        above = self._dialect.number(times.numerator)
        if times.denominator == 1:
            return f"({printed} * {above})"
        below = self._dialect.number(times.denominator)
        return f"({self._dialect.divided(printed, below)} * {above})"


def _compare(low: str, high: str, operator: Operator, limit: str) -> str:
    match operator:
        case Operator.LT:
            return _decided(f"{high} < {limit}", f"{low} >= {limit}")
        case Operator.LE:
            return _decided(f"{high} <= {limit}", f"{low} > {limit}")
        case Operator.GT:
            return _decided(f"{low} > {limit}", f"{high} <= {limit}")
        case Operator.GE:
            return _decided(f"{low} >= {limit}", f"{high} < {limit}")
        case Operator.EQ:
            return (
                f"CASE WHEN {low} = {high} THEN {low} = {limit} "
                f"WHEN {low} > {limit} OR {high} < {limit} THEN FALSE END"
            )


def _decided(met: str, not_met: str) -> str:
    return f"CASE WHEN {met} THEN TRUE WHEN {not_met} THEN FALSE END"
