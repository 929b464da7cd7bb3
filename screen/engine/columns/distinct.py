"""Each different text once: it is read from a dictionary, and only numbers reach the rows.

A census repeats itself, within a block and from block to block. So what was read of a text is
remembered for the blocks that follow.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_SMALL = 4_000  # rows of a block that is not worth it
_SAMPLE = 10_000
_FEW = 0.9
_WORTH = 0.5
_MOST_KNOWN = 200_000


def dictionaries(table: "pa.Table", candidates: Sequence[str]) -> "dict[str, pa.DictionaryArray]":
    """The columns whose texts repeat, and all that come as dictionaries already."""
    import pyarrow as pa

    found = {}
    for name in candidates:
        column = table[name]
        if pa.types.is_dictionary(column.type):
            found[name] = column.unify_dictionaries().combine_chunks()
        elif len(table) > _SMALL and _repeats(column):
            encoded = column.combine_chunks().dictionary_encode()
            if len(encoded.dictionary) <= _WORTH * len(column):
                found[name] = encoded
    return found


def _repeats(column: "pa.ChunkedArray") -> bool:
    import pyarrow.compute as pc

    sample = column.slice(len(column) // 2, _SAMPLE)
    return bool(pc.count_distinct(sample).as_py() <= _FEW * len(sample))


class Known:
    """What was read of the texts of one column, by label. Place 0 is that of the empty cell.

    `empty` is what is read of that. Whole numbers that fit are kept in 64 bits, because wider
    ones are slow on their way into a database.
    """

    def __init__(self, empty: "Mapping[str, pa.Array]") -> None:
        self._empty = dict(empty)
        self._texts, self._values = self._nothing()

    def new(self, texts: "pa.Array") -> "pa.Array":
        """Those of `texts` of which nothing was read yet."""
        import pyarrow.compute as pc

        if len(self._texts) > _MOST_KNOWN:
            self._texts, self._values = self._nothing()
        return texts.filter(pc.is_null(self._among_known(texts)))

    def add(self, texts: "pa.Array", values: "Mapping[str, pa.Array]") -> None:
        """Remember what was read of new texts."""
        import pyarrow as pa

        self._texts = pa.concat_arrays([self._texts, texts])
        for label, known in self._values.items():
            narrow = _narrow(values[label])
            wide = known.type != narrow.type
            both = [known.cast(values[label].type), values[label]] if wide else [known, narrow]
            self._values[label] = pa.concat_arrays(both)

    def places(self, texts: "pa.Array") -> "pa.Array":
        """Where each of some known texts stands, the place of the empty cell last."""
        import pyarrow as pa

        return pa.concat_arrays([self._among_known(texts), pa.array([0], pa.int32())])

    def value(self, label: str) -> "pa.Array":
        """What was read under one label, by place."""
        return self._values[label]

    def type_of(self, label: str) -> "pa.DataType":
        """The type that was read, whether or not 64 bits are enough so far."""
        return self._empty[label].type

    def _nothing(self) -> "tuple[pa.Array, dict[str, pa.Array]]":
        import pyarrow as pa

        values = {label: _narrow(value) for label, value in self._empty.items()}
        return pa.nulls(1, pa.string()), values

    def _among_known(self, texts: "pa.Array") -> "pa.Int32Array":
        import pyarrow.compute as pc

        found: pa.Int32Array = pc.index_in(texts, self._texts, skip_nulls=True)
        return found


def _narrow(values: "pa.Array") -> "pa.Array":
    """Whole numbers in 64 bits, if all of them fit."""
    import pyarrow as pa

    if not pa.types.is_decimal(values.type):
        return values
    try:
        return values.cast(pa.int64())
    except pa.ArrowInvalid:
        return values


def rows_of(column: "pa.DictionaryArray", places: "pa.Array") -> "pa.Array":
    """For each row of a column the place of its text; `places` as `Known.places` gives them."""
    at: Any = column.indices
    if at.null_count:
        at = at.fill_null(len(column.dictionary))
    return places.take(at)


def side_by_side(columns: "Mapping[str, pa.Array]") -> "pa.Table":
    """A table of columns of different lengths, the shorter ones filled with NULL."""
    import pyarrow as pa

    longest = max(map(len, columns.values()))
    return pa.table(
        {
            name: pa.concat_arrays([column, pa.nulls(longest - len(column), column.type)])
            for name, column in columns.items()
        }
    )


def empty_cells(columns: Iterable[str]) -> "pa.Table":
    """One row in which nothing is written."""
    import pyarrow as pa

    return pa.table({name: pa.nulls(1, pa.string()) for name in columns})
