"""Which evidence lies in a leaf's window and context (steps 2 and 3)."""

from collections.abc import Iterable
from enum import Enum

from screen.facts.usable import Pool
from screen.model.concept import Vocabulary
from screen.model.criterion import Selection
from screen.model.fact import Evidence
from screen.model.moment import Moment
from screen.model.truth import Reason

ROOM_AIR = "room_air"
ROOM_AIR_PERCENT = 21


class Place(Enum):
    """Where a time lies against a window."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    CANNOT_TELL = "cannot tell"


def place(at: Moment | None, screened_at: Moment, within: int) -> Place:
    """Where `at` lies against `screened_at - within <= time <= screened_at`.

    A whole day is inside only if all of it is, and outside only if none of it is.
    """
    if at is None:
        return Place.CANNOT_TELL
    first, last = screened_at.start - within, screened_at.end
    if first <= at.start and at.end <= last:
        return Place.INSIDE
    if at.end < first or at.start > last:
        return Place.OUTSIDE
    return Place.CANNOT_TELL


def in_window(pool: Pool, screened_at: Moment, within: int | None) -> Pool:
    """The evidence inside the window; the rest turns into reasons."""
    if within is None:
        return pool
    kept = []
    reasons = set(pool.reasons)
    for evidence in pool.evidence:
        where = place(evidence.at, screened_at, within)
        if where is Place.INSIDE:
            kept.append(evidence)
        else:
            reasons.add(Reason.STALE if where is Place.OUTSIDE else Reason.UNDATED)
    return Pool(tuple(kept), frozenset(reasons))


def in_context(
    pool: Pool, selection: Selection, vocabulary: Vocabulary, fio2: Iterable[Evidence]
) -> Pool:
    """The evidence that was recorded in the context that the leaf asks for.

    Room air is also shown by a FiO2 of 21 % at the same time, where nothing else is said.
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
            reasons.add(Reason.CONTEXT)
    return Pool(tuple(kept), frozenset(reasons))


def _has_context(
    evidence: Evidence, name: str, asked: str, vocabulary: Vocabulary, fio2: list[Evidence]
) -> bool:
    recorded = evidence.observation.context(name) if evidence.observation else None
    if recorded is not None:
        return vocabulary.contexts[name].is_within(recorded, asked)
    if (name, asked) != ("on", ROOM_AIR) or evidence.at is None or not evidence.at.is_instant:
        return False
    at_that_time = [other.amount for other in fio2 if _at_same_time(other, evidence)]
    return bool(at_that_time) and all(
        amount is not None and amount.is_exact and amount.low == ROOM_AIR_PERCENT
        for amount in at_that_time
    )


def _at_same_time(one: Evidence, other: Evidence) -> bool:
    return (
        one.at is not None
        and other.at is not None
        and (one.at.start, one.at.end) == (other.at.start, other.at.end)
    )
