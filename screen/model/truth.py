"""Three truth values, and the reasons why something is not known.

Strong Kleene logic: an unknown never becomes true or false by being combined, except where
the other operands settle the matter alone. No operator is lazy (`docs/semantics.md`, section 1).
"""

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """The truth of a condition as it is written: met, not met, or unknown."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @property
    def letter(self) -> str:
        """M, N or U: one character per criterion in batch output."""
        return self.value[0].upper()


class Reason(Enum):
    """Why a truth is unknown. The order of the members is the order of every list of reasons."""

    MISSING = "missing"
    STALE = "stale"
    FUTURE = "future"
    UNDATED = "undated"
    NO_UNIT = "no_unit"
    WRONG_UNIT = "wrong_unit"
    IMPLAUSIBLE = "implausible"
    BOUNDED = "bounded"
    CONFLICTING = "conflicting"
    CONTEXT = "context"
    NO_REFERENCE = "no_reference"
    UNSPECIFIC = "unspecific"
    INCONCLUSIVE = "inconclusive"
    NOT_ATTESTED = "not_attested"
    NOT_COMPUTABLE = "not_computable"
    AMBIGUOUS = "ambiguous"
    SUPERSEDED = "superseded"
    UNREADABLE = "unreadable"


_REASON_ORDER = {reason: position for position, reason in enumerate(Reason)}


def ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The distinct reasons, in the order of `Reason`."""
    return tuple(sorted(set(reasons), key=_REASON_ORDER.__getitem__))


def negation(truth: Truth) -> Truth:
    if truth is Truth.MET:
        return Truth.NOT_MET
    if truth is Truth.NOT_MET:
        return Truth.MET
    return Truth.UNKNOWN


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    """Met when `count` are met; not met when the unknowns could not make up the count."""
    seen = list(truths)
    met = seen.count(Truth.MET)
    if met >= count:
        return Truth.MET
    if met + seen.count(Truth.UNKNOWN) < count:
        return Truth.NOT_MET
    return Truth.UNKNOWN


def conjunction(truths: Iterable[Truth]) -> Truth:
    seen = list(truths)
    return at_least(len(seen), seen)


def disjunction(truths: Iterable[Truth]) -> Truth:
    return at_least(1, truths)
