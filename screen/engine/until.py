"""Until when a verdict holds, if nothing is added to the record.

With time alone, a truth changes where a record leaves a window, where one that was written ahead
of the screening comes into view, and at a birthday. At each such moment, the earliest first, the
reference evaluator judges the same record again. More moments than needed do no harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from screen.engine.reference import judge
from screen.facts.age import UNITS, completed
from screen.facts.gather import Facts
from screen.intake.times import read_stamp
from screen.model.case import Case, Measured
from screen.model.concept import Method, Vocabulary
from screen.model.criterion import Comparisons, Leaf, leaves
from screen.model.moment import MICROSECOND, Moment, microseconds
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Verdict, verdict_of
from screen.units.scales import scale_for

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (compared with times whose offset is taken off)
_LAST = microseconds(datetime.max) - 24 * 3_600_000_000  # noqa: DTZ901
"""Beyond it the calendar ends, in any offset."""


class _Turn(Struct, frozen=True, order=True):
    """A moment from which on a truth may differ, and the moment that is told of it."""

    judged: int
    told: int


def until(
    case: Case,
    protocol: Protocol,
    verdict: Verdict,
    vocabulary: Vocabulary,
    staleness: Mapping[str, int] | None = None,
) -> str | None:
    """The first moment after which the same record, screened then, gives another verdict.

    Of a window its end, at which `verdict` still holds; of a birthday its midnight, and of a
    record that lies ahead its own time, from which on it does not. ISO 8601 in the offset of
    the case's screening; None if never. `staleness` is the site's, as in `facts.gather`.

    An age that was recorded, without a birth date, never grows older.
    """
    zone = _zone(case)
    for turn in _turns(case, protocol, vocabulary, staleness or {}, zone):
        then = _screened(case, turn.judged, zone)
        if _verdict(then, protocol, vocabulary, staleness) is not verdict:
            return _local(turn.told, zone).isoformat()
    return None


def _verdict(
    case: Case, protocol: Protocol, vocabulary: Vocabulary, staleness: Mapping[str, int] | None
) -> Verdict:
    facts = Facts(case, vocabulary, staleness)
    results = tuple(
        CriterionResult(criterion, judge(criterion.when, facts, vocabulary))
        for criterion in protocol.criteria
    )
    return verdict_of(protocol, results)


def _screened(case: Case, at: int, zone: tzinfo | None) -> Case:
    local = _local(at, zone)
    return replace(case, screened_at=Moment(local.isoformat(), at, at), screened_on=local.date())


def _turns(
    case: Case,
    protocol: Protocol,
    vocabulary: Vocabulary,
    staleness: Mapping[str, int],
    zone: tzinfo | None,
) -> list[_Turn]:
    asked = [leaf for criterion in protocol.criteria for leaf in leaves(criterion.when)]
    windows = {leaf.selection.within for leaf in asked} | set(staleness.values())
    found = {*_of_records(case, windows - {None}), *_of_birthdays(case, asked, vocabulary, zone)}
    now = case.screened_at.end
    return sorted(turn for turn in found if now < turn.judged <= _LAST)


def _of_records(case: Case, windows: set[int | None]) -> Iterator[_Turn]:
    """A day begins to leave a window after its first moment, and is out after its last."""
    for at in {record.at for record in case.observations if record.at is not None}:
        yield _Turn(at.start, at.start)
        for within in windows:
            for edge in (at.start, at.end):
                end = edge + (within or 0)
                yield _Turn(end + 1, end)


def _of_birthdays(
    case: Case, asked: Sequence[Leaf], vocabulary: Vocabulary, zone: tzinfo | None
) -> Iterator[_Turn]:
    birth = case.patient.birth_date
    if birth is None:
        return
    for limit, unit in {*_age_limits(asked, vocabulary), *_recorded_ages(case, vocabulary)}:
        floor = limit.numerator // limit.denominator
        for count in (floor, floor + 1):
            day = _completes(birth, count, unit, case.screened_on)
            if day is None:
                continue
            # Of an exact age, the day after a birthday is another one.
            for turning in (day, day + timedelta(days=1)):
                at = microseconds(datetime.combine(turning, time(0), zone))
                yield _Turn(at, at)


def _age_limits(asked: Sequence[Leaf], vocabulary: Vocabulary) -> Iterator[tuple[Fraction, str]]:
    """The ages that a protocol compares with, and those of the site's policy."""
    for leaf in asked:
        concept = vocabulary.concepts[leaf.concept]
        derivation = concept.derivation
        if derivation is None or derivation.method is not Method.COMPLETED_YEARS:
            continue
        if isinstance(leaf.test, Comparisons):
            for part in leaf.test.parts:
                yield part.limit, leaf.selection.counted or concept.unit or "a"
    policy = vocabulary.no_potential
    if policy is not None:
        yield from (limit for limit in (policy.at_least, policy.below) if limit is not None)


def _recorded_ages(case: Case, vocabulary: Vocabulary) -> Iterator[tuple[Fraction, str]]:
    """The ages beside a birth date, which contradicts them from some birthday on."""
    for record in case.observations:
        concept = vocabulary.concepts[record.concept]
        derivation = concept.derivation
        if derivation is None or derivation.method is not Method.COMPLETED_YEARS:
            continue
        if not isinstance(record.value, Measured) or record.value.unit is None:
            continue
        amount, unit = record.value.amount, record.value.unit
        if unit not in UNITS:
            scale = scale_for(concept, unit)
            if scale is None:
                continue
            amount, unit = scale.apply(amount), concept.unit or "a"
        yield from ((bound, unit) for bound in (amount.low, amount.high) if bound is not None)


def _completes(birth: date, count: int, unit: str, after: date) -> date | None:
    """The day after `after` on which `count` units are completed; None if there is none."""
    low, high = after.toordinal(), date.max.toordinal() - 2
    if completed(birth, after, unit) >= count:
        return None
    if completed(birth, date.fromordinal(high), unit) < count:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if completed(birth, date.fromordinal(middle), unit) >= count:
            high = middle
        else:
            low = middle
    return date.fromordinal(high)


def _zone(case: Case) -> tzinfo | None:
    """The offset from UTC in which the screening is written, if it is."""
    clock = read_stamp(case.screened_at.text).clock
    return None if clock is None else clock.tzinfo


def _local(at: int, zone: tzinfo | None) -> datetime:
    moment = _EPOCH + at * MICROSECOND
    return moment if zone is None else moment.replace(tzinfo=UTC).astimezone(zone)
