"""Durations such as `12 h`: a whole number of exact units, in microseconds."""

from screen.model.moment import DAY, HOUR, MINUTE

_UNITS = {"min": MINUTE, "h": HOUR, "d": DAY, "wk": 7 * DAY}
_CALENDAR = ("mo", "month", "months", "a", "y", "yr", "year", "years")
_LONGEST = 6


class NotADuration(ValueError):
    """Text that is no duration; the message says what is accepted."""


def duration(text: str) -> int:
    """`30 min`, `12 h`, `14 d` or `2 wk` in microseconds. Raises NotADuration.

    Months and years have no fixed length and are refused: the encoder decides on days.
    """
    stripped = text.strip()
    digits = stripped[: len(stripped) - len(stripped.lstrip("0123456789"))]
    unit = stripped[len(digits) :].strip()
    if unit in _CALENDAR:
        raise NotADuration("a month or a year has no fixed length; write days, such as 30 d")
    if not digits or len(digits) > _LONGEST or unit not in _UNITS:
        raise NotADuration("write a whole number of min, h, d or wk, such as 12 h")
    if int(digits) == 0:
        raise NotADuration("it must be longer than zero")
    return int(digits) * _UNITS[unit]
