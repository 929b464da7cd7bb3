"""Neutrophils from a leukocyte count and its differential, as far as that is recorded."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from msgspec import Struct

from screen.facts.derive import amount_of, bound, computed, flawed, portion, reasons_of
from screen.facts.pairing import closest
from screen.facts.usable import Pool, evidence_order
from screen.model.concept import Concept, Derivation
from screen.model.fact import Evidence
from screen.model.quantity import Amount
from screen.model.truth import Reason

_ALL = Fraction(100)
_NONE = Amount.exactly(Fraction(0))


class _Shares(Struct, frozen=True):
    """The percentages that belong to one leukocyte count: all neutrophils, the segmented ones,
    the bands, and every other class that is recorded.
    """

    total: Evidence | None
    segmented: Evidence | None
    bands: Evidence | None
    others: tuple[Evidence, ...]

    @property
    def neutrophils(self) -> tuple[Evidence, ...]:
        """Those that say how many neutrophils there are; bands are never added to a total."""
        if self.total is not None:
            return (self.total,)
        return tuple(share for share in (self.segmented, self.bands) if share is not None)

    @property
    def exceed_all(self) -> bool:
        """Whether they surely add up to more than 100 %."""
        apart = [share for share in (self.segmented, self.bands) if share is not None]
        whole = [] if self.total is None else [self.total]
        return any(_least((*neutrophils, *self.others)) > _ALL for neutrophils in (apart, whole))


def differential(
    derivation: Derivation, concept: Concept, recorded: Pool, inputs: Sequence[Pool]
) -> Pool:
    """Leukocytes times the share of neutrophils: their total, or segmented ones and bands.

    With bands not recorded the share is an interval. Leukocytes alone bound the neutrophils:
    they are a value where nothing of neutrophils is recorded, and overturn an older value that
    is above them. The inputs are the count, the total, segmented ones, bands, other classes.
    """
    counts, *shares = inputs
    told = shares[:3]
    nothing_told = recorded.is_unrecorded and all(pool.is_unrecorded for pool in told)
    if all(pool.is_unrecorded for pool in (counts, *told)):
        return Pool()
    reasons = reasons_of([counts])
    if not nothing_told:
        reasons |= reasons_of([pool for pool in told if not pool.is_unrecorded])
    found = []
    for count in counts.evidence:
        paired, why = _paired(count, shares, derivation)
        reasons.update(why - {Reason.CONFLICTING})
        if nothing_told:
            found.append(computed(derivation, concept, (count,), _up_to))
        elif Reason.CONFLICTING in why:
            found.append(flawed(derivation, (count,), Reason.CONFLICTING))
        elif paired.total is not None or paired.segmented is not None:
            found.append(_counted(derivation, concept, count, paired))
        elif count.flaw is None:
            found.append(bound(derivation, count, _up_to(amount_of(count))))
    if not any(not item.bound for item in found) and not recorded.evidence:
        reasons.add(Reason.NOT_COMPUTABLE) if not reasons else None
    return Pool(tuple(sorted(found, key=evidence_order)), frozenset(reasons))


def _paired(
    count: Evidence, shares: Sequence[Pool], derivation: Derivation
) -> tuple[_Shares, set[Reason]]:
    """The closest percentage of each class, and why there is none where some are recorded."""
    found, why = zip(*(closest(count, p.evidence, derivation) for p in shares), strict=True)
    total, segmented, bands, *others = found
    told = {reason for reason in why[:3] if reason is not None}
    return _Shares(total, segmented, bands, tuple(o for o in others if o is not None)), told


def _counted(
    derivation: Derivation, concept: Concept, count: Evidence, shares: _Shares
) -> Evidence:
    if shares.exceed_all:
        every = (count, *(s for s in (shares.total, shares.segmented, shares.bands) if s))
        return flawed(derivation, (*every, *shares.others), Reason.IMPLAUSIBLE)
    open_above = shares.total is None and shares.bands is None
    used = (*shares.neutrophils, *(shares.others if open_above else ()))
    formula = _at_least(len(shares.neutrophils)) if open_above else _of_sum
    return computed(derivation, concept, (count, *used), formula)


def _of_sum(count: Amount, *shares: Amount) -> Amount:
    return portion(count, _sum(shares))


def _at_least(told: int) -> Callable[..., Amount]:
    """The segmented ones at least, and at most what the other classes leave."""

    def formula(count: Amount, *shares: Amount) -> Amount:
        segmented, others = _sum(shares[:told]), _sum(shares[told:])
        left = None if others.low is None else _ALL - others.low
        share = Amount(segmented.low, left, segmented.low_open, others.low_open)
        return portion(count, share)

    return formula


def _up_to(count: Amount) -> Amount:
    return Amount(Fraction(0), count.high, False, count.high_open)


def _sum(amounts: Sequence[Amount]) -> Amount:
    total = _NONE
    for one in amounts:
        total = Amount(
            None if total.low is None or one.low is None else total.low + one.low,
            None if total.high is None or one.high is None else total.high + one.high,
            total.low_open or one.low_open,
            total.high_open or one.high_open,
        )
    return total


def _least(shares: Sequence[Evidence]) -> Fraction:
    lows = (share.amount.low for share in shares if share.amount is not None)
    return sum((low for low in lows if low is not None), Fraction(0))
