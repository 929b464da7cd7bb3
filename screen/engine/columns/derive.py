"""Derived values: one function for each method that the vocabulary can declare.

Each takes the pools of its inputs, already in the leaf's window, and gives the computed values
with the reasons why something could not be computed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from screen.engine.columns.pairing import closest
from screen.engine.columns.people import UNBORN, People, completed_years
from screen.engine.columns.pool import BIT, UNDATED, Pool, together
from screen.engine.columns.positions import MILLION, NO_HIGH, NO_LOW, STEPS
from screen.engine.columns.search import has_same_time, overlaps_any
from screen.engine.columns.whole import Bools, Ints, product, quotient
from screen.model.concept import Concept, Derivation
from screen.model.truth import Reason

PERCENT = 100
_CELL = 2 * STEPS // MILLION
"""Positions in a millionth: a ratio of rough amounts is known to lie between two of them."""


def age(people: People, recorded: Pool) -> Pool:
    """Completed years from the birth date, else from an age that was recorded.

    Both given and different: conflicting.
    """
    years = 2 * STEPS * completed_years(np.where(people.born == UNBORN, 0, people.born), people.day)
    born = people.born != UNBORN
    if recorded.low is None or recorded.high is None:
        return replace(
            _at_screening(people, born, low=years[born], high=years[born]),
            reasons=np.where(born, 0, recorded.reasons).astype(np.uint32),
        )
    exact = recorded.low == recorded.high
    whole = recorded.low // (2 * STEPS) * (2 * STEPS)
    low, high = np.where(exact, whole, recorded.low), np.where(exact, whole, recorded.high)
    own = years[recorded.case]
    against = born[recorded.case] & ((high < own) | (low > own))
    conflict = np.zeros(len(people), dtype=bool)
    conflict[recorded.case[against]] = True
    kept = ~born[recorded.case]
    said = replace(recorded, low=low, high=high, raw=None).take(kept)
    computed = _at_screening(people, born & ~conflict, low=years[born & ~conflict])
    reasons = np.where(born, 0, recorded.reasons)
    reasons = np.where(conflict, recorded.reasons | BIT[Reason.CONFLICTING], reasons)
    return replace(together([said, computed]), reasons=reasons.astype(np.uint32))


def absent_for_male(people: People, concept: Concept, recorded: Pool) -> Pool:
    """Absent for recorded sex male; a record that says otherwise is a conflict."""
    assert concept.tree is not None
    absent = concept.tree.values.index("absent")
    conflict = np.zeros(len(people), dtype=bool)
    if recorded.state is not None:
        conflict[recorded.case[recorded.state != absent]] = True
    conflict &= people.male
    computed = people.male & ~conflict
    state = np.full(int(computed.sum()), absent, dtype=np.int64)
    reasons = np.where(computed, 0, recorded.reasons)
    reasons = np.where(conflict, recorded.reasons | BIT[Reason.CONFLICTING], reasons)
    said = recorded.take(~people.male[recorded.case])
    made = _at_screening(people, computed, state=state)
    return replace(together([said, made]), reasons=reasons.astype(np.uint32))


def _at_screening(
    people: People, cases: Bools, low: Ints | None = None, high: Ints | None = None, state: Any = None
) -> Pool:
    """A value of the time of the screening for some cases."""
    case = np.flatnonzero(cases).astype(np.int32)
    at = people.at[case]
    high = low if high is None else high
    return Pool(np.zeros(len(people), dtype=np.uint32), case, at, at, low, high, state)


def first_of(pools: Sequence[Pool]) -> Pool:
    """All evidence of several concepts; at the same time the earlier concept in order counts."""
    kept = pools[0]
    for pool in pools[1:]:
        if len(pool) and len(kept):
            pool = pool.take(~has_same_time(pool, kept))  # noqa: PLW2901
        kept = together([kept, pool])
    return kept


def ratio(derivation: Derivation, recorded: Pool, inputs: Sequence[Pool], people: People) -> Pool:
    """Pressure over fraction, for each pressure with its closest fraction.

    The denominator is in per cent. A recorded ratio gives way to one computed for the same time.
    """
    computed = _computed(derivation, inputs, people, _quotients)
    if len(recorded) and len(computed):
        recorded = recorded.take(~overlaps_any(recorded, computed))
    return together([recorded, computed])


def share(derivation: Derivation, recorded: Pool, inputs: Sequence[Pool], people: People) -> Pool:
    """A count times the sum of percentages, only where no count is recorded."""
    computed = _computed(derivation, inputs, people, _portions)
    said = recorded.has()
    computed = computed.take(~said[computed.case]) if said.any() else computed
    reasons = recorded.reasons | np.where(said, 0, computed.reasons).astype(np.uint32)
    return replace(together([recorded, computed]), reasons=reasons)


_Formula = Callable[[Pool, Sequence[Pool], People], dict[str, Any]]


def _computed(
    derivation: Derivation, inputs: Sequence[Pool], people: People, formula: _Formula
) -> Pool:
    """One value for each row of the first input that finds its partners."""
    lacking = [(pool.reasons == 0) & ~pool.has() for pool in inputs]
    reasons = np.bitwise_or.reduce([pool.reasons for pool in inputs])
    reasons[np.logical_or.reduce(lacking)] |= BIT[Reason.NOT_COMPUTABLE]
    reasons[np.logical_and.reduce(lacking)] = 0
    anchors, *others = inputs[0], *(pool.by_time() for pool in inputs[1:])
    partners = []
    complete = np.ones(len(anchors), dtype=bool)
    for pool in others:
        row, why = closest(anchors, pool, derivation, people)
        np.bitwise_or.at(reasons, anchors.case, why)
        partners.append(row)
        complete &= row >= 0
    found = anchors.take(complete)
    beside = [
        pool.take(row[complete]) for pool, row in zip(others, partners, strict=True)
    ]
    if not len(found):
        return Pool(reasons, found.case, found.start, found.end)
    # A pair that one sample makes may have a time on one side only.
    start, end = found.start, found.end
    for pool in beside:
        start = np.where(start == UNDATED, pool.start, start)
        end = np.where(end == UNDATED, pool.end, end)
    return Pool(reasons, found.case, start, end, **formula(found, beside, people))


def _ends(pool: Pool) -> tuple[Ints, Bools, Ints, Bools, Bools]:
    """The steps of the low and the high end, whether each is open, and which are rough."""
    assert pool.low is not None
    assert pool.high is not None
    rough = (pool.low == pool.high) & (pool.low & 1 == 1)
    low_open, high_open = (pool.low & 1 == 1) & ~rough, (pool.high & 1 == 1) & ~rough
    return (
        (pool.low - low_open) // 2,
        low_open,
        (pool.high + high_open) // 2,
        high_open,
        rough,
    )


def _quotients(tops: Pool, others: Sequence[Pool], people: People) -> dict[str, Any]:
    (bottoms,) = others
    low, low_open, high, high_open, rough = _ends(tops)
    least, least_open, most, most_open, rough_too = _ends(bottoms)
    no_low = (tops.low == NO_LOW) | (bottoms.high == NO_HIGH) | (most <= 0)
    no_high = (tops.high == NO_HIGH) | (bottoms.low == NO_LOW) | (least <= 0)
    below, below_fits = _quotient(low, most, low_open | most_open, 1)
    above, above_fits = _quotient(high, least, high_open | least_open, -1)
    fits = (below_fits | no_low) & (above_fits | no_high)
    either = rough | rough_too
    if either.any():
        # An amount in a gap lies between its ends, and so does the ratio.
        floor, fine = _quotient(low, most + rough_too, either & False, 1)
        ceiling, well = _quotient(high + rough, least, either & False, 1)
        known = floor // _CELL == ceiling // _CELL
        known &= (floor % _CELL > 0) & (ceiling % _CELL > 0) & fine & well & ~no_low & ~no_high
        middle = floor // _CELL * _CELL + _CELL // 2 + 1
        below, above = np.where(either, middle, below), np.where(either, middle, above)
        fits = np.where(either, known, fits)
    people.doubt(tops.case[~fits])
    assert tops.low is not None
    assert bottoms.low is not None
    return {
        "low": np.where(no_low & ~either, NO_LOW, below),
        "high": np.where(no_high & ~either, NO_HIGH, above),
        "raw": (tops.low, bottoms.low),
    }


def _quotient(tops: Ints, bottoms: Ints, is_open: Bools, step: int) -> tuple[Ints, Bools]:
    """Positions of tops over bottoms (which are in per cent); an open end is one `step` off."""
    whole, rest, fits = quotient(tops, bottoms, PERCENT * STEPS)
    return 2 * whole + np.where(rest, 1, np.where(is_open, step, 0)), fits


def _portions(counts: Pool, percents: Sequence[Pool], people: People) -> dict[str, Any]:
    ends = [_ends(pool) for pool in percents]
    low, low_open, high, high_open, rough = _ends(counts)
    no_low = np.logical_or.reduce([pool.low == NO_LOW for pool in (counts, *percents)])
    no_high = np.logical_or.reduce([pool.high == NO_HIGH for pool in (counts, *percents)])
    open_below = np.logical_or.reduce([low_open, *(end[1] for end in ends)])
    open_above = np.logical_or.reduce([high_open, *(end[3] for end in ends)])
    lows = np.where(no_low, 0, sum(end[0] for end in ends))
    highs = np.where(no_high, 0, sum(end[2] for end in ends))
    below, fits = _portion(np.where(no_low, 0, low), lows, open_below, 1)
    above, fine = _portion(np.where(no_high, 0, high), highs, open_above, -1)
    fits &= fine & ~np.logical_or.reduce([rough, *(end[4] for end in ends)])
    people.doubt(counts.case[~fits])
    raw = (counts.low, sum(pool.low for pool in percents if pool.low is not None))
    return {
        "low": np.where(no_low, NO_LOW, below),
        "high": np.where(no_high, NO_HIGH, above),
        "raw": raw,
    }


def _portion(counts: Ints, percents: Ints, is_open: Bools, step: int) -> tuple[Ints, Bools]:
    """Positions of count x percent: both have to be whole millionths."""
    fine = STEPS // MILLION
    fits = (counts % fine == 0) & (percents % fine == 0)
    steps, small = product(counts // fine, percents // fine)
    whole, rest = np.divmod(steps, MILLION * MILLION * PERCENT // STEPS)
    return 2 * whole + np.where(rest, 1, np.where(is_open, step, 0)), fits & small
