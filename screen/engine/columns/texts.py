"""Columns of texts: each different text is read once, and the rows have numbers.

A *column* is an array of texts and, for each row, which of them it has. What is read of the
texts (`values`) reaches the rows by `Column.of`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen.engine.columns.times import Times, read_times
from screen.engine.columns.whole import Bools, Ints

if TYPE_CHECKING:
    import pyarrow as pa

_SIGNS = {"": 0, "<": 1, "<=": 2, "≤": 2, ">": 3, ">=": 4, "≥": 4}
EXACT, BELOW, AT_MOST, ABOVE, AT_LEAST = range(5)
"""What stands before a number."""

_NUMBER = r"-?[0-9]{1,12}([.][0-9]{1,6})?"
_BARE = f"^{_NUMBER}$"
_QUANTITY = (
    r"^(?P<sign><=|>=|<|>|≤|≥|) ?(?P<number>-?[0-9]{1,12}(?:[.][0-9]{1,6})?)"
    r"(?P<unit> .*|[^-0-9.eE ].*|)$"
)
# Alphabets of which Python's `isprintable` takes every sign: ASCII, Latin, Greek, Cyrillic, Han.
_PRINTED = "!-~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u04ff\u4e00-\u9ffc"
_PLAIN = f"^[{_PRINTED}]([ {_PRINTED}]*[{_PRINTED}])?$"


class Numbers(NamedTuple):
    """Quantities taken apart: a `sign`, the number in `millionths`, how many decimals are
    written, and the `unit` as a place in `units` (place 0: none is written).

    Where `read` is false the text is not of this plain form.
    """

    sign: Any
    millionths: Ints
    decimals: Any
    unit: Any
    units: list[str]
    read: Bools


class Column:
    """Texts without blanks around them; row i has text `index[i]`, or nothing where that is -1.

    What was read of the texts is kept, so that a column is read once, whoever asks.
    """

    def __init__(self, texts: "pa.StringArray", index: Any) -> None:
        self.texts = texts
        self.index = index
        self._numbers: Numbers | None = None
        self._times: Times | None = None
        self._named: dict[int, Any] = {}

    def of(self, values: Any, nothing: Any, rows: Any) -> Any:
        """For some rows what was read of their texts, and `nothing` where there is none."""
        padded = np.append(values, np.array([nothing], dtype=values.dtype))
        return padded[self.index[rows]]

    def there(self, rows: Any) -> Bools:
        """Which rows have a text."""
        found: Bools = self.index[rows] >= 0
        return found

    def text(self, row: int) -> str:
        """The text of a row that has one."""
        found: str = self.texts[int(self.index[row])].as_py()
        return found

    def numbers(self) -> Numbers:
        """The texts as quantities."""
        if self._numbers is None:
            self._numbers = read_numbers(self.texts)
        return self._numbers

    def times(self, rows: Any) -> Times:
        """The times of some rows; where there is none `read` holds and the rest means nothing."""
        if self._times is None:
            self._times = read_times(self.texts)
        nothing = (0, 0, False, True)
        return Times(*(self.of(a, b, rows) for a, b in zip(self._times, nothing, strict=True)))

    def named(self, names: Mapping[str, int]) -> Any:
        """For each text the number that it names, -1 if it is no name."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = self._named.get(id(names))
        if found is None:
            numbers = np.array([*names.values(), -1], dtype=np.int64)
            places = pc.index_in(self.texts, pa.array(list(names), pa.string()))
            found = numbers[places.fill_null(len(names)).to_numpy()]
            self._named[id(names)] = found
        return found

    def plain(self, longest: int) -> Bools:
        """Which texts intake takes for an id or a note: short, and of usual signs."""
        import pyarrow.compute as pc

        fine = pc.and_(
            pc.match_substring_regex(self.texts, _PLAIN),
            pc.less_equal(pc.utf8_length(self.texts), longest),
        )
        return as_numpy(pc.fill_null(fine, True))


def column_of(cells: "pa.Array | pa.ChunkedArray") -> Column:
    """A column of cells, strings or a dictionary of them; blank cells are nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells, pa.ChunkedArray):
        cells = cells.unify_dictionaries() if pa.types.is_dictionary(cells.type) else cells
        cells = cells.combine_chunks()
    if not pa.types.is_dictionary(cells.type):
        if len(cells) > _SMALL and _repeats(cells):
            return column_of(cells.dictionary_encode())
        texts = pc.utf8_trim_whitespace(cells.cast(pa.string()))
        there = as_numpy(pc.fill_null(pc.greater(pc.binary_length(texts), 0), False))
        return Column(texts, np.where(there, np.arange(len(texts), dtype=np.int32), np.int32(-1)))
    texts = pc.utf8_trim_whitespace(cells.dictionary)
    index = cells.indices.fill_null(-1).to_numpy().astype(np.int32, copy=False)
    blank = as_numpy(pc.fill_null(pc.equal(pc.binary_length(texts), 0), True))
    if blank.any():
        index = np.append(np.where(blank, -1, np.arange(len(texts))), -1).astype(np.int32)[index]
    return Column(texts, index)


_SMALL = 4_000  # rows in which looking for repetition is not worth it
_SAMPLE = 5_000


def _repeats(texts: "pa.StringArray") -> bool:
    import pyarrow.compute as pc

    sample = texts.slice(len(texts) // 2, _SAMPLE)
    return int(pc.count_distinct(sample).as_py()) <= 0.7 * len(sample)


def as_numpy(values: Any) -> Any:
    """A boolean or number array of Arrow without nulls."""
    return values.to_numpy(zero_copy_only=False)


def read_numbers(texts: "pa.StringArray") -> Numbers:
    """The quantities in an array of texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(texts)
    bare = as_numpy(pc.fill_null(pc.match_substring_regex(texts, _BARE), False))
    sign = np.zeros(count, dtype=np.int8)
    unit = np.zeros(count, dtype=np.int32)
    units = [""]
    read = bare
    numbers = texts
    if not bare.all():
        parts = pc.extract_regex(texts, _QUANTITY)
        read = as_numpy(parts.is_valid())
        numbers = pc.struct_field(parts, "number")
        signs = pc.struct_field(parts, "sign").dictionary_encode()
        sign = _by_word(signs, lambda word: _SIGNS[word], np.int8)
        found = pc.utf8_trim_whitespace(pc.struct_field(parts, "unit")).dictionary_encode()
        places = {text: place for place, text in enumerate(units)}
        unit = _by_word(found, lambda word: places.setdefault(word, len(places)), np.int32)
        units = list(places)
    numbers = pc.if_else(pa.array(read), numbers, pa.scalar(None, pa.string()))
    millionths = _int64_of(pc.cast(numbers, pa.decimal128(18, 6)))
    point = pc.find_substring(numbers, ".")
    after = pc.subtract(pc.subtract(pc.binary_length(numbers), point), 1)
    decimals = pc.if_else(pc.less(point, 0), 0, after)
    return Numbers(
        sign,
        millionths,
        pc.fill_null(decimals, 0).to_numpy().astype(np.int8),
        unit,
        units,
        read,
    )


def _by_word(encoded: Any, number: Any, kind: Any) -> Any:
    """For each row of a dictionary column the number of its word; 0 for none."""
    words = encoded.dictionary.to_pylist()
    numbers = np.array([0 if word is None else number(word) for word in words] + [0], dtype=kind)
    return numbers[encoded.indices.fill_null(len(words)).to_numpy()]


def _int64_of(decimals: Any) -> Ints:
    """The unscaled numbers of decimals of 18 digits; 0 for null."""
    buffer = decimals.buffers()[1]
    words = np.frombuffer(buffer, dtype=np.int64).reshape(-1, 2)
    start = decimals.offset
    numbers = words[start : start + len(decimals), 0]
    if decimals.null_count:
        numbers = np.where(as_numpy(decimals.is_valid()), numbers, 0)
    return numbers


def trimmed(texts: "pa.Array") -> "pa.Array":
    """Texts without blanks around them; a blank text is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = pc.utf8_trim_whitespace(texts)
    empty = pc.equal(pc.binary_length(bare), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), bare)
