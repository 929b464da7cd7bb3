"""What the clocks of a time zone showed, by the tz database of the package tzdata.

The system's own files are never asked: the same rows must give the same verdicts everywhere.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from screen.documents.nearest import nearest_name
from screen.problems import Kind

SKIPPED, TWICE, UNEVEN = "skipped", "twice", "uneven"
# Why a time cannot be placed, by what stands there instead of an offset.
WHY_NOT = {
    SKIPPED: Kind.TIME_SKIPPED,
    TWICE: Kind.TIME_TWICE,
    UNEVEN: Kind.TIME_UNEVEN,
}
_FIRST, _LAST = datetime(1900, 1, 1), datetime(2101, 1, 1)  # noqa: DTZ001 -- as clocks show it
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
# A day more on both sides, for what clocks showed then.
_FROM = datetime(1899, 12, 30, tzinfo=UTC)
_TO = datetime(2101, 1, 3, tzinfo=UTC)
_CENTURIES = 200 * 366 * 86_400
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_WEEK = timedelta(days=7)
_MICROSECONDS = 1_000_000
_NOT_A_PLACE = "Factory"  # what a computer shows before anybody has set its zone


@dataclass(frozen=True, slots=True)
class Clocks:
    """The years 1900 to 2100 of a zone, as its clocks showed them.

    `starts` are the first microseconds of stretches, counted from 1970 as if clocks were never
    moved; `offsets` has the offset (`+01:00`) of the times in each, or the reason why there is
    none. The first of `offsets` is None, for what comes before; so is the last.
    """

    starts: tuple[int, ...]
    offsets: tuple[str | None, ...]

    def offset(self, shown: datetime) -> str | None:
        """The offset that belongs to a time without one, or SKIPPED, TWICE or UNEVEN."""
        return self.offsets[bisect_right(self.starts, (shown - _EPOCH) // _SECOND * _MICROSECONDS)]


def tzdata_version() -> str:
    """The version of the package that the zones come from."""
    from importlib.metadata import version  # which is not asked for without a zone, and is slow

    return version("tzdata")


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone that a mapping may name."""
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return tuple(name for name in names if name != _NOT_A_PLACE)


def nearest_zone(text: str) -> str:
    """The zone that was probably meant: one of that place, or of a name like this; or ""."""
    place = text.strip().replace(" ", "_").rpartition("/")[2].casefold()
    of_place = [name for name in zone_names() if name.rpartition("/")[2].casefold() == place]
    return of_place[0] if of_place else nearest_name(text, zone_names())


@cache
def clocks_of(name: str) -> Clocks:
    """The clocks of one of `zone_names`."""
    file = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    data = file.read_bytes()
    zone = ZoneInfo.from_file(BytesIO(data), key=name)
    bounds = {_FIRST, _LAST}
    for change in _changes(zone, data):
        for instant in (change - _SECOND, change):
            bounds.add((change + _utc_offset(zone, instant)).replace(tzinfo=None))
    starts: list[int] = []
    offsets: list[str | None] = [None]
    for bound in sorted(bounds):
        offset = _offset(zone, bound) if _FIRST <= bound < _LAST else None
        if offset != offsets[-1]:
            starts.append((bound - _EPOCH) // _SECOND * _MICROSECONDS)
            offsets.append(offset)
    return Clocks(tuple(starts), tuple(offsets))


def _offset(zone: ZoneInfo, shown: datetime) -> str:
    """What belongs to the time `shown`; the two folds differ where clocks were moved."""
    first, second = (
        shown.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta(0) for fold in (0, 1)
    )
    if first != second:
        return SKIPPED if first < second else TWICE
    if first % _MINUTE:
        return UNEVEN
    hours, minutes = divmod(abs(first) // _MINUTE, 60)
    return f"{'-' if first < timedelta(0) else '+'}{hours:02}:{minutes:02}"


def _changes(zone: ZoneInfo, data: bytes) -> Iterator[datetime]:
    """The instants at which the clocks of `zone` may have been moved, in UTC."""
    listed = [instant for instant in _listed(data) if _FROM < instant < _TO]
    yield from listed
    # Later ones follow from a rule, at most two a year and months apart.
    week = max((_FROM, *listed))
    while week < _TO:
        if _utc_offset(zone, week) != _utc_offset(zone, week + _WEEK):
            yield _between(zone, week, week + _WEEK)
        week += _WEEK


def _listed(data: bytes) -> Iterator[datetime]:
    """The changes listed in a file of RFC 9636: in its second half, where times have 64 bits."""
    isut, isstd, leap, times, types, letters = struct.unpack_from(">6l", data, 20)
    second = 44 + times * 5 + types * 6 + letters + leap * 8 + isstd + isut
    (times,) = struct.unpack_from(">l", data, second + 32)
    for seconds in struct.unpack_from(f">{times}q", data, second + 44):
        if abs(seconds) < _CENTURIES:
            yield _EPOCH.replace(tzinfo=UTC) + seconds * _SECOND


def _between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second of a change."""
    old = _utc_offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if _utc_offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _utc_offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
