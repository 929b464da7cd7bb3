"""Exact amounts, and the range of amounts that a result such as `<0.3` leaves open."""

from fractions import Fraction

from msgspec import Struct


class Amount(Struct, frozen=True):
    """What is known of a measured number, exactly: a point, or an interval with open ends.

    `low` and `high` are in the unit that the holder of the amount names; `None` means without
    limit. A plain result has `low == high` and both ends closed.
    """

    low: Fraction | None
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def exactly(cls, value: Fraction) -> "Amount":
        return cls(value, value)

    @property
    def is_exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def scaled(self, factor: Fraction, offset: Fraction = Fraction(0)) -> "Amount":
        """The amount times `factor` (which is above zero) plus `offset`."""
        if factor == 1 and not offset:
            return self
        return Amount(
            None if self.low is None else self.low * factor + offset,
            None if self.high is None else self.high * factor + offset,
            self.low_open,
            self.high_open,
        )

    def overlaps(self, low: Fraction | None, high: Fraction | None) -> bool:
        """Whether some value of this amount lies in the closed range from `low` to `high`."""
        below = (
            low is not None
            and self.high is not None
            and (self.high < low or (self.high_open and self.high == low))
        )
        above = (
            high is not None
            and self.low is not None
            and (self.low > high or (self.low_open and self.low == high))
        )
        return not (below or above)


class Scale(Struct, frozen=True):
    """How a unit becomes a concept's canonical unit: value x factor + offset, exactly."""

    factor: Fraction
    offset: Fraction = Fraction(0)

    def apply(self, amount: Amount) -> Amount:
        return amount.scaled(self.factor, self.offset)
