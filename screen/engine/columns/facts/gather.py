"""All facts of a table, each worked out once and shared by every protocol that asks."""

from collections.abc import Mapping, Sequence

import numpy as np

from screen.engine.columns.facts.derive import (
    absent_for_male,
    age,
    beside,
    first_of,
    ratio,
)
from screen.engine.columns.facts.differential import differential
from screen.engine.columns.facts.implied import implied_for
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pick import Fact, picked
from screen.engine.columns.facts.pool import BIT, Pool, nothing
from screen.engine.columns.facts.usable import Records, Usable
from screen.engine.columns.facts.window import in_context, in_window
from screen.facts.implied import implying
from screen.model.concept import Derivation, Kind, Method, Vocabulary
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
        room_air = vocabulary.room_air
        oxygen = self._usable[room_air.inputs[0]] if room_air else nothing(len(people))
        self._oxygen = oxygen.by_time()
        self._pools: dict[object, Pool] = {}
        self._implying = implying(vocabulary)
        self._everything: dict[str, Pool] = {}
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
        found = picked(pool, selection.pick, concept, self._people)
        lacking = Reason.NOT_ATTESTED if concept.kind is Kind.ATTESTATION else Reason.MISSING
        # What keeps the records out is told where none of them gives a value that is surely in.
        sure = pool.take(pool.flawless())
        told = (sure if sure.perhaps is None else sure.take(~sure.perhaps)).has()
        if pool.bounds is not None:
            told |= pool.bounds.has()
        reasons = np.where(told & pool.has(), 0, pool.reasons) | found.reasons
        reasons = np.where(reasons == 0, np.uint32(BIT[lacking]), reasons)
        return Fact(
            found.values,
            found.quantifier,
            reasons,
            pool.unrecorded(),
            found.hidden,
            found.superseded,
        )

    def _pool(self, name: str, selection: Selection) -> Pool:
        """The evidence for a concept in the leaf's window and context, derived values included."""
        counted = (selection.counted, selection.exact)
        key = (name, selection.within, selection.contexts, counted)
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._with_derived(name, selection)
        return found

    def _with_derived(self, name: str, selection: Selection) -> Pool:
        recorded = self._recorded(name, selection)
        concept = self._vocabulary.concepts[name]
        derivation = concept.derivation
        if derivation is None:
            return recorded
        match derivation.method:
            case Method.COMPLETED_YEARS:
                counted = (selection.counted or concept.unit or "a", selection.exact)
                return age(self._people, self._usable[name], counted)
            case Method.ABSENT_FOR_MALE:
                if self._vocabulary.no_potential is not None:
                    # Whether a site's policy assumes it absent is looked at elsewhere.
                    self._people.doubt(recorded.unrecorded() & ~self._people.male)
                return absent_for_male(self._people, concept, recorded)
            case Method.FIRST_OF:
                return first_of([*self._inputs(derivation, selection), recorded])
            case Method.RATIO:
                inputs = self._inputs(derivation, selection)
                return beside(recorded, ratio(derivation, concept, inputs, self._people))
            case Method.SHARE:
                inputs = self._inputs(derivation, selection)
                return beside(
                    recorded, differential(derivation, concept, recorded, inputs, self._people)
                )
            case Method.ROOM_AIR:
                return recorded

    def _inputs(self, derivation: Derivation, selection: Selection) -> list[Pool]:
        return [
            self._pool(part, selection.by(derivation.formula_of(part)))
            for part in derivation.inputs
        ]

    def _recorded(self, name: str, selection: Selection) -> Pool:
        within = selection.within if selection.within is not None else self._staleness.get(name)
        pool = in_window(self._all_of(name), self._people, within)
        return in_context(pool, selection, self._vocabulary, self._oxygen, self._people)

    def _all_of(self, name: str) -> Pool:
        """What is recorded of a concept, and what other records say of it."""
        found = self._everything.get(name)
        if found is None:
            found = self._usable[name]
            if name in self._implying:
                found = implied_for(
                    name, found, self._usable, self._vocabulary, self._implying, self._people
                )
            self._everything[name] = found
        return found
