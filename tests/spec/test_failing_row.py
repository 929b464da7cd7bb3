"""A row that fails prints its case, its condition, what it says and what an engine says."""

from dataclasses import replace
from pathlib import Path

import pytest

from screen.documents.tree import Text
from screen.model.concept import Vocabulary
from screen.model.truth import Truth
from tests.spec.engines import ENGINES
from tests.spec.failing_row import hold
from tests.spec.rows import Row, rows_of

TABLE = """
section: A table with a mistake
screened_at: 2020-03-21T09:00:00+01:00
patient: {sex: female}
rows:
  - says: platelets are enough
    when: {all: [{platelets: ">= 100 10*9/L"}, {dyspnea: present}]}
    observations: {platelets: {value: 90 10*9/L, at: 2020-03-21T08:00:00+01:00}}
    truth: unknown
    reasons: [stale]
    leaves: [met, unknown]
    verdict: eligible
"""


@pytest.fixture
def row(tmp_path: Path) -> Row:
    file = tmp_path / "9_mistakes.yaml"
    file.write_text(TABLE, encoding="utf-8")
    (row,) = rows_of(file)
    return row


def printed(row: Row, engine: str, vocabulary: Vocabulary) -> str:
    answer = ENGINES[engine](vocabulary, row.protocol(vocabulary), row.case(vocabulary), {})
    with pytest.raises(pytest.fail.Exception) as failed:
        hold(row, engine, answer)
    return str(failed.value)


def test_the_case_the_condition_and_both_answers(row: Row, vocabulary: Vocabulary) -> None:
    assert (
        printed(row, "reference", vocabulary)
        == """\
tests/spec/9_mistakes.yaml:6: platelets are enough
  case
    screened_at: "2020-03-21T09:00:00+01:00"
    patient: {sex: female}
    observations: {platelets: {value: 90 10*9/L, at: "2020-03-21T08:00:00+01:00"}}
  asked
    inclusion criterion: {all: [{platelets: ">= 100 10*9/L"}, {dyspnea: present}]}
  criterion
    the row says    unknown stale
    reference says  not_met
  verdict
    the row says    eligible
    reference says  ineligible
  proved ineligible
    the row says    false
    reference says  true
  proved eligible
    the row says    true
    reference says  false
  leaves
    the row says    [met, unknown]
    reference says  [not_met, unknown]"""
    )


def test_an_engine_without_reasons_is_asked_for_the_truth_alone(
    row: Row, vocabulary: Vocabulary
) -> None:
    told = printed(row, "chaining", vocabulary)
    assert "  criterion\n    the row says   unknown\n    chaining says  not_met\n" in told
    assert "  verdict\n" not in told


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_is_right_does_not_fail(row: Row, engine: str, vocabulary: Vocabulary) -> None:
    right = {"truth": Text("not_met", 1, 1), "verdict": Text("ineligible", 1, 1)}
    keys = {key: node for key, node in row.keys.items() if key not in ("reasons", "leaves")}
    correct = replace(row, keys=keys | right)
    answer = ENGINES[engine](vocabulary, row.protocol(vocabulary), row.case(vocabulary), {})
    hold(correct, engine, answer)
    assert answer.truths["criterion"] is Truth.NOT_MET
