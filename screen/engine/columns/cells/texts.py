"""Columns of texts: each different text is read once, and the rows have numbers.

A *column* is some words and, for each row, which of them it has. What is read of the words
reaches the rows by `Column.at`.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen.engine.columns.cells.numbers import EXACT, Numbers, as_numpy, read_numbers
from screen.engine.columns.cells.times import NO_OFFSET, UNDATED, Times, read_times
from screen.engine.columns.cells.whole import Bools, Ints

if TYPE_CHECKING:
    import pyarrow as pa

# Alphabets of which Python's `isprintable` takes every sign: ASCII, Latin, Greek, Cyrillic, Han.
_PRINTED = "!-~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u04ff\u4e00-\u9ffc"
_PLAIN = f"^[{_PRINTED}]([ {_PRINTED}]*[{_PRINTED}])?$"


class Moments(NamedTuple):
    """Times in microseconds since 1970: in UTC where the text is `zoned`, else as the clock
    showed them; UNDATED where there is none. What holds of all texts need not be looked at row
    by row.
    """

    start: Ints
    zoned: Bools
    day: Bools
    read: Bools
    all_read: bool
    any_day: bool
    all_zoned: bool


class Words:
    """Texts without blanks around them, and what was read of them: once, whoever asks.

    All that is read has one place more, which stands for no text.
    """

    def __init__(self, texts: "pa.StringArray") -> None:
        self.texts = texts
        self._known: dict[object, Any] = {}

    def numbers(self) -> Numbers:
        """The texts as quantities."""
        found: Numbers = self._once("numbers", self._numbers)
        return found

    def times(self) -> Times:
        """The texts as times."""
        found: Times = self._once("times", self._times)
        return found

    def moments(self) -> Moments:
        """The texts as times on a time line."""
        found: Moments = self._once("moments", self._moments)
        return found

    def named(self, names: Mapping[str, int], nothing: int) -> Any:
        """For each text the number that it names, -1 if it is no name; `nothing` for no text."""
        key = (nothing, *names.items())
        return self._once(key, lambda: padded(self._named(names), nothing))

    def plain(self, longest: int) -> Bools:
        """Which texts intake takes for an id or a note: short, and of usual signs. So is none."""
        found: Bools = self._once(longest, lambda: padded(self._plain(longest), True))
        return found

    def _once(self, key: object, read: Callable[[], Any]) -> Any:
        # Where two threads read at once, both find the same.
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = read()
        return found

    def _numbers(self) -> Numbers:
        found = read_numbers(self.texts)
        return Numbers(
            padded(found.sign, EXACT),
            padded(found.millionths, 0),
            padded(found.decimals, 0),
            padded(found.unit, 0),
            found.units,
            padded(found.read, True),
        )

    def _times(self) -> Times:
        nothing = (0, NO_OFFSET, False, True)
        found = read_times(self.texts)
        return Times(*(padded(a, b) for a, b in zip(found, nothing, strict=True)))

    def _moments(self) -> Moments:
        found = self.times()
        zoned = found.offset != NO_OFFSET
        start = np.where(zoned, found.local - found.offset, found.local)
        start[-1] = UNDATED
        return Moments(
            start,
            zoned,
            found.day,
            found.read,
            bool(found.read.all()),
            bool(found.day.any()),
            bool(zoned[:-1].all()),
        )

    def _named(self, names: Mapping[str, int]) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        numbers = np.array([*names.values(), -1], dtype=np.int64)
        places = pc.index_in(self.texts, pa.array(list(names), pa.string()))
        return numbers[places.fill_null(len(names)).to_numpy()]

    def _plain(self, longest: int) -> Bools:
        import pyarrow.compute as pc

        fine = pc.and_(
            pc.match_substring_regex(self.texts, _PLAIN),
            pc.less_equal(pc.utf8_length(self.texts), longest),
        )
        found: Bools = as_numpy(pc.fill_null(fine, True))
        return found


class Column(NamedTuple):
    """Row i has text `index[i]` of the words, or nothing where that is -1."""

    words: Words
    index: Any

    @property
    def texts(self) -> "pa.StringArray":
        return self.words.texts

    def of(self, values: Any, nothing: Any, rows: Any) -> Any:
        """For some rows what was made of their texts, and `nothing` where there is none."""
        return padded(values, nothing)[self.index[rows]]

    def at(self, values: Any, rows: Any) -> Any:
        """As `of`, where the last of `values` stands for nothing."""
        return values[self.index[rows]]

    def ordered(self, order: Any) -> "Column":
        """The same words with the rows in another order, or with some of the rows."""
        return Column(self.words, self.index[order])

    def there(self, rows: Any) -> Bools:
        """Which rows have a text."""
        found: Bools = self.index[rows] >= 0
        return found

    def text(self, row: int) -> str:
        """The text of a row that has one."""
        found: str = self.texts[int(self.index[row])].as_py()
        return found

    def cells(self, rows: Any = slice(None)) -> "pa.StringArray":
        """The text of some rows, null where there is none."""
        import pyarrow as pa

        index = self.index[rows]
        return self.texts.take(pa.array(index, mask=index < 0))

    def times_at(self, rows: Any) -> Times:
        """The times of some rows; where there is none `read` holds and the rest means nothing."""
        return Times(*(self.at(column, rows) for column in self.words.times()))


def padded(values: Any, nothing: Any) -> Any:
    """Values of texts with what stands for no text behind them."""
    return np.append(values, np.array([nothing], dtype=values.dtype))


class SharedWords:
    """Columns of the parts of one table, which may have one list of words for all parts.

    Words that come again with the next part are read as a whole, once for all that follow.
    """

    def __init__(self) -> None:
        self._lists: dict[str, _List] = {}

    def column(self, name: str, cells: "pa.ChunkedArray") -> Column:
        """The column of a part."""
        import pyarrow as pa

        one = whole(cells)
        if not pa.types.is_dictionary(one.type):
            return column_of(one)
        known = self._lists.get(name)
        if known is None or not is_same(known.dictionary, one.dictionary):
            self._lists[name] = _List(one.dictionary)
            return column_of(one)
        return known.column(_index_of(one))


class _List:
    """A dictionary whose words are read when they come for the second time."""

    def __init__(self, dictionary: "pa.StringArray") -> None:
        self.dictionary = dictionary

    @cached_property
    def _read(self) -> tuple[Words, Any]:
        return _words_of(self.dictionary)

    def column(self, index: Any) -> Column:
        words, places = self._read
        return Column(words, index if places is None else places[index])


def is_same(ones: "pa.StringArray", others: "pa.StringArray") -> bool:
    """Whether both are the same piece of memory."""
    (first, second) = ([b and b.address for b in array.buffers()] for array in (ones, others))
    return first == second and (ones.offset, len(ones)) == (others.offset, len(others))


def column_of(cells: "pa.Array | pa.ChunkedArray") -> Column:
    """A column of cells, strings or a dictionary of them; blank cells are nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = whole(cells)
    if not pa.types.is_dictionary(cells.type):
        if len(cells) > _SMALL and _repeats(cells):
            return column_of(cells.dictionary_encode())
        texts = pc.utf8_trim_whitespace(cells.cast(pa.string()))
        there = as_numpy(pc.fill_null(pc.greater(pc.binary_length(texts), 0), False))
        return Column(Words(texts), np.where(there, np.arange(len(texts), dtype=np.int32), -1))
    words, index = cells.dictionary, _index_of(cells)
    if len(words) > _FEW:
        words, index = _that_occur(words, index)
    read, places = _words_of(words)
    return Column(read, index if places is None else places[index])


def whole(cells: "pa.Array | pa.ChunkedArray") -> "pa.Array":
    """Cells in one piece."""
    import pyarrow as pa

    if not isinstance(cells, pa.ChunkedArray):
        return cells
    if cells.num_chunks == 1:
        return cells.chunk(0)
    cells = cells.unify_dictionaries() if pa.types.is_dictionary(cells.type) else cells
    return cells.combine_chunks()


def _index_of(cells: "pa.DictionaryArray") -> Any:
    """For each cell the number of its word, -1 for null."""
    places = cells.indices
    index = places.fill_null(-1) if places.null_count else places
    return index.to_numpy()


def _words_of(dictionary: "pa.StringArray") -> tuple[Words, Any]:
    """The words of a dictionary, and where some are blank the place of each: -1 for nothing."""
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(dictionary)
    blank = as_numpy(pc.fill_null(pc.equal(pc.binary_length(texts), 0), True))
    if not blank.any():
        return Words(texts), None
    return Words(texts), np.append(np.where(blank, -1, np.arange(len(texts))), -1).astype(np.int32)


def _that_occur(words: "pa.StringArray", index: Any) -> tuple["pa.StringArray", Any]:
    """Of the dictionary of a whole file only what occurs here, which is all that is read."""
    import pyarrow as pa

    occurs = np.zeros(len(words) + 1, dtype=bool)
    occurs[index] = True
    used = np.flatnonzero(occurs[:-1])
    if 4 * len(used) >= 3 * len(words):
        return words, index
    place = np.full(len(words) + 1, -1, dtype=np.int32)
    place[used] = np.arange(len(used))
    return words.take(pa.array(used)), place[index]


_FEW = 1_000  # words that are read, whether they occur or not
_SMALL = 4_000  # rows in which looking for repetition is not worth it
_SAMPLE = 5_000


def _repeats(texts: "pa.StringArray") -> bool:
    import pyarrow.compute as pc

    sample = texts.slice(len(texts) // 2, _SAMPLE)
    return int(pc.count_distinct(sample).as_py()) <= 0.7 * len(sample)


def trimmed(texts: "pa.Array") -> "pa.Array":
    """Texts without blanks around them; a blank text is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = pc.utf8_trim_whitespace(texts)
    empty = pc.equal(pc.binary_length(bare), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), bare)
