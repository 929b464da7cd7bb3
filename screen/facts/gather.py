"""All facts of one case, each worked out once and shared by every protocol that asks."""

from collections.abc import Mapping

from screen.facts.derive import absent_for_male, age, first_of, ratio, share
from screen.facts.pick import picked
from screen.facts.usable import Pool, Usable, usable
from screen.facts.window import in_context, in_window
from screen.model.case import Case
from screen.model.concept import Kind, Method, Vocabulary
from screen.model.criterion import Selection
from screen.model.fact import Fact, QualityNote, Quantifier
from screen.model.truth import Reason, ordered


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
        by_policy = self._policy_took_part(selection)
        if pool.evidence:
            fact = picked(pool.evidence, selection.pick, concept)
        else:
            reasons = pool.reasons or {_nothing_recorded(concept.kind)}
            fact = Fact((), Quantifier.ONE, ordered(reasons), ())
        return Fact(
            fact.values,
            fact.quantifier,
            fact.reasons,
            fact.evidence,
            pool.is_unrecorded,
            by_policy,
        )

    def _pool(self, name: str, selection: Selection) -> Pool:
        """The evidence for a concept in the leaf's window and context, derived values included.

        What a value is derived from has to be in the window and the context itself.
        """
        recorded = self._recorded(name, selection)
        derivation = self._vocabulary.concepts[name].derivation
        if derivation is None:
            return recorded
        match derivation.method:
            case Method.COMPLETED_YEARS:
                return age(self._case, derivation, self._usable.pool(name))
            case Method.ABSENT_FOR_MALE:
                return absent_for_male(self._case, derivation, recorded)
            case Method.FIRST_OF:
                inputs = [self._pool(part, selection) for part in derivation.inputs]
                return first_of([*inputs, recorded])
            case Method.RATIO:
                inputs = [self._pool(part, selection) for part in derivation.inputs]
                return ratio(derivation, recorded, inputs)
            case Method.SHARE:
                inputs = [self._pool(part, selection) for part in derivation.inputs]
                return share(derivation, recorded, inputs)
            case Method.ROOM_AIR:
                return recorded

    def _recorded(self, name: str, selection: Selection) -> Pool:
        pool = self._in_window(name, selection)
        fio2 = self._usable.pool(self._room_air_input()).evidence
        return in_context(pool, selection, self._vocabulary, fio2)

    def _in_window(self, name: str, selection: Selection) -> Pool:
        within = self._window(name, selection)
        return in_window(self._usable.pool(name), self._case.screened_at, within)

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
            self._in_window(name, selection).evidence != self._usable.pool(name).evidence
            for name in names
        )

    def _room_air_input(self) -> str:
        derivation = self._vocabulary.room_air
        return derivation.inputs[0] if derivation else ""


def _nothing_recorded(kind: Kind) -> Reason:
    return Reason.NOT_ATTESTED if kind is Kind.ATTESTATION else Reason.MISSING
