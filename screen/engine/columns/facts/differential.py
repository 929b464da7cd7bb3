"""Neutrophils from a leukocyte count and its differential, as far as that is recorded."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from screen.engine.columns.cells.positions import MILLION, NO_HIGH, NO_LOW, STEPS
from screen.engine.columns.cells.whole import Bools, Ints, product
from screen.engine.columns.facts.derive import ends, flaws_and_reasons, made, up_to
from screen.engine.columns.facts.pairing import closest
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pool import BIT, Pool, together
from screen.model.concept import Concept, Derivation
from screen.model.truth import Reason

_PERCENT = 100
_ALL = _PERCENT * STEPS


def differential(
    derivation: Derivation,
    concept: Concept,
    recorded: Pool,
    inputs: Sequence[Pool],
    people: People,
) -> Pool:
    """Leukocytes times the share of neutrophils: their total, or segmented ones and bands.

    The inputs are the count, the total, segmented ones, bands, other classes. Leukocytes alone
    bound the neutrophils; where nothing of neutrophils is recorded they are a value.
    """
    counts, *classes = inputs
    told = classes[:3]
    untold = np.logical_and.reduce([pool.unrecorded() for pool in told])
    nothing = untold & recorded.unrecorded()
    reasons = flaws_and_reasons(counts)
    reasons[counts.unrecorded()] |= BIT[Reason.NOT_COMPUTABLE]
    for pool in told:
        reasons |= np.where(nothing, 0, flaws_and_reasons(pool)).astype(np.uint32)
    shares, why = _paired(derivation, counts, classes, people)
    conflict = np.logical_or.reduce([one == BIT[Reason.CONFLICTING] for one in why])
    for one in why:
        np.bitwise_or.at(reasons, counts.case, np.where(one == BIT[Reason.CONFLICTING], 0, one))
    alone = nothing[counts.case]
    counted = ~alone & ~conflict & (shares[0].there | shares[1].there)
    found = [
        made(concept, [counts.take(np.flatnonzero(alone))], people, up_to),
        _with_flaw(counts.take(np.flatnonzero(~alone & conflict)), Reason.CONFLICTING),
        _counted(concept, counts, shares, counted, people),
    ]
    rest = counts.take(np.flatnonzero(~alone & ~conflict & ~counted & (counts.flaws() == 0)))
    if rest.perhaps is not None:
        rest = rest.take(~rest.perhaps)
    bounds = replace(rest, **up_to([rest], people), upper=None, raw=None) if len(rest) else None
    result = together([replace(pool, reasons=reasons) for pool in found])
    # Without a value and without any other reason, the inputs did not say enough.
    lacks = ~result.has() & ~recorded.has() & (reasons == 0)
    reasons = np.where(lacks, np.uint32(BIT[Reason.NOT_COMPUTABLE]), reasons)
    reasons[counts.unrecorded() & untold] = 0
    return replace(result, reasons=reasons, bounds=bounds)


class _Share(NamedTuple):
    """The percentage of one class beside each count, in steps; nothing where it is not there."""

    there: Bools
    low: Ints
    low_open: Bools
    no_low: Bools
    high: Ints
    high_open: Bools
    no_high: Bools
    flaw: Any
    rough: Bools
    perhaps: Bools

    def at(self, rows: Any) -> "_Share":
        """The percentages beside some of the counts."""
        parts: list[Any] = [part[rows] for part in self]
        return _Share(*parts)


def _paired(
    derivation: Derivation, counts: Pool, classes: Sequence[Pool], people: People
) -> tuple[list[_Share], list[Any]]:
    """The closest percentage of each class, and why those that tell of neutrophils lack one."""
    shares, why = [], []
    for pool in classes:
        others = pool.by_time()
        row, reason = closest(counts, others, derivation, people)
        shares.append(_share(others, row))
        why.append(reason)
    return shares, why[:3]


def _share(pool: Pool, row: Any) -> _Share:
    there = row >= 0
    if pool.low is None or pool.high is None or not len(pool):
        false, zero = np.zeros(len(row), dtype=bool), np.zeros(len(row), dtype=np.int64)
        flaw = zero.astype(np.uint32)
        return _Share(false, zero, false, false, zero, false, false, flaw, false, false)
    low, low_open, high, high_open = ends(pool)
    at = np.maximum(row, 0)

    def of(column: Any) -> Any:
        if column is None:
            return np.zeros(len(row), dtype=bool)
        return np.where(there, column[at], column.dtype.type(0))

    no_low, no_high = of(pool.low == NO_LOW), of(pool.high == NO_HIGH)
    return _Share(
        there,
        np.where(no_low, 0, of(low)),
        of(low_open),
        no_low,
        np.where(no_high, 0, of(high)),
        of(high_open),
        no_high,
        of(pool.flaws()),
        of(pool.rough),
        of(pool.perhaps),
    )


def _with_flaw(pool: Pool, reason: Reason) -> Pool:
    """The same times without a value; a flaw of their own comes before."""
    flaw = pool.flaws(reason).astype(np.uint32)
    flaw = np.where(pool.flaws() != 0, np.uint32(BIT[reason]), flaw)
    return replace(pool, flaw=flaw, upper=None, lower=None, contexts=(None,) * 4, sample=None)


def _counted(
    concept: Concept, counts: Pool, shares: Sequence[_Share], which: Bools, people: People
) -> Pool:
    """The counts that have a total or segmented ones beside them, times their share."""
    rows = np.flatnonzero(which)
    count = counts.take(rows)
    total, segmented, bands, *others = (share.at(rows) for share in shares)
    rest = _sum(others, len(rows))
    apart = segmented.low + bands.low + rest.low
    exceed = (apart > _ALL) | (np.where(total.there, total.low, 0) + rest.low > _ALL)
    both = _sum([segmented, bands], len(rows))
    open_above = ~total.there & ~bands.there
    # Segmented ones alone: at least themselves, at most what the other classes leave.
    high = np.where(open_above, _ALL - rest.low, np.where(total.there, total.high, both.high))
    no_high = np.where(open_above, rest.no_low, np.where(total.there, total.no_high, both.no_high))
    open_ = np.where(
        open_above, rest.low_open, np.where(total.there, total.high_open, both.high_open)
    )
    share = _Share(
        which[rows],
        np.where(total.there, total.low, both.low),
        np.where(total.there, total.low_open, both.low_open),
        np.where(total.there, total.no_low, both.no_low),
        high,
        open_,
        no_high,
        _first(np.where(total.there, total.flaw, both.flaw), np.where(open_above, rest.flaw, 0)),
        np.where(total.there, total.rough, both.rough) | (open_above & rest.rough),
        np.where(total.there, total.perhaps, both.perhaps) | (open_above & rest.perhaps),
    )

    def times(inputs: Sequence[Pool], people: People) -> dict[str, Any]:
        return _portions(inputs[0], share, people)

    found = made(concept, [count], people, times)
    flaw = _first(count.flaws(), share.flaw.astype(np.uint32))
    flaw = np.where(flaw == 0, found.flaws(), flaw)
    flaw = np.where(exceed, np.uint32(BIT[Reason.IMPLAUSIBLE]), flaw)
    perhaps = share.perhaps if found.perhaps is None else found.perhaps | share.perhaps
    people.doubt(count.case[exceed & _undecided(shares, rows)])
    return replace(found, flaw=flaw, perhaps=perhaps if perhaps.any() else None)


def _undecided(shares: Sequence[_Share], rows: Any) -> Bools:
    """Where a percentage is rough, so that a sum near the whole is looked at elsewhere."""
    found: Bools = np.logical_or.reduce([share.rough[rows] for share in shares])
    return found


def _sum(shares: Sequence[_Share], count: int) -> _Share:
    """The sum of some percentages; what is not there adds nothing."""
    false, zero = np.zeros(count, dtype=bool), np.zeros(count, dtype=np.int64)
    total = _Share(
        false, zero, false, false, zero, false, false, zero.astype(np.uint32), false, false
    )
    for one in shares:
        total = _Share(
            total.there | one.there,
            total.low + one.low,
            total.low_open | one.low_open,
            total.no_low | one.no_low,
            total.high + one.high,
            total.high_open | one.high_open,
            total.no_high | one.no_high,
            _first(total.flaw, one.flaw),
            total.rough | one.rough,
            total.perhaps | one.perhaps,
        )
    return total


def _first(ones: Any, others: Any) -> Any:
    """The reason that comes first in the order of reasons: it has the lowest bit."""
    both = (ones != 0) & (others != 0)
    return np.where(both, np.minimum(ones, others), ones | others).astype(np.uint32)


def _portions(count: Pool, share: _Share, people: People) -> dict[str, Any]:
    """A share of a count; both at zero or above. What is rough is left alone."""
    assert count.low is not None
    assert count.high is not None
    low, low_open, high, high_open = ends(count)
    no_low = (count.low == NO_LOW) | share.no_low
    no_high = (count.high == NO_HIGH) | share.no_high
    below, fits = _portion(np.where(no_low, 0, low), share.low, low_open | share.low_open, 1)
    above, fine = _portion(np.where(no_high, 0, high), share.high, high_open | share.high_open, -1)
    rough = share.rough if count.rough is None else count.rough | share.rough
    people.doubt(count.case[~(fits & fine) | rough])
    return {
        "low": np.where(no_low, NO_LOW, below),
        "high": np.where(no_high, NO_HIGH, above),
    }


def _portion(counts: Ints, percents: Ints, is_open: Bools, step: int) -> tuple[Ints, Bools]:
    """Positions of count x percent: both have to be whole millionths."""
    fine = STEPS // MILLION
    fits = (counts % fine == 0) & (percents % fine == 0)
    steps, small = product(counts // fine, percents // fine)
    whole, rest = np.divmod(steps, MILLION * MILLION * _PERCENT // STEPS)
    return 2 * whole + np.where(rest, 1, np.where(is_open, step, 0)), fits & small
