"""Which of the remaining values a leaf is about (step 4)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from screen.engine.columns.people import People
from screen.engine.columns.pool import ALL, BIT, NO_LIMIT, UNDATED, Groups, Pool
from screen.engine.columns.positions import NO_HIGH, NO_LOW
from screen.engine.columns.whole import Bools, Ints
from screen.model.concept import Concept
from screen.model.criterion import Pick
from screen.model.fact import Quantifier
from screen.model.truth import Reason


@dataclass(frozen=True, slots=True)
class Fact:
    """What the cases say about one selection.

    `values`: rows to which a test is applied, one for each case that has any (ONE), or all of
    them. `reasons`: bits for each case without a value; `unrecorded`: nothing was recorded.
    """

    values: Pool
    quantifier: Quantifier
    reasons: Any
    unrecorded: Bools


def picked(pool: Pool, pick: Pick, concept: Concept, people: People) -> tuple[Pool, Quantifier, Any]:
    """The rows that `pick` leaves, and bits of reasons for cases whose values conflict.

    Undated evidence is used only when nothing dated is left.
    """
    groups = Groups(pool.case)
    if not groups.single:
        dated = pool.start != UNDATED
        if not dated.all():
            some = groups.spread(groups.reduced(np.maximum, dated))
            pool = pool.take(dated | ~some)
            groups = Groups(pool.case)
    none = np.zeros(len(people), dtype=np.uint32)
    match pick:
        case Pick.LATEST | Pick.EARLIEST:
            if groups.single:
                return pool, Quantifier.ONE, none
            kept = _extreme_in_time(pool, groups, pick)
            values, reasons = _at_one_time(pool.take(kept), concept, people)
            return values, Quantifier.ONE, reasons
        case Pick.LOWEST | Pick.HIGHEST:
            return _extreme_in_value(pool, groups, pick, people), Quantifier.ONE, none
        case Pick.ANY:
            return pool, Quantifier.ANY, none
        case Pick.EVERY:
            return pool, Quantifier.EVERY, none


def _extreme_in_time(pool: Pool, groups: Groups, pick: Pick) -> Bools:
    """All that may be the latest (earliest): those that no other is surely after (before)."""
    kept: Bools
    if pick is Pick.LATEST:
        kept = pool.end >= groups.spread(groups.reduced(np.maximum, pool.start))
    else:
        kept = pool.start <= groups.spread(groups.reduced(np.minimum, pool.end))
    return kept


def _at_one_time(pool: Pool, concept: Concept, people: People) -> tuple[Pool, Any]:
    """One value for each case, and conflicts where there is no such value."""
    groups = Groups(pool.case)
    reasons = np.zeros(len(people), dtype=np.uint32)
    if groups.single:
        return pool, reasons
    if concept.tree is not None:
        return _one_state(pool, groups, concept, reasons)
    agreed = _agree(pool.low, groups) & _agree(pool.high, groups)
    if pool.raw is not None:
        # In the gap of one rough position there may be two different amounts.
        same = _agree(pool.raw[0], groups) & _agree(pool.raw[1], groups)
        rough = groups.reduced(np.bitwise_or, _parity(pool))
        people.doubt(pool.case[groups.starts][agreed & ~same & (rough != 0)])
    conflict = pool.case[groups.starts][~agreed]
    reasons[conflict] = BIT[Reason.CONFLICTING]
    one = pool.take(groups.starts)
    limits = {
        name: None if column is None else _one_of(column, groups)
        for name, column in (("upper", pool.upper), ("lower", pool.lower))
    }
    one = replace(one, **limits)
    return one.take(ALL if agreed.all() else agreed), reasons


def _parity(pool: Pool) -> Any:
    assert pool.low is not None
    assert pool.high is not None
    return (pool.low & 1) | (pool.high & 1)


def _agree(column: Any, groups: Groups) -> Bools:
    same: Bools = groups.reduced(np.minimum, column) == groups.reduced(np.maximum, column)
    return same


def _one_state(
    pool: Pool, groups: Groups, concept: Concept, reasons: Any
) -> tuple[Pool, Any]:
    """The value that all values of a case agree with."""
    assert concept.tree is not None
    values = concept.tree.values
    seen = groups.reduced(np.bitwise_or, np.int64(1) << pool.state.astype(np.int64))
    distinct, place = np.unique(seen, return_inverse=True)
    found = []
    for bits in distinct.tolist():
        states = frozenset(value for at, value in enumerate(values) if bits >> at & 1)
        agreed = concept.tree.most_specific(states)
        found.append(-1 if agreed is None else values.index(agreed))
    state = np.array(found, dtype=np.int64)[place]
    reasons[pool.case[groups.starts][state < 0]] = BIT[Reason.CONFLICTING]
    one = replace(pool.take(groups.starts), state=state)
    return one.take(state >= 0), reasons


def _one_of(limits: Ints, groups: Groups) -> Ints:
    """The one reference limit that the values agree on, NO_LIMIT if there is none."""
    most = groups.reduced(np.maximum, limits)
    least = groups.reduced(np.minimum, np.where(limits == NO_LIMIT, NO_HIGH, limits))
    return np.where(most == least, most, NO_LIMIT)


def _extreme_in_value(pool: Pool, groups: Groups, pick: Pick, people: People) -> Pool:
    """The lowest (highest) amount; an interval where a result such as `<0.3` leaves it open."""
    if groups.single:
        return pool
    assert pool.low is not None
    assert pool.high is not None
    least = np.minimum if pick is Pick.LOWEST else np.maximum
    low, high = groups.reduced(least, pool.low), groups.reduced(least, pool.high)
    # The closed range of the extreme: an open end is one off its point.
    first, last = groups.spread(low - (low & 1)), groups.spread(high + (high & 1))
    shown = (pool.high >= first) & (pool.low <= last)
    if pool.raw is not None and (pool.upper is not None or pool.lower is not None):
        # What shares the gap of a rough extreme may or may not be as low.
        several = groups.spread(groups.reduced(np.add, shown.astype(np.int64))) > 1
        people.doubt(pool.case[(pool.low == pool.high) & (pool.low & 1 == 1) & shown & several])
    limits: dict[str, Any] = {"low": low, "high": high, "raw": None}
    for name, column in (("upper", pool.upper), ("lower", pool.lower)):
        if column is not None:
            limits[name] = _one_of_shown(column, shown, groups)
    return replace(pool.take(groups.starts), **limits)


def _one_of_shown(limits: Ints, shown: Bools, groups: Groups) -> Ints:
    return _one_of(np.where(shown, limits, NO_LIMIT), groups)


assert NO_LOW % 2 == 0
assert NO_HIGH % 2 == 0
