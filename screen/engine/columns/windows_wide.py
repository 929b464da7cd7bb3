"""Steps 2 and 3 for one row per case: which slots lie in the window and the context."""

from collections.abc import Callable, Iterable

from screen.engine.columns import cells, times
from screen.engine.columns.dialect import FALSE, NOTHING, NULL, both, negated, union, when
from screen.engine.columns.layers import Layers
from screen.engine.columns.reasons import bit
from screen.engine.columns.slots import CONTEXTS, Pool, Slot
from screen.model.concept import Vocabulary
from screen.model.truth import Reason


def in_window(pool: Pool, screened_at: str, within: int | None, layers: Layers) -> Pool:
    """Step 2: the evidence inside the window; the rest turns into reasons."""
    if within is None:
        return pool
    slots, reasons = [], [pool.reasons]
    for slot in pool.slots:
        if slot.start == NULL:
            reasons.append(when(slot.has, bit(Reason.UNDATED), NOTHING))
            continue
        inside = layers.column(
            f"coalesce({times.inside(slot.start, slot.end, screened_at, within)}, FALSE)"
        )
        outside = times.outside(slot.end, screened_at, within)
        reasons.append(
            f"CASE WHEN NOT {slot.has} OR {inside} THEN 0 WHEN {outside} "
            f"THEN {bit(Reason.STALE)} ELSE {bit(Reason.UNDATED)} END"
        )
        slots.append(only_where(slot, inside, layers))
    return Pool(tuple(slots), layers.column(union(map(layers.column, reasons))))


def only_where(slot: Slot, condition: str, layers: Layers) -> Slot:
    """The slot, emptied where `condition` does not hold."""
    has = layers.column(both([slot.has, condition]))

    def kept(value: str) -> str:
        return NULL if value == NULL else layers.column(when(has, value))

    return slot._replace(has=has, low=kept(slot.low), high=kept(slot.high), state=kept(slot.state))


def in_context(
    pool: Pool,
    asked: Iterable[tuple[str, str]],
    vocabulary: Vocabulary,
    on_room_air: Callable[[Slot], str],
    layers: Layers,
) -> Pool:
    """Step 3: the evidence recorded in the context that is asked for.

    `on_room_air` says of a slot whether an oxygen fraction of 21 % stands beside it in time.
    """
    conditions = list(asked)
    if not conditions:
        return pool
    slots, reasons = [], [pool.reasons]
    for slot in pool.slots:
        fits = []
        for key, value in conditions:
            recorded = slot.contexts[CONTEXTS.index(key)]
            mask = cells.within_mask(vocabulary.contexts[key], value)
            shown = on_room_air(slot) if (key, value) == ("on", "room_air") else FALSE
            fits.append(
                shown
                if recorded == NULL
                else f"CASE WHEN {recorded} IS NULL THEN {shown} ELSE {recorded} & {mask} <> 0 END"
            )
        fit = layers.column(both(map(layers.column, fits)))
        reasons.append(when(both([slot.has, negated(fit)]), bit(Reason.CONTEXT), NOTHING))
        slots.append(only_where(slot, fit, layers))
    return Pool(tuple(slots), layers.column(union(map(layers.column, reasons))))
