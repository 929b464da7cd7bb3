"""XLSX as hospitals write it: number formats, days from 1904, hidden rows, damaged cells."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from screen.batch.tables.opening import open_table
from screen.batch.tables.source import Reading

AT = "2020-04-06"
HEAD = ("case", "screened_at", "plt")
MAPPING = (
    "shape: wide\n"
    "columns: {case: case, screened_at: screened_at, plt: {is: platelets, unit: 10*9/L}}\n"
)
LOW, HIGH = "ineligible", "undecided"

Batch = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """A sheet of rows; `change` may do anything with it before it is saved."""

    def make(*rows: Any, change: Callable[[Any], None] = lambda _: None) -> Path:
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        change(workbook.active)
        path = tmp_path / "census.xlsx"
        workbook.save(path)
        return path

    return make


@pytest.fixture
def written(tmp_path: Path, book: Callable[..., Path]) -> Callable[..., Path]:
    """A sheet of three columns whose rows and cells are written as given, byte by byte."""

    def make(data: str) -> Path:
        plain = book(HEAD)
        path = tmp_path / "raw.xlsx"
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
            for part in old.namelist():
                content = old.read(part)
                if part == "xl/worksheets/sheet1.xml":
                    head, _, tail = content.decode().partition("</row>")
                    content = f"{head}</row>{data}{tail}".encode()
                new.writestr(part, content)
        return path

    return make


def cells(path: Path) -> dict[str, list[str | None]]:
    """The texts of the columns of a sheet."""
    source = open_table(path, Reading())
    (block,) = source.blocks(source.header)
    return dict(block.table.to_pydict())


def case(row: int, name: str, cell: str) -> str:
    return (
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{name}</t></is></c>'
        f'<c r="B{row}" t="inlineStr"><is><t>{AT}</t></is></c>{cell}</row>'
    )


def test_a_sign_that_does_not_multiply(book: Callable[..., Path]) -> None:
    """0.8 shown as "0.8%" by an escaped or quoted sign is 0.8 per cent; by a plain one it is 80."""
    forms = (r"0.0\%", '0.0"%"', "0.0%")

    def change(sheet: Any) -> None:
        for number, form in enumerate(forms, start=2):
            sheet.cell(number, 1).number_format = form

    path = book(["segs"], [0.8], [0.8], [0.8], change=change)
    assert cells(path) == {"segs": ["0.8 %", "0.8 %", "80 %"]}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("[$-zh-CN]yyyy/m/d", "2020-04-05"),
        ("yyyy-mm-dd h:mm:ss", "2020-04-05T00:00:00"),
        ("General", "43926"),
    ],
)
def test_a_day_is_what_shows_no_clock(book: Callable[..., Path], form: str, text: str) -> None:
    def change(sheet: Any) -> None:
        sheet["A2"].number_format = form

    assert cells(book(["at"], [43926], change=change)) == {"at": [text]}


@pytest.mark.parametrize(
    ("serial", "text"),
    [
        # 1900-02-28 is day 59; day 60 was never; 1900-03-01 is day 61.
        (59, "1900-02-28"),
        (60, None),
        (61, "1900-03-01"),
        (0, None),
        (-1, None),
        (2958466, None),
        (43926.99999, "2020-04-05"),
    ],
)
def test_days_of_the_calendar(book: Callable[..., Path], serial: float, text: str | None) -> None:
    def change(sheet: Any) -> None:
        sheet["A2"].number_format = "yyyy-mm-dd"

    assert cells(book(["at"], [serial], change=change)) == {"at": [text]}


def test_days_from_1904(batch: Batch, book: Callable[..., Path]) -> None:
    """42465 days after 1904-01-01 is 2020-04-06; after 1899-12-30 it is 2016-04-05."""

    def change(sheet: Any) -> None:
        sheet.parent.epoch = CALENDAR_MAC_1904
        sheet["C2"] = dt.datetime(2020, 4, 6)  # noqa: DTZ001
        sheet["C2"].number_format = "yyyy-mm-dd"

    mapping = "columns: {at: {is: platelets.at, times: excel}}\n"
    head = ("case", "platelets", "screened_at", "at")
    path = book(head, ["A", "18 10*9/L", None, 42465], change=change)
    assert cells(path)["screened_at"] == ["2020-04-06"]
    # A count of 2016 would be long out of date.
    assert batch(path, mapping).verdicts == {"A": LOW}


def test_noise_of_binary_numbers(batch: Batch, written: Callable[..., Path]) -> None:
    """A spreadsheet keeps 15 digits: 100.00000000000001 is 100, and 100,000 /mm3 excludes."""
    rows = [
        case(2, "A", '<c r="C2"><v>100.00000000000001</v></c>'),
        case(3, "B", '<c r="C3"><v>100.000000000001</v></c>'),
        case(4, "C", '<c r="C4"><v>9.9999999999999998E+1</v></c>'),
    ]
    assert batch(written("".join(rows)), MAPPING).verdicts == {"A": LOW, "B": HIGH, "C": LOW}


def test_a_number_that_lost_its_end_is_no_id(batch: Batch, book: Callable[..., Path]) -> None:
    ran = batch(book(HEAD, [1405202108700637123, AT, 18], [140520210870063, AT, 18]), MAPPING)
    assert ran.verdicts == {"140520210870063": LOW}
    reason = (
        "a number of more than 15 digits has lost its end in the spreadsheet; store the id as text"
    )
    assert ran.reasons == [("2", "case", reason)]


def test_hidden_rows_are_screened_and_said(batch: Batch, book: Callable[..., Path]) -> None:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.row_dimensions[9].hidden = True  # nothing stands there

    ran = batch(book(HEAD, ["A", AT, 18], ["B", AT, 240], change=change), MAPPING)
    assert ran.verdicts == {"A": LOW, "B": HIGH}
    assert ran.summary["hidden_rows"] == {"census.xlsx": 1}


def test_what_is_struck_out_is_never_joined_on(batch: Batch, tmp_path: Path) -> None:
    """Of "9" struck out and "45" no 945 is made; nor does a cell struck out as a whole count."""
    workbook = Workbook()
    sheet = workbook.active
    for row in (HEAD, ["A", AT], ["B", AT, 45], ["C", AT], ["D", AT, 45]):
        sheet.append(row)
    struck, plain = InlineFont(strike=True), InlineFont(strike=False, b=True)
    sheet["C2"] = CellRichText(TextBlock(struck, "9"), TextBlock(plain, "45"))
    sheet["C3"].font = Font(strike=True)
    sheet["C4"] = CellRichText(TextBlock(plain, "4"), "5")
    path = tmp_path / "census.xlsx"
    workbook.save(path)
    ran = batch(path, MAPPING)
    assert ran.verdicts == {"C": LOW, "D": LOW}
    reason = "the cell is struck out, or part of it is"
    assert ran.reasons == [("2", "plt", reason), ("3", "plt", reason)]


@pytest.mark.parametrize(
    "cell",
    [
        't="s"><v>7</v>',
        't="s"><v>-1</v>',
        't="s"><v>x</v>',
        't="n"><v>NaN</v>',
        't="n"><v>1E+9999</v>',
        't="n"><v>18abc</v>',
        's="999"><v>18</v>',
        's="x"><v>18</v>',
        't="b"><v>2</v>',
        't="?"><v>18</v>',
    ],
)
def test_a_damaged_cell_rejects_its_row(
    batch: Batch, written: Callable[..., Path], cell: str
) -> None:
    rows = case(2, "A", f'<c r="C2" {cell}</c>') + case(3, "B", '<c r="C3"><v>18</v></c>')
    ran = batch(written(rows), MAPPING)
    assert ran.verdicts == {"B": LOW}
    reason = "the cell is damaged in the file: what it holds cannot be told"
    assert ran.reasons == [("2", "plt", reason)]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('t="b"><v>1</v>', "TRUE"),
        ('t="b"><v>0</v>', "FALSE"),
        ('t="str"><v>18</v>', "18"),
        ('t="d"><v>2020-04-06T10:00:00</v>', "2020-04-06T10:00:00"),
        ('t="d"><v>2020-04-06T00:00:00</v>', "2020-04-06"),
        ('t="inlineStr"><is><t>18</t><rPh sb="0" eb="1"><t>9</t></rPh></is>', "18"),
        ('t="inlineStr"><is><t xml:space="preserve">a_x000D_b</t></is>', "a\rb"),
        ("><v></v>", None),
        ("><v>0.1</v>", "0.1"),
        ("><v>1.0000000000000001E-5</v>", "0.00001"),
    ],
)
def test_other_cells(written: Callable[..., Path], cell: str, text: str | None) -> None:
    assert cells(written(case(2, "A", f'<c r="C2" {cell}</c>')))["plt"] == [text]


def test_a_number_shown_in_thousands(batch: Batch, book: Callable[..., Path]) -> None:
    def change(sheet: Any) -> None:
        sheet["C2"].number_format = "0.0,"

    ran = batch(book(HEAD, ["A", AT, 18000], ["B", AT, 18], change=change), MAPPING)
    assert ran.verdicts == {"B": LOW}
    assert [line[:2] for line in ran.reasons] == [("2", "plt")]


def test_the_header_below_a_title(
    batch: Batch, refused: Refused, book: Callable[..., Path]
) -> None:
    path = book(["WARD-3 census"], ["printed", AT], HEAD, ["A", AT, 18], ["2 beds free"])
    said = refused(path, f"header_row: 30\n{MAPPING}")
    assert said == "census.xlsx: there is no row 30 with the names of the columns"
    said = refused(path, MAPPING)
    assert said.startswith(
        "census.xlsx: the names of the columns seem to stand in row 3; a mapping says so by"
        " header_row: 3\n"
    )
    ran = batch(path, f"header_row: 3\n{MAPPING}")
    assert ran.verdicts == {"A": LOW}
    assert [(line["row"], line["case"]) for line in ran.rejects] == [("5", "2 beds free")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            '<row r="3"/><row r="3"/>',
            "the rows of the sheet are out of order: row 3 stands too low",
        ),
        ('<row r="x"/>', "the rows of the sheet are out of order: row x stands too low"),
        ('<row r="1048577"/>', "has more cells than a sheet can hold (1,048,576 rows)"),
        ('<row r="2"><c r="XFE2"/></row>', "has more cells than a sheet can hold (16,384 columns)"),
        ('<row r="2"><c r="A3"/></row>', "row 2 has a cell out of place (A3)"),
        ('<row r="2">', "it is no XLSX file, or it is damaged"),
    ],
)
def test_a_sheet_that_is_none(
    refused: Refused, written: Callable[..., Path], rows: str, said: str
) -> None:
    assert said in refused(written(rows), MAPPING)


def test_two_cells_at_one_place(refused: Refused, written: Callable[..., Path]) -> None:
    double = case(2, "A", '<c r="C2"><v>18</v></c><c r="C2"><v>240</v></c>')
    assert "row 2 has a cell out of place (C2)" in refused(written(double), MAPPING)


def test_a_file_that_would_fill_the_machine(refused: Refused, written: Callable[..., Path]) -> None:
    """Seventy megabytes of nothing in some seventy kilobytes."""
    path = written("")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"\0" * (70 << 20))
    assert "is packed so tightly that it may be made to fill the machine" in refused(path, MAPPING)


def test_a_birth_date_at_midnight(batch: Batch, book: Callable[..., Path]) -> None:
    head = ("case", "screened_at", "birth_date")
    night = dt.datetime(2010, 8, 2)  # noqa: DTZ001
    ran = batch(book(head, ["A", dt.datetime(2020, 3, 21, 9), night]))  # noqa: DTZ001
    assert ran.rejects == []
    assert ran.verdicts == {"A": LOW}  # a child of nine


def test_parts_that_do_not_matter_may_be_damaged(
    batch: Batch, book: Callable[..., Path], tmp_path: Path
) -> None:
    path = tmp_path / "raw.xlsx"
    with zipfile.ZipFile(book(HEAD, ["A", AT, 18])) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.namelist():
            new.writestr(part, b"<" if part.startswith("docProps") else old.read(part))
    assert batch(path, MAPPING).verdicts == {"A": LOW}
