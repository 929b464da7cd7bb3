"""Dates and times as cases write them, ISO 8601 and nothing else.

What a time means: `docs/semantics.md`, section 10.
"""

import re
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from screen.model.moment import DAY, Moment, instant, whole_day

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FORM = "write 2020-03-21 or 2020-03-21T09:00:00+01:00"


class NotATime(ValueError):
    """Text that is no time; the message says what is accepted, without the text itself."""


class Stamp(NamedTuple):
    """A time as written: a `day`, and the `clock` time on it where one was given.

    `clock` carries the offset from UTC if one was written; a whole day never does.
    """

    text: str
    day: date
    clock: datetime | None

    @property
    def has_offset(self) -> bool:
        """Whether the time says how far it is from UTC."""
        return self.clock is not None and self.clock.tzinfo is not None

    def moment(self, like: datetime) -> Moment:
        """Place the time on the case's time line; a whole day lies in the zone of `like`."""
        if self.clock is not None:
            return instant(self.text, self.clock)
        return whole_day(self.text, self.day, like)

    def screening(self) -> tuple[Moment, datetime]:
        """Give the time as the time of a screening, and the `like` of all other times.

        A whole day is screened at its end: everything recorded on it counts.
        """
        if self.clock is not None:
            return instant(self.text, self.clock), self.clock
        midnight = datetime(self.day.year, self.day.month, self.day.day)  # noqa: DTZ001
        end = whole_day(self.text, self.day, midnight).start + DAY - 1
        return Moment(self.text, end, end), midnight


@lru_cache(maxsize=16384)
def read_stamp(text: str) -> Stamp:
    """`2020-03-21`, `2020-03-21T08:10`, `2020-03-21 08:10:30.5+02`. Raises NotATime.

    Of a fraction with more digits than microseconds have, the others are left away.
    """
    match = _shape().fullmatch(text)
    if match is None:
        raise NotATime(_FORM)
    day = read_day(match["day"])
    if match["clock"] is None:
        return Stamp(text, day, None)
    return Stamp(text, day, _clock(day, match))


def is_time(text: str) -> bool:
    """Whether `read_stamp` reads it."""
    try:
        read_stamp(text)
    except NotATime:
        return False
    return True


def read_day(text: str) -> date:
    """`1957-08-02`, from 1900 to 2100. Raises NotATime."""
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(_is_digits(p) for p in parts):
        raise NotATime("write the full date, such as 2020-03-21")
    year, month, day = (int(part) for part in parts)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise NotATime(f"the year must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotATime("the calendar has no such day") from None


def read_birth_day(text: str) -> date:
    """`1957-08-02`, also with midnight behind it, as databases print a day. Raises NotATime."""
    stamp = read_stamp(text) if "T" in text or " " in text else None
    if stamp is None or stamp.clock is None or stamp.clock.time() != time(0):
        return read_day(text)
    return stamp.day


def _clock(day: date, match: re.Match[str]) -> datetime:
    hour, minute = int(match["hour"]), int(match["minute"])
    second = int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise NotATime("hours go to 23, minutes and seconds to 59")
    microsecond = int((match["fraction"] or "")[:6].ljust(6, "0"))
    zone = None
    if match["zone"]:
        zone = _zone(match["zone"])
    return datetime(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=zone)


def _zone(text: str) -> timezone:
    if text == "Z":
        return timezone(timedelta(0))
    hours, minutes = int(text[1:3]), int(text[3:].removeprefix(":") or 0)
    if hours > 14 or minutes > 59:
        raise NotATime("an offset from UTC lies between -14:00 and +14:00")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _is_digits(text: str) -> bool:
    return text.isdecimal() and text.isascii()


@lru_cache(maxsize=1)
def _shape() -> re.Pattern[str]:
    return re.compile(
        r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
        r"(?P<clock>[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
        r"(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?"
        r" ?(?P<zone>Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
    )
