"""CSV, plain or gzip: streamed by pyarrow, every column as text.

Rows with too few or too many fields, null bytes, bytes that are no UTF-8 and a quote in the middle
of a cell reject their row and nothing else. A quote that takes rows into a cell refuses the file.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.batch.tables.block import BLOCK_ROWS, BadCell, Block, Reject, joined
from screen.batch.tables.quotes import Quotes, rows_of, texts_of
from screen.batch.tables.source import Reading, check_header
from screen.batch.tables.stream import TextBytes, TruncatedInput
from screen.documents.tree import Problems
from screen.files import Changed, SameFile, refusal
from screen.intake.marked import MARK
from screen.problems import Kind, Problem, ProblemsFound, message, shown

if TYPE_CHECKING:
    import pyarrow as pa

_READ_BYTES = 1 << 20  # larger blocks fall out of the processor's cache and are slower
_LONGEST_HEADER = 1 << 20
_MARK = b"\xef\xbb\xbf"
_MARKED = re.compile(MARK.encode() + rb"\\x([0-9a-f]{2})")
_UTF16 = tuple(f"{MARK}\\x{mark[:2]}{MARK}\\x{mark[2:]}".encode() for mark in ("fffe", "feff"))


class DelimitedSource:
    """A CSV file with a header. Raises ProblemsFound if the header cannot be used."""

    hidden = 0
    from_1904 = False

    def __init__(self, path: Path, name: str, reading: Reading) -> None:
        self.path = path
        self.name = name
        self._reading = reading
        self._file = SameFile(path, name)
        self._stream: TextBytes | None = None
        self._digest = ""
        self.header = self._read_header()

    def progress(self) -> tuple[int, int]:
        if self._stream is None:
            return 0, self.path.stat().st_size
        return self._stream.file.position, self._stream.file.size

    def digest(self) -> str:
        return self._digest or self._file.digest()

    def blocks(self, columns: Sequence[str]) -> Iterator[Block]:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        try:
            self._stream = TextBytes(self._file, self._reading.encoding)
        except OSError as error:
            raise refusal(error, self.name) from error
        first = self._reading.header_row
        ragged = _RaggedRows(self.path.name, first)
        quotes = Quotes(self.name, self._reading.delimiter, first, len(self.header))
        try:
            if self._stream.skip(self._head):
                self._stream.watch(quotes.feed)
                reader = arrow_csv.open_csv(
                    self._stream,
                    # With threads, pyarrow does not know the numbers of the rows it refuses.
                    read_options=arrow_csv.ReadOptions(
                        block_size=_READ_BYTES, use_threads=False, column_names=list(self.header)
                    ),
                    parse_options=arrow_csv.ParseOptions(
                        delimiter=self._reading.delimiter,
                        newlines_in_values=True,
                        ignore_empty_lines=False,
                        invalid_row_handler=ragged,
                    ),
                    convert_options=arrow_csv.ConvertOptions(
                        column_types={name: pa.string() for name in self.header},
                        include_columns=list(columns),
                        strings_can_be_null=True,
                        quoted_strings_can_be_null=True,
                        null_values=[""],
                        check_utf8=False,
                    ),
                )
                yield from self._blocks(reader, ragged, quotes, list(columns))
            self._digest = self._stream.file.digest()
        except (pa.ArrowInvalid, OSError) as error:
            _refuse(quotes)
            if isinstance(error, Changed):
                raise refusal(error, self.name) from error
            detail = _first_line(str(error))
            raise ProblemsFound([Problem(Kind.UNREADABLE, self.name, detail=detail)]) from error
        finally:
            self._stream.close()

    def _blocks(
        self, reader: Any, ragged: "_RaggedRows", quotes: Quotes, columns: list[str]
    ) -> Iterator[Block]:
        import pyarrow as pa

        assert self._stream is not None
        next_row = self._reading.header_row + 1
        waiting: list[Block] = []
        for batch in reader:
            _refuse(quotes)
            table = pa.Table.from_batches([batch])
            rows = ragged.rows(next_row, table.num_rows)
            next_row = rows[-1].as_py() + 1 if len(rows) else next_row
            bad: list[BadCell] = []
            if self._stream.has_null or self._stream.has_bad_text:
                table, bad = _without_bad_cells(table, rows, self._reading.encoding)
            bad += self._spoiled(quotes, rows)
            waiting.append(Block(table, rows, tuple(bad), ragged.taken_before(next_row)))
            if sum(block.table.num_rows for block in waiting) >= BLOCK_ROWS:
                whole, waiting = joined(waiting), []
                yield whole
                del whole  # it is in use elsewhere, and need not wait for the next
        _refuse(quotes)
        last = ragged.taken_before(None)
        if waiting or last:
            empty = pa.table({name: pa.array([], pa.string()) for name in columns})
            tail = Block(empty, pa.array([], pa.int64()), (), last)
            yield joined([*waiting, tail])

    def _spoiled(self, quotes: Quotes, rows: "pa.Int64Array") -> list[BadCell]:
        """The cells of these rows with a quote in their middle, taken from those found so far."""
        if not quotes.strays or not len(rows):
            return []
        there = set(rows.to_pylist())
        last = rows[-1].as_py()
        mine = [stray for stray in quotes.strays if stray.row <= last]
        del quotes.strays[: len(mine)]
        reason = message(Problem(Kind.STRAY_QUOTE))
        return [
            BadCell(stray.row, self.header[stray.column], shown(stray.text), reason)
            for stray in mine
            if stray.row in there
        ]

    def _read_header(self) -> tuple[str, ...]:
        problems = Problems(self.name)
        stream = TextBytes(self._file, self._reading.encoding)
        try:
            head = stream.read(_LONGEST_HEADER)
        except TruncatedInput as error:
            problems.add(Kind.UNREADABLE, detail=str(error))
            problems.check()
        finally:
            stream.close()
        if self._reading.encoding == "utf-8" and head.startswith(_UTF16):
            problems.add(Kind.NOT_TEXT, detail=" (it begins like UTF-16)")
            problems.check()
        row = self._reading.header_row
        mark = len(_MARK) if head.startswith(_MARK) else 0
        rows = rows_of(head[mark:], self._reading.delimiter.encode())
        cells = next(islice(rows, row - 1, None), None)
        if cells is None:
            there = head.strip()
            problems.add(Kind.NO_SUCH_ROW if there else Kind.EMPTY, detail=str(row))
            problems.check()
            raise AssertionError("unreachable: there was a problem")
        start, end = mark + cells[0].start(), mark + cells[-1].end()
        self._head = end
        line = head[start:end].rstrip(b"\r\n")
        text = line.decode()
        if found := _MARKED.search(line):
            byte = f" (byte 0x{found[1].decode().upper()} at {found.start() + 1})"
            problems.add(Kind.NOT_TEXT, line=row, detail=byte)
            problems.check()
        if "\0" in text or MARK in text:
            problems.add(Kind.NOT_TEXT, line=row, detail="")
        elif not text.strip():
            problems.add(Kind.EMPTY if not head.strip() else Kind.NO_HEADER, line=row)
        problems.check()
        for position, cell in enumerate(cells, start=1):
            if b'"' in cell["rest"] or (cell["quoted"] is not None and cell["rest"]):
                problems.add(Kind.STRAY_QUOTE, line=row, column=position)
        if "\n" in text or "\r" in text:
            problems.add(Kind.UNREADABLE, line=row, detail="the header spans several lines")
        problems.check()
        header = tuple(name.decode().strip() for name in texts_of(cells))
        check_header(header, problems, row)
        problems.check()
        return header


def _refuse(quotes: Quotes) -> None:
    if quotes.fault is not None:
        raise ProblemsFound([quotes.fault])


class _RaggedRows:
    """Collects the rows with a wrong number of fields, as pyarrow comes across them."""

    def __init__(self, name: str, rows_above: int) -> None:
        self._name = name
        self._above = rows_above
        self._rejects: list[Reject] = []
        self._numbers: list[int] = []
        self._given = 0

    def __call__(self, row: Any) -> str:
        number = self._above + row.number
        self._numbers.append(number)
        text = row.text
        if text.strip(' \t\r\n"'):
            detail = f"{row.actual_columns} instead of {row.expected_columns}"
            self._rejects.append(
                Reject(
                    self._name,
                    number,
                    "",
                    "",
                    _shown(text),
                    message(Problem(Kind.RAGGED_ROW, detail=detail)),
                )
            )
        return "skip"

    def rows(self, first: int, count: int) -> "pa.Int64Array":
        """The numbers of the next `count` good rows from `first` on."""
        import numpy as np
        import pyarrow as pa

        bad = [number for number in self._numbers if number >= first]
        numbers = np.arange(first, first + count + len(bad), dtype=np.int64)
        return pa.array(np.setdiff1d(numbers, bad, assume_unique=True)[:count])

    def taken_before(self, row: int | None) -> tuple[Reject, ...]:
        """The rejects before `row` (None: all) that were not taken yet."""
        start = self._given
        while self._given < len(self._rejects) and (
            row is None or (self._rejects[self._given].row or 0) < row
        ):
            self._given += 1
        taken = tuple(self._rejects[start : self._given])
        self._numbers = [number for number in self._numbers if row is not None and number >= row]
        return taken


def _without_bad_cells(
    table: "pa.Table", rows: "pa.Int64Array", encoding: str
) -> tuple["pa.Table", list[BadCell]]:
    """The table with null for every cell that is no clean text, and those cells."""
    import pyarrow as pa

    bad: list[BadCell] = []
    columns = {}
    for name in table.column_names:
        raw = table[name].combine_chunks().cast(pa.binary())
        texts = []
        for position, cell in enumerate(raw.to_pylist()):
            fault = None if cell is None else _fault(cell, encoding)
            if cell is not None and fault:
                bad.append(BadCell(rows[position].as_py(), name, _shown(cell.decode()), fault))
            texts.append(None if fault or cell is None else cell.decode())
        columns[name] = pa.array(texts, pa.string())
    return pa.table(columns), bad


def _fault(cell: bytes, encoding: str) -> str:
    if b"\0" in cell:
        return message(Problem(Kind.NULL_CHARACTER))
    if MARK.encode() not in cell:
        return ""
    found = _MARKED.search(cell)
    if found is None:
        return message(Problem(Kind.LOST_CHARACTER))
    byte = f" (byte 0x{found[1].decode().upper()})"
    return message(Problem(Kind.BAD_TEXT, detail=f"{encoding.upper()}{byte}"))


def _shown(text: str) -> str:
    """A text for a person, with the digits of the bytes that are no text."""
    return shown(text.replace(f"{MARK}\\x", "\\x"))


def _first_line(text: str) -> str:
    return shown(text.splitlines()[0] if text else "", 160)
