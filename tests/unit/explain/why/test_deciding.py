"""Which leaves settle a criterion, and what of it rests on an assumption."""

from collections.abc import Callable
from typing import Any

import pytest

from screen.explain.why.deciding import assumptions, deciding

Judged = Callable[..., Any]
HEPATITIS = "{hepatitis_b: {is: present, unrecorded: absent}}"
HIV = "{hiv_infection: {is: present, unrecorded: absent}}"


def concepts(judgements: Any) -> list[str]:
    return [leaf.condition.concept for leaf in judgements]


@pytest.mark.parametrize(
    ("observations", "when", "expected"),
    [
        ("{dyspnea: present}", "{any: [{cyanosis: present}, {dyspnea: present}]}", ["dyspnea"]),
        (
            "{dyspnea: absent, cyanosis: absent}",
            "{any: [{cyanosis: present}, {dyspnea: present}]}",
            ["cyanosis", "dyspnea"],
        ),
        ("{dyspnea: absent}", "{any: [{cyanosis: present}, {dyspnea: present}]}", ["cyanosis"]),
        ("{dyspnea: absent}", "{all: [{cyanosis: present}, {dyspnea: present}]}", ["dyspnea"]),
        (
            "{dyspnea: absent}",
            "{not: {all: [{cyanosis: present}, {dyspnea: present}]}}",
            ["dyspnea"],
        ),
        (
            "{dyspnea: present}",
            "{all: [{dyspnea: present}, {any: [{cyanosis: present}, {lethargy: present}]}]}",
            ["cyanosis", "lethargy"],
        ),
    ],
)
def test_deciding(observations: str, when: str, expected: list[str], judged: Judged) -> None:
    result, _ = judged(observations, when)
    assert concepts(deciding(result.judgement)) == expected


@pytest.mark.parametrize(
    ("observations", "when", "expected"),
    [
        ("{}", f"{{any: [{HEPATITIS}, {HIV}]}}", ["hepatitis_b", "hiv_infection"]),
        # Something recorded settles it: nothing is assumed.
        ("{hiv_infection: present}", f"{{any: [{HEPATITIS}, {HIV}]}}", []),
        ("{dyspnea: absent}", f"{{all: [{HEPATITIS}, {{dyspnea: present}}]}}", []),
        # Not settled yet: the assumption still matters.
        ("{}", f"{{any: [{HEPATITIS}, {{dyspnea: present}}]}}", ["hepatitis_b"]),
        ("{}", f"{{not: {HEPATITIS}}}", ["hepatitis_b"]),
    ],
)
def test_assumptions(observations: str, when: str, expected: list[str], judged: Judged) -> None:
    result, _ = judged(observations, when)
    assert concepts(assumptions(result)) == expected
