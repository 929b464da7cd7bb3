"""The rows that say until when a verdict holds."""

import pytest

from screen.engine.decide import Screener
from screen.engine.until import until
from screen.model.concept import Vocabulary
from tests.spec.rows import Row, all_rows

ROWS = [row for row in all_rows() if row.until is not None]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.place} {row.says}")
def test_until(row: Row, vocabulary: Vocabulary) -> None:
    case, protocol = row.case(vocabulary), row.protocol(vocabulary)
    extended, staleness = row.site.extend(vocabulary), row.site.staleness
    (screening,) = Screener(extended, [protocol], staleness).screen(case).screenings
    found = until(case, protocol, screening.verdict, extended, staleness)
    assert (found or "never") == row.until


def test_rows_of_both_kinds_are_there() -> None:
    assert {row.until == "never" for row in ROWS} == {True, False}
