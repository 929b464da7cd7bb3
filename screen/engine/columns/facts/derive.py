"""Derived values: one function for each method that the vocabulary can declare.

Each takes the pools of its inputs, already in the leaf's window, and gives the computed values
with the reasons why something could not be computed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from screen.engine.columns.cells.positions import NO_HIGH, NO_LOW, STEPS, position
from screen.engine.columns.cells.times import UNDATED
from screen.engine.columns.cells.whole import Bools, Ints, quotient
from screen.engine.columns.facts.pairing import closest
from screen.engine.columns.facts.people import UNBORN, People, completed
from screen.engine.columns.facts.pool import BIT, Pool, together
from screen.engine.columns.facts.search import has_same_time
from screen.model.concept import Concept, Derivation
from screen.model.truth import Reason

PERCENT = 100


Counted = tuple[str, bool]
"""The unit in which a test counts an age, and whether it asks for the very day."""


def age(people: People, recorded: Pool, counted: Counted) -> Pool:
    """Completed units from the birth date, else from an age that was recorded in years.

    Both given and different: conflicting. What hangs on the calendar otherwise (an age in months,
    the very day) is left alone.
    """
    unit, exact = counted
    born = people.born != UNBORN
    birth = np.where(born, people.born, people.day)
    years = 2 * STEPS * completed(birth, people.day, "a")
    if exact:
        people.doubt(born)
    conflict = np.zeros(len(people), dtype=bool)
    said = recorded
    if recorded.low is not None and recorded.high is not None:
        usable = np.ones(len(recorded), bool) if recorded.flaw is None else recorded.flaw == 0
        whole = recorded.low // (2 * STEPS) * (2 * STEPS)
        odd = (recorded.low != recorded.high) | ((unit != "a" or exact) & ~born[recorded.case])
        people.doubt(recorded.case[usable & odd])
        conflict[recorded.case[usable & born[recorded.case] & (whole != years[recorded.case])]] = (
            True
        )
        said = replace(recorded, low=whole, high=whole).take(~born[recorded.case])
    known = born & ~conflict
    own = (years if unit == "a" else 2 * STEPS * completed(birth, people.day, unit))[known]
    computed = _at_screening(people, known, low=own)
    reasons = np.where(born, 0, recorded.reasons)
    reasons = np.where(conflict, recorded.reasons | BIT[Reason.CONFLICTING], reasons)
    return replace(together([said, computed]), reasons=reasons.astype(np.uint32))


def absent_for_male(people: People, concept: Concept, recorded: Pool) -> Pool:
    """Absent for recorded sex male; a record that says otherwise is a conflict."""
    assert concept.tree is not None
    absent = concept.tree.values.index("absent")
    conflict = np.zeros(len(people), dtype=bool)
    if recorded.state is not None:
        against = recorded.state != absent
        if recorded.flaw is not None:
            against &= recorded.flaw == 0
        conflict[recorded.case[against]] = True
    conflict &= people.male
    computed = people.male & ~conflict
    state = np.full(int(computed.sum()), absent, dtype=np.int64)
    reasons = np.where(computed, 0, recorded.reasons)
    reasons = np.where(conflict, recorded.reasons | BIT[Reason.CONFLICTING], reasons)
    said = recorded.take(~people.male[recorded.case])
    made = _at_screening(people, computed, state=state)
    return replace(together([said, made]), reasons=reasons.astype(np.uint32))


def _at_screening(people: People, cases: Bools, low: Ints | None = None, state: Any = None) -> Pool:
    """A value of the time of the screening for some cases."""
    case = np.flatnonzero(cases).astype(np.int32)
    at = people.at[case]
    return Pool(np.zeros(len(people), dtype=np.uint32), case, at, at, low, low, state)


def first_of(pools: Sequence[Pool]) -> Pool:
    """All evidence of several concepts; at the same time the earlier concept in order counts."""
    kept = pools[0]
    for pool in pools[1:]:
        kept = together([kept, _but_of_times_in(kept, pool)])
    return kept


def beside(recorded: Pool, computed: Pool) -> Pool:
    """Recorded and computed values compete by time, a recorded one before one of its own time."""
    return together([recorded, _but_of_times_in(recorded, computed)])


def _but_of_times_in(preferred: Pool, pool: Pool) -> Pool:
    """The rows that do not have the very time of one that is preferred and gives a value."""
    values = preferred.take(preferred.flawless())
    if not len(values) or not len(pool):
        return pool
    return pool.take(~has_same_time(pool, values))


def ratio(derivation: Derivation, concept: Concept, inputs: Sequence[Pool], people: People) -> Pool:
    """Pressure over fraction, for each pressure with its closest fraction.

    The denominator is in per cent. A pressure without a fraction is a bound: nobody breathes
    less than 20.9 % oxygen or more than all of it.
    """
    pressures, fractions = inputs[0], inputs[1].by_time()
    reasons = reasons_of(inputs)
    partner, why = closest(pressures, fractions, derivation, people)
    alone = (partner < 0) & (why != BIT[Reason.CONFLICTING])
    flawed = np.zeros(len(pressures), bool) if pressures.flaw is None else pressures.flaw != 0
    np.bitwise_or.at(reasons, pressures.case, np.where(alone & ~flawed, why, 0).astype(np.uint32))
    pairs = np.flatnonzero(partner >= 0)
    paired = made(
        concept, [pressures.take(pairs), fractions.take(partner[pairs])], people, _quotients
    )
    # A pressure with a flaw, or whose fractions conflict, gives a record without a value.
    useless = np.flatnonzero((flawed & (partner < 0)) | (why == BIT[Reason.CONFLICTING]))
    lost = pressures.take(useless)
    flaw = np.where(flawed[useless], lost.flaws(), np.uint32(BIT[Reason.CONFLICTING]))
    lost = replace(lost, flaw=flaw.astype(np.uint32), upper=None, lower=None, contexts=_NOWHERE)
    bounds = pressures.take(np.flatnonzero(alone & ~flawed))
    found = together([replace(paired, reasons=reasons), replace(lost, reasons=reasons)])
    return replace(found, bounds=_bounds_of(bounds, people))


Formula = Callable[[Sequence[Pool], People], dict[str, Any]]
_NOWHERE = (None,) * 4


def reasons_of(inputs: Sequence[Pool]) -> Any:
    """Bits of what keeps something from being computed, in any of its inputs."""
    lacking = [pool.unrecorded() for pool in inputs]
    reasons = np.bitwise_or.reduce([flaws_and_reasons(pool) for pool in inputs])
    reasons[np.logical_or.reduce(lacking)] |= BIT[Reason.NOT_COMPUTABLE]
    reasons[np.logical_and.reduce(lacking)] = 0
    return reasons


def flaws_and_reasons(pool: Pool) -> Any:
    """Bits of what is wrong with the records of a concept, for each case."""
    reasons = pool.reasons.copy()
    if pool.flaw is not None:
        np.bitwise_or.at(reasons, pool.case, pool.flaw)
    return reasons


def made(concept: Concept, inputs: Sequence[Pool], people: People, formula: Formula) -> Pool:
    """A value for each row, of the rows at the same places of its inputs; or their first flaw."""
    first = inputs[0]
    if not len(first):
        return Pool(np.zeros(len(people), dtype=np.uint32), first.case, first.start, first.end)
    start, end = first.start, first.end
    for pool in inputs[1:]:
        # A pair that one sample makes may have a time on one side only.
        start = np.where(start == UNDATED, pool.start, start)
        end = np.where(end == UNDATED, pool.end, end)
    flaws = [pool.flaws() for pool in inputs]
    flaw = flaws[0]
    for other in flaws[1:]:
        # The reason that comes first in the order of reasons has the lowest bit.
        both = (flaw != 0) & (other != 0)
        flaw = np.where(both, np.minimum(flaw, other), flaw | other)
    doubtful = [pool.perhaps for pool in inputs if pool.perhaps is not None]
    values = formula(inputs, people)
    low, high = values["low"], values["high"]
    unlikely = np.zeros(len(first), dtype=bool)
    if concept.plausible_low is not None:
        least = position(concept.plausible_low)
        unlikely |= high < least
    if concept.plausible_high is not None:
        unlikely |= low > position(concept.plausible_high)
    if values.get("rough") is not None:
        ends = [concept.plausible_low, concept.plausible_high]
        places = [position(end) for end in ends if end is not None]
        near = [(low <= place) & (place <= high) for place in places]
        people.doubt(first.case[values["rough"] & np.logical_or.reduce(near)])
    flaw = np.where((flaw == 0) & unlikely, np.uint32(BIT[Reason.IMPLAUSIBLE]), flaw)
    return Pool(
        np.zeros(len(people), dtype=np.uint32),
        first.case,
        start,
        end,
        flaw=flaw.astype(np.uint32) if flaw.any() else None,
        perhaps=np.logical_or.reduce(doubtful) if doubtful else None,
        **values,
    )


def up_to(counts: Sequence[Pool], _people: People) -> dict[str, Any]:
    """From nothing to the whole count."""
    (count,) = counts
    assert count.high is not None
    return {"low": np.zeros(len(count), dtype=np.int64), "high": count.high, "rough": count.rough}


def _bounds_of(pressures: Pool, people: People) -> Pool | None:
    """What pressures leave of a ratio whose oxygen nobody recorded."""
    if pressures.perhaps is not None:
        pressures = pressures.take(~pressures.perhaps)
    if not len(pressures):
        return None
    air, pure = (np.full(len(pressures), 2 * STEPS * tenth // 10) for tenth in (209, 1000))
    oxygen = replace(pressures, low=air, high=pure, rough=None)
    values = _quotients([pressures, oxygen], people)
    return replace(pressures, **values, upper=None, lower=None)


def ends(pool: Pool) -> tuple[Ints, Bools, Ints, Bools]:
    """The steps of the low and the high end, and whether each is open.

    What is rough lies strictly between the ends of its gap.
    """
    assert pool.low is not None
    assert pool.high is not None
    low_open, high_open = pool.low & 1 == 1, pool.high & 1 == 1
    return (pool.low - low_open) // 2, low_open, (pool.high + high_open) // 2, high_open


def _rough(pools: Sequence[Pool]) -> Any:
    """Which rows have an amount that is rough in any of some pools."""
    marked = [pool.rough for pool in pools if pool.rough is not None]
    return np.logical_or.reduce(marked) if marked else None


def _quotients(inputs: Sequence[Pool], people: People) -> dict[str, Any]:
    tops, bottoms = inputs
    assert tops.low is not None
    assert bottoms.low is not None
    low, low_open, high, high_open = ends(tops)
    least, least_open, most, most_open = ends(bottoms)
    no_low = (tops.low == NO_LOW) | (bottoms.high == NO_HIGH) | (most <= 0)
    no_high = (tops.high == NO_HIGH) | (bottoms.low == NO_LOW) | (least <= 0)
    below, fits = _quotient(low, most, low_open | most_open, 1)
    above, fine = _quotient(high, least, high_open | least_open, -1)
    people.doubt(tops.case[~((fits | no_low) & (fine | no_high))])
    return {
        "low": np.where(no_low, NO_LOW, below),
        "high": np.where(no_high, NO_HIGH, above),
        "rough": _rough([tops, bottoms]),
        "raw": (tops.low, bottoms.low),
    }


def _quotient(tops: Ints, bottoms: Ints, is_open: Bools, step: int) -> tuple[Ints, Bools]:
    """Positions of tops over bottoms (which are in per cent); an open end is one `step` off."""
    whole, rest, fits = quotient(tops, bottoms, PERCENT * STEPS)
    return 2 * whole + np.where(rest, 1, np.where(is_open, step, 0)), fits
