"""How a site's table seems to be written, from a sample of it: guesses that a person confirms."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from screen.batch.tables.opening import open_table, suffix_of
from screen.batch.tables.quotes import rows_of, texts_of
from screen.batch.tables.source import Reading
from screen.batch.tables.stream import TextBytes
from screen.files import SameFile, is_there
from screen.intake.times import is_time
from screen.problems import ProblemsFound

_SAMPLE_BYTES = 1 << 20
_SAMPLE_ROWS = 2_000
_HEAD_ROWS = 30
_DELIMITERS = ",;\t|"
_WESTERN = "cp1252"
_FORMS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d %Y",
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_COMMA = re.compile(r"[<>=≤≥]*\s*-?\d+,\d+(\s.*)?")
_POINT = re.compile(r"[<>=≤≥]*\s*-?\d+\.\d+(\s.*)?")
_GROUPED = {
    ".": re.compile(r"[<>=≤≥]*\s*-?\d{1,3}(\.\d{3})+(,\d+)?(\s.*)?"),
    ",": re.compile(r"[<>=≤≥]*\s*-?\d{1,3}(,\d{3})+(\.\d+)?(\s.*)?"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table, and how its file is opened. `cells` are the texts of a column.

    `sheets` are the names of all sheets of a workbook with several.
    """

    reading: Reading
    header: tuple[str, ...]
    cells: Mapping[str, Sequence[str]]
    rows: Sequence[Mapping[str, str]]
    sheets: tuple[str, ...] = ()

    def counts(self, column: str) -> Counter[str]:
        """What occurs in a column, with how often."""
        return Counter(self.cells[column])


def sample_of(path: Path) -> Sample:
    """A sample of the table in `path`. Raises ProblemsFound if there is none that can be read."""
    reading, sheets = reading_of(path)
    source = open_table(path, reading)
    rows: list[dict[str, str]] = []
    for block in source.blocks(source.header):
        columns = {name: block.table[name].to_pylist() for name in source.header}
        for values in zip(*columns.values(), strict=True):
            there = zip(columns, values, strict=True)
            rows.append({name: cell.strip() for name, cell in there if cell and cell.strip()})
        if len(rows) >= _SAMPLE_ROWS:
            break
    del rows[_SAMPLE_ROWS:]
    cells = {name: [row[name] for row in rows if name in row] for name in source.header}
    return Sample(reading, source.header, cells, rows, sheets if len(sheets) > 1 else ())


def reading_of(path: Path) -> tuple[Reading, tuple[str, ...]]:
    """How the table in `path` is most likely read, and the sheets of a workbook."""
    if suffix_of(path) in (".csv", ".csv.gz") and is_there(path):
        data = _head(path)
        encoding = encoding_of(data)
        text = data.decode(encoding, "replace")
        delimiter = delimiter_of(text)
        rows_above = islice(rows_of(text.encode(), delimiter.encode()), _HEAD_ROWS)
        head = [[cell.decode() for cell in texts_of(row)] for row in rows_above]
        return Reading(encoding, delimiter, header_row=header_row_of(head)), ()
    if suffix_of(path) == ".xlsx" and is_there(path):
        sheets, head = _sheets(path)
        sheet = sheets[0] if len(sheets) > 1 else ""
        return Reading(sheet=sheet, header_row=header_row_of(head)), sheets
    return Reading(), ()


def encoding_of(data: bytes) -> str:
    """The encoding of a text, as far as its bytes show it; Western where several fit alike."""
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return name
    # The sample may end inside a character.
    if not data[: data.rfind(b"\n") + 1 or len(data)].strip(b"\0") or _is_utf8(data):
        return "utf-8"
    from charset_normalizer import from_bytes

    found = from_bytes(data)
    best = found.best()
    if best is None:
        return _WESTERN
    alike = [match for match in found if match.chaos == best.chaos]
    if any(_WESTERN in match.could_be_from_charset for match in alike):
        return _WESTERN
    return best.encoding


def delimiter_of(text: str) -> str:
    """What separates the cells of a text."""
    try:
        return csv.Sniffer().sniff(text[:20_000], _DELIMITERS).delimiter
    except csv.Error:
        header = text.partition("\n")[0]
        return max(_DELIMITERS, key=header.count)


def header_row_of(rows: Sequence[Sequence[str]]) -> int:
    """The row of the names: the first that is about as wide as the widest; titles are narrow."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    widest = max(filled, default=0)
    wide = [number for number, count in enumerate(filled, start=1) if count * 10 >= widest * 7]
    return wide[0] if wide and widest > 1 else 1


def time_forms(cells: Sequence[str]) -> tuple[str, ...]:
    """Every form that reads all of these times; none where they are in ISO 8601 already."""
    if not cells or all(is_time(cell) for cell in cells):
        return ()
    forms = [day + clock for day in _FORMS for clock in _CLOCKS]
    return tuple(form for form in forms if all(_reads(form, cell) for cell in cells))


def marks_of(cells: Iterable[str]) -> tuple[str, str]:
    """The decimal mark of numbers and the mark between thousands; empty where nothing shows."""
    texts = list(cells)
    comma = any(_COMMA.fullmatch(text) and not _GROUPED[","].fullmatch(text) for text in texts)
    point = any(_POINT.fullmatch(text) and not _GROUPED["."].fullmatch(text) for text in texts)
    decimal = "," if comma and not point else "." if point and not comma else ""
    if not decimal:
        return "", ""
    other = "." if decimal == "," else ","
    return decimal, other if any(_GROUPED[other].fullmatch(text) for text in texts) else ""


def _head(path: Path) -> bytes:
    try:
        stream = TextBytes(SameFile(path, path.name), None)
    except OSError:  # the source itself says what is wrong with the file
        return b""
    try:
        return stream.read(_SAMPLE_BYTES)
    except OSError:
        return b""
    finally:
        stream.close()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return len(data) == _SAMPLE_BYTES and error.start > len(data) - 4
    return True


def _sheets(path: Path) -> tuple[tuple[str, ...], list[list[str]]]:
    """The names of the sheets, and the first rows of the first."""
    from screen.batch.tables.workbook import Workbook

    rows: list[list[str]] = []
    try:
        book = Workbook(SameFile(path, path.name))
    except ProblemsFound:  # the source itself says what is wrong with the file
        return (), []
    try:
        for row in book.rows(book.sheets[0]):
            if row.number > _HEAD_ROWS:
                break
            rows += [[] for _ in range(row.number - len(rows) - 1)]
            cells = (row.cells.get(place, "") for place in range(max(row.cells, default=-1) + 1))
            rows.append([cell if isinstance(cell, str) else cell.value for cell in cells])
        return book.sheets, rows
    except (ProblemsFound, IndexError):
        return (), []
    finally:
        book.close()


def _reads(form: str, text: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 -- only whether it can be read
    except ValueError:
        return False
    return True
