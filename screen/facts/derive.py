"""Derived values: one function for each method that the vocabulary can declare.

Each takes the evidence of its inputs, already in the leaf's window, and gives the computed
evidence together with the reasons why something could not be computed. A derived value is
never better than its inputs (`docs/semantics.md`, section 5).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction

from msgspec.structs import replace

from screen.facts.age import UNITS, Lifetime, lifetime
from screen.facts.pairing import closest
from screen.facts.usable import Pool, evidence_order
from screen.facts.window import LEAST_OXYGEN
from screen.model.case import Case, Measured
from screen.model.concept import Concept, Derivation
from screen.model.fact import Evidence
from screen.model.moment import Moment
from screen.model.quantity import Amount
from screen.model.truth import Reason, ordered

PERCENT = Fraction(1, 100)
OXYGEN = Amount(LEAST_OXYGEN, Fraction(100))
"""What share of the air a person can breathe is oxygen, in per cent."""

Counted = tuple[str, bool]
"""The unit in which a test counts an age, and whether it asks for the very day."""


def age(
    case: Case, derivation: Derivation, recorded: Pool, concept: Concept, counted: Counted
) -> Pool:
    """The age in units that the test counts, from the birth date, else as it was recorded.

    Both given, and the birth date none that the recorded age can mean: conflicting.
    """
    said = [(item, _lifetime_of(item, concept, case)) for item in recorded.evidence]
    birth = case.patient.birth_date
    if birth is None:
        meant = (
            item if life is None else _counted(item, life, case, counted) for item, life in said
        )
        return Pool(tuple(meant), recorded.reasons)
    if any(life is not None and not _may_be(life, birth) for _, life in said):
        return Pool((), recorded.reasons | {Reason.CONFLICTING})
    born = Evidence(
        derivation.name, f"born {birth.isoformat()}", case.screened_at, formula=derivation.text
    )
    return Pool((_counted(born, Lifetime(birth, birth), case, counted),))


def _counted(item: Evidence, life: Lifetime, case: Case, counted: Counted) -> Evidence:
    unit, exact = counted
    return replace(item, amount=life.age(case.screened_on, unit, exact=exact), unit=unit)


def _lifetime_of(item: Evidence, concept: Concept, case: Case) -> Lifetime | None:
    record = item.observation
    if item.flaw is not None or record is None or not isinstance(record.value, Measured):
        return None
    measured = record.value
    if measured.unit in UNITS:
        return lifetime(measured.amount, measured.unit or "", case.screened_on)
    return lifetime(amount_of(item), concept.unit or "", case.screened_on)


def _may_be(life: Lifetime, birth: date) -> bool:
    return (life.first is None or life.first <= birth) and birth <= life.last


BY_POLICY = "site policy: no childbearing potential at this age"


def absent_for_male(case: Case, derivation: Derivation, recorded: Pool, by_policy: bool) -> Pool:
    """Absent for recorded sex male; a record that says otherwise is a conflict.

    `by_policy`: a site assumes it absent where nothing is recorded.
    """
    if case.patient.sex == "male":
        text, formula = "sex male", derivation.text
    elif by_policy and recorded.is_unrecorded:
        text, formula = "no childbearing potential at this age: site policy", BY_POLICY
    else:
        return recorded
    if any(item.state not in (None, "absent") for item in recorded.evidence):
        return Pool((), recorded.reasons | {Reason.CONFLICTING})
    computed = Evidence(derivation.name, text, case.screened_at, state="absent", formula=formula)
    return Pool((computed,))


def first_of(pools: Sequence[Pool]) -> Pool:
    """All evidence of several concepts; at the same time the earlier concept in order counts."""
    kept: list[Evidence] = []
    for pool in pools:
        preferred = [item for item in kept if item.flaw is None]
        kept += [item for item in pool.evidence if not _has_same_time(item, preferred)]
    return Pool(tuple(kept), frozenset[Reason]().union(*(pool.reasons for pool in pools)))


def _has_same_time(item: Evidence, others: Iterable[Evidence]) -> bool:
    return any(_span(other.at) == _span(item.at) for other in others)


def _span(at: Moment | None) -> tuple[int, int] | None:
    return None if at is None else (at.start, at.end)


def beside(recorded: Pool, computed: Pool) -> Pool:
    """Recorded and computed values compete by time, a recorded one before one of its own time."""
    said = [item for item in recorded.evidence if item.flaw is None]
    others = [i for i in computed.evidence if i.bound or not _has_same_time(i, said)]
    return Pool((*recorded.evidence, *others), recorded.reasons | computed.reasons)


def ratio(derivation: Derivation, concept: Concept, inputs: Sequence[Pool]) -> Pool:
    """Pressure over fraction, for each pressure with its closest fraction.

    The denominator is in per cent. A pressure without a fraction is a bound: nobody breathes
    less than 20.9 % oxygen or more than all of it.
    """
    pressures, fractions = inputs
    if all(pool.is_unrecorded for pool in inputs):
        return Pool()
    reasons = reasons_of(inputs)
    found = []
    for pressure in pressures.evidence:
        fraction, why = closest(pressure, fractions.evidence, derivation)
        if pressure.flaw is not None or fraction is not None:
            pair = (pressure,) if fraction is None else (pressure, fraction)
            found.append(computed(derivation, concept, pair, _quotient))
        elif why is Reason.CONFLICTING:
            found.append(flawed(derivation, (pressure,), why))
        else:
            reasons.update({why} if why else ())
            found.append(bound(derivation, pressure, _quotient(amount_of(pressure), OXYGEN)))
    return Pool(tuple(sorted(found, key=evidence_order)), frozenset(reasons))


def reasons_of(inputs: Sequence[Pool]) -> set[Reason]:
    """What keeps something from being computed, in any of its inputs."""
    reasons = set[Reason]().union(*(pool.reasons for pool in inputs))
    reasons |= {i.flaw for pool in inputs for i in pool.evidence if i.flaw is not None}
    if any(pool.is_unrecorded for pool in inputs):
        reasons.add(Reason.NOT_COMPUTABLE)
    return reasons


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


def portion(count: Amount, share: Amount) -> Amount:
    """A share, in per cent, of a count; both at zero or above."""

    def times(left: Fraction | None, right: Fraction | None) -> Fraction | None:
        return None if left is None or right is None else left * right * PERCENT

    return Amount(
        times(count.low, share.low),
        times(count.high, share.high),
        count.low_open or share.low_open,
        count.high_open or share.high_open,
    )


def computed(
    derivation: Derivation,
    concept: Concept,
    inputs: tuple[Evidence, ...],
    formula: Callable[..., Amount],
) -> Evidence:
    """What the inputs make: a value, or their own flaw, or one that cannot be."""
    flaws = [item.flaw for item in inputs if item.flaw is not None]
    if flaws:
        return flawed(derivation, inputs, ordered(flaws)[0])
    amount = formula(*(item.amount for item in inputs))
    derived = replace(_derived(derivation, inputs), amount=amount)
    if amount.overlaps(concept.plausible_low, concept.plausible_high):
        return derived
    return replace(derived, amount=None, flaw=Reason.IMPLAUSIBLE)


def flawed(derivation: Derivation, inputs: tuple[Evidence, ...], flaw: Reason) -> Evidence:
    return replace(_derived(derivation, inputs), flaw=flaw)


def bound(derivation: Derivation, newer: Evidence, amount: Amount) -> Evidence:
    return replace(_derived(derivation, (newer,)), amount=amount, bound=True)


def _derived(derivation: Derivation, inputs: tuple[Evidence, ...]) -> Evidence:
    """A derived value without its amount, at the time of the first input that has one."""
    at = next((item.at for item in inputs if item.at is not None), None)
    starts = [item.at.start for item in inputs if item.at is not None and item.at.is_instant]
    return Evidence(
        derivation.name,
        ", ".join(f"{item.concept} {item.text}" for item in inputs),
        at,
        inputs=inputs,
        formula=derivation.text,
        gap=max(starts) - min(starts) if len(starts) == len(inputs) else None,
        perhaps=any(item.perhaps for item in inputs),
    )


def amount_of(item: Evidence) -> Amount:
    assert item.amount is not None
    return item.amount
