"""Amounts, times and ages in words."""

from screen.model.moment import DAY, HOUR, MINUTE, Moment
from screen.model.quantity import Amount
from screen.units.number import decimal_text


def amount_text(amount: Amount, unit: str | None) -> str:
    """`90 10*9/L`, `<0.3 10*9/L`, `>=100 and <250 mm[Hg]`; exact, or marked `~`."""
    after = f" {unit}" if unit else ""
    if amount.low is not None and amount.low == amount.high:
        return decimal_text(amount.low) + after
    ends = []
    if amount.low is not None:
        ends.append(f"{'>' if amount.low_open else '>='}{decimal_text(amount.low)}")
    if amount.high is not None:
        ends.append(f"{'<' if amount.high_open else '<='}{decimal_text(amount.high)}")
    return (" and ".join(ends) or "any number of") + after


def span_text(microseconds: int) -> str:
    """A length of time in its two largest units, rounded down: `25 min`, `9 h`, `3 d 4 h`."""
    days, rest = divmod(microseconds, DAY)
    hours, rest = divmod(rest, HOUR)
    parts = [(days, "d"), (hours, "h"), (rest // MINUTE, "min")]
    first = next((place for place, (number, _) in enumerate(parts) if number), 2)
    shown = [f"{number} {unit}" for number, unit in parts[first : first + 2] if number]
    return " ".join(shown) or "0 min"


def age_text(at: Moment | None, screened_at: Moment) -> str | None:
    """How old something was at the screening; a day counts from its first microsecond.

    None for something undated or later than the screening.
    """
    if at is None or at.start > screened_at.start:
        return None
    return span_text(screened_at.start - at.start)


def when_text(at: Moment | None) -> str:
    """` on 2020-03-21`, ` at 2020-03-21T08:05`, or nothing for something undated."""
    if at is None:
        return ""
    return f" at {at.text}" if at.is_instant else f" on {at.text}"
