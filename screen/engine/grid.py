"""Exact numbers as the small integers that the rule engine can compare.

durable-rules compares integers well and fractions badly. A limit L with denominator D lies on
the grid of multiples of 1/D. A value v on that grid is sent as 2vD, a value between two grid
points as the odd number between them; an open end is moved by one, off its grid point. Every
comparison with the limit, sent as 2LD, then comes out as it would for the exact numbers.
"""

from fractions import Fraction

from screen.model.quantity import Amount

LARGEST = 9 * 10**12
"""The engine's arithmetic is exact for integers within +-9e12 (measured); what lies beyond is
sent as this bound, which keeps its side of every limit, since limits lie well within."""


class NotRepresentable(Exception):
    """A limit of a protocol is too large or too finely divided for the rule engine."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f'the limit "{self.text}" has too many digits to be compared exactly'


def limit_position(limit: Fraction, text: str) -> int:
    position = 2 * limit.numerator
    if abs(position) >= LARGEST:
        raise NotRepresentable(text)
    return position


def positions(amount: Amount, denominator: int) -> tuple[int, int]:
    """The lowest and the highest position that `amount` leaves open, both included."""
    low = -LARGEST if amount.low is None else _position(amount.low, denominator, amount.low_open)
    high = (
        LARGEST if amount.high is None else _position(amount.high, denominator, -amount.high_open)
    )
    return low, high


def _position(bound: Fraction, denominator: int, step_off: int) -> int:
    whole, rest = divmod(bound.numerator * denominator, bound.denominator)
    position = 2 * whole + 1 if rest else 2 * whole + step_off
    return max(-LARGEST, min(LARGEST, position))
