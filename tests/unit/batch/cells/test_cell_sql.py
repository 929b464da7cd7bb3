"""Single cells through the SQL that a mapping makes of them."""

from typing import Any

import duckdb
import pytest

from screen.batch.cells.cell_sql import is_any, number_form, time_form, trimmed_cell, with_unit


def value(sql: str, cell: str | None) -> Any:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (c VARCHAR)")
    connection.execute("INSERT INTO t VALUES (?)", [cell])
    ((found,),) = connection.sql(f"SELECT {sql} FROM t").fetchall()
    return found


@pytest.mark.parametrize(
    ("cell", "texts", "expected"),
    [
        ("-1", ("-1",), True),
        ("-1.0", ("-1",), True),
        ("-1.00", ("-1.0",), True),
        ("-01", ("-1",), True),
        ("-1.01", ("-1",), False),
        ("1", ("-1",), False),
        ("-10", ("-1",), False),
        ("-1", ("NA", "-1"), True),
        ("99.90", ("99.9",), True),
        ("9909", ("99.9",), False),
        ("n/a", ("NA",), False),
        ("O'Neill", ("O'Neill",), True),
        ("1e0", ("1",), False),
        (None, ("-1",), False),
    ],
)
def test_is_any(cell: str | None, texts: tuple[str, ...], expected: bool) -> None:
    assert value(is_any("c", texts), cell) is expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("5,6", "5.6"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("12", "12"),
        ("<0,3 mg/L", "<0.3 mg/L"),
        (">= 1.000 10*9/L", ">= 1000 10*9/L"),
        ("-0,5", "-0.5"),
        ("5,6 %", "5.6 %"),
        ("5.6", None),  # would be 56
        ("12.34", None),
        ("1.2345", None),
        ("1,234,5", None),
        ("few", None),
        ("12 345", "12 345"),  # no form of a mapping; the reader of quantities refuses it
    ],
)
def test_number_form(cell: str, expected: str | None) -> None:
    assert value(number_form("c", ",", "."), cell) == expected


def test_number_form_without_thousands() -> None:
    assert value(number_form("c", ",", ""), "1234,5 U/L") == "1234.5 U/L"
    assert value(number_form("c", ",", ""), "1.234,5 U/L") is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("90", "90 g/L"),
        ("<0.3", "<0.3 g/L"),
        (">= 5e3", ">= 5e3 g/L"),
        ("-1", "-1 g/L"),
        ("90 mg/dL", "90 mg/dL"),
        ("90%", "90%"),
        ("high", "high"),
        (None, None),
    ],
)
def test_with_unit(cell: str | None, expected: str | None) -> None:
    assert value(with_unit("c", "'g/L'"), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("21.3.2020 09:05", "2020-03-21T09:05:00+08:00"),
        ("21.03.2020 9:05", "2020-03-21T09:05:00+08:00"),
        ("21.3.2020", "2020-03-21"),
        ("3/21/2020", None),
        ("31.2.2020", None),
        ("2020-03-21", None),
    ],
)
def test_time_form(cell: str, expected: str | None) -> None:
    sql = time_form("c", ("%d.%m.%Y %H:%M", "%d.%m.%Y"), "+08:00", is_day=False)
    assert value(sql, cell) == expected


@pytest.mark.parametrize(
    ("cell", "is_day", "expected"),
    [
        ("43911", False, "2020-03-21"),
        ("43911.375", False, "2020-03-21T09:00:00+01:00"),
        # A third of a day has no end in decimals; Excel keeps 17 digits, a second is far coarser.
        ("43911.333333333336", False, "2020-03-21T08:00:00+01:00"),
        ("43911.375", True, "2020-03-21"),
        ("60", False, None),  # the day that 1900 did not have
        ("yesterday", False, None),
    ],
)
def test_excel_dates(cell: str, is_day: bool, expected: str | None) -> None:
    assert value(time_form("c", ("excel",), "+01:00", is_day), cell) == expected


def test_trimming_takes_the_blank_that_breaks_no_line() -> None:
    assert value(trimmed_cell("c"), "\u00a0 91 %\t\r\n") == "91 %"
