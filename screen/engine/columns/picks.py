"""Step 4 for one row per case: which of a few slots a leaf is about."""

from typing import NamedTuple

from screen.engine.columns.cells import state_bits
from screen.engine.columns.dialect import (
    NOTHING,
    NULL,
    both,
    either,
    first_set,
    negated,
    not_null,
    union,
    when,
)
from screen.engine.columns.layers import Layers
from screen.engine.columns.reasons import bit, nothing_recorded
from screen.engine.columns.slots import Pool, Slot
from screen.model.concept import Concept, ValueTree
from screen.model.criterion import Pick
from screen.model.fact import Quantifier
from screen.model.truth import Reason


class Valued(NamedTuple):
    """One value that a test is applied to; everything is NULL where there is none."""

    low: str = NULL
    high: str = NULL
    state: str = NULL
    upper: str = NULL
    lower: str = NULL


class FactColumns(NamedTuple):
    """A fact: values with whether they are there, or the reasons (a mask) why there is none."""

    values: tuple[tuple[str, Valued], ...]
    quantifier: Quantifier
    has: str
    reasons: str
    unrecorded: str


def fact_of(
    pool: Pool, unrecorded: str, pick: Pick, concept: Concept, layers: Layers
) -> FactColumns:
    """The fact that `pick` makes of the evidence that is left."""
    any_left = layers.column(pool.has_any)
    why = layers.column(
        when(f"({pool.reasons} = 0)", nothing_recorded(concept.kind), pool.reasons)
        if pool.reasons != NOTHING
        else nothing_recorded(concept.kind)
    )
    if len(pool.slots) <= 1:
        values = tuple((slot.has, _value(slot)) for slot in pool.slots)
        return FactColumns(values, Quantifier.ONE, any_left, why, unrecorded)
    slots = _dated_first(pool, layers)
    match pick:
        case Pick.LATEST | Pick.EARLIEST:
            value, has = _agreed(_extreme_in_time(slots, pick, layers), concept, layers)
            reasons = layers.column(when(any_left, bit(Reason.CONFLICTING), why))
            return FactColumns(((has, value),), Quantifier.ONE, has, reasons, unrecorded)
        case Pick.LOWEST | Pick.HIGHEST:
            value = _extreme_in_value(slots, pick, layers)
            return FactColumns(((any_left, value),), Quantifier.ONE, any_left, why, unrecorded)
        case Pick.ANY | Pick.EVERY:
            quantifier = Quantifier.ANY if pick is Pick.ANY else Quantifier.EVERY
            values = tuple((slot.has, _value(slot)) for slot in slots)
            return FactColumns(values, quantifier, any_left, why, unrecorded)


def _value(slot: Slot) -> Valued:
    return Valued(slot.low, slot.high, slot.state, slot.upper, slot.lower)


def _dated_first(pool: Pool, layers: Layers) -> list[Slot]:
    """Undated evidence is used only when nothing dated is left."""
    dated = layers.column(either(both([s.has, not_null(s.start)]) for s in pool.slots))
    return [
        _where(slot, either([not_null(slot.start), negated(dated)]), layers) for slot in pool.slots
    ]


def _where(slot: Slot, condition: str, layers: Layers) -> Slot:
    return slot._replace(has=layers.column(both([slot.has, condition])))


def _extreme_in_time(slots: list[Slot], pick: Pick, layers: Layers) -> list[Slot]:
    """All that may be the latest (earliest): those that no other is surely after (before)."""

    def where_there(slot: Slot, value: str) -> str:
        return NULL if value == NULL else layers.column(when(slot.has, value))

    if pick is Pick.LATEST:
        starts = [where_there(slot, slot.start) for slot in slots]
        bound = layers.column(_extreme("greatest", starts))
        fits = [f"({slot.end} >= {bound})" for slot in slots]
    else:
        ends = [where_there(slot, slot.end) for slot in slots]
        bound = layers.column(_extreme("least", ends))
        fits = [f"({slot.start} <= {bound})" for slot in slots]
    if bound == NULL:
        return slots
    # Without any time (bound is NULL) nothing is later than anything else.
    return [
        _where(slot, f"coalesce({fit}, {bound} IS NULL)", layers)
        for slot, fit in zip(slots, fits, strict=True)
    ]


def _extreme(function: str, values: list[str]) -> str:
    known = [value for value in values if value != NULL]
    if len(known) < 2:
        return known[0] if known else NULL
    return f"{function}({', '.join(known)})"


def _agreed(slots: list[Slot], concept: Concept, layers: Layers) -> tuple[Valued, str]:
    if concept.tree is not None:
        seen = layers.column(union(f"CASE WHEN {s.has} THEN {s.state} ELSE 0 END" for s in slots))
        state = layers.column(most_specific(seen, concept.tree))
        return Valued(state=state), layers.column(not_null(state))
    low = layers.column(_first(slots, "low"))
    high = layers.column(_first(slots, "high"))
    same = [
        either(
            [
                negated(s.has),
                both([_same(s.low, low), _same(s.high, high)]),
            ]
        )
        for s in slots
    ]
    has = layers.column(both([either(s.has for s in slots), *same]))
    value = Valued(
        layers.column(when(has, low)),
        layers.column(when(has, high)),
        NULL,
        _one_of(slots, "upper", layers),
        _one_of(slots, "lower", layers),
    )
    return value, has


def _same(one: str, other: str) -> str:
    return f"({one} IS NOT DISTINCT FROM {other})"


def _first(slots: list[Slot], field: str) -> str:
    """`field` of the first slot that has evidence, NULL included."""
    branches = " ".join(f"WHEN {s.has} THEN {getattr(s, field)}" for s in slots)
    return f"CASE {branches} END"


def most_specific(seen: str, tree: ValueTree) -> str:
    """The one state that all bits in `seen` agree with, NULL if they disagree or none is set."""
    branches = []
    for value, own in state_bits(tree).items():
        general = sum(
            other for name, other in state_bits(tree).items() if tree.is_within(value, name)
        )
        others = sum(state_bits(tree).values()) & ~general
        branches.append(f"WHEN {seen} & {own} <> 0 AND {seen} & {others} = 0 THEN {own}")
    return f"CASE {' '.join(branches)} END"


def _one_of(slots: list[Slot], field: str, layers: Layers) -> str:
    """The one reference limit that the evidence agrees on, NULL if there is none."""
    limits = [
        layers.column(when(s.has, getattr(s, field))) for s in slots if getattr(s, field) != NULL
    ]
    if len(limits) < 2:
        return limits[0] if limits else NULL
    first = layers.column(first_set(limits))
    return layers.column(
        when(both(f"coalesce({limit} = {first}, TRUE)" for limit in limits), first)
    )


def _extreme_in_value(slots: list[Slot], pick: Pick, layers: Layers) -> Valued:
    """The lowest (highest) amount; an interval where a result such as `<0.3` leaves it open."""
    lows = [layers.column(when(s.has, s.low)) for s in slots]
    highs = [layers.column(when(s.has, s.high)) for s in slots]
    if pick is Pick.LOWEST:
        open_ended = layers.column(either(both([s.has, _missing(s.low)]) for s in slots))
        low = layers.column(when(negated(open_ended), _extreme("least", lows)))
        high = layers.column(_extreme("least", highs))
    else:
        open_ended = layers.column(either(both([s.has, _missing(s.high)]) for s in slots))
        low = layers.column(_extreme("greatest", lows))
        high = layers.column(when(negated(open_ended), _extreme("greatest", highs)))
    # Whether it touches the range is asked of the range with both ends closed.
    least, most = f"({low} - abs({low} % 2))", f"({high} + abs({high} % 2))"
    shown = [
        _where(
            s,
            f"(coalesce({s.high} >= {least}, TRUE) AND coalesce({s.low} <= {most}, TRUE))",
            layers,
        )
        for s in slots
    ]
    return Valued(low, high, NULL, _one_of(shown, "upper", layers), _one_of(shown, "lower", layers))


def _missing(value: str) -> str:
    return f"({value} IS NULL)"
