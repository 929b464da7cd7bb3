"""Each different text once: what repeats is read from a dictionary, and only numbers reach the rows.

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
    """The columns whose texts repeat; those that come as dictionaries are taken as they are."""
    import pyarrow as pa

    found = {}
    if len(table) <= _SMALL:
        return found
    for name in candidates:
        column = table[name]
        if pa.types.is_dictionary(column.type):
            encoded = column.unify_dictionaries().combine_chunks()
        elif _repeats(column):
            encoded = column.combine_chunks().dictionary_encode()
        else:
            continue
        if len(encoded.dictionary) <= _WORTH * len(column):
            found[name] = encoded
    return found


def _repeats(column: "pa.ChunkedArray") -> bool:
    import pyarrow.compute as pc

    sample = column.slice(len(column) // 2, _SAMPLE)
    return bool(pc.count_distinct(sample).as_py() <= _FEW * len(sample))


class Known:
    """What was read of the texts of one column, by label. Place 0 is that of the empty cell."""

    def __init__(self, values: "Mapping[str, pa.Array]") -> None:
        import pyarrow as pa

        self._texts = pa.nulls(1, pa.string())
        self._empty = dict(values)
        self._values = dict(values)

    def new(self, texts: "pa.Array") -> "pa.Array":
        """Those of `texts` of which nothing was read yet."""
        import pyarrow.compute as pc

        if len(self._texts) > _MOST_KNOWN:
            self._texts, self._values = self._texts.slice(0, 1), dict(self._empty)
        return texts.filter(pc.is_null(self._among_known(texts)))

    def add(self, texts: "pa.Array", values: "Mapping[str, pa.Array]") -> None:
        """Remember what was read of new texts."""
        import pyarrow as pa

        self._texts = pa.concat_arrays([self._texts, texts])
        self._values = {
            label: pa.concat_arrays([known, values[label]])
            for label, known in self._values.items()
        }

    def places(self, texts: "pa.Array") -> "pa.Array":
        """Where each of some known texts stands, the place of none of them last."""
        import pyarrow as pa

        return pa.concat_arrays([self._among_known(texts), pa.array([0], pa.int32())])

    def value(self, label: str) -> "pa.Array":
        """What was read under one label, by place."""
        return self._values[label]

    def _among_known(self, texts: "pa.Array") -> "pa.Int32Array":
        import pyarrow.compute as pc

        found: pa.Int32Array = pc.index_in(texts, self._texts, skip_nulls=True)
        return found


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
