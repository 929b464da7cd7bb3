"""Derived values for one row per case; one function for each method, as in `facts.derive`."""

from collections.abc import Callable, Sequence

from screen.engine.columns.arithmetic import Computed, Ends, portion, quotient
from screen.engine.columns.dialect import (
    FALSE,
    NOTHING,
    NULL,
    both,
    either,
    first_set,
    integer,
    is_null,
    negated,
    not_null,
    union,
    when,
)
from screen.engine.columns.pairing_wide import closest
from screen.engine.columns.reasons import bit
from screen.engine.columns.slots import Pool, Slot, WideRow
from screen.model.concept import Derivation
from screen.model.truth import Reason


def age(row: WideRow, derivation: Derivation, recorded: Pool) -> Pool:
    """Completed years from the birth date, else from an age that was recorded."""
    layers = row.layers
    step = row.dialect.number(2 * row.grids[derivation.name].steps)
    slots = []
    for slot in recorded.slots:
        whole = layers.column(f"({slot.low} - (({slot.low} % {step}) + {step}) % {step})")
        low = layers.column(when(slot.is_exact, whole, slot.low))
        high = layers.column(when(slot.is_exact, whole, slot.high))
        slots.append(slot._replace(low=low, high=high))
    if row.years == NULL:
        return Pool(tuple(slots), recorded.reasons)
    years = layers.column(f"({row.years} * {step})")
    born = layers.column(not_null(years))
    apart = layers.column(
        either(
            both(
                [
                    s.has,
                    (
                        f"NOT (coalesce({s.high} >= {years}, TRUE) AND "
                        f"coalesce({s.low} <= {years}, TRUE))"
                    ),
                ]
            )
            for s in slots
        )
    )
    has = layers.column(both([born, negated(apart)]))
    completed = layers.column(when(has, years))
    computed = _at_screening(row, has)._replace(low=completed, high=completed)
    kept = [s._replace(has=layers.column(both([s.has, negated(born)]))) for s in slots]
    reasons = (
        f"CASE WHEN NOT {born} THEN {recorded.reasons} WHEN {apart} "
        f"THEN {union([recorded.reasons, bit(Reason.CONFLICTING)])} ELSE 0 END"
    )
    return Pool((computed, *kept), layers.column(reasons))


def absent_for_male(row: WideRow, derivation: Derivation, recorded: Pool) -> Pool:
    """Absent for recorded sex male; a record that says otherwise is a conflict."""
    if row.is_male == FALSE:
        return recorded
    layers = row.layers
    tree = row.vocabulary.concepts[derivation.name].tree
    absent = list(tree.parents).index("absent") if tree and "absent" in tree.parents else None
    if absent is None:
        return recorded
    against = layers.column(
        either(both([s.has, f"({s.state} <> {1 << absent})"]) for s in recorded.slots)
    )
    has = layers.column(both([row.is_male, negated(against)]))
    computed = _at_screening(row, has)._replace(
        state=layers.column(integer(when(has, str(1 << absent))))
    )
    kept = [
        s._replace(has=layers.column(both([s.has, negated(row.is_male)]))) for s in recorded.slots
    ]
    reasons = (
        f"CASE WHEN NOT {row.is_male} THEN {recorded.reasons} WHEN {against} "
        f"THEN {union([recorded.reasons, bit(Reason.CONFLICTING)])} ELSE 0 END"
    )
    return Pool((computed, *kept), layers.column(reasons))


def _at_screening(row: WideRow, has: str) -> Slot:
    return Slot(has, row.screened.at, row.screened.at)


def first_of(row: WideRow, pools: Sequence[Pool]) -> Pool:
    """All evidence of several concepts; at the same time the earlier concept in order counts."""
    kept: list[Slot] = []
    for pool in pools:
        preferred = list(kept)
        for slot in pool.slots:
            taken = either(both([other.has, _same_time(other, slot)]) for other in preferred)
            has = row.layers.column(both([slot.has, negated(row.layers.column(taken))]))
            kept.append(slot._replace(has=has))
    return Pool(tuple(kept), row.layers.column(union(pool.reasons for pool in pools)))


def _same_time(one: Slot, other: Slot) -> str:
    if NULL in (one.start, other.start):
        return both([is_null(one.start), is_null(other.start)])
    return (
        f"({one.start} IS NOT DISTINCT FROM {other.start}"
        f" AND {one.end} IS NOT DISTINCT FROM {other.end})"
    )


def ratio(row: WideRow, derivation: Derivation, recorded: Pool, inputs: Sequence[Pool]) -> Pool:
    """Pressure over fraction, for each pressure with its closest fraction.

    A recorded ratio gives way to one computed for the same time.
    """
    top, bottom = (row.grids[name] for name in derivation.inputs)
    grids = (top, bottom, row.grids[derivation.name])

    def formula(anchor: Ends, partners: Sequence[Ends]) -> Computed:
        return quotient(anchor, partners[0], grids, row.layers, row.dialect)

    computed, reasons = _computed(row, derivation, inputs, formula)
    apart = []
    for slot in recorded.slots:
        covered = row.layers.column(either(_overlaps(slot, other) for other in computed))
        apart.append(slot._replace(has=row.layers.column(both([slot.has, negated(covered)]))))
    return Pool((*apart, *computed), row.layers.column(union([recorded.reasons, reasons])))


def share(row: WideRow, derivation: Derivation, recorded: Pool, inputs: Sequence[Pool]) -> Pool:
    """A count times the sum of percentages, only where no count is recorded."""
    grids = (
        row.grids[derivation.inputs[0]],
        row.grids[derivation.inputs[1]],
        row.grids[derivation.name],
    )

    def formula(anchor: Ends, partners: Sequence[Ends]) -> Computed:
        return portion(anchor, partners, grids, row.layers, row.dialect)

    layers = row.layers
    counted = layers.column(recorded.has_any)
    computed, reasons = _computed(row, derivation, inputs, formula, unless=counted)
    added = layers.column(when(counted, NOTHING, reasons))
    return Pool((*recorded.slots, *computed), layers.column(union([recorded.reasons, added])))


def _computed(
    row: WideRow,
    derivation: Derivation,
    inputs: Sequence[Pool],
    formula: Callable[[Ends, Sequence[Ends]], Computed],
    unless: str = FALSE,
) -> tuple[list[Slot], str]:
    """One value for each slot of the first input that finds its partners, and the reasons."""
    layers = row.layers
    unrecorded = [layers.column(pool.is_unrecorded) for pool in inputs]
    reasons = [pool.reasons for pool in inputs]
    reasons.append(when(either(unrecorded), bit(Reason.NOT_COMPUTABLE), NOTHING))
    anchors, *others = inputs
    slots = []
    for anchor in anchors.slots:
        partners = [closest(anchor, pool, derivation, layers) for pool in others]
        reasons.extend(when(anchor.has, partner.reason, NOTHING) for partner in partners)
        has = layers.column(
            both([anchor.has, negated(unless), *(partner.found for partner in partners)])
        )
        if has == FALSE:
            continue
        amount = formula(Ends(anchor.low, anchor.high), [partner.ends for partner in partners])
        row.unsure(layers.column(both([has, layers.column(amount.unsure)])))
        start, end = anchor.start, anchor.end
        for partner in partners:
            start, end = (
                layers.column(first_set([start, partner.start])),
                layers.column(first_set([end, partner.end])),
            )
        slots.append(
            Slot(
                has,
                start,
                end,
                layers.column(when(has, layers.column(amount.low))),
                layers.column(when(has, layers.column(amount.high))),
            )
        )
    all_reasons = layers.column(union(layers.column(reason) for reason in reasons))
    nothing = both(unrecorded)
    return slots, layers.column(when(nothing, NOTHING, all_reasons))


def _overlaps(item: Slot, other: Slot) -> str:
    """Whether a recorded and a computed value are of the same time."""
    if NULL in (item.start, other.start):
        same = both([is_null(item.start), is_null(other.start)])
    else:
        same = (
            f"CASE WHEN {item.start} IS NULL THEN {other.start} IS NULL ELSE "
            f"coalesce({item.start} <= {other.end} AND {other.start} <= {item.end}, FALSE) END"
        )
    return both([other.has, same])
