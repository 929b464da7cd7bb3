"""Which inputs of a derived value belong together: one sample, or close enough in time."""

from typing import Any

import numpy as np

from screen.engine.columns.cells.times import UNDATED
from screen.engine.columns.cells.whole import Bools
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pool import BIT, Groups, Pool
from screen.engine.columns.facts.search import rows_of, span_of
from screen.model.concept import Derivation
from screen.model.truth import Reason

_MOST_PAIRS = 2_000_000
_NEVER = np.int64(2**62)


def closest(anchors: Pool, others: Pool, derivation: Derivation, people: People) -> tuple[Any, Any]:
    """For each anchor the row of `others` that belongs with it (-1: none), and bits of reasons
    for the anchors without one.

    The closest in time counts; of two equally close, the one before the anchor. No reason is
    given where a case has nothing among `others`.
    """
    partner = np.full(len(anchors), -1, dtype=np.int64)
    why = np.zeros(len(anchors), dtype=np.uint32)
    if not len(anchors) or not len(others):
        return partner, why
    first, last = rows_of(others.case, anchors.case)
    plain = _all_instants(anchors) & _all_instants(others)
    simple = plain[anchors.case] & (first < last)
    _by_time(anchors, others, derivation, simple, people, partner, why)
    in_pairs = ~plain[anchors.case] & (first < last)
    if others.flaw is not None:
        # Days and samples beside records that give no value are looked at elsewhere.
        flawed = others.take(others.flaw != 0).has()[anchors.case]
        people.doubt(anchors.case[in_pairs & flawed])
        in_pairs &= ~flawed
    odd = np.flatnonzero(in_pairs)
    if len(odd):
        pairs = last[odd] - first[odd]
        if pairs.sum() > _MOST_PAIRS:
            people.doubt(anchors.case[odd])
        else:
            _by_pairs(anchors, others, derivation, odd, first[odd], pairs, partner, why)
    return partner, why


def _all_instants(pool: Pool) -> Bools:
    """For each case whether all its rows are instants that name no sample."""
    odd = pool.start != pool.end
    odd |= pool.start == UNDATED
    if pool.sample is not None:
        odd = odd | (pool.sample >= 0)
    plain = np.ones(pool.cases, dtype=bool)
    plain[pool.case[odd]] = False
    return plain


def _by_time(
    anchors: Pool,
    others: Pool,
    derivation: Derivation,
    simple: Bools,
    people: People,
    partner: Any,
    why: Any,
) -> None:
    """Pair instants: only the last before (or at) the anchor and the first after it matter."""
    rows = np.flatnonzero(simple)
    if not len(rows):
        return
    limit = derivation.at_most_apart or 0
    case, time = anchors.case[rows], anchors.start[rows]
    least = np.full(len(rows), UNDATED)
    begin, until = span_of(others, case, least, time)
    _, end = rows_of(others.case, case)
    before = np.maximum(until - 1, 0)
    after = np.minimum(until, len(others) - 1)
    gap_before = np.where(until > begin, time - others.start[before], _NEVER)
    gap_after = np.where(until < end, others.start[after] - time, _NEVER)
    chosen = np.where(gap_before <= gap_after, before, after)
    near = np.minimum(gap_before, gap_after) <= limit
    # What was recorded at one instant must agree; one that gives no value is a partner, too.
    moments = Groups(others.case, others.start)
    agreed = _agree(others, moments)[moments.number()]
    if others.flaw is not None:
        chosen = _flawed_first(others, moments)[moments.number()][chosen]
        mixed = moments.spread(moments.reduced(np.maximum, others.flaw)) != others.flaw
        people.doubt(case[near & mixed[chosen] & (others.flaw[chosen] != 0)])
        agreed = agreed | (others.flaw != 0)
    fine = near & agreed[chosen]
    partner[rows[fine]] = chosen[fine]
    why[rows[near & ~fine]] = BIT[Reason.CONFLICTING]
    why[rows[~near]] = BIT[Reason.NOT_COMPUTABLE]


def _flawed_first(pool: Pool, groups: Groups) -> Any:
    """For each group a row with a flaw, or its first one."""
    rows = np.arange(len(pool))
    rank = np.where(pool.flaw != 0, rows, rows + len(pool))
    return groups.reduced(np.minimum, rank) % max(len(pool), 1)


def _agree(pool: Pool, groups: Groups) -> Bools:
    agreed = np.ones(len(groups), dtype=bool)
    if groups.single:
        return agreed
    for column in (pool.low, pool.high, *(pool.raw or ())):
        agreed &= groups.reduced(np.minimum, column) == groups.reduced(np.maximum, column)
    return agreed


def _by_pairs(
    anchors: Pool,
    others: Pool,
    derivation: Derivation,
    odd: Any,
    first: Any,
    pairs: Any,
    partner: Any,
    why: Any,
) -> None:
    """Try every pair: days, records without a time, samples."""
    one = np.repeat(odd, pairs)
    begins = np.cumsum(pairs) - pairs
    other = np.arange(len(one)) - np.repeat(begins - first, pairs)
    gap, undated = _gaps(anchors, others, one, other, derivation)
    dated = (anchors.start[one] != UNDATED) & (others.start[other] != UNDATED)
    is_after = dated & (others.start[other] > anchors.start[one])
    # The gap decides, and then which side it lies on.
    rank = np.where(gap < _NEVER, np.minimum(gap, _NEVER // 4) * 2 + is_after, _NEVER)
    best = np.minimum.reduceat(rank, begins)
    is_best = rank == np.repeat(best, pairs)
    found = best < _NEVER
    chosen = np.full(len(odd), len(one))
    np.minimum.at(chosen, np.repeat(np.arange(len(odd)), pairs)[is_best], np.flatnonzero(is_best))
    agreed = np.ones(len(odd), dtype=bool)
    model = other[np.minimum(chosen, len(one) - 1)]
    of_pair = np.repeat(np.arange(len(odd)), pairs)
    for column in (others.low, others.high, *(others.raw or ())):
        assert column is not None
        differs = is_best & (column[other] != column[model][of_pair])
        agreed[of_pair[differs]] = False
    any_undated = np.logical_or.reduceat(undated, begins)
    fine = found & agreed
    partner[odd[fine]] = model[fine]
    why[odd[found & ~agreed]] = BIT[Reason.CONFLICTING]
    why[odd[~found & any_undated]] = BIT[Reason.UNDATED]
    why[odd[~found & ~any_undated]] = BIT[Reason.NOT_COMPUTABLE]


def _gaps(
    anchors: Pool, others: Pool, one: Any, other: Any, derivation: Derivation
) -> tuple[Any, Bools]:
    """Microseconds between the records of each pair (_NEVER: too far apart), and where no
    one can tell.
    """
    limit = derivation.at_most_apart or 0
    start, end = anchors.start[one], anchors.end[one]
    from_, until = others.start[other], others.end[other]
    timeless, other_timeless = start == UNDATED, from_ == UNDATED
    neither, some = timeless & other_timeless, timeless | other_timeless
    instants = ~some & (start == end) & (from_ == until)
    same_day = ~some & ~instants & (start == from_) & (end == until)
    apart = np.maximum(np.maximum(start - until, from_ - end), 0)
    gap = np.where(instants & (apart <= limit), apart, _NEVER)
    together = derivation.undated_together
    if together:
        gap = np.where(neither | same_day, 0, gap)
    undated = some & ~(neither & together)
    if not together:
        undated |= same_day
    undated |= ~some & ~instants & ~same_day & (apart <= limit)
    if anchors.sample is not None and others.sample is not None:
        same = (anchors.sample[one] >= 0) & (anchors.sample[one] == others.sample[other])
        gap, undated = np.where(same, 0, gap), undated & ~same
    return gap, undated
