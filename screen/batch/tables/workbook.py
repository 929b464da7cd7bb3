"""The sheets of an XLSX file: found by name, bounded in size, and streamed row by row."""

import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.xml.constants import SHARED_STRINGS
from openpyxl.xml.functions import iterparse

from screen.batch.tables.spreadsheet_cells import Cells, Fault, Style, text_of
from screen.documents.tree import Problems
from screen.files import SameFile, refusal
from screen.problems import Kind, Problem, ProblemsFound, shown

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet can hold, in every program that writes one."""
_MOST_BYTES = 4 << 30
_MOST_OTHER_BYTES = 512 << 20  # of what is not streamed: texts, styles
_FREE_BYTES = 64 << 20  # below this nothing is too tightly packed
_MOST_RATIO = 250
# Formats that East Asian workbooks name by number alone: days, and clocks (ECMA-376 18.8.30).
_EAST_ASIAN = {
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35), "h:mm:ss"),
}


class Row(NamedTuple):
    """A row with its number, and its cells by column from 0. `is_hidden`: filtered away, say."""

    number: int
    cells: "dict[int, str | Fault]"
    is_hidden: bool


class Workbook:
    """An open workbook. Raises ProblemsFound if it is none, or larger than can be read."""

    def __init__(self, file: SameFile) -> None:
        self._name = file.name
        problems = Problems(file.name)
        reader = None
        try:
            self._file = file.open()
        except OSError as error:
            raise refusal(error, file.name) from error
        try:
            reader = _Reader(self._file, read_only=True, keep_links=False)
            _check_size(reader.archive, file.name)
            reader.read()
        except ProblemsFound:
            self._file.close()
            raise
        except Exception:  # noqa: BLE001 -- a damaged file fails in as many ways as it has parts
            self._file.close()
            problems.add(Kind.UNREADABLE, detail="it is no XLSX file, or it is damaged")
            problems.check()
        assert reader is not None
        self._book = reader.wb
        from_1904 = self._book.epoch == MAC_EPOCH
        self.from_1904 = from_1904
        self._cells = Cells(reader.shared_strings, _styles(self._book), from_1904)

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(sheet.title for sheet in self._book.worksheets)

    def close(self) -> None:
        self._book.close()
        self._file.close()

    def stated_rows(self, sheet: str) -> int:
        """How many rows the sheet says it has, which is often wrong."""
        return int(self._book[sheet].max_row or 0)

    def rows(self, sheet: str) -> Iterator[Row]:
        """The rows that the sheet writes, from the first on."""
        source = self._book[sheet]._get_source()  # the library offers no elements
        try:
            with source:
                yield from self._rows(source)
        except (SyntaxError, zipfile.BadZipFile, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            detail = "it is no XLSX file, or it is damaged"
            raise ProblemsFound([Problem(Kind.UNREADABLE, self._name, detail=detail)]) from error

    def _rows(self, source: Any) -> Iterator[Row]:
        number = 0
        data = None
        for event, element in iterparse(source, events=("start", "end")):
            if event == "start":
                data = element if element.tag == f"{_MAIN}sheetData" else data
            elif element.tag == f"{_MAIN}row":
                number = self._number(element, number)
                hidden = element.get("hidden") in ("1", "true")
                yield Row(number, self._cells_of(element, number), hidden)
                if data is not None:
                    data.clear()

    def _number(self, row: Any, before: int) -> int:
        text = row.get("r")
        number = before + 1 if text is None else int(text) if text.isdecimal() else 0
        if number <= before:
            kind = Kind.ROWS_OUT_OF_ORDER
            raise ProblemsFound([Problem(kind, self._name, detail=text or str(number))])
        if number > MOST_ROWS:
            raise ProblemsFound([Problem(Kind.TOO_WIDE, self._name, detail=f"{MOST_ROWS:,} rows")])
        return number

    def _cells_of(self, row: Any, number: int) -> "dict[int, str | Fault]":
        found: dict[int, str | Fault] = {}
        column = 0
        for cell in row.iter(f"{_MAIN}c"):
            place = cell.get("r")
            column = column + 1 if place is None else _column(place, number)
            if column > MOST_COLUMNS:
                detail = f"{MOST_COLUMNS:,} columns"
                raise ProblemsFound([Problem(Kind.TOO_WIDE, self._name, number, detail=detail)])
            if column < 1 or column - 1 in found:
                detail = f"row {number} has a cell out of place ({shown(place or '')})"
                raise ProblemsFound([Problem(Kind.UNREADABLE, self._name, detail=detail)])
            text = self._cells.read(cell)
            if text is not None:
                found[column - 1] = text
        return found


class _Reader(ExcelReader):  # type: ignore[misc]
    """Reads what a table needs: texts, styles and sheets."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for _, element in iterparse(source):
                if element.tag == f"{_MAIN}si":
                    self.shared_strings.append(text_of(element))
                    element.clear()

    def read_properties(self) -> None:
        """Who wrote it does not matter."""

    def read_custom(self) -> None:
        """Nor does this."""

    def read_theme(self) -> None:
        """Nor does this."""


def _column(place: str, row: int) -> int:
    try:
        stated, column = coordinate_to_tuple(place)
    except (ValueError, IndexError):
        return 0
    return column if stated == row else 0


def _styles(book: Any) -> list[Style]:
    fonts, own = book._fonts, book._number_formats
    return [
        Style(_format(style.numFmtId, own), bool(fonts[style.fontId].strike))
        for style in book._cell_styles
    ]


def _format(number: int, own: Any) -> str | None:
    if number >= BUILTIN_FORMATS_MAX_SIZE:
        place = number - BUILTIN_FORMATS_MAX_SIZE
        return str(own[place]) if place < len(own) else None
    return BUILTIN_FORMATS.get(number) or _EAST_ASIAN.get(number)


def _check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse what would fill the machine; no part gives more bytes than its entry says."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    others = sum(part.file_size for part in parts if "/worksheets/" not in part.filename)
    too_tight = unpacked > max(_FREE_BYTES, _MOST_RATIO * packed)
    if too_tight or unpacked > _MOST_BYTES or others > _MOST_OTHER_BYTES:
        detail = f"{packed:,} bytes become {unpacked:,}"
        raise ProblemsFound([Problem(Kind.UNPACKED_TOO_LARGE, name, detail=detail)])
