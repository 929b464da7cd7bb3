"""Exact amounts as whole numbers that can be compared: *positions* on one fine grid.

The grid has `STEPS` points in a concept's canonical unit. A position is twice the number of
the grid point; an odd position lies strictly between two points. So an open end is one off its
point (`<0.3` ends just below 0.3), and an amount that is no whole number of steps (10.1 kPa in
mm[Hg]) is the odd position of its gap: it is *rough*. Limits lie on the grid, or are rough
themselves; then only what is in another place can be compared with them.
"""

from fractions import Fraction

import numpy as np

from screen.engine.columns.cells.whole import LARGEST, Bools, Ints, scaled
from screen.model.quantity import Scale

STEPS = 10**9
MILLION = 10**6
"""Numbers are read in millionths of their own unit."""

NO_LOW, NO_HIGH = -LARGEST, LARGEST
"""The ends of an amount without limit, beyond every position."""


def position(amount: Fraction) -> int:
    """The position of a limit of the rules; one beyond all columns stands at their very end."""
    whole, rest = divmod(amount.numerator * STEPS, amount.denominator)
    return max(NO_LOW + 1, min(NO_HIGH - 1, 2 * whole + (rest != 0)))


def positions(
    millionths: Ints, scale: Scale, largest: int
) -> tuple[Ints, Bools | None, Bools | None]:
    """The positions of numbers in a unit; which of them are rough and which do not fit, if any.

    No number is larger than `largest`: mostly that says at once that all of them fit.
    """
    slope = scale.factor * STEPS / MILLION
    start = scale.offset * STEPS
    below = slope.denominator * start.denominator
    if below == 1 and 2 * (largest * slope.numerator + abs(start.numerator)) < LARGEST:
        return (
            millionths * np.int64(2 * slope.numerator) + np.int64(2 * start.numerator),
            None,
            None,
        )
    if below >= LARGEST:
        return np.zeros_like(millionths), None, np.ones(len(millionths), dtype=bool)
    # The slope may be a fraction of long numbers: its whole part is multiplied by itself.
    times, rest = divmod(slope.numerator * start.denominator, below)
    whole, fits = scaled(millionths, times)
    more, small = scaled(millionths, rest, start.numerator * slope.denominator)
    carried, remainder = np.divmod(more, np.int64(below))
    rough = remainder != 0
    doubled, fine = scaled(whole + carried, 2)
    return doubled + rough, rough if rough.any() else None, ~(fits & small & fine)
