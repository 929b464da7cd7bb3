"""XLSX: one sheet, streamed, every cell as the text that a person reads in it.

A formula is refused: its stored result may be older than its inputs. A date cell becomes an
ISO date or time. A number becomes its shortest exact decimal text (the file writes 5.6 as
5.5999999999999996), and a number that is shown as per cent says so (`91 %`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from screen.batch.block import BLOCK_ROWS, BadCell, Block, Reject
from screen.batch.sources.stream import file_digest
from screen.batch.sources.table import Reading, check_header
from screen.language.tree import Problems
from screen.problems import Kind, Problem, message, shown


class SpreadsheetSource:
    """A sheet with a header in its first row. Raises ProblemsFound if it cannot be used."""

    def __init__(self, path: Path, name: str, reading: Reading) -> None:
        self.path = path
        self.name = name
        self._read = 0
        self._name_of_sheet = reading.sheet
        self._total = 0
        with self._sheet() as sheet:
            self.header = self._read_header(next(sheet.iter_rows(), ()))

    def progress(self) -> tuple[int, int]:
        return self._read, self._total

    def digest(self) -> str:
        return file_digest(self.path)

    def blocks(self, columns: Sequence[str]) -> Iterator[Block]:
        positions = {column: self.header.index(column) for column in columns}
        gathered = _Gathered(self.path.name, positions)
        self._read = 0
        with self._sheet() as sheet:
            for number, cells in enumerate(sheet.iter_rows(min_row=2), start=2):
                self._read += 1
                gathered.take(number, cells, len(self.header))
                if len(gathered.rows) >= BLOCK_ROWS:
                    yield gathered.block()
                    gathered = _Gathered(self.path.name, positions)
        if gathered.rows or gathered.rejects:
            yield gathered.block()

    @contextmanager
    def _sheet(self) -> Iterator[Any]:
        """The sheet, while its file is open."""
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException

        problems = Problems(self.name)
        try:
            book = load_workbook(self.path, read_only=True, data_only=False)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError):
            problems.add(Kind.UNREADABLE, detail="it is no XLSX file, or it is damaged")
            problems.check()
        try:
            sheet = self._chosen(book, problems)
            # The size that the file states is often wrong; without it every cell counts.
            self._total = max((sheet.max_row or 1) - 1, 0)
            sheet.reset_dimensions()
            yield sheet
        finally:
            book.close()

    def _chosen(self, book: Any, problems: Problems) -> Any:
        """The sheet that is named, or the only one."""
        wanted = self._name_of_sheet
        names = tuple(sheet.title for sheet in book.worksheets)
        if wanted and wanted not in names:
            problems.add(Kind.UNKNOWN_SHEET, value=wanted, allowed=names)
        elif not wanted and len(names) != 1:
            problems.add(Kind.SEVERAL_SHEETS, detail=", ".join(names))
        problems.check()
        return book[wanted or names[0]]

    def _read_header(self, first: tuple[Any, ...]) -> tuple[str, ...]:
        problems = Problems(self.name)
        header = ["" if cell.value is None else _text(cell).strip() for cell in first]
        while header and not header[-1]:
            header.pop()
        if not header:
            problems.add(Kind.EMPTY)
        check_header(header, problems)
        problems.check()
        return tuple(header)


class _Gathered:
    """The rows of one block, while they are being read."""

    def __init__(self, name: str, positions: dict[str, int]) -> None:
        self._name = name
        self._positions = positions
        self._texts: dict[str, list[str | None]] = {column: [] for column in positions}
        self.rows: list[int] = []
        self.bad_cells: list[BadCell] = []
        self.rejects: list[Reject] = []

    def take(self, number: int, cells: tuple[Any, ...], width: int) -> None:
        beyond = [cell for cell in cells[width:] if cell.value is not None]
        if beyond:
            detail = f"{width + len(beyond)} or more instead of {width}"
            reason = message(Problem(Kind.RAGGED_ROW, detail=detail))
            value = shown(str(beyond[0].value))
            self.rejects.append(Reject(self._name, number, "", "", value, reason))
            return
        self.rows.append(number)
        for column, position in self._positions.items():
            cell = cells[position] if position < len(cells) else None
            text = None
            if cell is not None and cell.value is not None:
                fault = _fault(cell)
                if fault:
                    value = shown(str(cell.value))
                    self.bad_cells.append(BadCell(number, column, value, fault))
                else:
                    text = _text(cell)
            self._texts[column].append(text)

    def block(self) -> Block:
        import pyarrow as pa

        table = pa.table(
            {name: pa.array(texts, pa.string()) for name, texts in self._texts.items()}
        )
        rows = pa.array(self.rows, pa.int64())
        return Block(table, rows, tuple(self.bad_cells), tuple(self.rejects))


def _fault(cell: Any) -> str:
    if cell.data_type == "f":
        return message(Problem(Kind.FORMULA))
    if cell.data_type == "e":
        return message(Problem(Kind.SPREADSHEET_ERROR))
    return ""


def _text(cell: Any) -> str:
    value = cell.value
    if isinstance(value, datetime):
        shows_clock = "h" in (cell.number_format or "").lower()
        is_date = not shows_clock and value.time() == time(0)
        return value.date().isoformat() if is_date else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        number = Decimal(repr(value))
        if "%" in (cell.number_format or ""):
            return f"{plain(number * 100)} %"
        return plain(number)
    return str(value)


def plain(number: Decimal) -> str:
    """The number without an exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
