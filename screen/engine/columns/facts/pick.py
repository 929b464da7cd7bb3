"""Which of the remaining values a leaf is about (`docs/semantics.md`, section 2, step 4)."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from screen.engine.columns.cells.positions import NO_HIGH, NO_LOW
from screen.engine.columns.cells.times import UNDATED
from screen.engine.columns.cells.whole import Bools, Ints
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pool import BIT, NO_LIMIT, Groups, Pool, together
from screen.model.concept import Concept
from screen.model.criterion import Pick
from screen.model.fact import Quantifier
from screen.model.truth import Reason

_ROUGHLY = 4
"""Positions within which an end that is rough may lie on either side of another."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What the cases say about one selection.

    `values`: rows to which a test is applied; several rows of a case are all of its values, or
    (ONE) values of which each may be the one. `reasons`: bits for each case without a value;
    `unrecorded`: nothing was recorded. `hidden`: bits of the reasons of records that count and
    give no value. `superseded`: for which cases a newer input made a value impossible, and what
    that leaves stands in its place.
    """

    values: Pool
    quantifier: Quantifier
    reasons: Any
    unrecorded: Bools
    hidden: Any = None
    superseded: Any = None


class Picked(NamedTuple):
    """The rows that a pick leaves, and bits of reasons for the cases without a value."""

    values: Pool
    quantifier: Quantifier
    reasons: Any
    hidden: Any = None
    superseded: Any = None


def picked(pool: Pool, pick: Pick, concept: Concept, people: People) -> Picked:
    """What `pick` makes of the evidence.

    Undated evidence is used only when nothing dated is left. Where a record that may lie in the
    window stands beside one that surely does, the case is left alone.
    """
    reasons = np.zeros(len(people), dtype=np.uint32)
    groups = Groups(pool.case)
    if not groups.single:
        dated = pool.start != UNDATED
        if not dated.all():
            some = groups.spread(groups.reduced(np.maximum, dated))
            pool = pool.take(dated | ~some)
    hidden = None
    if pool.flaw is not None or pool.perhaps is not None:
        pool, hidden = _with_values(pool, reasons, people)
    groups = Groups(pool.case)
    match pick:
        case Pick.LATEST | Pick.EARLIEST:
            if not groups.single:
                pool = pool.take(_extreme_in_time(pool, groups, pick))
            pool = _without_flaws(pool, reasons)
            pool = _without_conflicts(pool, concept, people, reasons)
            superseded = None
            if pick is Pick.LATEST and pool.bounds is not None and len(pool):
                pool, superseded = _overturned(pool, pool.bounds, people)
            pool = _as_one(pool, concept, people, superseded)
            return Picked(pool, Quantifier.ONE, reasons, None, superseded)
        case Pick.LOWEST | Pick.HIGHEST:
            pool = pool.take(pool.flawless())
            pool = _extreme_in_value(pool, Groups(pool.case), pick, people)
            if hidden is not None:
                pool = _or_beyond(pool, pick, hidden)
            return Picked(pool, Quantifier.ONE, reasons, hidden)
        case Pick.ANY | Pick.EVERY:
            quantifier = Quantifier.ANY if pick is Pick.ANY else Quantifier.EVERY
            return Picked(pool.take(pool.flawless()), quantifier, reasons, hidden)


def _with_values(pool: Pool, reasons: Any, people: People) -> tuple[Pool, Any]:
    """The rows of the cases that have a value which is surely in the window, and the flaws of
    their other rows. The rest of the cases gets its reasons.
    """
    perhaps = np.zeros(len(pool), dtype=bool) if pool.perhaps is None else pool.perhaps
    sure = ~perhaps if pool.flaw is None else ~perhaps & (pool.flaw == 0)
    has_value, in_doubt = (np.zeros(pool.cases, dtype=bool) for _ in range(2))
    has_value[pool.case[sure]] = True
    in_doubt[pool.case[perhaps]] = True
    people.doubt(has_value & in_doubt)
    picks_from = has_value[pool.case]
    bits = pool.flaws(Reason.UNDATED)
    np.bitwise_or.at(reasons, pool.case[~picks_from], bits[~picks_from])
    kept = pool.take(picks_from)
    hidden = np.zeros(pool.cases, dtype=np.uint32)
    np.bitwise_or.at(hidden, kept.case, kept.flaws())
    return kept, hidden


def _without_flaws(pool: Pool, reasons: Any) -> Pool:
    """The rows of the cases in which none of them has a flaw; the others get it as a reason."""
    if pool.flaw is None or not pool.flaw.any():
        return pool
    bits = np.zeros(pool.cases, dtype=np.uint32)
    np.bitwise_or.at(bits, pool.case, pool.flaw)
    reasons |= bits
    return pool.take(bits[pool.case] == 0)


def _without_conflicts(pool: Pool, concept: Concept, people: People, reasons: Any) -> Pool:
    """The rows of the cases in which no two records of the very same time disagree."""
    groups = Groups(pool.case)
    if groups.single:
        return pool
    _, agreed = _merged(pool, groups, concept, people)
    if agreed.all():
        return pool
    others = pool.take(~groups.spread(agreed))
    others = others.take(np.lexsort((others.end, others.start, others.case)))
    moments = Groups(others.case, others.start, others.end)
    _, agreed = _merged(others, moments, concept, people)
    conflict = np.zeros(pool.cases, dtype=bool)
    conflict[others.case[moments.starts][~agreed]] = True
    reasons[conflict] = BIT[Reason.CONFLICTING]
    return pool.take(~conflict[pool.case])


def _overturned(pool: Pool, bounds: Pool, people: People) -> tuple[Pool, Any]:
    """The rows, but for those that a newest bound makes impossible: of those cases the newest
    bounds stand beside what is left. Also which cases they are.
    """
    if bounds.perhaps is not None:
        bounds = bounds.take(~bounds.perhaps)
    newest = bounds.take(bounds.end >= _of_case(np.maximum, bounds, bounds.start)[bounds.case])
    first, last = (_of_case(of, newest, newest.start) for of in (np.minimum, np.maximum))
    least = _of_case(np.minimum, newest, newest.high)
    greatest = _of_case(np.maximum, newest, newest.low)
    of, low, high = pool.case, pool.low, pool.high
    assert low is not None
    assert high is not None
    newer = newest.has()[of] & (pool.end != UNDATED) & (last[of] > pool.end)
    gone = newer & ((least[of] < low) | (high < greatest[of]))
    rough = np.zeros(pool.cases, dtype=bool)
    for rows in (newest, pool):
        if rows.rough is not None:
            rough[rows.case[rows.rough]] = True
    near = (abs(least[of] - low) <= _ROUGHLY) | (abs(high - greatest[of]) <= _ROUGHLY)
    # Of several bounds only one may be newer than a value.
    people.doubt(of[(gone & (first[of] <= pool.end)) | (newer & near & rough[of])])
    away = np.zeros(pool.cases, dtype=bool)
    away[of[gone]] = True
    if not away.any():
        return pool, None
    left = replace(newest.take(away[newest.case]), reasons=pool.reasons)
    return together([pool.take(~gone), left]), away


def _as_one(pool: Pool, concept: Concept, people: People, superseded: Any) -> Pool:
    """One value for each case whose values agree; values of which each may be the one stay."""
    if superseded is not None:
        apart = superseded[pool.case]
        return together([_as_one(pool.take(~apart), concept, people, None), pool.take(apart)])
    groups = Groups(pool.case)
    if groups.single:
        return pool
    one, agreed = _merged(pool, groups, concept, people)
    if agreed.all():
        return one
    return together([one.take(agreed), pool.take(~groups.spread(agreed))])


def _of_case(operation: Any, pool: Pool, values: Any) -> Any:
    """One number for each case: the least or greatest of its rows, 0 where there are none."""
    groups = Groups(pool.case)
    found = np.zeros(pool.cases, dtype=np.int64)
    found[pool.case[groups.starts]] = groups.reduced(operation, values)
    return found


def _or_beyond(pool: Pool, pick: Pick, hidden: Any) -> Pool:
    """The extreme together with a value that nobody knows: it can only lie further out."""
    open_ = hidden[pool.case] != 0
    end, without = ("low", NO_LOW) if pick is Pick.LOWEST else ("high", NO_HIGH)
    changed: dict[str, Any] = {end: np.where(open_, without, getattr(pool, end))}
    for name in ("upper", "lower"):
        limits = getattr(pool, name)
        changed[name] = None if limits is None else np.where(open_, NO_LIMIT, limits)
    return replace(pool, **changed)


def _extreme_in_time(pool: Pool, groups: Groups, pick: Pick) -> Bools:
    """All that may be the latest (earliest): those that no other is surely after (before)."""
    kept: Bools
    if pick is Pick.LATEST:
        kept = pool.end >= groups.spread(groups.reduced(np.maximum, pool.start))
    else:
        kept = pool.start <= groups.spread(groups.reduced(np.minimum, pool.end))
    return kept


def _merged(pool: Pool, groups: Groups, concept: Concept, people: People) -> tuple[Pool, Bools]:
    """One value for each group, and for which groups all values agree with it."""
    if concept.tree is not None:
        return _one_state(pool, groups, concept)
    agreed = _agree(pool.low, groups) & _agree(pool.high, groups)
    if pool.rough is not None and pool.raw is not None:
        agreed = _agree_roughly(pool, groups, agreed, people)
    upper, lower = (None if c is None else _one_of(c, groups) for c in (pool.upper, pool.lower))
    return replace(pool.take(groups.starts), upper=upper, lower=lower), agreed


def _agree_roughly(pool: Pool, groups: Groups, agreed: Bools, people: People) -> Bools:
    """Also where amounts are rough: those of the same numbers are equal, those whose enclosures
    do not meet differ, and the rest is left alone.
    """
    assert pool.raw is not None
    rough = groups.reduced(np.logical_or, pool.rough)
    same = agreed & _agree(pool.raw[0], groups) & _agree(pool.raw[1], groups)
    apart = groups.reduced(np.maximum, pool.low) > groups.reduced(np.minimum, pool.high)
    people.doubt(pool.case[groups.starts][rough & ~same & ~apart])
    return np.where(rough, same, agreed)


def _agree(column: Any, groups: Groups) -> Bools:
    same: Bools = groups.reduced(np.minimum, column) == groups.reduced(np.maximum, column)
    return same


def _one_state(pool: Pool, groups: Groups, concept: Concept) -> tuple[Pool, Bools]:
    """The value that all values of a case agree with, and whether there is one."""
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
    return replace(pool.take(groups.starts), state=np.maximum(state, 0)), state >= 0


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
    limits: dict[str, Any] = {"low": low, "high": high, "raw": None}
    if pool.rough is not None:
        # What lies beside a rough extreme may or may not be as low.
        limits["rough"] = groups.reduced(np.logical_or, pool.rough & shown)
        several = groups.spread(groups.reduced(np.add, shown.astype(np.int64))) > 1
        if pool.upper is not None or pool.lower is not None:
            people.doubt(pool.case[pool.rough & shown & several])
    for name, column in (("upper", pool.upper), ("lower", pool.lower)):
        if column is not None:
            limits[name] = _one_of_shown(column, shown, groups)
    return replace(pool.take(groups.starts), **limits)


def _one_of_shown(limits: Ints, shown: Bools, groups: Groups) -> Ints:
    return _one_of(np.where(shown, limits, NO_LIMIT), groups)


assert NO_LOW % 2 == 0
assert NO_HIGH % 2 == 0
