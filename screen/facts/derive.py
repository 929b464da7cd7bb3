"""Derived values: one function for each method that the vocabulary can declare.

Each takes the evidence of its inputs, already in the leaf's window, and gives the computed
evidence together with the reasons why something could not be computed. A derived value is
never better than its inputs.
"""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from msgspec.structs import replace

from screen.facts.pairing import closest
from screen.facts.usable import Pool, evidence_order
from screen.model.case import Case
from screen.model.concept import Derivation
from screen.model.fact import Evidence
from screen.model.moment import Moment
from screen.model.quantity import Amount
from screen.model.truth import Reason

PERCENT = Fraction(1, 100)


def completed_years(birth: date, on: date) -> int:
    """Age in completed years; someone born on 29 February completes a year on 1 March."""
    before_birthday = (on.month, on.day) < (birth.month, birth.day)
    return on.year - birth.year - before_birthday


def age(case: Case, derivation: Derivation, recorded: Pool) -> Pool:
    """Completed years from the birth date, else from an age that was recorded.

    Both given and different: conflicting.
    """
    whole_years = tuple(replace(item, amount=_completed(item.amount)) for item in recorded.evidence)
    birth = case.patient.birth_date
    if birth is None:
        return Pool(whole_years, recorded.reasons)
    years = Fraction(completed_years(birth, case.screened_on))
    if any(item.amount and not item.amount.overlaps(years, years) for item in whole_years):
        return Pool((), recorded.reasons | {Reason.CONFLICTING})
    computed = Evidence(
        derivation.name,
        f"born {birth.isoformat()}",
        case.screened_at,
        amount=Amount.exactly(years),
        formula=derivation.text,
    )
    return Pool((computed,))


def _completed(amount: Amount | None) -> Amount | None:
    if amount is None or not amount.is_exact or amount.low is None:
        return amount
    return Amount.exactly(Fraction(amount.low.numerator // amount.low.denominator))


def absent_for_male(case: Case, derivation: Derivation, recorded: Pool) -> Pool:
    """Absent for recorded sex male; a record that says otherwise is a conflict."""
    if case.patient.sex != "male":
        return recorded
    if any(item.state != "absent" for item in recorded.evidence):
        return Pool((), recorded.reasons | {Reason.CONFLICTING})
    computed = Evidence(
        derivation.name, "sex male", case.screened_at, state="absent", formula=derivation.text
    )
    return Pool((computed,))


def first_of(pools: Sequence[Pool]) -> Pool:
    """All evidence of several concepts; at the same time the earlier concept in order counts."""
    kept: list[Evidence] = []
    for pool in pools:
        preferred = list(kept)
        kept += [item for item in pool.evidence if not _has_same_time(item, preferred)]
    return Pool(tuple(kept), frozenset[Reason]().union(*(pool.reasons for pool in pools)))


def _has_same_time(item: Evidence, others: list[Evidence]) -> bool:
    return any(_span(other.at) == _span(item.at) for other in others)


def _span(at: Moment | None) -> tuple[int, int] | None:
    return None if at is None else (at.start, at.end)


def ratio(derivation: Derivation, recorded: Pool, inputs: Sequence[Pool]) -> Pool:
    """Pressure over fraction, for each pressure with its closest fraction.

    The denominator is in per cent. A recorded ratio gives way to one computed for the same time.
    """
    computed, reasons = _computed(derivation, inputs, _quotient)
    apart = [item for item in recorded.evidence if not _overlaps_any(item, computed)]
    return Pool((*apart, *computed), recorded.reasons | reasons)


def share(derivation: Derivation, recorded: Pool, inputs: Sequence[Pool]) -> Pool:
    """A count times the sum of percentages, only where no count is recorded."""
    if recorded.evidence:
        return recorded
    computed, reasons = _computed(derivation, inputs, _portion)
    return Pool(tuple(computed), recorded.reasons | reasons)


def _quotient(pressure: Amount, *percents: Amount) -> Amount:
    (percent,) = percents

    def over(top: Fraction | None, bottom: Fraction | None) -> Fraction | None:
        if top is None or bottom is None or bottom <= 0:
            return None
        return top / (bottom * PERCENT)

    return Amount(
        over(pressure.low, percent.high),
        over(pressure.high, percent.low),
        pressure.low_open or percent.high_open,
        pressure.high_open or percent.low_open,
    )


def _portion(count: Amount, *percents: Amount) -> Amount:
    low, high = count.low, count.high
    lows, highs = [p.low for p in percents], [p.high for p in percents]
    return Amount(
        None if low is None or None in lows else low * _sum(lows) * PERCENT,
        None if high is None or None in highs else high * _sum(highs) * PERCENT,
        count.low_open or any(p.low_open for p in percents),
        count.high_open or any(p.high_open for p in percents),
    )


def _sum(bounds: list[Fraction | None]) -> Fraction:
    return sum((bound for bound in bounds if bound is not None), Fraction(0))


def _computed(
    derivation: Derivation, inputs: Sequence[Pool], formula: Callable[..., Amount]
) -> tuple[list[Evidence], frozenset[Reason]]:
    """One value for each piece of evidence of the first input that finds its partners."""
    if all(pool.is_unrecorded for pool in inputs):
        return [], frozenset()
    reasons = set[Reason]().union(*(pool.reasons for pool in inputs))
    if any(pool.is_unrecorded for pool in inputs):
        reasons.add(Reason.NOT_COMPUTABLE)
    anchors, *others = inputs
    computed = []
    for anchor in anchors.evidence:
        partners: list[Evidence] = []
        for pool in others:
            partner, why = closest(anchor, pool.evidence, derivation)
            if partner is not None:
                partners.append(partner)
            elif why is not None:
                reasons.add(why)
        if len(partners) == len(others):
            computed.append(_derived(derivation, (anchor, *partners), formula))
    return sorted(computed, key=evidence_order), frozenset(reasons)


def _derived(
    derivation: Derivation, inputs: tuple[Evidence, ...], formula: Callable[..., Amount]
) -> Evidence:
    at = next((item.at for item in inputs if item.at is not None), None)
    starts = [item.at.start for item in inputs if item.at is not None and item.at.is_instant]
    return Evidence(
        derivation.name,
        ", ".join(f"{item.concept} {item.text}" for item in inputs),
        at,
        amount=formula(*(item.amount for item in inputs)),
        inputs=inputs,
        formula=derivation.text,
        gap=max(starts) - min(starts) if len(starts) == len(inputs) else None,
    )


def _overlaps_any(item: Evidence, others: list[Evidence]) -> bool:
    if item.at is None:
        return any(other.at is None for other in others)
    return any(
        other.at is not None and item.at.start <= other.at.end and other.at.start <= item.at.end
        for other in others
    )
