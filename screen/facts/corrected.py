"""Which results a corrected or amended one takes the place of."""

from collections.abc import Iterable

from screen.model.case import CONTEXTS, Observation, Status

_CORRECTIONS = frozenset((Status.CORRECTED, Status.AMENDED))
_NO_RESULT = frozenset((Status.CANCELLED, Status.ENTERED_IN_ERROR))
_ABOUT = ("sample", *CONTEXTS)


def replaced_records(records: Iterable[Observation]) -> frozenset[int]:
    """The `id` of each record that a correction of the same concept, time and sample replaces.

    A record that was itself corrected is replaced by none: two corrections that differ conflict.
    """
    every = [record for record in records if record.status not in _NO_RESULT]
    corrections = [record for record in every if record.status in _CORRECTIONS]
    return frozenset(
        id(record)
        for record in every
        if record.status not in _CORRECTIONS
        and any(_corrects(correction, record) for correction in corrections)
    )


def _corrects(correction: Observation, record: Observation) -> bool:
    return (
        correction.concept == record.concept
        and _span(correction) == _span(record)
        and all(_may_agree(correction, record, name) for name in _ABOUT)
    )


def _span(record: Observation) -> tuple[int, int] | None:
    return None if record.at is None else (record.at.start, record.at.end)


def _may_agree(one: Observation, other: Observation, name: str) -> bool:
    """A sample or a context that one of the two does not name is not against it."""
    left, right = getattr(one, name), getattr(other, name)
    return not left or not right or left == right
