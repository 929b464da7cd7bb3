"""Age in completed calendar units, from a birth date or from an age that was recorded.

A recorded age stands for every birth date that it can mean on the day of the screening, so it is
the completed units of any other size that these have: `5 a` is 60 to 71 months
(`docs/semantics.md`, section 5).
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from msgspec import Struct

from screen.model.quantity import Amount

_MONTHS = 12
_WEEK = 7
_OLDEST = date(1850, 1, 1)
UNITS = ("a", "mo", "wk", "d")


def completed(birth: date, on: date, unit: str) -> int:
    """Completed `a`, `mo`, `wk` or `d` from `birth` to the day `on`.

    A month is completed on the same day number, or on the last day of a shorter month. A year
    is completed on the birthday; by somebody born on 29 February, on 1 March where there is none.
    """
    match unit:
        case "a":
            return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
        case "mo":
            months = (on.year - birth.year) * _MONTHS + on.month - birth.month
            last = monthrange(on.year, on.month)[1]
            return months - (on.day < min(birth.day, last))
        case "wk":
            return (on - birth).days // _WEEK
        case _:
            return (on - birth).days


class Lifetime(Struct, frozen=True):
    """The birth dates that are possible, the earliest and the latest one; None: before any."""

    first: date | None
    last: date

    def age(self, on: date, unit: str, *, exact: bool) -> Amount:
        """The age on the day `on`, in completed units.

        `exact`: the very day counts, so that only a birthday is a whole number of units; between
        two of them the age lies between two numbers.
        """
        youngest = completed(self.last, on, unit)
        oldest = None if self.first is None else completed(self.first, on, unit)
        if not exact:
            return Amount(Fraction(youngest), None if oldest is None else Fraction(oldest))
        low_open = not _is_birthday(self.last, on, unit)
        if oldest is None or self.first is None:
            return Amount(Fraction(youngest), None, low_open=low_open)
        whole = _is_birthday(self.first, on, unit)
        high = Fraction(oldest if whole else oldest + 1)
        return Amount(Fraction(youngest), high, low_open, not whole)


def _is_birthday(birth: date, on: date, unit: str) -> bool:
    """Whether the last unit is completed on this very day."""
    if on == birth:
        return True
    yesterday = date.fromordinal(on.toordinal() - 1)
    return completed(birth, yesterday, unit) < completed(birth, on, unit)


def lifetime(recorded: Amount, unit: str, on: date) -> Lifetime:
    """The birth dates that an age which was recorded in `unit` can mean on the day `on`."""
    low = 0 if recorded.low is None else _floor(recorded.low)
    first = None
    if recorded.high is not None:
        high = _floor(recorded.high)
        if recorded.high_open and high == recorded.high:
            high -= 1
        first = _earliest(on, lambda birth: completed(birth, on, unit) <= max(high, 0))
    last = _earliest(on, lambda birth: completed(birth, on, unit) < low)
    if completed(last, on, unit) < low:
        last = date.fromordinal(last.toordinal() - 1)
    return Lifetime(first, last)


def _earliest(on: date, fits: Callable[[date], bool]) -> date:
    """The first day from which on `fits` holds up to the day `on`; that day if it holds never."""
    low, high = _OLDEST.toordinal(), on.toordinal()
    while low < high:
        middle = (low + high) // 2
        if fits(date.fromordinal(middle)):
            high = middle
        else:
            low = middle + 1
    return date.fromordinal(low)


def _floor(number: Fraction) -> int:
    return number.numerator // number.denominator
