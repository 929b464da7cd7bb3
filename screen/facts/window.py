"""Which evidence lies in a leaf's window and context.

Steps 2 and 3 of `docs/semantics.md`, section 2.
"""

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction

from msgspec.structs import replace

from screen.facts.usable import Pool
from screen.model.concept import Vocabulary
from screen.model.criterion import Selection
from screen.model.fact import Evidence
from screen.model.moment import Moment
from screen.model.quantity import Amount
from screen.model.truth import Reason

ROOM_AIR = "room_air"
ROOM_AIR_PERCENT = 21
LEAST_OXYGEN = Fraction(209, 10)
"""Air holds 20.9 % oxygen; devices print 20.9, 20.95 or 21."""


class Place(Enum):
    """Where a time lies against a window."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    CANNOT_TELL = "cannot tell"


def place(at: Moment | None, screened_at: Moment, within: int) -> Place:
    """Where `at` lies against `screened_at - within <= time <= screened_at`.

    A whole day is inside only if all of it is, and outside only if none of it is. Nothing that
    is recorded is later than the screening: the day of the screening ends with it.
    """
    if at is None:
        return Place.CANNOT_TELL
    first, last = screened_at.start - within, screened_at.end
    if at.start > last or at.end < first:
        return Place.OUTSIDE
    return Place.INSIDE if first <= at.start else Place.CANNOT_TELL


def in_window(pool: Pool, screened_at: Moment, within: int | None) -> Pool:
    """The evidence inside the window, and what may lie in it; the rest turns into reasons.

    A value without any time is never in a window. One that nobody could read is: its time may
    be what could not be read.
    """
    if within is None:
        return pool
    kept = []
    reasons = set(pool.reasons)
    for evidence in pool.evidence:
        where = place(evidence.at, screened_at, within)
        if where is Place.INSIDE:
            kept.append(evidence)
        elif where is Place.OUTSIDE:
            reasons.add(evidence.flaw or Reason.STALE)
        elif evidence.at is not None or evidence.flaw is Reason.UNREADABLE:
            kept.append(replace(evidence, perhaps=True))
        else:
            reasons.add(evidence.flaw or Reason.UNDATED)
    return Pool(tuple(kept), frozenset(reasons))


def in_context(
    pool: Pool, selection: Selection, vocabulary: Vocabulary, fio2: Iterable[Evidence]
) -> Pool:
    """The evidence that was recorded in the context that the leaf asks for.

    Room air is also shown by a FiO2 of 20.9 to 21 % at the same time, where nothing else is said.
    """
    if not selection.contexts:
        return pool
    oxygen = list(fio2)
    kept = []
    reasons = set(pool.reasons)
    for evidence in pool.evidence:
        if all(
            _has_context(evidence, name, asked, vocabulary, oxygen)
            for name, asked in selection.contexts
        ):
            kept.append(evidence)
        else:
            reasons.add(evidence.flaw or Reason.CONTEXT)
    return Pool(tuple(kept), frozenset(reasons))


def _has_context(
    evidence: Evidence, name: str, asked: str, vocabulary: Vocabulary, fio2: list[Evidence]
) -> bool:
    recorded = evidence.observation.context(name) if evidence.observation else None
    if recorded is not None:
        return vocabulary.contexts[name].is_within(recorded, asked)
    if (name, asked) != ("on", ROOM_AIR):
        return False
    at_that_time = [other for other in fio2 if _together(other, evidence)]
    return bool(at_that_time) and all(_is_air(other.amount) for other in at_that_time)


def _is_air(amount: Amount | None) -> bool:
    """Whether every value that `amount` leaves open is the oxygen of air."""
    return (
        amount is not None
        and amount.low is not None
        and amount.high is not None
        and amount.low >= LEAST_OXYGEN
        and amount.high <= ROOM_AIR_PERCENT
    )


def _together(one: Evidence, other: Evidence) -> bool:
    """Whether two records are of one sample or of one instant."""
    samples = [item.observation.sample for item in (one, other) if item.observation]
    if len(samples) == 2 and samples[0] and samples[0] == samples[1]:
        return True
    return other.at is not None and other.at.is_instant and _at_same_time(one, other)


def _at_same_time(one: Evidence, other: Evidence) -> bool:
    return (
        one.at is not None
        and other.at is not None
        and (one.at.start, one.at.end) == (other.at.start, other.at.end)
    )
