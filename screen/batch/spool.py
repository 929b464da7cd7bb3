"""Where observations wait until all are read: a file in the work folder, in ranges of cases.

A block of observations is written as one column of numbers after the other, its rows in the
order of their ranges. So each range can be read back from every block, and memory holds one
range, whatever the order of the input. Texts that repeat are numbers of a list; a column whose
texts do not repeat is written as text.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen import disk
from screen.engine.columns.texts import Column

if TYPE_CHECKING:
    import pyarrow as pa

_RANGE = 2_048  # cases
_ROWS = 400_000  # from which on a part is large enough
_CASES = 20_000  # more are never in a part
_FEW_WORDS = 1_000  # of a block: they are kept in a list that all blocks share

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


class _Written(NamedTuple):
    """A column of one block: numbers, of the words of a list that all blocks share, or of its own
    `words`; or (without numbers) the `words` are the rows themselves.
    """

    numbers: _Packed | None
    words: _Texts | None = None


class _Block(NamedTuple):
    """`ranges` in the block, and where their rows begin; `columns` by name."""

    ranges: Array
    begins: Array
    columns: Mapping[str, _Written]


class Spool:
    """Observations by the position of their case. Use `add` for all of them, then `parts`."""

    def __init__(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        self._descriptor = disk.make_store(file)
        self._end = 0
        self._blocks: list[_Block] = []
        self._words: dict[str, dict[str, int]] = {}
        self._lists: dict[str, Any] = {}
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
        written = {
            "position": _Written(self._packed(position[order])),
            "row": _Written(self._packed(row[order])),
        }
        if seq is not None:
            written["seq"] = _Written(self._packed(seq[order]))
        for name, column in columns.items():
            if (column.index >= 0).any():
                written[name] = self._column(name, column, order)
        begins = np.append(begins, len(position))
        self._blocks.append(_Block(there, begins, written))
        for number, count in zip(there.tolist(), np.diff(begins).tolist(), strict=True):
            self._rows_of[number] = self._rows_of.get(number, 0) + count

    def parts(self, cases: int, largest: int) -> Iterator[tuple[int, int, "pa.Table"]]:
        """Ranges of positions up to `cases`, each with its observations in order.

        About `_ROWS` rows a part, at most `largest` cases.
        """
        first = 0
        rows = 0
        at_most = max(min(largest, _CASES) // _RANGE, 1)
        ranges = -(-cases // _RANGE)
        for number in range(ranges):
            rows += self._rows_of.get(number, 0)
            if rows >= _ROWS or number - first + 1 >= at_most or number == ranges - 1:
                until = min((number + 1) * _RANGE, cases)
                yield first * _RANGE, until, self._read(first, number + 1)
                first, rows = number + 1, 0

    def _column(self, name: str, column: Column, order: Any) -> _Written:
        import pyarrow as pa

        index = column.index[order]
        count = len(column.texts)
        if 2 * count > len(index) and count > _FEW_WORDS:
            return _Written(
                None, self._texts_of(column.texts.take(pa.array(index, mask=index < 0)))
            )
        if count > _FEW_WORDS:
            return _Written(self._packed(index), self._texts_of(column.texts))
        words = self._words.setdefault(name, {})
        numbers = [words.setdefault(text, len(words)) for text in column.texts.to_pylist()]
        return _Written(self._packed(np.array([*numbers, -1], dtype=np.int32)[index]))

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

        spans = []
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

    def _numbers(self, name: str, spans: list[tuple[_Block, int, int]], kind: Any) -> Array:
        parts = []
        for block, begin, end in spans:
            written = block.columns.get(name)
            if written is None or written.numbers is None:
                parts.append(np.full(end - begin, -1, dtype=kind))
            else:
                offset, packed, least = written.numbers
                size = packed.itemsize
                data = self._bytes(offset + begin * size, (end - begin) * size)
                parts.append(np.frombuffer(data, dtype=packed).astype(kind) + kind(least))
        return np.concatenate(parts)

    def _texts(self, name: str, spans: list[tuple[_Block, int, int]], order: Any) -> Any:
        """A column of texts: a dictionary in which a word may stand twice, or plain texts."""
        import pyarrow as pa

        shared = [span for span in spans if (w := span[0].columns.get(name)) is None or not w.words]
        if len(shared) == len(spans):
            return _encoded(self._numbers(name, spans, np.int32)[order], self._listed(name))
        parts = [self._span(name, span) for span in spans]
        if all(pa.types.is_dictionary(part.type) for part in parts):
            begins = np.cumsum([0, *(len(part.dictionary) for part in parts[:-1])])
            index = np.concatenate(
                [
                    np.where((own := part.indices.fill_null(-1).to_numpy()) < 0, -1, own + begin)
                    for part, begin in zip(parts, begins, strict=True)
                ]
            )
            words = pa.concat_arrays([part.dictionary for part in parts])
            return _encoded(index.astype(np.int32)[order], words)
        texts = pa.concat_arrays([part.cast(pa.string()) for part in parts])
        return texts if isinstance(order, slice) else texts.take(pa.array(order))

    def _span(self, name: str, span: tuple[_Block, int, int]) -> Any:
        block, begin, end = span
        written = block.columns.get(name)
        if written is not None and written.words is not None:
            if written.numbers is None:
                return self._words_at(written.words, begin, end)
            words = self._words_at(written.words, 0, written.words.number)
            return _encoded(self._numbers(name, [span], np.int32), words)
        return _encoded(self._numbers(name, [span], np.int32), self._listed(name))

    def _listed(self, name: str) -> Any:
        """The words of a column that all blocks share."""
        import pyarrow as pa

        words = self._words.get(name, {})
        listed = self._lists.get(name)
        if listed is None or len(listed) < len(words):
            listed = self._lists[name] = pa.array(list(words), pa.string())
        return listed

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


def _encoded(codes: Array, words: Any) -> Any:
    """A dictionary column, of only the words that occur where there are many."""
    import pyarrow as pa

    if len(words) > _FEW_WORDS:
        seen = np.zeros(len(words) + 1, dtype=bool)
        seen[codes] = True
        used = np.flatnonzero(seen[:-1])
        place = np.full(len(seen), -1, dtype=np.int32)
        place[used] = np.arange(len(used), dtype=np.int32)
        codes, words = place[codes], words.take(pa.array(used))
    nothing = codes < 0
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=nothing if nothing.any() else None), words
    )
