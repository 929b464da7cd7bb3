"""Whole numbers of the plan against Python's own, which never overflow: fit, or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.engine.columns.cells.whole import LARGEST, product, quotient, scaled

NUMBERS = st.one_of(
    st.integers(-1000, 1000),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.sampled_from([LARGEST, LARGEST - 1, -LARGEST, 1 - LARGEST, 2**61, 2**31]),
)
FACTORS = st.one_of(st.integers(-1000, 1000), st.integers(-(2**70), 2**70))


@given(st.lists(NUMBERS, min_size=1, max_size=8), FACTORS, FACTORS)
def test_scaled(numbers: list[int], factor: int, offset: int) -> None:
    found, fits = scaled(np.array(numbers, dtype=np.int64), factor, offset)
    for number, result, fit in zip(numbers, found.tolist(), fits.tolist(), strict=True):
        exact = number * factor + offset
        assert result == (exact if fit else 0)
        if max(abs(number), abs(factor), abs(number * factor), abs(offset)) < 2**61:
            assert fit


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8))
def test_product(pairs: list[tuple[int, int]]) -> None:
    ones, others = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    found, fits = product(ones, others)
    for (one, other), result, fit in zip(pairs, found.tolist(), fits.tolist(), strict=True):
        assert result == (one * other if fit else 0)
        if abs(one * other) < 2**61 and max(abs(one), abs(other)) < 2**62:
            assert fit


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8),
    st.sampled_from([1, 1000, 10**5, 10**9, 10**11]),
)
def test_quotient(pairs: list[tuple[int, int]], factor: int) -> None:
    tops, bottoms = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    found, rest, fits = quotient(tops, bottoms, factor)
    for pair, whole, left, fit in zip(
        pairs, found.tolist(), rest.tolist(), fits.tolist(), strict=True
    ):
        top, bottom = pair
        if fit:
            assert (whole, left) == (factor * top // bottom, factor * top % bottom != 0)
        else:
            assert whole == 0
        if top >= 0 and 0 < bottom < LARGEST // 1000 and factor * top // bottom < 2**60:
            assert fit


@pytest.mark.parametrize(
    ("number", "factor", "offset"),
    [
        (1, LARGEST, 0),  # the factor alone is too large
        (1, 1, LARGEST),  # the offset alone is
        (LARGEST - 1, 2, 0),  # the product is
        (LARGEST - 1, 1, 5),  # the sum is
        (1 - LARGEST, 1, -5),
    ],
)
def test_each_guard_of_scaled(number: int, factor: int, offset: int) -> None:
    found, fits = scaled(np.array([number], dtype=np.int64), factor, offset)
    assert not fits.any()
    assert not found.any()


def test_each_guard_of_a_quotient() -> None:
    tops = np.array([-1, 1, 1, 1, LARGEST - 1], dtype=np.int64)
    bottoms = np.array([1, 0, -5, LARGEST // 1000, 1], dtype=np.int64)
    found, _, fits = quotient(tops, bottoms, 10**9)
    # Below zero, by zero, by less than zero, by too much, and too large a result.
    assert not fits.any()
    assert not found.any()


def test_the_guard_of_a_product() -> None:
    _, fits = product(np.array([2**32], dtype=np.int64), np.array([2**31], dtype=np.int64))
    assert not fits.any()
