"""All facts of a table, each worked out once and shared by every protocol that asks."""

from collections.abc import Mapping, Sequence

import numpy as np

from screen.engine.columns.derive import absent_for_male, age, first_of, ratio, share
from screen.engine.columns.people import People
from screen.engine.columns.pick import Fact, picked
from screen.engine.columns.pool import BIT, Pool
from screen.engine.columns.usable import Records, Usable
from screen.engine.columns.window import in_context, in_window
from screen.model.concept import Kind, Method, Vocabulary
from screen.model.criterion import Selection
from screen.model.truth import Reason


class Facts:
    """The facts of the cases of one table.

    `recorded`: the records of each concept. `staleness` is a site's own policy (see
    `facts.gather`).
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        people: People,
        usable: Usable,
        recorded: Mapping[str, Sequence[Records]],
        staleness: Mapping[str, int],
    ) -> None:
        self._vocabulary = vocabulary
        self._people = people
        self._staleness = staleness
        self._usable = {
            name: usable.pool(concept, recorded.get(name, ()))
            for name, concept in vocabulary.concepts.items()
        }
        self._pools: dict[tuple[str, int | None, tuple[tuple[str, str], ...]], Pool] = {}
        self._facts: dict[Selection, Fact] = {}

    def fact(self, selection: Selection) -> Fact:
        """The values that `selection` picks, or the reasons why there are none."""
        found = self._facts.get(selection)
        if found is None:
            found = self._facts[selection] = self._gather(selection)
        return found

    def _gather(self, selection: Selection) -> Fact:
        concept = self._vocabulary.concepts[selection.concept]
        pool = self._pool(selection.concept, selection)
        unrecorded = (pool.reasons == 0) & ~pool.has()
        values, quantifier, conflicts = picked(pool, selection.pick, concept, self._people)
        nothing = Reason.NOT_ATTESTED if concept.kind is Kind.ATTESTATION else Reason.MISSING
        reasons = np.where(unrecorded, BIT[nothing], pool.reasons)
        reasons = np.where(conflicts != 0, conflicts, reasons)
        return Fact(values, quantifier, reasons, unrecorded)

    def _pool(self, name: str, selection: Selection) -> Pool:
        """The evidence for a concept in the leaf's window and context, derived values included."""
        key = (name, selection.within, selection.contexts)
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._with_derived(name, selection)
        return found

    def _with_derived(self, name: str, selection: Selection) -> Pool:
        recorded = self._recorded(name, selection)
        concept = self._vocabulary.concepts[name]
        derivation = concept.derivation
        if derivation is None or derivation.method is Method.ROOM_AIR:
            return recorded
        match derivation.method:
            case Method.COMPLETED_YEARS:
                return age(self._people, self._usable[name])
            case Method.ABSENT_FOR_MALE:
                return absent_for_male(self._people, concept, recorded)
        inputs = [self._pool(part, selection) for part in derivation.inputs]
        match derivation.method:
            case Method.FIRST_OF:
                return first_of([*inputs, recorded])
            case Method.RATIO:
                return ratio(derivation, recorded, inputs, self._people)
            case Method.SHARE:
                return share(derivation, recorded, inputs, self._people)

    def _recorded(self, name: str, selection: Selection) -> Pool:
        within = selection.within if selection.within is not None else self._staleness.get(name)
        pool = in_window(self._usable[name], self._people, within)
        room_air = self._vocabulary.room_air
        fio2 = self._usable[room_air.inputs[0]] if room_air else pool.take(slice(0, 0))
        return in_context(pool, selection, self._vocabulary, fio2)
