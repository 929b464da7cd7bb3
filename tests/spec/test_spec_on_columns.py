"""Every row of the spec tables on the column plan, truth by truth and reason by reason."""

import re

import pytest

from screen.model.case import Case
from screen.model.concept import Vocabulary
from tests.spec.columns import columns
from tests.spec.engines import Answer
from tests.spec.rows import Row, all_rows

# Exponents and many decimals are decided case by case, and so is a value that cannot be told
# from a limit with more decimals than the plan's grid has.
LEFT_ALONE = re.compile(r"[0-9][eE][0-9]|[.][0-9]{7}|^>= 0 %$")
LONG_LIMIT = re.compile(r"[.][0-9]{10}")

DECIDED = [row for row in all_rows() if row.refused is None]


def name_of(row: Row) -> str:
    return f"{row.place} {row.says}"


@pytest.mark.parametrize("row", DECIDED, ids=name_of)
def test_row_on_columns(row: Row, vocabulary: Vocabulary) -> None:
    case, protocol = row.case(vocabulary), row.protocol(vocabulary)
    answer = columns(row.site.extend(vocabulary), protocol, case, row.site.staleness)
    hold(row, case, answer)


def hold(row: Row, case: Case, answer: Answer | None) -> None:
    """The answer is what the row says."""
    if answer is None:
        # The plan may leave a case alone, but not an ordinary one.
        assert any(LEFT_ALONE.search(record.text) for record in case.observations) or (
            LONG_LIMIT.search(row.says)
        )
        return
    for criterion, expected in row.expected.items():
        assert answer.truths[criterion] is expected.truth, criterion
        assert answer.reasons is not None
        assert answer.reasons[criterion] == expected.reasons, criterion
    if row.verdict is not None:
        assert answer.verdict is row.verdict
