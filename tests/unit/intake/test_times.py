"""Dates and times of cases."""

from datetime import date, datetime, timedelta, timezone

import pytest

from screen.intake.times import NotATime, read_birth_day, read_day, read_stamp
from screen.model.moment import DAY, HOUR

NOON = datetime(2020, 3, 21, 12, tzinfo=timezone(timedelta(hours=1)))
# 2020-03-21T00:00Z is day 18342 since 1970.
MIDNIGHT = 18342 * DAY


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2020-03-21T09:00:00+01:00", MIDNIGHT + 8 * HOUR),
        ("2020-03-21 09:00:00+0100", MIDNIGHT + 8 * HOUR),
        ("2020-03-21 09:00 +01:00", MIDNIGHT + 8 * HOUR),
        ("2020-03-21T08:00Z", MIDNIGHT + 8 * HOUR),
        ("2020-03-21T04:30:00.5-03:30", MIDNIGHT + 8 * HOUR + 500_000),
        ("2020-03-21T08:00:00.000001Z", MIDNIGHT + 8 * HOUR + 1),
        # As PostgreSQL prints an offset, and SQL Server, Java and pandas a fraction.
        ("2020-03-21 10:00:00+02", MIDNIGHT + 8 * HOUR),
        ("2020-03-21 04:30:00-0330", MIDNIGHT + 8 * HOUR),
        ("2020-03-21T08:00:00.0000000Z", MIDNIGHT + 8 * HOUR),
        ("2020-03-21 10:00:00.1234567+02", MIDNIGHT + 8 * HOUR + 123_456),
        ("2020-03-21T08:00:00.999999999Z", MIDNIGHT + 8 * HOUR + 999_999),
        ("2020-03-21T08:00", MIDNIGHT + 8 * HOUR),
    ],
)
def test_an_instant(text: str, start: int) -> None:
    stamp = read_stamp(text)
    moment = stamp.moment(NOON)
    assert (moment.start, moment.end, moment.text) == (start, start, text)
    assert stamp.day == date(2020, 3, 21)
    assert stamp.has_offset == (text != "2020-03-21T08:00")


def test_a_whole_day_lies_in_the_zone_of_the_case() -> None:
    moment = read_stamp("2020-03-21").moment(NOON)
    assert (moment.start, moment.end) == (MIDNIGHT - HOUR, MIDNIGHT - HOUR + DAY - 1)


def test_a_screening_on_a_day_is_at_its_end() -> None:
    moment, like = read_stamp("2020-03-21").screening()
    assert (moment.start, moment.end) == (MIDNIGHT + DAY - 1, MIDNIGHT + DAY - 1)
    assert like.tzinfo is None


@pytest.mark.parametrize(
    "text",
    [
        *("21/03/2020", "2020-3-21", "20200321", "2020-03", "2020-W12-6", "2020-081", "today"),
        *("2020-02-30", "2019-02-29", "2020-13-01", "1899-12-31", "2101-01-01", "0000-00-00"),
        *("2020-03-21T24:00", "2020-03-21T08:60", "2020-03-21T08:00:60", "2020-03-21T8:00"),
        *("2020-03-21T08:00+15:00", "2020-03-21T08:00+01:60", "2020-03-21T08:00:00.1234567890Z"),
        *("2020-03-21T08:00+2", "2020-03-21T08:00+02:0", "2020-03-21T08:00+020"),
        *("2020-03-21Z", "2020-03-21T", "2020-03-21T08", "2020-03-21  08:00", "٢٠٢٠-03-21"),
        *("2020-03-21T08:00 CET", "2020-03-21t08:00", "", "1584777600", "2020-03-21\n"),
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        read_stamp(text)


def test_a_day_is_a_full_date() -> None:
    assert read_day("1957-08-02") == date(1957, 8, 2)
    with pytest.raises(NotATime, match="full date"):
        read_day("1957")
    with pytest.raises(NotATime, match="full date"):
        read_day("1957-08-02T00:00")


@pytest.mark.parametrize(
    "text",
    [
        "1957-08-02",
        "1957-08-02 00:00:00",
        "1957-08-02T00:00",
        "1957-08-02T00:00:00.0000000",
        "1957-08-02 00:00:00+00",
    ],
)
def test_a_birth_date_at_midnight_is_the_day(text: str) -> None:
    assert read_birth_day(text) == date(1957, 8, 2)


@pytest.mark.parametrize(
    "text", ["1957-08-02T08:10", "1957-08-02 00:00:01", "1957", "8/2/1957 0:00"]
)
def test_a_birth_date_is_no_other_time(text: str) -> None:
    with pytest.raises(NotATime):
        read_birth_day(text)
