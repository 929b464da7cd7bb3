"""The same plan on Spark, on fewer cases: a local session takes seconds to say anything."""

import os
from collections.abc import Iterator
from random import Random

import pytest

from screen.engine.columns.backends import SparkBackend
from screen.engine.columns.plan import ColumnPlan
from tests.generative.columns_draw import long_tables, wide_table
from tests.generative.test_columns import drawn_world, held_equal, in_blocks

if not os.environ.get("TRIALSCREEN_SPARK"):
    pytest.skip("Spark is not asked for: make test-spark", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")

WIDE, LONG = 150, 60


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkBackend]:
    backend = SparkBackend()
    yield backend
    backend.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_wide_tables_on_spark(spark: SparkBackend, seed: int) -> None:
    vocabulary, protocols, cases, staleness = drawn_world(seed, most=1)
    protocols, cases = protocols[:2], cases[:WIDE]
    plan = ColumnPlan(vocabulary, protocols, staleness, spark)
    decided = plan.decide_wide(wide_table(cases), reasons=True)
    unsure = {cases[row].id for row in decided.unsure}
    held_equal(vocabulary, protocols, cases, staleness, decided, unsure)
    assert in_blocks(plan, wide_table(cases)) == (decided.verdicts.to_pylist(), decided.unsure)


@pytest.mark.parametrize("seed", [101])
def test_long_tables_on_spark(spark: SparkBackend, seed: int) -> None:
    vocabulary, protocols, cases, staleness = drawn_world(seed, most=3)
    protocols, cases = protocols[:1], cases[:LONG]
    plan = ColumnPlan(vocabulary, protocols, staleness, spark)
    observations, patients = long_tables(cases, Random(seed))
    decided = plan.decide_long(observations, patients, reasons=True)
    held_equal(vocabulary, protocols, cases, staleness, decided, set(decided.unsure))
