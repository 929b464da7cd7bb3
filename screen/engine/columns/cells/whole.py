"""Whole numbers that refuse to overflow: the only place where the plan multiplies or divides.

NumPy wraps 64-bit integers without a word. Every function here gives its result together with
a mask that is false wherever the result, or a step on the way to it, would not fit; what stands
there then is zero, and whoever asked leaves the case to the reference evaluator.
"""

from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

LARGEST = 2**62
"""No number may be this large, so that a sum of two still fits into 64 bits."""


def scaled(numbers: Ints, factor: int, offset: int = 0) -> tuple[Ints, Bools]:
    """Numbers x factor + offset."""
    if abs(factor) >= LARGEST or abs(offset) >= LARGEST:
        return np.zeros_like(numbers), np.zeros(len(numbers), dtype=bool)
    most = (LARGEST - 1) // max(abs(factor), 1)
    fits = (numbers <= most) & (numbers >= -most)
    result = np.where(fits, numbers, 0) * np.int64(factor) + np.int64(offset)
    fits &= (result < LARGEST) & (result > -LARGEST)
    return np.where(fits, result, 0), fits


def product(ones: Ints, others: Ints) -> tuple[Ints, Bools]:
    """Ones x others, element by element."""
    fits = np.abs(ones) <= (LARGEST - 1) // np.maximum(np.abs(others), 1)
    return np.where(fits, ones, 0) * others, fits


def quotient(tops: Ints, bottoms: Ints, factor: int) -> tuple[Ints, Bools, Bools]:
    """floor(factor x top / bottom) for tops of zero or more and bottoms above zero.

    Also whether a remainder is left, and whether it fits. The division is done in digits of a
    thousand, as by hand, so that factor x top need never be written down.
    """
    fits = (tops >= 0) & (bottoms > 0) & (bottoms < LARGEST // 1000)
    bottom = np.where(fits, bottoms, 1)
    whole, rest = np.divmod(np.where(fits, tops, 0), bottom)
    while factor > 1:
        step = min(factor, 1000)
        assert factor % step == 0, "a factor is made of steps of a thousand"
        factor //= step
        digit, rest = np.divmod(rest * step, bottom)
        whole, small = scaled(whole, step)
        fits &= small
        whole += digit
    return np.where(fits, whole, 0), rest != 0, fits
