"""XLSX: one sheet, streamed, every cell as the text that a person reads in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from screen.batch.tables.block import BLOCK_ROWS, BadCell, Block, Reject
from screen.batch.tables.lost_characters import without_lost
from screen.batch.tables.source import Reading, check_header
from screen.batch.tables.spreadsheet_cells import Fault
from screen.documents.tree import Problems
from screen.files import SameFile
from screen.problems import Kind, Problem, message, shown

if TYPE_CHECKING:
    from screen.batch.tables.workbook import Row, Workbook


class SpreadsheetSource:
    """A sheet with the names of its columns in one row. Raises ProblemsFound if it cannot be used.

    `hidden` counts the rows with something in them that the sheet does not show; they are rows
    like all others. `from_1904` says from when the workbook counts its days.
    """

    def __init__(self, path: Path, name: str, reading: Reading) -> None:
        self.path = path
        self.name = name
        self.hidden = 0
        self._read = 0
        self._file = SameFile(path, name)
        self._sheet = reading.sheet
        self._header_row = reading.header_row
        with self._workbook() as book:
            self._sheet = self._chosen(book.sheets)
            self.from_1904 = book.from_1904
            self._total = max(book.stated_rows(self._sheet) - self._header_row, 0)
            self.header = self._read_header(book)

    def progress(self) -> tuple[int, int]:
        return self._read, self._total

    def digest(self) -> str:
        return self._file.digest()

    def blocks(self, columns: Sequence[str]) -> Iterator[Block]:
        positions = {column: self.header.index(column) for column in columns}
        gathered = _Gathered(self.path.name, positions)
        self._read = self.hidden = 0
        with self._workbook() as book:
            for row in book.rows(self._sheet):
                if row.number <= self._header_row:
                    continue
                self._read = row.number - self._header_row
                self.hidden += row.is_hidden and bool(row.cells)
                gathered.take(row, len(self.header))
                if len(gathered.rows) >= BLOCK_ROWS:
                    yield gathered.block()
                    gathered = _Gathered(self.path.name, positions)
        if gathered.rows or gathered.rejects:
            yield gathered.block()

    @contextmanager
    def _workbook(self) -> "Iterator[Workbook]":
        from screen.batch.tables.workbook import Workbook

        book = Workbook(self._file)
        try:
            yield book
        finally:
            book.close()

    def _chosen(self, names: tuple[str, ...]) -> str:
        """The sheet that is named, or the only one."""
        problems = Problems(self.name)
        if self._sheet and self._sheet not in names:
            problems.add(Kind.UNKNOWN_SHEET, value=self._sheet, allowed=names)
        elif not self._sheet and len(names) != 1:
            problems.add(Kind.SEVERAL_SHEETS, detail=", ".join(names))
        problems.check()
        return self._sheet or names[0]

    def _read_header(self, book: "Workbook") -> tuple[str, ...]:
        problems = Problems(self.name)
        number = self._header_row
        rows = (row for row in book.rows(self._sheet) if row.number >= number)
        row = next(rows, None)
        if row is None:
            there = next(book.rows(self._sheet), None)
            problems.add(Kind.NO_SUCH_ROW if there else Kind.EMPTY, detail=str(number))
        elif row.number > number or not row.cells:
            problems.add(Kind.NO_HEADER, line=number)
        problems.check()
        assert row is not None
        names = []
        for column in range(max(row.cells) + 1):
            cell = row.cells.get(column, "")
            if isinstance(cell, Fault):
                detail = f"{cell.reason} ({shown(cell.value)})"
                problems.add(Kind.UNREADABLE, line=number, column=column + 1, detail=detail)
                cell = cell.value
            names.append(cell.strip())
        while names and not names[-1]:
            names.pop()
        if not names:
            problems.add(Kind.NO_HEADER, line=number)
        problems.check()
        check_header(names, problems, number)
        problems.check()
        return tuple(names)


class _Gathered:
    """The rows of one block, while they are being read."""

    def __init__(self, name: str, positions: dict[str, int]) -> None:
        self._name = name
        self._positions = positions
        self._texts: dict[str, list[str | None]] = {column: [] for column in positions}
        self.rows: list[int] = []
        self.bad_cells: list[BadCell] = []
        self.rejects: list[Reject] = []

    def take(self, row: "Row", width: int) -> None:
        beyond = [cell for column, cell in sorted(row.cells.items()) if column >= width]
        if beyond:
            detail = f"{width + len(beyond)} or more instead of {width}"
            reason = message(Problem(Kind.RAGGED_ROW, detail=detail))
            first = beyond[0].value if isinstance(beyond[0], Fault) else beyond[0]
            self.rejects.append(Reject(self._name, row.number, "", "", shown(first), reason))
            return
        self.rows.append(row.number)
        for column, position in self._positions.items():
            cell = row.cells.get(position)
            if isinstance(cell, Fault):
                self.bad_cells.append(BadCell(row.number, column, shown(cell.value), cell.reason))
                cell = None
            self._texts[column].append(cell)

    def block(self) -> Block:
        import pyarrow as pa

        table = pa.table(
            {name: pa.array(texts, pa.string()) for name, texts in self._texts.items()}
        )
        rows = pa.array(self.rows, pa.int64())
        return without_lost(Block(table, rows, tuple(self.bad_cells), tuple(self.rejects)))
