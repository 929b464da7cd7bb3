"""Times in SQL against Python's own calendar."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.batch.cells.time_sql import birth_date, counted, day_and_clock, shifted
from screen.quoting import literal

_CONNECTION = duckdb.connect()
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def value(sql: str) -> Any:
    ((found,),) = _CONNECTION.sql(f"SELECT {sql}").fetchall()
    return found


def cell(text: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if text is None else f"CAST({literal(text)} AS VARCHAR)"


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)),  # noqa: DTZ001
    st.sampled_from(sorted(_SECONDS)),
    st.decimals(-100_000, 100_000, places=3),
    st.sampled_from(["", "+02:00", "-0330", "Z"]),
)
def test_counted_from_a_time(start: datetime, unit: str, number: Decimal, offset: str) -> None:
    """Exact to the microsecond, in the offset of the time that is counted from."""
    text = start.isoformat() + offset
    found = value(counted(cell(str(number)), unit, cell(text)))
    micro = number * _SECONDS[unit] * 1_000_000
    moment = start + timedelta(microseconds=int(micro.to_integral_value("ROUND_HALF_UP")))
    assert found is not None
    assert found.endswith(offset)
    assert datetime.fromisoformat(found.removesuffix(offset)) == moment


@pytest.mark.parametrize(
    ("number", "unit", "since", "expected"),
    [
        ("2", "d", "2020-02-28", "2020-03-01"),
        ("-1", "d", "2020-03-01", "2020-02-29"),
        ("1.5", "d", "2020-03-01", None),  # noon of no known day
        ("5", "min", "2020-03-01", None),
        ("x", "min", "2020-03-01T10:00", None),
        ("1", "min", "soon", None),
        ("1", "min", None, None),
        (None, "min", "2020-03-01T10:00", None),
        ("1e300", "d", "2020-03-01T10:00", None),
        ("99999999999999", "d", "2020-03-01T10:00", None),
        ("99999999999999", "d", "2020-03-01", None),
    ],
)
def test_what_can_be_counted(
    number: str | None, unit: str, since: str | None, expected: str | None
) -> None:
    assert value(counted(cell(number), unit, cell(since))) == expected


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2020-03-21", "08:30", "2020-03-21T08:30"),
        ("2020-03-21", "8:30:05", "2020-03-21T08:30:05"),
        ("2020-03-21", "23:59:59.25", "2020-03-21T23:59:59.25"),
        ("2020-03-21 00:00:00", "08:30", "2020-03-21T08:30"),  # as databases write a day
        ("2020-03-21", None, "2020-03-21"),
        ("2020-03-21", "24:00", None),
        ("2020-03-21", "8.30", None),
        ("2020-03-21 10:00", "08:30", None),
        ("21.03.2020", "08:30", None),
        (None, "08:30", None),
        (None, None, None),
    ],
)
def test_day_and_clock(day: str | None, clock: str | None, expected: str | None) -> None:
    assert value(day_and_clock(cell(day), cell(clock), (), ())) == expected


@pytest.mark.parametrize(
    ("text", "years", "expected"),
    [
        ("2120-03-21T08:00+01:00", -100, "2020-03-21T08:00+01:00"),
        ("2120-03-21", -100, "2020-03-21"),
        ("1920-03-21", 100, "2020-03-21"),
        ("soon", -100, "soon"),
        ("20-03-21", -100, "20-03-21"),
    ],
)
def test_shifted(text: str, years: int, expected: str) -> None:
    assert value(shifted(cell(text), years)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("1957", "8", "2"), "1957-08-02"),
        (("1957.0", "08", "02.0"), "1957-08-02"),
        (("57", "8", "2"), None),
        (("1957", "100", "2"), None),
        (("1957", "Aug", "2"), None),
        (("1957", None, "2"), None),
    ],
)
def test_birth_date(parts: tuple[str | None, str | None, str | None], expected: str | None) -> None:
    year, month, day = (cell(part) for part in parts)
    assert value(birth_date(year, month, day)) == expected
