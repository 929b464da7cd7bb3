"""Quotes in a CSV: whether each of them opens and closes where a cell does.

A parser takes all that stands between two quotes for one cell, line ends included: one quote too
many takes rows away without a word. So the rows are counted here beside the parser, by the same
rule (a quote opens a cell only as its first letter), and every quote is looked at. Bytes without
quotes, and cells that are quoted as they should be, are looked at all at once.
"""

import re
from collections.abc import Iterator
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
        if whole > len(outside) and self._may_hold_rows(letters, ends[:whole], inside[:whole]):
            return None
        self._row += len(outside)
        return cut

    def _may_hold_rows(self, letters: Any, ends: Any, inside: Any) -> bool:
        """Whether a row of several lines has as many delimiters in each as a row of its own."""
        import numpy as np

        delimiters = np.flatnonzero(letters == self._delimiter[0])
        counts = np.diff(np.searchsorted(delimiters, ends), prepend=0)
        row = np.cumsum(~inside) - ~inside
        other = np.bincount(row, weights=counts != self._width - 1)
        return bool((np.bincount(row, weights=inside) > 0)[other == 0].any())

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
        for column, cell in enumerate(cells):
            quoted, rest = cell["quoted"], cell["rest"]
            has_lines = quoted is not None and (b"\n" in quoted or b"\r" in quoted)
            if quoted is not None and not cell["close"]:
                self.fault = self._problem(Kind.QUOTE_NOT_CLOSED, cell, column)
            elif has_lines and (rest or self._looks_like_rows(row)):
                self.fault = self._problem(Kind.QUOTE_OVER_ROWS, cell, column)
            elif b'"' in rest or (quoted is not None and rest):
                self.strays.append(Stray(self._row + 1, column, _text(cell)))

    def _looks_like_rows(self, row: bytes) -> bool:
        """Whether every line of a row would be a row of its own, were the quotes plain letters."""
        lines = re.split(b"\r\n|\r|\n", row.rstrip(b"\r\n"))
        between = self._width - 1
        # Two or three words with a comma may be a line of prose, which has a blank behind it.
        prose = self._width <= _FEW_COLUMNS and any(
            self._delimiter + b" " in line for line in lines
        )
        return not prose and all(line.count(self._delimiter) == between for line in lines)

    def _problem(self, kind: Kind, cell: "re.Match[bytes]", column: int) -> Problem:
        return Problem(kind, self._name, self._row + 1, column + 1, shown(_text(cell), 40))


def _size(data: bytes, final: bool) -> int:
    """How far line ends can be told: a return at the end may have its newline in the next piece."""
    return len(data) if final or not data.endswith(b"\r") else len(data) - 1


def _lines(data: bytes, start: int, end: int) -> int:
    """How many lines end between `start` and `end`."""
    returns = data.count(b"\r", start, end)
    pairs = data.count(b"\r\n", start, end) if returns else 0
    return data.count(b"\n", start, end) + returns - pairs


def _ends(letters: Any, size: int) -> Any:
    """Where a line ends within `size`: newlines, and returns that have none behind them."""
    import numpy as np

    newlines = letters == _NEWLINE
    returns = letters == _RETURN
    returns[:-1] &= ~newlines[1:]
    ends = np.flatnonzero(newlines | returns)
    return ends[ends < size]


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


def _form(delimiter: bytes) -> "re.Pattern[bytes]":
    between = re.escape(delimiter)
    return re.compile(
        rb'(?:"(?P<quoted>(?:[^"]++|"")*+)(?P<close>"?))?'
        rb"(?P<rest>[^\r\n" + between + rb"]*+)(?P<end>" + between + rb"|\r\n?|\n|\Z)"
    )
