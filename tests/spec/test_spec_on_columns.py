"""Every row of the spec tables on the column plan, truth by truth and reason by reason."""

import re

import pytest

from screen.model.case import Case, Status
from screen.model.concept import Vocabulary
from tests.spec.columns import columns
from tests.spec.failing_row import hold, shown
from tests.spec.rows import Row, all_rows

# Many decimals are decided case by case, and so is a value that cannot be told from a limit with
# more decimals than the plan's grid has.
LEFT_ALONE = re.compile(r"[0-9][eE][0-9]|[.][0-9]{7}|^>= 0 %$")
LONG_LIMIT = re.compile(r"[.][0-9]{10}")

DECIDED = [row for row in all_rows() if row.refused is None]


def name_of(row: Row) -> str:
    return f"{row.place} {row.says}"


@pytest.mark.parametrize("row", DECIDED, ids=name_of)
def test_row_on_columns(row: Row, vocabulary: Vocabulary) -> None:
    case, protocol = row.case(vocabulary), row.protocol(vocabulary)
    answer = columns(row.site.extend(vocabulary), protocol, case, row.site.staleness)
    if answer is None:
        # The plan may leave a case alone, but not an ordinary one.
        assert may_be_left_alone(row, case), shown(row)
    else:
        assert answer.reasons is not None
        hold(row, "columns", answer)


def may_be_left_alone(row: Row, case: Case) -> bool:
    """Whether something in the case is looked at one by one.

    A correction; an age that hangs on the calendar; a sample; a day or no time at all where there
    are several records, of which each may be the later one.
    """
    records = case.observations
    instants = [record.at is not None and record.at.is_instant for record in records]
    return (
        any(LEFT_ALONE.search(record.text) for record in records)
        or LONG_LIMIT.search(row.says) is not None
        or any(record.status in (Status.CORRECTED, Status.AMENDED) for record in records)
        or any(record.concept == "age" for record in records)
        or (case.patient.birth_date is not None and "to the day" in row.says)
        or any(record.sample for record in records)
        or row.site.no_potential is not None
        or (len(records) > 1 and not all(instants))
    )


def test_few_rows_are_left_alone(vocabulary: Vocabulary) -> None:
    """Of about a thousand rows: the plan would be right for want of an answer."""
    left = 0
    for row in DECIDED:
        known, protocol = row.site.extend(vocabulary), row.protocol(vocabulary)
        left += columns(known, protocol, row.case(vocabulary), row.site.staleness) is None
    assert left < 0.06 * len(DECIDED)
