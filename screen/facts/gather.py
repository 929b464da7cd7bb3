"""All facts of one case, each worked out once and shared by every protocol that asks."""

from collections.abc import Mapping

from msgspec.structs import replace

from screen.facts.derive import BY_POLICY, absent_for_male, age, beside, first_of, ratio
from screen.facts.differential import differential
from screen.facts.implied import contradicted, implied_for, implying
from screen.facts.pick import picked
from screen.facts.usable import Pool, Usable, usable
from screen.facts.window import in_context, in_window
from screen.model.case import Case
from screen.model.concept import Kind, Method, NoPotential, Vocabulary
from screen.model.criterion import Selection
from screen.model.fact import Fact, QualityNote, Quantifier
from screen.model.quantity import Amount
from screen.model.truth import Reason, ordered

POTENTIAL = "childbearing_potential"


class Facts:
    """The facts of one case.

    `staleness` is a site's own policy: for a concept, how old (in microseconds) a value may
    be where the protocol states no window. A fact in which it took part is marked.
    """

    def __init__(
        self, case: Case, vocabulary: Vocabulary, staleness: Mapping[str, int] | None = None
    ) -> None:
        self._case = case
        self._vocabulary = vocabulary
        self._staleness = staleness or {}
        self._usable: Usable = usable(case, vocabulary)
        self._implying = implying(vocabulary)
        self._facts: dict[Selection, Fact] = {}

    @property
    def quality(self) -> tuple[QualityNote, ...]:
        return self._usable.notes

    def fact(self, selection: Selection) -> Fact:
        """The value that `selection` picks, with its evidence, or the reasons why there is none."""
        found = self._facts.get(selection)
        if found is None:
            found = self._facts[selection] = self._gather(selection)
        return found

    def _gather(self, selection: Selection) -> Fact:
        concept = self._vocabulary.concepts[selection.concept]
        pool = self._pool(selection.concept, selection)
        if any(not item.bound for item in pool.evidence):
            fact = picked(pool.evidence, selection.pick, concept)
            if contradicted(pool.evidence, concept):
                fact = Fact((), Quantifier.ONE, (Reason.CONFLICTING,), pool.evidence)
            if not fact.values and not any(
                item.flaw is None and not item.perhaps for item in pool.evidence
            ):
                fact = replace(fact, reasons=ordered((*fact.reasons, *pool.reasons)))
        else:
            reasons = pool.reasons or {_nothing_recorded(concept.kind)}
            fact = Fact((), Quantifier.ONE, ordered(reasons), ())
        return replace(
            fact,
            unrecorded=pool.is_unrecorded,
            site_policy=self._policy_took_part(selection)
            or any(item.formula == BY_POLICY for item in fact.evidence),
        )

    def _pool(self, name: str, selection: Selection) -> Pool:
        """The evidence for a concept in the leaf's window and context, derived values included.

        What a value is derived from has to be in the window and the context itself.
        """
        recorded = self._recorded(name, selection)
        concept = self._vocabulary.concepts[name]
        derivation = concept.derivation
        if derivation is None:
            return recorded
        inputs = [
            self._pool(part, selection.by(derivation.formula_of(part)))
            for part in derivation.inputs
            if part in self._vocabulary.concepts
        ]
        match derivation.method:
            case Method.COMPLETED_YEARS:
                counted = (selection.counted or concept.unit or "a", selection.exact)
                return age(self._case, derivation, self._usable.pool(name), concept, counted)
            case Method.ABSENT_FOR_MALE:
                assumed = self._assumed(name)
                return absent_for_male(self._case, derivation, recorded, assumed)
            case Method.FIRST_OF:
                return first_of([*inputs, recorded])
            case Method.RATIO:
                return beside(recorded, ratio(derivation, concept, inputs))
            case Method.SHARE:
                return beside(recorded, differential(derivation, concept, recorded, inputs))
            case Method.ROOM_AIR:
                return recorded

    def _assumed(self, name: str) -> bool:
        """Whether a site's policy assumes no childbearing potential, and nobody recorded any."""
        policy = self._vocabulary.no_potential
        potential = self._vocabulary.concepts.get(POTENTIAL)
        if policy is None or potential is None:
            return False
        if all(implied.concept != name for implied in potential.implies):
            return False
        return self.fact(Selection(POTENTIAL)).unrecorded and self._is_outside(policy)

    def _is_outside(self, policy: NoPotential) -> bool:
        """Whether the age surely lies where a site assumes no childbearing potential."""
        if policy.at_least is not None:
            limit, unit = policy.at_least
            ages = self._ages(unit)
            if ages and all(age.low is not None and age.low >= limit for age in ages):
                return True
        if policy.below is None:
            return False
        limit, unit = policy.below
        ages = self._ages(unit)
        return bool(ages) and all(age.high is not None and age.high < limit for age in ages)

    def _ages(self, unit: str) -> list[Amount]:
        values = self.fact(Selection("age", counted=unit)).values
        return [value.amount for value in values if value.amount is not None]

    def _recorded(self, name: str, selection: Selection) -> Pool:
        pool = self._in_window(name, selection)
        fio2 = self._usable.pool(self._room_air_input()).evidence
        return in_context(pool, selection, self._vocabulary, fio2)

    def _in_window(self, name: str, selection: Selection) -> Pool:
        within = self._window(name, selection)
        return in_window(self._everything(name), self._case.screened_at, within)

    def _everything(self, name: str) -> Pool:
        """What is recorded of a concept, and what other records say of it."""
        pool = self._usable.pool(name)
        implied = implied_for(name, self._usable, self._vocabulary, self._implying)
        return Pool((*pool.evidence, *implied), pool.reasons) if implied else pool

    def _window(self, name: str, selection: Selection) -> int | None:
        return selection.within if selection.within is not None else self._staleness.get(name)

    def _policy_took_part(self, selection: Selection) -> bool:
        """Whether the site's limit, and not the protocol's, set a value aside."""
        if selection.within is not None or not self._staleness:
            return False
        names = [selection.concept]
        derivation = self._vocabulary.concepts[selection.concept].derivation
        if derivation is not None:
            names += [name for name in derivation.inputs if name in self._vocabulary.concepts]
        return any(
            self._in_window(name, selection).evidence != self._everything(name).evidence
            for name in names
        )

    def _room_air_input(self) -> str:
        derivation = self._vocabulary.room_air
        return derivation.inputs[0] if derivation else ""


def _nothing_recorded(kind: Kind) -> Reason:
    return Reason.NOT_ATTESTED if kind is Kind.ATTESTATION else Reason.MISSING
