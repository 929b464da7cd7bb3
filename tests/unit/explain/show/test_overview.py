"""One line for each protocol, and one block for each of several cases."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from screen.explain.show.overview import case_overview, needed_words, overview_lines, unpainted
from screen.explain.words.background import Background
from screen.explain.words.plain_text import cells
from screen.explain.words.truth_words import firing_words
from screen.model.screening import Firing, Screening

Judged = Callable[..., Any]
OPEN = "{all: [{platelets: '< 20000 /mm3'}, {hospitalized: present}, {informed_consent: given}]}"
CONFLICT = (
    "{platelets: [{value: 90 10*9/L, at: 2020-03-21}, {value: 18 10*9/L, at: 2020-03-21},"
    " {value: 9 10*9/L, at: 2020-03-20, status: entered-in-error}]}"
)


def renamed(screening: Screening, protocol: str, drug: str, criterion: str) -> Screening:
    (result,) = screening.results
    result = replace(result, criterion=replace(result.criterion, id=criterion))
    changed = replace(
        screening.protocol, id=protocol, drug=replace(screening.protocol.drug, name=drug)
    )
    return replace(screening, protocol=changed, results=(result,))


def test_a_block_says_verdicts_what_is_needed_and_how_many_records_are_doubtful(
    judged: Judged,
) -> None:
    _, background = judged(CONFLICT, OPEN)
    lines = case_overview(background).splitlines()
    assert lines[0].split() == ["Case", "T", "(case.yaml)", "2020-03-21T09:00:00+01:00"]
    assert lines[1:] == [
        "  T1  UNDECIDED   unknown: asked",
        "  Needed: platelets (conflicting), hospitalized, informed_consent",
        "  Data quality: 1 remark, 1 record not used",
    ]


def test_nothing_is_needed_where_the_verdict_is_final(judged: Judged) -> None:
    _, background = judged("{dyspnea: absent}", "{all: [{dyspnea: present}, {cyanosis: present}]}")
    assert case_overview(background).splitlines()[1:] == ["  T1  INELIGIBLE  fails: asked"]


def test_what_most_protocols_need_comes_first(judged: Judged) -> None:
    _, both = judged("{}", "{all: [{cyanosis: present}, {dyspnea: present}]}")
    _, one = judged("{}", "{dyspnea: present}")
    screenings = both.screened.screenings + tuple(
        renamed(screening, "T2", "drug", "asked") for screening in one.screened.screenings
    )
    assert needed_words(screenings) == ["dyspnea", "cyanosis"]


@pytest.mark.parametrize(
    ("protocol", "drug", "criterion", "expected"),
    [
        ("T1", "drug", "asked", "T1  UNDECIDED   drug  unknown: asked"),
        (
            "NCT04337359-amended",
            "hydroxychloroquine",
            "ruxolitinib-hypersensitivity",
            "NCT04337359-amended  UNDECIDED   hydroxychloroquine  unknown: ruxolitinib-...",
        ),
        (
            "a-protocol-with-a-name-that-has-no-end",
            "hydroxychloroquine and more",
            "ruxolitinib-hypersensitivity",
            "a-protocol-with-a-name-that...  UNDECIDED   unknown: ruxolitinib-...",
        ),
    ],
)
def test_a_line_never_exceeds_the_width(
    protocol: str, drug: str, criterion: str, expected: str, judged: Judged
) -> None:
    _, background = judged("{}", "{dyspnea: present}")
    (screening,) = background.screened.screenings
    screening = renamed(screening, protocol, drug, criterion)
    (line,) = overview_lines((screening,), unpainted, 80)
    assert cells(line) <= 80
    assert line == expected
    shown = Background(replace(background.screened, screenings=(screening,)), background.vocabulary)
    assert max(map(cells, case_overview(shown).splitlines())) <= 80


@pytest.mark.parametrize(
    ("firing", "expected"),
    [
        (Firing("verdict", False, "a-b fails"), "verdict: ineligible, because a-b fails"),
        (
            Firing("verdict", True, "every criterion is satisfied"),
            "verdict: eligible, every criterion is satisfied",
        ),
        (
            Firing("verdict", False, "all: a part fails"),
            "verdict does not hold (all: a part fails)",
        ),
        (Firing("a/0", None, "says"), "a/0 cannot tell (says)"),
        (Firing("a/0", True, "says"), "a/0 holds (says)"),
    ],
)
def test_firing_words(firing: Firing, expected: str) -> None:
    assert firing_words(firing) == expected
