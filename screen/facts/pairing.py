"""Which inputs of a derived value belong together: one sample, or close enough in time."""

from collections.abc import Sequence

from screen.model.concept import Derivation
from screen.model.fact import Evidence
from screen.model.truth import Reason


def closest(
    anchor: Evidence, others: Sequence[Evidence], derivation: Derivation
) -> tuple[Evidence | None, Reason | None]:
    """The piece of evidence that belongs with `anchor`, or the reason why there is none.

    The closest in time counts; of two equally close, the one before the anchor (a setting
    acts on what follows it). One that gives no value is a partner like any other, and so is one
    that gives none and may belong there. No reason is given where `others` is empty.
    """
    near: list[tuple[tuple[int, bool], Evidence]] = []
    undated = False
    flawed = None
    for other in others:
        gap = _gap(anchor, other, derivation)
        if gap is Reason.UNDATED:
            undated = True
            flawed = flawed or (other if other.flaw is not None else None)
        elif isinstance(gap, int):
            near.append(((gap, _is_after(other, anchor)), other))
    if near:
        best = min(rank for rank, _ in near)
        tied = [other for rank, other in near if rank == best]
        unknown = [other for other in tied if other.flaw is not None]
        if not unknown and len({other.amount for other in tied}) > 1:
            return None, Reason.CONFLICTING
        return (unknown or tied)[0], None
    if flawed is not None:
        return flawed, None
    if undated:
        return None, Reason.UNDATED
    return None, Reason.NOT_COMPUTABLE if others else None


def _gap(one: Evidence, other: Evidence, derivation: Derivation) -> int | Reason | None:
    """Microseconds between two inputs; None if surely too far apart; UNDATED if none can tell."""
    limit = derivation.at_most_apart or 0
    if _same_sample(one, other):
        return 0
    if one.at is None or other.at is None:
        both = one.at is None and other.at is None
        return 0 if both and derivation.undated_together else Reason.UNDATED
    if one.at.is_instant and other.at.is_instant:
        gap = abs(one.at.start - other.at.start)
        return gap if gap <= limit else None
    if (one.at.start, one.at.end) == (other.at.start, other.at.end):
        return 0 if derivation.undated_together else Reason.UNDATED
    least = max(one.at.start - other.at.end, other.at.start - one.at.end, 0)
    return Reason.UNDATED if least <= limit else None


def _same_sample(one: Evidence, other: Evidence) -> bool:
    samples = [item.observation.sample for item in (one, other) if item.observation]
    return len(samples) == 2 and bool(samples[0]) and samples[0] == samples[1]


def _is_after(other: Evidence, anchor: Evidence) -> bool:
    return other.at is not None and anchor.at is not None and other.at.start > anchor.at.start
