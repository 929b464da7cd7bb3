"""A quote too many in a CSV: the file is refused, or the row; no row is ever taken into a cell."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

HEAD = "case,screened_at,sex,platelets,platelets.source\n"
AT = "2020-04-06"
REST = f"Y,{AT},male,90 10*9/L,tube C\nZ,{AT},male,300 10*9/L,tube D\n"
OTHERS = {"Y": "ineligible", "Z": "undecided"}

OVER_ROWS = (
    "census.csv:2:5: a quote opens the cell and takes rows below into it; close it, or remove it"
)
OPEN = (
    "census.csv:2:5: a quote opens the cell and is not closed, so that all rows below would"
    " belong to it"
)
STRAY = (
    "a quote stands in the middle of the cell; a cell with quotes in it is written in quotes,"
    " and each of its own twice"
)

Batch = Callable[..., Any]
Refused = Callable[..., str]


def row(source: str, case: str = "A") -> str:
    return f"{case},{AT},male,18 10*9/L,{source}\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        # Opened in row 2; what closes it is the opening of another.
        (row('"tube A') + row("tube B", "B") + row('"tube C', "C"), OVER_ROWS),
        # Nothing closes it.
        (row('"tube A') + row("tube B", "B"), OPEN),
        # Two cells of a single quote, as a sign for "the same", close one another.
        (row('"') + row('"', "B"), OVER_ROWS),
        (row('"') + row("tube B", "B") + row('"', "C"), OVER_ROWS),
        # The other quote stands at the end of a cell some rows below.
        (row('"tube A') + row("tube B", "B") + row('tube C"', "C"), OVER_ROWS),
        # In the last row, without a line end behind it.
        (REST + row('"tube A').rstrip("\n"), OPEN.replace(":2:", ":4:")),
    ],
)
def test_rows_are_never_taken_into_a_cell(refused: Refused, rows: str, said: str, end: str) -> None:
    tail = "" if said.startswith("census.csv:4:") else REST
    assert refused((HEAD + rows + tail).replace("\n", end)) == said


def test_the_same_in_a_column_that_is_not_used(refused: Refused) -> None:
    """What the cell would take with it is used, even where the cell itself is not."""
    mapping = "columns: {}\nignore: {note: free text}\n"
    rows = row('"tube A') + row("tube B", "B") + row('"tube C', "C")
    assert refused((HEAD + rows + REST).replace("platelets.source", "note"), mapping) == OVER_ROWS


@pytest.mark.parametrize("cell", ['tube "A"', '5"', '"tube" A', '"tube"A"', ' "tube"', '"a"b""'])
def test_a_quote_in_the_middle_rejects_its_row(batch: Batch, cell: str) -> None:
    ran = batch(HEAD + row(cell) + REST)
    assert ran.verdicts == OTHERS
    assert ran.reasons == [("2", "platelets.source", STRAY)]


def test_a_quote_in_the_middle_of_an_unused_cell_harms_nobody(batch: Batch) -> None:
    mapping = "columns: {}\nignore: {note: free text}\n"
    text = (HEAD + row('a 5" tube') + REST).replace("platelets.source", "note")
    assert batch(text, mapping).verdicts == {"A": "ineligible", **OTHERS}


@pytest.mark.parametrize("cell", ['"tube ""A"""', '""', '"a, b"', '""""'])
def test_quotes_as_they_should_be(batch: Batch, cell: str) -> None:
    ran = batch(HEAD + row(cell) + REST)
    assert ran.verdicts == {"A": "ineligible", **OTHERS}
    assert ran.rejects == []


def test_a_cell_of_several_lines_is_one_cell(batch: Batch) -> None:
    mapping = "columns: {}\nignore: {note: free text}\n"
    text = HEAD.replace("platelets.source", "note")
    text += row('"slept badly,\nasked for a bed, twice,\r\nthen left"') + REST
    assert batch(text, mapping).verdicts == {"A": "ineligible", **OTHERS}


def test_rows_keep_their_numbers_behind_a_cell_of_several_lines(batch: Batch) -> None:
    mapping = "columns: {}\nignore: {note: free text}\n"
    text = HEAD.replace("platelets.source", "note") + row('"one\ntwo"') + f"B,{AT},male\n" + REST
    ran = batch(text, mapping)
    assert ran.reasons == [("3", "", "the row has 3 instead of 5 cells")]


def test_a_quote_far_down(batch: Batch, refused: Refused) -> None:
    """The file is read in pieces of a megabyte; a quote in a later one is found as well."""
    mapping = "columns: {}\nignore: {note: free text}\n"
    head = HEAD.replace("\n", ",note\n")
    many = "".join(row(f"tube A,{'x' * 5000}", f"N{n}") for n in range(300))
    said = refused(head + many + row('"tube A,') + many, mapping)
    assert said.startswith("census.csv:302:5: a quote opens the cell and is not closed")
    ran = batch(head + many + row('5" tube,'), mapping)
    assert ran.reasons == [("302", "platelets.source", STRAY)]


def test_a_quote_in_a_compressed_file_in_another_encoding(refused: Refused) -> None:
    text = (HEAD + row('"tube \xc4') + REST).replace(",", ";")
    mapping = 'encoding: latin-1\ndelimiter: ";"\ncolumns: {}\n'
    said = refused(gzip.compress(text.encode("latin-1")), mapping, name="census.csv.gz")
    assert said == OPEN.replace("census.csv", "census.csv.gz")


def test_a_quote_in_the_header(refused: Refused) -> None:
    said = refused(HEAD.replace("sex", 'se"x') + REST)
    assert said == f"census.csv:1:3: {STRAY}"
    assert "the header spans several lines" in refused(HEAD.replace("sex", '"sex') + REST)


def test_the_header_below_a_title(batch: Batch, refused: Refused) -> None:
    text = f'Ward 3, "census"\n\n{HEAD}{REST}B,{AT},male\n'
    said = refused(text, "header_row: 9\ncolumns: {}\n")
    assert said == "census.csv: there is no row 9 with the names of the columns"
    ran = batch(text, "header_row: 3\ncolumns: {}\n")
    assert ran.verdicts == OTHERS
    assert ran.reasons == [("6", "", "the row has 3 instead of 5 cells")]
