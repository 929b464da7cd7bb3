"""Positions against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.engine.columns.cells.positions import MILLION, STEPS, position, positions
from screen.model.quantity import Scale

SCALES = [
    Scale(Fraction(1)),
    Scale(Fraction(1, 1000)),
    Scale(Fraction(500000, 66661)),
    Scale(Fraction(5, 9), Fraction(-160, 9)),
    Scale(Fraction(10**12, 133322387415)),
]


@given(st.integers(-(10**13), 10**13), st.sampled_from(SCALES))
def test_a_position_is_the_place_of_the_exact_amount(millionths: int, scale: Scale) -> None:
    numbers = np.array([millionths], dtype=np.int64)
    place, rough, large = positions(numbers, scale, abs(millionths))
    exact = (Fraction(millionths, MILLION) * scale.factor + scale.offset) * STEPS
    if large is not None and large[0]:
        # Refused is only what is large, or whose remainder needs long numbers.
        long = Fraction(abs(millionths) * scale.factor.denominator)
        assert max(abs(exact), long) > 2**58
        return
    whole = exact.numerator // exact.denominator
    is_rough = exact.denominator != 1
    assert place[0] == 2 * whole + is_rough
    assert (rough is not None and bool(rough[0])) is is_rough


@given(st.integers(-(10**12), 10**12), st.sampled_from(SCALES))
def test_what_cannot_be_too_large_is_multiplied_at_once(millionths: int, scale: Scale) -> None:
    numbers = np.array([millionths], dtype=np.int64)
    at_once, _, _ = positions(numbers, scale, abs(millionths))
    carefully, _, large = positions(numbers, scale, 2**62)
    if large is None or not large[0]:
        assert at_once[0] == carefully[0]


def test_a_number_that_is_too_large_is_said() -> None:
    _, _, large = positions(np.array([10**17], dtype=np.int64), SCALES[0], 10**17)
    assert large is not None
    assert large.all()
    _, _, large = positions(np.array([1], dtype=np.int64), Scale(Fraction(1, 3**60)), 1)
    assert large is not None
    assert large.all()


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Fraction(20), 2 * 20 * STEPS),
        (Fraction(1, 3), 2 * (STEPS // 3) + 1),
        (Fraction(10**30), 2**62 - 1),
        (Fraction(-(10**30)), 1 - 2**62),
    ],
)
def test_limits(limit: Fraction, expected: int) -> None:
    # 1/3 lies in a gap of the grid; 1e30 is beyond all columns, at their very end.
    assert position(limit) == expected
