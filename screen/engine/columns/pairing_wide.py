"""Which slots belong together, as `facts.pairing` finds it."""

from typing import NamedTuple

from screen.engine.columns.arithmetic import Ends
from screen.engine.columns.dialect import (
    FALSE,
    NOTHING,
    NULL,
    TRUE,
    both,
    either,
    is_null,
    negated,
    not_null,
    when,
)
from screen.engine.columns.layers import Layers
from screen.engine.columns.reasons import bit
from screen.engine.columns.slots import Pool, Slot
from screen.model.concept import Derivation
from screen.model.truth import Reason


class Partner(NamedTuple):
    """What belongs with an anchor: its ends where it is `found`, else why there is none."""

    found: str
    ends: Ends
    start: str
    end: str
    reason: str


def closest(anchor: Slot, pool: Pool, derivation: Derivation, layers: Layers) -> Partner:
    """The slot that belongs with `anchor`, as `facts.pairing.closest` finds it."""
    near, undated, ranks = [], [], []
    for slot in pool.slots:
        gap, cannot_tell = _gap(anchor, slot, derivation, layers)
        near.append(layers.column(both([slot.has, not_null(gap)])))
        undated.append(both([slot.has, cannot_tell]))
        after = f"coalesce({slot.start} > {anchor.start}, FALSE)"
        after = FALSE if NULL in (slot.start, anchor.start) else after
        ranks.append(layers.column(when(near[-1], f"({gap} * 2 + {when(after, '1', '0')})")))
    if not pool.slots:
        return Partner(FALSE, Ends(NULL, NULL), NULL, NULL, NOTHING)
    known = [rank for rank in ranks if rank != NULL]
    best = layers.column(f"least({', '.join(known)})" if len(known) > 1 else (known or [NULL])[0])
    tied = [
        layers.column(both([is_near, f"({rank} = {best})"])) if len(known) > 1 else is_near
        for is_near, rank in zip(near, ranks, strict=True)
    ]

    def chosen(field: str) -> str:
        values = [getattr(slot, field) for slot in pool.slots]
        if len(values) == 1:
            return str(values[0])
        branches = " ".join(f"WHEN {t} THEN {v}" for t, v in zip(tied, values, strict=True))
        return layers.column(f"CASE {branches} END")

    low, high = chosen("low"), chosen("high")
    agree = layers.column(
        both(
            either(
                [
                    negated(t),
                    (
                        f"({slot.low} IS NOT DISTINCT FROM {low} AND "
                        f"{slot.high} IS NOT DISTINCT FROM {high})"
                    ),
                ]
            )
            for t, slot in zip(tied, pool.slots, strict=True)
        )
        if len(pool.slots) > 1
        else TRUE
    )
    any_near = layers.column(either(near))
    reason = when(
        any_near,
        when(agree, NOTHING, bit(Reason.CONFLICTING)),
        when(
            layers.column(either(undated)),
            bit(Reason.UNDATED),
            when(pool.has_any, bit(Reason.NOT_COMPUTABLE), NOTHING),
        ),
    )
    return Partner(
        layers.column(both([any_near, agree])),
        Ends(low, high),
        chosen("start"),
        chosen("end"),
        layers.column(reason),
    )


def _gap(one: Slot, other: Slot, derivation: Derivation, layers: Layers) -> tuple[str, str]:
    """Microseconds between two slots (NULL if none fits), and whether nobody can tell."""
    limit = derivation.at_most_apart or 0
    same_sample = (
        FALSE
        if NULL in (one.sample, other.sample)
        else layers.column(f"coalesce({one.sample} = {other.sample}, FALSE)")
    )
    together = derivation.undated_together
    if NULL in (one.start, other.start):
        undated = both([is_null(one.start), is_null(other.start)]) if together else FALSE
        gap = when(either([same_sample, undated]), "CAST(0 AS BIGINT)")
        return layers.column(gap), negated(either([same_sample, undated]))
    gap = (
        f"CASE WHEN {same_sample} THEN 0"
        f" WHEN {one.start} IS NULL OR {other.start} IS NULL THEN "
        + (
            f"CASE WHEN {one.start} IS NULL AND {other.start} IS NULL THEN 0 END"
            if together
            else "CAST(NULL AS BIGINT)"
        )
        + f" WHEN {one.start} = {one.end} AND {other.start} = {other.end} THEN "
        f"CASE WHEN abs({one.start} - {other.start}) <= {limit} "
        f"THEN abs({one.start} - {other.start}) END"
        f" WHEN {one.start} = {other.start} AND {one.end} = {other.end} THEN "
        + ("0" if together else "CAST(NULL AS BIGINT)")
        + " END"
    )
    found = layers.column(gap)
    least = f"greatest({one.start} - {other.end}, {other.start} - {one.end}, 0)"
    cannot_tell = (
        f"({found} IS NULL AND CASE WHEN {one.start} IS NULL OR {other.start} IS NULL THEN TRUE"
        f" WHEN {one.start} = {one.end} AND {other.start} = {other.end} THEN FALSE"
        f" ELSE {least} <= {limit} END)"
    )
    return found, layers.column(cannot_tell)
