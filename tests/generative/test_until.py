"""A verdict of a drawn case holds up to its `until`, and is another one after it."""

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from screen.engine.reference import judge
from screen.engine.until import until
from screen.facts.gather import Facts
from screen.model.case import Case
from screen.model.moment import DAY, HOUR, MICROSECOND, instant, microseconds
from screen.model.screening import CriterionResult, Verdict, verdict_of
from tests.generative.drawing import policies
from tests.generative.drawing_cases import SCREENED_AT
from tests.generative.test_engines import Example, examples

AHEAD = st.integers(0, 6 * 24).map(lambda hours: hours * HOUR)


def screened_at(case: Case, at: int) -> Case:
    moment = datetime.fromtimestamp(0, UTC).replace(tzinfo=None) + at * MICROSECOND
    return replace(case, screened_at=instant(moment.isoformat(), moment), screened_on=moment.date())


def verdict(example: Example, case: Case, policy: dict[str, int]) -> Verdict:
    facts = Facts(case, example.vocabulary, policy)
    results = tuple(
        CriterionResult(one, judge(one.when, facts, example.vocabulary))
        for one in example.protocol.criteria
    )
    return verdict_of(example.protocol, results)


def test_a_verdict_holds_until_then_and_no_longer(count_example: Callable[[], None]) -> None:
    ends = 0

    @given(examples(), st.data())
    def holds(example: Example, data: st.DataObject) -> None:
        nonlocal ends
        case, protocol, vocabulary = example.case, example.protocol, example.vocabulary
        # An age without a birth date stands as it was recorded, which is no question of time.
        ages = any(record.concept == "age" for record in case.observations)
        assume(case.patient.birth_date is not None or not ages)
        recorded = sorted({record.concept for record in case.observations}) or ["spo2"]
        policy = data.draw(policies(recorded))
        now = verdict(example, case, policy)
        told = until(case, protocol, now, vocabulary, policy)
        end = None if told is None else microseconds(datetime.fromisoformat(told))
        count_example()
        if end is not None:
            ends += 1
            assert end >= SCREENED_AT.end
            assert verdict(example, screened_at(case, end + 1), policy) is not now
        last = SCREENED_AT.end + 400 * DAY if end is None else end - 1
        ahead = data.draw(st.lists(AHEAD, max_size=8))
        for moment in (SCREENED_AT.end + after for after in (*ahead, 400 * DAY)):
            if moment <= last:
                assert verdict(example, screened_at(case, moment), policy) is now
        if end is not None and end > SCREENED_AT.end:
            assert verdict(example, screened_at(case, last), policy) is now

    holds()
    assert ends >= 5, ends
