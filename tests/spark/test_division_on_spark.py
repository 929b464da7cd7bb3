"""Whole division of exact numbers, which no operator of Spark does for 37 digits."""

from decimal import Decimal
from random import Random

import pyarrow as pa
import pytest

from screen.engine.columns.backends import SparkBackend
from screen.engine.columns.dialect import WIDEST

pytestmark = pytest.mark.filterwarnings("ignore")


def test_every_length_of_number(spark: SparkBackend) -> None:
    draw = Random(1)
    above = [WIDEST - 1, 1 - WIDEST, 2**63, 2**63 - 1, -(2**63), 0]
    below = [1, 1, 1, 2**62, 3, 7]
    for digits in range(1, 38):
        for _ in range(20):
            above.append(draw.choice([-1, 1]) * draw.randrange(10**digits))
            below.append(draw.choice([-1, 1]) * draw.randint(1, 10 ** draw.randint(1, 18)))
    numbers = pa.table({"above": _decimals(above), "below": _decimals(below)})
    divided = spark.dialect.divided('"above"', '"below"')
    found = spark.query(f"SELECT {divided} AS q FROM numbers", {"numbers": numbers})
    assert [int(q) for q in found["q"].to_pylist()] == [
        abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
        for one, other in zip(above, below, strict=True)
    ]


def _decimals(numbers: list[int]) -> pa.Array:
    return pa.array([Decimal(number) for number in numbers], pa.decimal128(38, 0))
