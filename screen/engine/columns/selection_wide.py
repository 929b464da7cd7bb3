"""The facts of a wide table: as `facts.gather`, one column each instead of one value each."""

from collections.abc import Mapping

from screen.engine.columns import derived_wide as derive
from screen.engine.columns.dialect import FALSE, NULL, both, either, not_null
from screen.engine.columns.picks import FactColumns, fact_of
from screen.engine.columns.slots import Pool, Slot, WideRow
from screen.engine.columns.windows_wide import in_context, in_window
from screen.facts.window import ROOM_AIR_PERCENT
from screen.model.concept import Method
from screen.model.criterion import Selection

Contexts = tuple[tuple[str, str], ...]


class WideFacts:
    """The facts of every case of a wide table. `staleness` is the site's own policy."""

    def __init__(self, row: WideRow, staleness: Mapping[str, int]) -> None:
        self._row = row
        self._staleness = staleness
        self._facts: dict[Selection, FactColumns] = {}
        self._pools: dict[tuple[str, int | None, Contexts], Pool] = {}

    def fact(self, selection: Selection) -> FactColumns:
        found = self._facts.get(selection)
        if found is None:
            found = self._facts[selection] = self._gather(selection)
        return found

    def _gather(self, selection: Selection) -> FactColumns:
        row = self._row
        concept = row.vocabulary.concepts[selection.concept]
        pool = self._pool(selection.concept, selection.within, selection.contexts)
        return fact_of(
            pool, row.layers.column(pool.is_unrecorded), selection.pick, concept, row.layers
        )

    def _pool(self, name: str, within: int | None, contexts: Contexts) -> Pool:
        """The evidence for a concept in a window and context, derived values included."""
        key = (name, within, contexts)
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._derived(name, within, contexts)
        return found

    def _recorded(self, name: str, within: int | None, contexts: Contexts) -> Pool:
        row = self._row
        window = within if within is not None else self._staleness.get(name)
        pool = in_window(row.pool(name), row.screened.at, window, row.layers)
        return in_context(pool, contexts, row.vocabulary, self._on_room_air, row.layers)

    def _derived(self, name: str, within: int | None, contexts: Contexts) -> Pool:
        row = self._row
        recorded = self._recorded(name, within, contexts)
        derivation = row.vocabulary.concepts[name].derivation
        if derivation is None:
            return recorded
        match derivation.method:
            case Method.COMPLETED_YEARS:
                return derive.age(row, derivation, row.pool(name))
            case Method.ABSENT_FOR_MALE:
                return derive.absent_for_male(row, derivation, recorded)
            case Method.ROOM_AIR:
                return recorded
        inputs = [self._pool(part, within, contexts) for part in derivation.inputs]
        match derivation.method:
            case Method.FIRST_OF:
                return derive.first_of(row, [*inputs, recorded])
            case Method.RATIO:
                return derive.ratio(row, derivation, recorded, inputs)
            case Method.SHARE:
                return derive.share(row, derivation, recorded, inputs)

    def _on_room_air(self, slot: Slot) -> str:
        """Whether a FiO2 of 21 % stands beside the slot at the same instant."""
        row = self._row
        room_air = row.vocabulary.room_air
        if room_air is None or slot.start == NULL or room_air.inputs[0] not in row.grids:
            return FALSE
        position = row.dialect.number(row.grids[room_air.inputs[0]].steps * 2 * ROOM_AIR_PERCENT)
        beside, pure = [], []
        for other in row.pool(room_air.inputs[0]).slots:
            if other.start == NULL:
                continue
            same = row.layers.column(
                f"coalesce({other.has} AND {slot.start} = {other.start}"
                f" AND {slot.end} = {other.end}, FALSE)"
            )
            beside.append(same)
            exact = f"coalesce({other.low} = {position} AND {other.high} = {position}, FALSE)"
            pure.append(either([f"(NOT {same})", exact]))
        instant = both([not_null(slot.start), f"coalesce({slot.start} = {slot.end}, FALSE)"])
        return row.layers.column(both([instant, either(beside), *pure]))
