"""Columns of quantities as text to exact numbers, each different text once.

Texts of one plain layout are read together; every other text is read by the program's own reader
(`screen.units.text`), so that what is odd has one meaning.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from screen.engine.columns.cells.positions import MILLION
from screen.engine.columns.cells.whole import LARGEST, Bools, Ints
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


def as_numpy(values: Any) -> Any:
    """A boolean or number array of Arrow without nulls."""
    return values.to_numpy(zero_copy_only=False)
