"""Tables of any shape, read by the program and by readers that share no code with it.

No row may be lost: every row is delivered, or rejected by its number, once, or the file is
refused. What Python's csv or DuckDB refuses is never delivered without a word, and what all of
them read is the same. Sheets are read a second time by openpyxl alone.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from screen.batch.tables import csv_file as delimited
from screen.batch.tables.opening import open_table
from screen.batch.tables.quotes import Quotes
from screen.batch.tables.source import Reading
from screen.problems import ProblemsFound

PLAIN = ("", "fine", "18 10*9/L", "a b", "caf\xe9", "0")
QUOTED = ('"a, b"', '"a;b\tc"', '"a\nb"', '"a\r\nb, c"', '"x ""y"""', '""', '"\n"', '","')
ODD = ('5"', 'say "x" twice', '"', '""a', '"open', 'shut"', '"a"b', ' "a"', '"""', '",b"', '"a\n')


class Written(NamedTuple):
    """A CSV: its text, how it is to be read, and the ids of its rows."""

    text: str
    delimiter: str
    encoding: str
    ids: tuple[str, ...]
    header: tuple[str, ...]


class Read(NamedTuple):
    """What the program delivers: cells by row number, and the rejected numbers with their text."""

    rows: dict[int, list[str | None]]
    bad: dict[int, str]


@st.composite
def tables(draw: st.DrawFn, pools: tuple[str, ...]) -> Written:
    delimiter = draw(st.sampled_from(",;\t"))
    end = draw(st.sampled_from(("\n", "\r\n", "\r")))
    width = draw(st.integers(3, 5))
    cells = st.sampled_from(pools)
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8))
    header = ("case", *(f"c{n}" for n in range(width)))
    ids = tuple(f"P{n}" for n in range(len(rows)))
    lines = [header, *((name, *row) for name, row in zip(ids, rows, strict=True))]
    text = end.join(delimiter.join(line) for line in lines)
    if draw(st.booleans()):
        text += end
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "cp1252", "utf-16")))
    return Written(text, delimiter, encoding, ids, header)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def read(path: Path, reading: Reading) -> Read | None:
    """What the program makes of a table; None if it refuses the file."""
    rows: dict[int, list[str | None]] = {}
    bad: dict[int, str] = {}
    try:
        source = open_table(path, reading)
        for block in source.blocks(source.header):
            columns = block.table.to_pydict().values()
            for number, cells in zip(
                block.rows.to_pylist(), zip(*columns, strict=True), strict=True
            ):
                assert number not in rows, "a row is delivered once"
                rows[number] = list(cells)
            for cell in block.bad_cells:
                bad[cell.row] = rows[cell.row][0] or ""
            for reject in block.rejects:
                assert reject.row is not None
                assert reject.row not in rows
                assert reject.row not in bad
                bad[reject.row] = reject.value
    except ProblemsFound:
        return None
    return Read({number: cells for number, cells in rows.items() if number not in bad}, bad)


def read_csv(written: Written, folder: Path, block: int) -> Read | None:
    path = folder / "table.csv"
    path.write_bytes(written.text.encode(written.encoding))
    encoding = "utf-8" if written.encoding == "utf-8-sig" else written.encoding
    kept = delimited._READ_BYTES
    delimited._READ_BYTES = block
    try:
        return read(path, Reading(encoding, written.delimiter))
    finally:
        delimited._READ_BYTES = kept


def by_python(written: Written) -> tuple[list[list[str]], bool]:
    """The records that Python's csv reads, and whether it reads all."""
    reader = csv.reader(
        io.StringIO(written.text, newline=""), delimiter=written.delimiter, strict=True
    )
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error:
        return records, False
    return records, True


def by_duckdb(written: Written, folder: Path) -> list[list[str | None]] | None:
    """The rows that DuckDB reads; None if it refuses the file."""
    path = folder / "duckdb.csv"
    path.write_bytes(written.text.encode())
    columns = dict.fromkeys(written.header, "VARCHAR")
    try:
        found = duckdb.execute(
            f"SELECT * FROM read_csv('{path}', columns = {columns}, header = true,"
            f" delim = '{written.delimiter}', quote = '\"', escape = '\"', auto_detect = false,"
            " strict_mode = true)"
        ).fetchall()
    except duckdb.Error:
        return None
    return [[cell or None for cell in row] for row in found]


@given(
    st.one_of(tables(PLAIN + QUOTED), tables(PLAIN + QUOTED + ODD), tables(PLAIN + ODD)),
    st.sampled_from((64, 300, 1 << 20)),
)
def test_no_row_of_a_csv_is_lost(folder: Path, written: Written, block: int) -> None:
    found = read_csv(written, folder, block)
    if found is None:
        return
    named = [cells[0] for cells in found.rows.values()]
    named += [re.match(r"(P\d+)?", text)[0] for text in found.bad.values()]  # type: ignore[index]
    for name in written.ids:
        assert named.count(name) == 1


@given(st.one_of(tables(PLAIN + QUOTED), tables(PLAIN + QUOTED + ODD)))
def test_what_another_reader_refuses_is_never_delivered_in_silence(
    folder: Path, written: Written
) -> None:
    found = read_csv(written, folder, 1 << 20)
    if found is None:
        return
    records, all_read = by_python(written)
    assert all_read or found.bad
    for number, cells in found.rows.items():
        if number <= len(records):
            assert cells == [cell or None for cell in records[number - 1]]
    if all_read:
        assert sorted({*found.rows, *found.bad}) == list(range(2, len(records) + 1))
    # DuckDB is asked where it takes the line ends for such.
    if "\r" not in written.text.replace("\r\n", ""):
        rows = by_duckdb(written, folder)
        assert rows is not None or found.bad
        if rows is not None and not found.bad:
            assert list(found.rows.values()) == rows


@given(tables(PLAIN + QUOTED[:2] + QUOTED[4:6]), st.sampled_from((64, 1 << 20)))
def test_a_table_as_it_should_be_is_read_whole(folder: Path, written: Written, block: int) -> None:
    """So that a reader that refuses everything does not pass."""
    found = read_csv(written, folder, block)
    assert found is not None
    assert not found.bad
    assert [cells[0] for cells in found.rows.values()] == list(written.ids)


@given(tables(PLAIN + QUOTED + ODD), st.lists(st.integers(0, 200), max_size=5), st.integers(2, 6))
def test_quotes_are_judged_alike_in_whatever_pieces_they_come(
    written: Written, cuts: list[int], width: int
) -> None:
    data = written.text.encode()
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    judged = []
    for pieces in ([data], [data[a:b] for a, b in pairwise(places)]):
        quotes = Quotes("t.csv", written.delimiter, 0, width)
        for piece in pieces:
            quotes.feed(piece)
        quotes.feed(b"")
        judged.append((quotes.fault, quotes.strays))
    assert judged[0] == judged[1]


CELLS = st.one_of(
    st.none(),
    st.sampled_from(("fine", " 18 ", '5"', "a\nb", "'=1", "TRUE", "_x0041_", "caf\xe9")),
    st.integers(-(10**14), 10**14),
    st.decimals(-1000, 1000, places=4).map(float),
    st.booleans(),
    st.dates(dt.date(1901, 1, 1), dt.date(2100, 1, 1)),
    st.sampled_from(("=1+1", "#DIV/0!")),
)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_no_row_of_a_sheet_is_lost(folder: Path, rows: list[list[Any]]) -> None:
    book = Workbook()
    book.active.append(["case", "b", "c"])
    for row in rows:
        book.active.append(row)
    path = folder / "sheet.xlsx"
    book.save(path)
    found = read(path, Reading())
    assert found is not None
    second = load_workbook(path).active.iter_rows(min_row=2)
    for number, cells in enumerate(second, start=2):
        if any(cell.data_type in "fe" for cell in cells):
            assert number in found.bad
        elif any(cell.value is not None for cell in cells):
            assert number not in found.bad
            for cell, text in zip(cells, found.rows[number], strict=True):
                assert is_text_of(cell.value, text)


def is_text_of(value: Any, text: str | None) -> bool:
    """Whether a text says what openpyxl takes a cell for."""
    if value is None or text is None:
        return value is text
    if isinstance(value, bool):
        return text == str(value).upper()
    if isinstance(value, int | float):
        return Decimal(text) == Decimal(repr(value))
    if isinstance(value, dt.datetime):
        return text == value.date().isoformat()
    return text == str(value).replace("_x0041_", "A")
