"""The result: one screening per protocol, with the truth of every condition and its evidence."""

from enum import Enum

from msgspec import Struct

from screen.model.case import Case
from screen.model.criterion import Condition, Criterion, CriterionKind
from screen.model.fact import Fact, QualityNote
from screen.model.protocol import Protocol
from screen.model.truth import Reason, Truth


class Verdict(Enum):
    """Whether a case matches a protocol; `verdict_of` says when which."""

    ELIGIBLE = "eligible"
    PENDING = "pending"
    UNDECIDED = "undecided"
    INELIGIBLE = "ineligible"


class Effect(Enum):
    """What a criterion's truth does to the patient's eligibility."""

    SATISFIED = "satisfied"
    FAILS = "fails"
    UNKNOWN = "unknown"


def effect_of(kind: CriterionKind, truth: Truth) -> Effect:
    if truth is Truth.UNKNOWN:
        return Effect.UNKNOWN
    favourable = Truth.MET if kind is CriterionKind.INCLUSION else Truth.NOT_MET
    return Effect.SATISFIED if truth is favourable else Effect.FAILS


class Judgement(Struct, frozen=True):
    """The truth of one condition of the tree. A leaf has its `fact`, the others `children`.

    `assumed`: not met only because nothing was recorded and the protocol says "known".
    """

    condition: Condition
    truth: Truth
    reasons: tuple[Reason, ...]
    children: "tuple[Judgement, ...]" = ()
    fact: Fact | None = None
    assumed: bool = False


class CriterionResult(Struct, frozen=True):
    """One criterion, with the truth of every condition in it."""

    criterion: Criterion
    judgement: Judgement

    @property
    def truth(self) -> Truth:
        return self.judgement.truth

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.judgement.reasons

    @property
    def effect(self) -> Effect:
        return effect_of(self.criterion.kind, self.truth)


class Firing(Struct, frozen=True):
    """One rule of the chaining engine that fired: what it concluded, and from which conditions.

    `condition` is the path of the condition (`criterion-id`, `criterion-id/0/1`). `holds` is
    None for a rule which says that a value cannot decide.
    """

    condition: str
    holds: bool | None
    rule: str


class Screening(Struct, frozen=True):
    """One protocol's verdict for one case, with the rule firings that derived it."""

    protocol: Protocol
    verdict: Verdict
    results: tuple[CriterionResult, ...]
    firings: tuple[Firing, ...] = ()

    @property
    def by_person(self) -> tuple[str, ...]:
        """The criteria that a person still checks, because the language cannot say them."""
        return tuple(
            result.criterion.id
            for result in self.results
            if result.criterion.person and Reason.NOT_ATTESTED in result.reasons
        )


class ScreenedCase(Struct, frozen=True):
    """All screenings of one case, in the order in which the protocols were asked for."""

    case: Case
    screenings: tuple[Screening, ...]
    quality: tuple[QualityNote, ...]


def verdict_of(protocol: Protocol, results: tuple[CriterionResult, ...]) -> Verdict:
    """The verdict follows from the criteria and nothing else (`docs/semantics.md`, section 7)."""
    effects = [result.effect for result in results]
    if Effect.FAILS in effects:
        return Verdict.INELIGIBLE
    if not protocol.complete:
        return Verdict.UNDECIDED
    unknown = [result for result in results if result.effect is Effect.UNKNOWN]
    if not unknown:
        return Verdict.ELIGIBLE
    if all(result.reasons == (Reason.NOT_ATTESTED,) for result in unknown):
        return Verdict.PENDING
    return Verdict.UNDECIDED
