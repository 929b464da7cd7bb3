"""When something happened, as precisely as it was recorded."""

from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

MICROSECOND = timedelta(microseconds=1)
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (compared with times whose offset is taken off)


class Moment(Struct, frozen=True):
    """An instant, or a whole day of which the hour was not recorded.

    `start` and `end` are microseconds since 1970-01-01T00:00 on the case's own time line
    (UTC where the case's times carry an offset, local time where none does). They are equal
    for an instant; for a day they are its first and last microsecond.
    `text` is the time as it was written.
    """

    text: str
    start: int
    end: int

    @property
    def is_instant(self) -> bool:
        return self.start == self.end


def microseconds(moment: datetime) -> int:
    """Exact microseconds since 1970, in UTC when `moment` carries an offset."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _EPOCH) // MICROSECOND


def instant(text: str, moment: datetime) -> Moment:
    at = microseconds(moment)
    return Moment(text, at, at)


def whole_day(text: str, day: date, like: datetime) -> Moment:
    """The day `day` in the time zone (or lack of one) of `like`."""
    first = datetime(day.year, day.month, day.day, tzinfo=like.tzinfo)
    start = microseconds(first)
    return Moment(text, start, start + DAY - 1)
