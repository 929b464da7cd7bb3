"""Columns of texts: each different text is read once, and the rows have numbers.

A *column* is an array of texts and, for each row, which of them it has. What is read of the
texts (`values`) reaches the rows by `Column.of`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen.engine.columns.positions import MILLION
from screen.engine.columns.times import NO_OFFSET, UNDATED, Times, read_times
from screen.engine.columns.whole import LARGEST, Bools, Ints
from screen.units.text import NotMeasured, split_quantity

if TYPE_CHECKING:
    import pyarrow as pa

_SIGNS = {"": 0, "=": 0, "<": 1, "<=": 2, "≤": 2, ">": 3, ">=": 4, "≥": 4}
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

    @property
    def largest(self) -> int:
        """No number is larger."""
        return max(int(self.millionths.max()), -int(self.millionths.min()))


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


class Column:
    """Texts without blanks around them; row i has text `index[i]`, or nothing where that is -1.

    What was read of the texts is kept, so that a column is read once, whoever asks.
    """

    def __init__(self, texts: "pa.StringArray", index: Any) -> None:
        self.texts = texts
        self.index = index
        self._numbers: Numbers | None = None
        self._times: Times | None = None
        self._moments: Moments | None = None
        self._named: dict[int, Any] = {}

    def of(self, values: Any, nothing: Any, rows: Any) -> Any:
        """For some rows what was read of their texts, and `nothing` where there is none."""
        return padded(values, nothing)[self.index[rows]]

    def at(self, values: Any, rows: Any) -> Any:
        """As `of`, where the last of `values` stands for nothing."""
        return values[self.index[rows]]

    def ordered(self, order: Any) -> "Column":
        """The same texts with the rows in another order; what was read of them is kept."""
        other = Column(self.texts, self.index[order])
        other._numbers, other._named = self._numbers, self._named
        other._times, other._moments = self._times, self._moments
        return other

    def there(self, rows: Any) -> Bools:
        """Which rows have a text."""
        found: Bools = self.index[rows] >= 0
        return found

    def text(self, row: int) -> str:
        """The text of a row that has one."""
        found: str = self.texts[int(self.index[row])].as_py()
        return found

    def numbers(self) -> Numbers:
        """The texts as quantities, and behind them nothing, for `at`."""
        if self._numbers is None:
            found = read_numbers(self.texts)
            self._numbers = Numbers(
                padded(found.sign, EXACT),
                padded(found.millionths, 0),
                padded(found.decimals, 0),
                padded(found.unit, 0),
                found.units,
                padded(found.read, True),
            )
        return self._numbers

    def times(self) -> Times:
        """The texts as times, and behind them nothing, for `at`."""
        if self._times is None:
            found = read_times(self.texts)
            nothing = (0, NO_OFFSET, False, True)
            self._times = Times(*(padded(a, b) for a, b in zip(found, nothing, strict=True)))
        return self._times

    def moments(self) -> "Moments":
        """The texts as times on a time line, for `at`."""
        if self._moments is None:
            found = self.times()
            zoned = found.offset != NO_OFFSET
            start = np.where(zoned, found.local - found.offset, found.local)
            start[-1] = UNDATED
            self._moments = Moments(
                start,
                zoned,
                found.day,
                found.read,
                bool(found.read.all()),
                bool(found.day.any()),
                bool(zoned[:-1].all()),
            )
        return self._moments

    def times_at(self, rows: Any) -> Times:
        """The times of some rows; where there is none `read` holds and the rest means nothing."""
        return Times(*(self.at(column, rows) for column in self.times()))

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
        found: Bools = as_numpy(pc.fill_null(fine, True))
        return found


def padded(values: Any, nothing: Any) -> Any:
    """Values of texts with what stands for no text behind them."""
    return np.append(values, np.array([nothing], dtype=values.dtype))


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
    places = cells.indices
    index = (places.fill_null(-1) if places.null_count else places).to_numpy()
    index = index.astype(np.int32, copy=False)
    words = cells.dictionary
    if len(words) > _FEW:
        words, index = _that_occur(words, index)
    texts = pc.utf8_trim_whitespace(words)
    blank = as_numpy(pc.fill_null(pc.equal(pc.binary_length(texts), 0), True))
    if blank.any():
        index = np.append(np.where(blank, -1, np.arange(len(texts))), -1).astype(np.int32)[index]
    return Column(texts, index)


def _that_occur(words: "pa.StringArray", index: Any) -> tuple["pa.StringArray", Any]:
    """Of the dictionary of a whole file only what occurs here, which is all that is read."""
    import pyarrow as pa

    occurs = np.zeros(len(words) + 1, dtype=bool)
    occurs[index] = True
    used = np.flatnonzero(occurs[:-1])
    if 4 * len(used) >= 3 * len(words):
        return words, index
    place = np.full(len(words) + 1, -1, dtype=np.int32)
    place[used] = np.arange(len(used), dtype=np.int32)
    return words.take(pa.array(used)), place[index]


_FEW = 1_000  # words that are read, whether they occur or not
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
    decimals = pc.fill_null(pc.if_else(pc.less(point, 0), 0, after), 0)
    found = Numbers(sign, millionths, decimals.to_numpy().astype(np.int8), unit, units, read)
    odd = np.flatnonzero(~read & as_numpy(texts.is_valid()))
    return _read_alone(found, odd.tolist(), texts.take(odd).to_pylist()) if len(odd) else found


def _read_alone(found: Numbers, places: list[int], texts: list[str]) -> Numbers:
    """Read what is not of the plain form as a case file's is read, each text once."""
    found = Numbers(
        found.sign.copy(),
        found.millionths.copy(),
        found.decimals.copy(),
        found.unit.copy(),
        list(found.units),
        found.read.copy(),
    )
    units = {text: place for place, text in enumerate(found.units)}
    for place, text in zip(places, texts, strict=True):
        try:
            parts = split_quantity(text)
        except NotMeasured:
            continue
        millionths = parts.number * MILLION
        if millionths.denominator == 1 and abs(millionths) < LARGEST:
            found.sign[place] = _SIGNS[parts.sign]
            found.millionths[place] = int(millionths)
            found.decimals[place] = min(len(parts.written.partition(".")[2]), 100)
            found.unit[place] = units.setdefault(parts.unit, len(units))
            found.read[place] = True
    return found._replace(units=list(units))


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
