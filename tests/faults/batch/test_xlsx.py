"""An XLSX file: formulas and errors are refused, dates and numbers come out as they are seen."""

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

AT = dt.datetime(2020, 3, 21, 9, 0)  # noqa: DTZ001
HEAD = ["case", "screened_at", "platelets"]

Batch = Callable[..., Any]
Refused = Callable[..., str]
MAPPING = "columns: {platelets: {is: platelets, unit: 10*9/L}}\n"


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    def make(*rows: list[Any], formats: dict[str, str] | None = None) -> Path:
        workbook = Workbook()
        sheet = workbook.active
        for row in rows:
            sheet.append(row)
        for cell, form in (formats or {}).items():
            sheet[cell].number_format = form
        path = tmp_path / "census.xlsx"
        workbook.save(path)
        return path

    return make


def test_numbers_and_dates(batch: Batch, book: Callable[..., Path]) -> None:
    """100.1 is stored as a binary fraction, and is still above 100 and not 100.09999."""
    ran = batch(
        book(
            HEAD,
            ["A", AT, 100],
            ["B", AT, 100.1],
            ["C", dt.date(2020, 3, 21), 99.9],
            [4, AT, "90 10*9/L"],
        ),
        mapping=MAPPING,
    )
    assert ran.verdicts == {
        "A": "ineligible",
        "B": "undecided",
        "C": "ineligible",
        "4": "ineligible",
    }


def test_per_cent_is_shown_as_per_cent(batch: Batch, book: Callable[..., Path]) -> None:
    path = book(
        ["case", "screened_at", "oxygen_saturation", "oxygen_saturation.on"],
        ["A", AT, 0.94, "room_air"],
        ["B", AT, 0.93, "room_air"],
        formats={"C2": "0%", "C3": "0.0%"},
    )
    ran = batch(path)
    column = list(ran.summary["protocols"]["NCT04361903"]["criteria"]).index("desaturation")
    with (ran.out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        letters = [line["criteria"][column] for line in csv.DictReader(file)]
    assert letters == ["N", "M"]


def test_formulas_are_refused(batch: Batch, book: Callable[..., Path]) -> None:
    ran = batch(book(HEAD, ["A", AT, "90 10*9/L"], ["B", AT, "=1+1"]))
    assert ran.verdicts == {"A": "ineligible"}
    reason = "the cell holds a formula; save the sheet with values only"
    assert ran.reasons == [("3", "platelets", reason)]


def test_formula_in_an_ignored_column_harms_nobody(batch: Batch, book: Callable[..., Path]) -> None:
    path = book([*HEAD, "x"], ["A", AT, "90 10*9/L", "=1+1"])
    assert batch(path, mapping="columns: {}\nignore: {x: a check sum}\n").verdicts == {
        "A": "ineligible"
    }


def test_spreadsheet_errors_are_refused(batch: Batch, book: Callable[..., Path]) -> None:
    ran = batch(book(HEAD, ["B", AT, "#DIV/0!"]))
    assert ran.reasons == [("2", "platelets", "the cell holds an error of the spreadsheet")]


def test_serial_dates(batch: Batch, book: Callable[..., Path]) -> None:
    """43911.375 is 2020-03-21 at nine, but only if the mapping says that numbers are dates."""
    rows = (["case", "screened_at", "birth_date"], ["A", 43911.375, 37700])
    ran = batch(book(*rows))
    assert [(row, column) for row, column, _ in ran.reasons] == [
        ("2", "screened_at"),
        ("2", "birth_date"),
    ]
    # 37700 is 2003-03-20: eighteen years old only in 2021.
    ran = batch(book(*rows), mapping="times: excel\ncolumns: {}\n", overwrite=True)
    assert ran.verdicts == {"A": "ineligible"}


def test_cells_beyond_the_header(batch: Batch, book: Callable[..., Path]) -> None:
    ran = batch(book(HEAD, ["A", AT, "90 10*9/L", None, "stray"]))
    assert ran.verdicts == {}
    assert [(row, reason) for row, _, reason in ran.reasons] == [
        ("2", "the row has 4 or more instead of 3 cells")
    ]


def test_several_sheets(batch: Batch, refused: Refused, tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.title = "Notes"
    sheet = workbook.create_sheet("Data")
    for row in (HEAD, ["A", AT, "90 10*9/L"]):
        sheet.append(row)
    path = tmp_path / "census.xlsx"
    workbook.save(path)
    assert "there are several sheets (Notes, Data); a mapping names one as sheet" in refused(path)
    assert 'no sheet "Date"; did you mean "Data"?' in refused(
        path, mapping="sheet: Date\ncolumns: {}\n"
    )
    assert batch(path, mapping="sheet: Data\ncolumns: {}\n").verdicts == {"A": "ineligible"}


def test_no_xlsx_at_all(refused: Refused) -> None:
    said = refused(b"\xd0\xcf\x11\xe0 an old workbook", name="census.xlsx")
    assert said == "census.xlsx: cannot be read: it is no XLSX file, or it is damaged"
