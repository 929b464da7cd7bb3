"""Quotes in a CSV: whether each of them opens and closes where a cell does.

A parser takes all that stands between two quotes for one cell, line ends included: one quote too
many takes rows away without a word. So the rows are counted here beside the parser, by the same
rule (a quote opens a cell only as its first letter), and every quote is looked at. Bytes without
quotes, and cells that are quoted as they should be, are looked at all at once.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from screen.problems import Kind, Problem, shown

_LONGEST_ROW = 1 << 20
_QUOTE, _NEWLINE, _RETURN = 0x22, 0x0A, 0x0D
_FAR = 1 << 16  # an open quote is looked at closely when its row has not ended within so much
_FEW_COLUMNS = 3


class Stray(NamedTuple):
    """A cell (its column from 0) with a quote in the middle, which touches no other cell."""

    row: int
    column: int
    text: str


class Quotes:
    """Looks at the bytes below a header, in whatever pieces they come.

    `strays` are the cells that a quote spoils; `fault` is what refuses the whole file. `row` is
    the number of the header's row, `width` how many columns it names.
    """

    def __init__(self, name: str, delimiter: str, row: int, width: int) -> None:
        self._name = name
        self._delimiter = delimiter.encode()
        self._width = width
        self._row = row
        self._rest = b""
        self.strays: list[Stray] = []
        self.fault: Problem | None = None

    def feed(self, data: bytes) -> None:
        """The next bytes; none at the end."""
        if self.fault is not None:
            return
        data, final = self._rest + data, not data
        whole = self._in_order(data, final)
        self._rest = data[self._one_by_one(data, final) if whole is None else whole :]
        if len(self._rest) > _LONGEST_ROW and self.fault is None:
            *cells, last = cells_of(self._rest, self._delimiter)
            is_open = last["quoted"] is not None and not last["close"]
            kind = Kind.QUOTE_NOT_CLOSED if is_open else Kind.LONG_ROW
            self.fault = self._problem(kind, last, len(cells))

    def _in_order(self, data: bytes, final: bool) -> int | None:
        """Where the last whole row ends; None if a quote is out of place, or may be."""
        import numpy as np

        size = _size(data, final)
        if b'"' not in data:
            end = max(data.rfind(b"\n", 0, size), data.rfind(b"\r", 0, size)) + 1
            self._row += _lines(data, 0, end)
            return len(data) if final else end
        letters = np.frombuffer(data, dtype=np.uint8)
        quotes = np.flatnonzero(letters == _QUOTE)
        ends = _ends(letters, size)
        inside = (np.searchsorted(quotes, ends) & 1).astype(bool)
        outside = np.flatnonzero(~inside)
        whole = int(outside[-1]) + 1 if len(outside) else 0
        cut = len(data) if final else int(ends[whole - 1]) + 1 if whole else 0
        if len(data) - cut > _FAR or (final and whole < len(ends)):
            return None
        if not self._well_placed(letters, quotes[quotes < cut]):
            return None
        if whole > len(outside) and self._may_hold_rows(
            letters, quotes, ends[:whole], inside[:whole]
        ):
            return None
        self._row += len(outside)
        return cut

    def _may_hold_rows(self, letters: Any, quotes: Any, ends: Any, inside: Any) -> bool:
        """Whether a row of several lines has other cells than the header, or as many delimiters
        in quotes as rows taken into a cell bring along.
        """
        import numpy as np

        delimiters = np.flatnonzero(letters == self._delimiter[0])
        delimiters = delimiters[delimiters < ends[-1]]
        quoted = (np.searchsorted(quotes, delimiters) & 1).astype(bool)
        rows_end = ends[~inside]
        row, count = np.searchsorted(rows_end, delimiters), len(rows_end)
        row_of_end = np.searchsorted(rows_end, ends[inside])
        length = np.diff(ends, prepend=-1) - 1
        filled = (length > 1) | ((length == 1) & (letters[ends - 1] != _RETURN))
        lines = np.bincount(row_of_end, weights=filled[inside], minlength=count)
        _, first_of_cell = np.unique(np.searchsorted(quotes, ends[inside]), return_index=True)
        cells = np.bincount(row_of_end[first_of_cell], minlength=count)
        in_quotes = np.bincount(row[quoted], minlength=count)
        between = np.bincount(row[~quoted], minlength=count)
        one = self._width - 1
        # Each of its lines has the delimiters of a row, quoted or not.
        naive = np.diff(np.searchsorted(delimiters, ends), prepend=0)
        other = filled & (naive != one)
        others = np.bincount(np.searchsorted(rows_end, ends), weights=other, minlength=count)
        odd = (others == 0) | (in_quotes >= np.where(cells > 1, 1, lines) * one) | (between != one)
        return bool((odd & (cells > 0)).any())

    def _well_placed(self, letters: Any, quotes: Any) -> bool:
        """Whether every other quote opens a cell and the next closes it, or both are one quote."""
        import numpy as np

        if len(quotes) % 2:
            return False
        border = np.zeros(256, dtype=bool)
        border[[_QUOTE, _NEWLINE, _RETURN, self._delimiter[0]]] = True
        opening, closing = quotes[::2], quotes[1::2]
        before = border[letters[opening - 1]] | (opening == 0)
        last = len(letters) - 1
        behind = border[letters[np.minimum(closing + 1, last)]] | (closing == last)
        return bool(before.all() and behind.all())

    def _one_by_one(self, data: bytes, final: bool) -> int:
        """Every cell of the rows with quotes on its own; where the last whole row ends."""
        start = 0
        while (quote := data.find(b'"', start)) >= 0:
            line = max(data.rfind(b"\n", start, quote), data.rfind(b"\r", start, quote), start - 1)
            self._row += _lines(data, start, line + 1)
            start = line + 1
            *cells, last = cells_of(data, self._delimiter, start)
            cut_off = not last["end"] or (last["end"] == b"\r" and last.end() == len(data))
            if cut_off and not final:
                return start
            self._look_at([*cells, last], data[start : last.end()])
            if self.fault is not None:
                return start
            self._row += 1
            start = last.end()
        size = _size(data, final)
        end = max(data.rfind(b"\n", start, size), data.rfind(b"\r", start, size), start - 1) + 1
        self._row += _lines(data, start, end)
        return end

    def _look_at(self, cells: "list[re.Match[bytes]]", row: bytes) -> None:
        strays = []
        over_lines = None
        for column, cell in enumerate(cells):
            quoted, rest = cell["quoted"], cell["rest"]
            if quoted is not None and not cell["close"]:
                self.fault = self._problem(Kind.QUOTE_NOT_CLOSED, cell, column)
                return
            if quoted is not None and (b"\n" in quoted or b"\r" in quoted):
                over_lines = column if over_lines is None else over_lines
                if self._holds_rows(quoted, column) or self._is_rows(row):
                    self.fault = self._problem(Kind.QUOTE_OVER_ROWS, cell, column)
                    return
            if b'"' in rest or (quoted is not None and rest):
                strays.append(Stray(self._row + 1, column, _text(cell)))
        if over_lines is not None and (strays or len(cells) != self._width):
            self.fault = self._problem(Kind.QUOTE_OVER_ROWS, cells[over_lines], over_lines)
        self.strays += strays

    def _holds_rows(self, quoted: bytes, column: int) -> bool:
        """Whether the lines of a cell are the end of one row, whole rows, and the start of one."""
        between = self._width - 1
        first, *whole, last = _lines_of(quoted)
        whole = [line for line in whole if line]
        counts = [line.count(self._delimiter) for line in (first, *whole, last)]
        rows = [between - column, *[between] * (len(counts) - 2), column]
        return counts == rows and not self._is_prose(quoted)

    def _is_rows(self, row: bytes) -> bool:
        """Whether each line of a row would be one of its own, were the quotes plain letters."""
        counts = {line.count(self._delimiter) for line in _lines_of(row) if line}
        return counts == {self._width - 1} and not self._is_prose(row)

    def _is_prose(self, text: bytes) -> bool:
        """In a line of two or three cells a comma with a blank behind it belongs to prose."""
        return self._width <= _FEW_COLUMNS and self._delimiter + b" " in text

    def _problem(self, kind: Kind, cell: "re.Match[bytes]", column: int) -> Problem:
        return Problem(kind, self._name, self._row + 1, column + 1, shown(_text(cell), 40))


def _size(data: bytes, final: bool) -> int:
    """How far line ends can be told: a return at the end may have its newline in the next piece."""
    return len(data) if final or not data.endswith(b"\r") else len(data) - 1


def _lines(data: bytes, start: int, end: int) -> int:
    """How many lines end between `start` and `end`."""
    import numpy as np

    letters = np.frombuffer(data, dtype=np.uint8)[start:end]
    count = int(np.count_nonzero(letters == _NEWLINE))
    if b"\r" not in data:
        return count
    return count + data.count(b"\r", start, end) - data.count(b"\r\n", start, end)


def _ends(letters: Any, size: int) -> Any:
    """Where a line ends within `size`: newlines, and returns that have none behind them."""
    import numpy as np

    newlines = letters == _NEWLINE
    returns = letters == _RETURN
    returns[:-1] &= ~newlines[1:]
    ends = np.flatnonzero(newlines | returns)
    return ends[ends < size]


def _lines_of(text: bytes) -> list[bytes]:
    return re.split(b"\r\n|\r|\n", text)


def _text(cell: "re.Match[bytes]") -> str:
    (first, *_) = cell[0].removesuffix(cell["end"]).splitlines() or (b"",)
    return first.decode("utf-8", "backslashreplace")


def cells_of(data: bytes, delimiter: bytes, start: int = 0) -> "Iterator[re.Match[bytes]]":
    """The cells from `start` to the end of the row, as pyarrow takes them apart: the text inside
    its quotes (`quoted`, None without), the `rest` behind them, and what `end`s the cell.
    """
    form = _form(delimiter)
    while True:
        cell = form.match(data, start)
        assert cell is not None
        yield cell
        if cell["end"] != delimiter:
            return
        start = cell.end()


def rows_of(data: bytes, delimiter: bytes) -> "Iterator[list[re.Match[bytes]]]":
    """The rows of a text, each as its cells."""
    start = 0
    while start < len(data):
        cells = list(cells_of(data, delimiter, start))
        yield cells
        start = cells[-1].end()


def texts_of(cells: "Iterable[re.Match[bytes]]") -> list[bytes]:
    """What stands in the cells of a row, without their quotes."""
    return [(cell["quoted"] or b"").replace(b'""', b'"') + cell["rest"] for cell in cells]


def _form(delimiter: bytes) -> "re.Pattern[bytes]":
    between = re.escape(delimiter)
    return re.compile(
        rb'(?:"(?P<quoted>(?:[^"]++|"")*+)(?P<close>"?))?'
        rb"(?P<rest>[^\r\n" + between + rb"]*+)(?P<end>" + between + rb"|\r\n?|\n|\Z)"
    )
