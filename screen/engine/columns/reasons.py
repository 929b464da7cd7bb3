"""Sets of reasons as bit masks, one bit for each member of `Reason` in its order."""

from screen.model.concept import Kind
from screen.model.truth import Reason

BIT = {reason: 1 << position for position, reason in enumerate(Reason)}


def mask(*reasons: Reason) -> int:
    return sum(BIT[reason] for reason in set(reasons))


def bit(reason: Reason) -> str:
    """The mask of one reason, as SQL."""
    return str(BIT[reason])


def nothing_recorded(kind: Kind) -> str:
    """What is said of a fact for which there is no record at all."""
    return bit(Reason.NOT_ATTESTED if kind is Kind.ATTESTATION else Reason.MISSING)


def reasons_of(set_of_bits: int) -> tuple[Reason, ...]:
    return tuple(reason for reason in Reason if set_of_bits & BIT[reason])
