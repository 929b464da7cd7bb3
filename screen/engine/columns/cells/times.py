"""Columns of times as text to microseconds, each different text once.

Times of one plain layout are read together, byte by byte; every other text is read by the
program's own reader (`screen.intake.times`), so that what is odd has one meaning.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen.engine.columns.cells.whole import Bools, Ints
from screen.intake.times import NotATime, read_stamp
from screen.model.moment import DAY, MINUTE, microseconds

if TYPE_CHECKING:
    import pyarrow as pa

NO_OFFSET = 1 << 40
UNDATED = -(2**62)
"""The start and end of a record without a time; no time that is read is as early."""
_SECOND = MINUTE // 60
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_DATE = 10
_LONGEST = 32
_AT_ONCE = 1 << 15
"""Texts that are taken apart at once, few enough for the processor's cache."""

_MONTHS = np.arange((_LAST_YEAR - _FIRST_YEAR + 1) * 12 + 1) + (_FIRST_YEAR - 1970) * 12
_DAYS_BEFORE = _MONTHS.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
_DAYS_IN = np.diff(_DAYS_BEFORE)


class Times(NamedTuple):
    """`local` microseconds since 1970 as the clock showed them, and the clock's `offset` from
    UTC (`NO_OFFSET` where none is written). A whole day has its midnight, and is a `day`.
    Where `read` is false there is no such time; a text that is null is read, as nothing.
    """

    local: Ints
    offset: Ints
    day: Bools
    read: Bools


def read_times(texts: "pa.StringArray") -> Times:
    """The times of a column of texts without blanks around them."""
    count = len(texts)
    times = Times(
        np.zeros(count, dtype=np.int64),
        np.full(count, NO_OFFSET, dtype=np.int64),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=bool),
    )
    if not count:
        return times
    ends, letters = _letters(texts)
    lengths = np.diff(ends)
    for length in np.flatnonzero(np.bincount(lengths)).tolist():
        if _DATE <= length <= _LONGEST:
            rows = np.flatnonzero(lengths == length)
            for start in range(0, len(rows), _AT_ONCE):
                some = rows[start : start + _AT_ONCE]
                _read_alike(times, some, _side_by_side(letters, ends, some, length))
    missing = np.flatnonzero(~texts.is_valid().to_numpy(zero_copy_only=False))
    times.read[missing] = True
    odd = np.flatnonzero(~times.read)
    for row, text in zip(odd.tolist(), texts.take(odd).to_pylist(), strict=True):
        _read_alone(times, row, text)
    return times


def _letters(texts: "pa.StringArray") -> tuple[Any, Any]:
    """Where each text begins (and the last one ends), and all their bytes."""
    _, ends, data = texts.buffers()
    start, count = texts.offset, len(texts)
    offsets = np.frombuffer(ends, dtype=np.int32)[start : start + count + 1].astype(np.int64)
    return offsets, np.frombuffer(data if data is not None else b"", dtype=np.uint8)


def _side_by_side(letters: Any, ends: Any, rows: Any, length: int) -> Any:
    """The bytes of texts of one length, a text in each row."""
    first, last = ends[rows[0]], ends[rows[-1]] + length
    if last - first == len(rows) * length:
        return letters[first:last].reshape(-1, length)
    return letters[ends[rows, None] + np.arange(length)]


def _read_alike(times: Times, rows: Any, chars: Any) -> None:
    """Read texts of one length, those of each layout together."""
    length = chars.shape[1]
    if length == _DATE:
        _read_layout(times, rows, chars, _DATE, 0)
        return
    zone = np.where(chars[:, -1] == ord("Z"), 1, 0)
    if length >= 22:
        signed = (chars[:, -6] == ord("+")) | (chars[:, -6] == ord("-"))
        zone = np.where(signed & (chars[:, -3] == ord(":")), 6, zone)
    for width in (0, 1, 6):
        mine = zone == width
        body = length - width
        if not (body in (16, 19) or 21 <= body <= 26):
            continue
        if mine.all():
            _read_layout(times, rows, chars, body, width)
        elif mine.any():
            _read_layout(times, rows[mine], chars[mine], body, width)


def _read_layout(times: Times, rows: Any, chars: Any, body: int, zone: int) -> None:
    """Read texts whose time takes `body` bytes, and whose offset the `zone` bytes behind it."""
    good = np.ones(len(rows), dtype=bool)

    def digit(place: int) -> Any:
        value = chars[:, place] - np.uint8(ord("0"))
        np.logical_and(good, value <= 9, out=good)
        return value

    def pair(place: int) -> Any:
        return digit(place) * np.uint8(10) + digit(place + 1)

    def mark(place: int, *signs: str) -> None:
        there = np.logical_or.reduce([chars[:, place] == ord(sign) for sign in signs])
        np.logical_and(good, there, out=good)

    year = pair(0).astype(np.int32) * 100 + pair(2) - _FIRST_YEAR
    month, day = pair(5), pair(8)
    good &= (year >= 0) & (year <= _LAST_YEAR - _FIRST_YEAR) & (month >= 1) & (month <= 12)
    mark(4, "-")
    mark(7, "-")
    at = np.where(good, year * 12 + month - 1, 0)
    good &= (day >= 1) & (day <= _DAYS_IN[at])
    local = (_DAYS_BEFORE[at] + day - 1).astype(np.int64) * DAY
    if body > _DATE:
        hour, minute = pair(11), pair(14)
        good &= (hour <= 23) & (minute <= 59)
        seconds = hour.astype(np.int32) * 3600 + minute.astype(np.int32) * 60
        mark(_DATE, "T", " ")
        mark(13, ":")
        if body > 16:
            second = pair(17)
            good &= second <= 59
            seconds += second
            mark(16, ":")
        local += seconds.astype(np.int64) * _SECOND
    if body > 19:
        mark(19, ".")
        fraction = np.zeros(len(rows), dtype=np.int32)
        for place in range(20, body):
            fraction = fraction * 10 + digit(place)
        local += fraction * 10 ** (26 - body)
    offset = np.full(len(rows), NO_OFFSET if zone == 0 else 0, dtype=np.int64)
    if zone == 6:
        hours, minutes = pair(body + 1), pair(body + 4)
        good &= (hours <= 14) & (minutes <= 59)
        minutes = hours.astype(np.int64) * 60 + minutes
        offset = np.where(chars[:, body] == ord("-"), -minutes, minutes) * MINUTE
    if not good.all():
        rows, local, offset = rows[good], local[good], offset[good]
    times.local[rows], times.offset[rows] = local, offset
    times.day[rows], times.read[rows] = body == _DATE, True


def _read_alone(times: Times, row: int, text: str) -> None:
    """Read one text as a case file's is read."""
    try:
        stamp = read_stamp(text)
    except NotATime:
        return
    clock = stamp.clock
    shown = datetime(stamp.day.year, stamp.day.month, stamp.day.day) if clock is None else clock  # noqa: DTZ001
    times.local[row] = microseconds(shown.replace(tzinfo=None))
    times.day[row] = clock is None
    if clock is not None and clock.tzinfo is not None:
        times.offset[row] = times.local[row] - microseconds(clock)
    times.read[row] = True
