"""Which observations can count at all (`docs/semantics.md`, section 2, step 1).

Nothing here depends on a protocol, so it is done once for a case.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from msgspec import Struct, field
from msgspec.structs import replace

from screen.facts.corrected import replaced_records
from screen.model.case import Case, Limit, Measured, Observation, Stated, Status, Unreadable
from screen.model.concept import Concept, Vocabulary
from screen.model.fact import Evidence, Quality, QualityNote
from screen.model.truth import Reason
from screen.units.scales import scale_for

_FLAWS = {
    Reason.NO_UNIT: Quality.NO_UNIT,
    Reason.WRONG_UNIT: Quality.WRONG_UNIT,
    Reason.IMPLAUSIBLE: Quality.IMPLAUSIBLE,
    Reason.AMBIGUOUS: Quality.AMBIGUOUS,
    Reason.UNREADABLE: Quality.UNREADABLE,
}
"""Why a record gives no value. It counts all the same, and never makes room for an older one."""

_OUT = {
    Quality.FUTURE: Reason.FUTURE,
    Quality.CONTEXT: Reason.CONTEXT,
    Quality.UNSPECIFIC: Reason.UNSPECIFIC,
}
"""Why a record does not count, and what that leaves unknown where nothing else counts."""

_NEVER_WAS = {
    Status.ENTERED_IN_ERROR: Quality.ENTERED_IN_ERROR,
    Status.CANCELLED: Quality.CANCELLED,
}


class Pool(Struct, frozen=True):
    """The evidence for one concept, and the reasons why other records of it do not count.

    Records that count and give no value stand among the evidence, with their flaw.
    """

    evidence: tuple[Evidence, ...] = ()
    reasons: frozenset[Reason] = frozenset()

    @property
    def is_unrecorded(self) -> bool:
        return not self.evidence and not self.reasons


class Usable(Struct, frozen=True):
    """What counts of one case, by concept, and a note for everything that does not."""

    pools: Mapping[str, Pool] = field(default_factory=dict)
    notes: tuple[QualityNote, ...] = ()

    def pool(self, concept: str) -> Pool:
        return self.pools.get(concept, Pool())


def evidence_order(evidence: Evidence) -> tuple[int | str, ...]:
    """An order that does not depend on the order of the observations in the file."""
    start, end = (evidence.at.start, evidence.at.end) if evidence.at else (0, 0)
    named = (start, end, evidence.concept, evidence.text)
    return named if evidence.observation is None else (*named, *record_order(evidence.observation))


def record_order(record: Observation) -> tuple[int | str, ...]:
    """An order by everything about a record but where it stands in its file."""
    at, upper, lower = record.at, record.upper_limit, record.lower_limit
    return (
        record.concept,
        at.start if at else 0,
        at.end if at else 0,
        record.text,
        record.source,
        at.text if at else "",
        record.on or "",
        record.assay or "",
        record.specimen or "",
        upper.text if upper else "",
        lower.text if lower else "",
        record.status.value,
        record.sample,
    )


def usable(case: Case, vocabulary: Vocabulary) -> Usable:
    """Sort every observation of `case` into evidence or a data-quality note."""
    evidence: dict[str, list[Evidence]] = {}
    reasons: dict[str, set[Reason]] = {}
    notes: list[QualityNote] = []
    replaced = replaced_records(case.observations)
    for observation in case.observations:
        concept = vocabulary.concepts[observation.concept]
        if id(observation) in replaced:
            notes.append(QualityNote(observation, Quality.REPLACED, True))
            continue
        found, remarks = _examine(observation, concept, case, vocabulary)
        notes.extend(remarks)
        if found is not None:
            evidence.setdefault(concept.name, []).append(found)
        for note in remarks:
            if note.quality in _OUT:
                reasons.setdefault(concept.name, set()).add(_OUT[note.quality])
    pools = {
        name: Pool(
            tuple(sorted(evidence.get(name, ()), key=evidence_order)),
            frozenset(reasons.get(name, ())),
        )
        for name in evidence.keys() | reasons.keys()
    }
    return Usable(pools, _in_order(notes))


def _examine(
    observation: Observation, concept: Concept, case: Case, vocabulary: Vocabulary
) -> tuple[Evidence | None, list[QualityNote]]:
    out = _counts_not(observation, concept, case, vocabulary)
    if out is not None:
        return None, [out]
    remarks = []
    if observation.status is Status.PRELIMINARY:
        remarks.append(QualityNote(observation, Quality.PRELIMINARY, False))
    blank = Evidence(concept.name, observation.text, observation.at, observation=observation)

    def flawed(reason: Reason, detail: str = "") -> tuple[Evidence, list[QualityNote]]:
        note = QualityNote(observation, _FLAWS[reason], True, detail)
        return replace(blank, flaw=reason), [*remarks, note]

    value = observation.value
    match value:
        case Unreadable():
            return flawed(value.reason, value.detail)
        case Stated():
            return replace(blank, state=value.value), remarks
        case Measured():
            pass
    if value.unit is None:
        return flawed(Reason.NO_UNIT, f"give the unit, for example {concept.unit}")
    scale = scale_for(concept, value.unit)
    if scale is None:
        return flawed(Reason.WRONG_UNIT, f"{value.unit} is not a unit of {concept.label}")
    amount = scale.apply(value.amount)
    if not concept.is_plausible(amount):
        return flawed(Reason.IMPLAUSIBLE)
    limits: list[Fraction | None] = []
    for limit in (observation.upper_limit, observation.lower_limit):
        canonical = _canonical_limit(limit, concept)
        if limit is not None and canonical is None:
            remarks.append(QualityNote(observation, Quality.UNUSABLE_LIMIT, False, limit.text))
        limits.append(canonical)
    return replace(blank, amount=amount, upper=limits[0], lower=limits[1]), remarks


def _counts_not(
    record: Observation, concept: Concept, case: Case, vocabulary: Vocabulary
) -> QualityNote | None:
    """Why a record cannot count at all, whatever its value is."""
    if record.status in _NEVER_WAS:
        return QualityNote(record, _NEVER_WAS[record.status], True)
    if record.at is not None and record.at.start > case.screened_at.end:
        return QualityNote(record, Quality.FUTURE, True)
    other = _other_specimen(record, concept, vocabulary)
    if other is None:
        return None
    return QualityNote(record, other, True, f"it is measured in {' or '.join(concept.specimens)}")


def _other_specimen(
    record: Observation, concept: Concept, vocabulary: Vocabulary
) -> Quality | None:
    """Whether the specimen is none in which the concept is measured; UNSPECIFIC if it may be.

    A record that names no specimen is taken for one of the concept's own.
    """
    if not concept.specimens or record.specimen is None:
        return None
    tree = vocabulary.contexts["specimen"]
    if any(tree.is_within(record.specimen, accepted) for accepted in concept.specimens):
        return None
    if any(tree.is_within(accepted, record.specimen) for accepted in concept.specimens):
        return Quality.UNSPECIFIC
    return Quality.CONTEXT


def _canonical_limit(limit: Limit | None, concept: Concept) -> Fraction | None:
    """The reference limit in the canonical unit; None unless it is a positive amount of it."""
    if limit is None or limit.unit is None:
        return None
    scale = scale_for(concept, limit.unit)
    if scale is None:
        return None
    value = limit.value * scale.factor + scale.offset
    return value if value > 0 else None


def _in_order(notes: Iterable[QualityNote]) -> tuple[QualityNote, ...]:
    return tuple(
        sorted(notes, key=lambda n: (*record_order(n.observation), n.quality.value, n.detail))
    )
