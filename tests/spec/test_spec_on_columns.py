"""Every row of the spec tables on the column plan, truth by truth and reason by reason."""

import pytest

from screen.model.concept import Vocabulary
from tests.spec.columns import columns
from tests.spec.rows import Row, all_rows

DECIDED = [row for row in all_rows() if row.refused is None]


def name_of(row: Row) -> str:
    return f"{row.place} {row.says}"


@pytest.mark.parametrize("row", DECIDED, ids=name_of)
def test_row_on_columns(row: Row, vocabulary: Vocabulary) -> None:
    case, protocol = row.case(vocabulary), row.protocol(vocabulary)
    answer = columns(vocabulary, protocol, case, row.site.staleness)
    if answer is None:
        # The plan may leave a case alone, but not an ordinary one.
        assert any(odd in str(case.observations) for odd in LEFT_ALONE), case.observations
        return
    for criterion, expected in row.expected.items():
        assert answer.truths[criterion] is expected.truth, criterion
        assert answer.reasons is not None
        assert answer.reasons[criterion] == expected.reasons, criterion
    if row.verdict is not None:
        assert answer.verdict is row.verdict


LEFT_ALONE: tuple[str, ...] = ()
