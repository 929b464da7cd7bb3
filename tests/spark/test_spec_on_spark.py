"""Every row of the spec tables on Spark: all rows of one site are one plan and two queries."""

import pytest

from screen.engine.columns.backends import SparkBackend
from screen.model.concept import Vocabulary
from tests.spec.columns import together
from tests.spec.rows import Row
from tests.spec.test_spec_on_columns import DECIDED, hold, name_of

pytestmark = pytest.mark.filterwarnings("ignore")

SITES: dict[str, list[Row]] = {}
for one in DECIDED:
    SITES.setdefault(f"{dict(one.site.unit_aliases)} {dict(one.site.staleness)}", []).append(one)


@pytest.mark.parametrize("site", SITES)
def test_rows_on_spark(site: str, vocabulary: Vocabulary, spark: SparkBackend) -> None:
    rows = SITES[site]
    asked = [(row.protocol(vocabulary), row.case(vocabulary)) for row in rows]
    known = rows[0].site.extend(vocabulary)
    for number, answer in together(known, asked, rows[0].site.staleness, spark):
        try:
            hold(rows[number], asked[number][1], answer)
        except AssertionError as error:
            pytest.fail(f"{name_of(rows[number])}: {error}")


def test_no_row_is_left_out() -> None:
    assert sum(map(len, SITES.values())) == len(DECIDED) > 500
