"""Where observations wait until all are read: a file in the work folder, in ranges of cases.

A block of observations is written as one column of numbers after the other, its rows in the
order of their ranges. So each range can be read back from every block, and memory holds one
range, whatever the order of the input. Texts that repeat are numbers of one list for the whole
table, so that whoever reads the parts reads each text once; a column whose texts do not repeat, or
are too many for a list, is written as text.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen import disk
from screen.batch.inputs.long.word_lists import MOST_WORDS
from screen.engine.columns.cells.texts import Column

if TYPE_CHECKING:
    import pyarrow as pa

_RANGE = 2_048  # cases
_ROWS = 1_200_000  # from which on a part is large enough; half, where words are not numbers
_CASES = 20_000  # more are never in a part
_FEW_WORDS = 1_000  # of a block: they may be different in every row

Array = np.ndarray[Any, Any]


class _Texts(NamedTuple):
    """Some texts, one behind the other: their lengths (-1 for null), then their letters."""

    offset: int
    number: int


class _Packed(NamedTuple):
    """Whole numbers, each in as few bytes as the largest takes when the `least` is zero."""

    offset: int
    kind: Any
    least: int


class _Block(NamedTuple):
    """`ranges` in the block, and where their rows begin; `columns` by name: numbers, or texts."""

    ranges: Array
    begins: Array
    columns: Mapping[str, _Packed | _Texts]


_Span = tuple[_Block, int, int]


class Spool:
    """Observations by the position of their case. Use `add` for all of them, then `parts`."""

    def __init__(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        self._descriptor = disk.make_store(file)
        self._end = 0
        self._blocks: list[_Block] = []
        self._lists: dict[str, pa.StringArray] = {}
        self._rows_of: dict[int, int] = {}

    def close(self) -> None:
        os.close(self._descriptor)

    def add(
        self, position: Array, row: Array, seq: Array | None, columns: Mapping[str, Column]
    ) -> None:
        """Observations of one block, in its order: the case of each, and where it stands."""
        if not len(position):
            return
        range_ = position // _RANGE
        in_order = bool((range_[1:] >= range_[:-1]).all())
        order: Any = slice(None) if in_order else np.argsort(_small(range_), kind="stable")
        range_ = range_[order]
        begins = np.flatnonzero(np.append(True, range_[1:] != range_[:-1]))
        there = range_[begins]
        written: dict[str, _Packed | _Texts] = {
            "position": self._packed(position[order]),
            "row": self._packed(row[order]),
        }
        if seq is not None:
            written["seq"] = self._packed(seq[order])
        for name, column in columns.items():
            if (column.index >= 0).any():
                written[name] = self._column(name, column, order)
        begins = np.append(begins, len(position))
        self._blocks.append(_Block(there, begins, written))
        for number, count in zip(there.tolist(), np.diff(begins).tolist(), strict=True):
            self._rows_of[number] = self._rows_of.get(number, 0) + count

    def parts(self, cases: int, largest: int) -> Iterator[tuple[int, int, "pa.Table"]]:
        """Ranges of positions up to `cases`, each with its observations in order.

        At most `largest` cases a part.
        """
        first = rows = 0
        enough = _ROWS // 2 if any(map(_has_texts, self._blocks)) else _ROWS
        at_most = max(min(largest, _CASES) // _RANGE, 1)
        ranges = -(-cases // _RANGE)
        for number in range(ranges):
            rows += self._rows_of.get(number, 0)
            if rows >= enough or number - first + 1 >= at_most or number == ranges - 1:
                until = min((number + 1) * _RANGE, cases)
                yield first * _RANGE, until, self._read(first, number + 1)
                first, rows = number + 1, 0

    def _column(self, name: str, column: Column, order: Any) -> _Packed | _Texts:
        """Write a column as numbers of the list, or as text where that would be too long."""
        texts, index = column.texts, column.index[order]
        if self._goes_on(name, texts):
            self._lists[name] = texts
            return self._packed(index)
        if len(texts) <= _FEW_WORDS or 2 * len(texts) <= len(index):
            numbers = self._listed(name, texts)
            if numbers is not None:
                return self._packed(np.append(numbers, -1)[index])
        return self._texts_of(column.ordered(order).cells())

    def _goes_on(self, name: str, texts: "pa.StringArray") -> bool:
        """Whether texts are the list of a column with more words behind it: so they come from
        who has one list for all blocks (`WordLists`), and the numbers are those of the list.
        """
        known = self._list(name)
        few = not texts.null_count and len(texts) <= MOST_WORDS
        return few and bool(texts.slice(0, len(known)).equals(known))

    def _listed(self, name: str, texts: "pa.StringArray") -> Array | None:
        """The numbers of texts in the list of a column, which takes up what is new if it can."""
        import pyarrow as pa
        import pyarrow.compute as pc

        known = self._list(name)
        numbers = pc.index_in(texts, known)
        new = pc.unique(texts.filter(numbers.is_null())).drop_null()
        if len(new):
            if len(known) + len(new) > MOST_WORDS:
                return None
            known = self._lists[name] = pa.concat_arrays([known, new])
            numbers = pc.index_in(texts, known)
        found: Array = numbers.fill_null(-1).to_numpy()
        return found

    def _list(self, name: str) -> "pa.StringArray":
        import pyarrow as pa

        return self._lists.get(name, pa.array([], pa.string()))

    def _texts_of(self, texts: Any) -> _Texts:
        import pyarrow as pa

        texts = pa.concat_arrays([texts]) if texts.offset else texts
        _, ends, letters = texts.buffers()
        length = np.diff(np.frombuffer(ends, dtype=np.int32)[: len(texts) + 1])
        if texts.null_count:
            length = np.where(texts.is_valid().to_numpy(zero_copy_only=False), length, -1)
        size = int(np.maximum(length, 0).sum())
        offset = self._write(length.astype(np.int32))
        self._write(np.frombuffer(letters or b"", dtype=np.uint8)[:size])
        return _Texts(offset, len(texts))

    def _packed(self, numbers: Array) -> _Packed:
        least = int(numbers.min())
        kind = np.min_scalar_type(int(numbers.max()) - least)
        return _Packed(self._write((numbers - least).astype(kind)), kind, least)

    def _write(self, numbers: Array) -> int:
        offset = self._end
        view = memoryview(np.ascontiguousarray(numbers).data).cast("B")
        while len(view):
            done = os.pwrite(self._descriptor, view, self._end)
            self._end += done
            view = view[done:]
        return offset

    def _read(self, first: int, last: int) -> "pa.Table":
        """The observations of some ranges, in the order of cases, rows and places in a row."""
        import pyarrow as pa

        spans: list[_Span] = []
        names: dict[str, None] = {}
        for block in self._blocks:
            begin, end = np.searchsorted(block.ranges, [first, last])
            if begin < end:
                spans.append((block, int(block.begins[begin]), int(block.begins[end])))
                names.update(dict.fromkeys(block.columns))
        if not spans:
            empty = {"position": pa.array([], pa.int64()), "row": pa.array([], pa.int64())}
            texts = {name: pa.array([], pa.string()) for name in ("concept", "value")}
            return pa.table(empty | {"seq": pa.array([], pa.int32())} | texts)
        position = self._numbers("position", spans, np.int64)
        row = self._numbers("row", spans, np.int64)
        seq = self._numbers("seq", spans, np.int32) if "seq" in names else None
        order = _in_order(position - first * _RANGE, row, seq)
        table = {
            "position": pa.array(position[order]),
            "row": pa.array(row[order]),
            "seq": pa.array(np.full(len(row), -1, np.int32) if seq is None else seq[order]),
        }
        for name in names:
            if name not in table:
                table[name] = self._texts(name, spans, order)
        return pa.table(table)

    def _numbers(self, name: str, spans: list[_Span], kind: Any) -> Array:
        parts = []
        for block, begin, end in spans:
            written = block.columns.get(name)
            if isinstance(written, _Packed):
                offset, packed, least = written
                size = packed.itemsize
                data = self._bytes(offset + begin * size, (end - begin) * size)
                parts.append(np.frombuffer(data, dtype=packed).astype(kind) + kind(least))
            else:
                parts.append(np.full(end - begin, -1, dtype=kind))
        return np.concatenate(parts)

    def _texts(self, name: str, spans: list[_Span], order: Any) -> Any:
        """A column of texts: a dictionary of the whole list, or plain texts."""
        import pyarrow as pa

        if not any(isinstance(block.columns.get(name), _Texts) for block, _, _ in spans):
            return self._encoded(name, self._numbers(name, spans, self._kind(name))[order])
        texts = pa.concat_arrays([self._span(name, span) for span in spans])
        return texts if isinstance(order, slice) else texts.take(pa.array(order))

    def _span(self, name: str, span: _Span) -> "pa.StringArray":
        import pyarrow as pa

        block, begin, end = span
        written = block.columns.get(name)
        if isinstance(written, _Texts):
            return self._words_at(written, begin, end)
        return self._encoded(name, self._numbers(name, [span], self._kind(name))).cast(pa.string())

    def _kind(self, name: str) -> Any:
        """Numbers as small as the words allow: there are as many as rows."""
        return np.min_scalar_type(-2 * len(self._list(name)) - 2).type

    def _encoded(self, name: str, numbers: Array) -> "pa.DictionaryArray":
        import pyarrow as pa

        nothing = numbers < 0
        index = pa.array(numbers, mask=nothing if nothing.any() else None)
        return pa.DictionaryArray.from_arrays(index, self._list(name))

    def _words_at(self, written: _Texts, begin: int, end: int) -> Any:
        import pyarrow as pa

        length = np.frombuffer(self._bytes(written.offset, 4 * written.number), dtype=np.int32)
        ends = np.append(0, np.cumsum(np.maximum(length, 0)))
        start = written.offset + 4 * written.number
        letters = self._bytes(start + int(ends[begin]), int(ends[end] - ends[begin]))
        offsets = (ends[begin : end + 1] - ends[begin]).astype(np.int32)
        nothing = length[begin:end] < 0
        validity = pa.array(~nothing).buffers()[1] if nothing.any() else None
        return pa.StringArray.from_buffers(
            end - begin, pa.py_buffer(offsets), pa.py_buffer(letters), validity
        )

    def _bytes(self, offset: int, size: int) -> bytes:
        data = os.pread(self._descriptor, size, offset)
        while len(data) < size:
            more = os.pread(self._descriptor, size - len(data), offset + len(data))
            assert more, "the spool is shorter than what was written"
            data += more
        return data


def _has_texts(block: _Block) -> bool:
    return any(isinstance(column, _Texts) for column in block.columns.values())


def _in_order(position: Array, row: Array, seq: Array | None) -> Any:
    """The order by cases, rows and places in a row; rows of one block come in their order."""
    if seq is not None:
        return np.lexsort((seq, row, position))
    if (position[1:] >= position[:-1]).all():
        return slice(None)
    return np.argsort(_small(position), kind="stable")


def _small(numbers: Array) -> Array:
    """Numbers that are sorted by counting, where they are small enough for that."""
    return numbers.astype(np.uint16) if int(numbers.max()) < 1 << 16 else numbers
