"""Each different text of a column is read once, however many rows hold it.

A census repeats itself: a column of a million saturations holds some twenty texts. Columns
with few different texts are read from their dictionary, and only numbers reach the rows.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE = 4000
_FEW = 0.7
_WORTH = 0.25


class Encoded:
    """The columns of a block whose texts repeat, as dictionaries. `rows` counts the block."""

    def __init__(self, table: "pa.Table", candidates: Sequence[str]) -> None:
        import pyarrow.compute as pc

        self._columns: dict[str, pa.DictionaryArray] = {}
        self.rows = len(table)
        for name in candidates:
            column = table[name].combine_chunks()
            sample = column.slice(len(column) // 2, _SAMPLE)
            if len(column) <= _SAMPLE or pc.count_distinct(sample).as_py() > _FEW * len(sample):
                continue
            encoded = column.dictionary_encode()
            if len(encoded.dictionary) <= _WORTH * len(column):
                self._columns[name] = encoded

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._columns)

    def texts(self) -> "pa.Table":
        """A table of the different texts, one column each, the shorter ones filled with NULL."""
        import pyarrow as pa

        longest = max(len(column.dictionary) for column in self._columns.values())
        return pa.table(
            {
                name: pa.concat_arrays(
                    [
                        column.dictionary,
                        pa.nulls(longest - len(column.dictionary), pa.string()),
                    ]
                )
                for name, column in self._columns.items()
            }
        )

    def spread(
        self,
        block: "pa.Table",
        read: "pa.Table",
        source: Mapping[str, str],
        blank: "pa.Table",
    ) -> "pa.Table":
        """The block with what was read beside it; `blank` is what is read of none."""
        import pyarrow as pa

        columns = {name: block[name] for name in block.column_names}
        at = {
            name: column.indices.fill_null(len(column.dictionary))
            for name, column in self._columns.items()
        }
        for label, name in source.items():
            texts = len(self._columns[name].dictionary)
            values = read[f"of{label}"].combine_chunks().slice(0, texts)
            known = pa.concat_arrays([values, blank[f"of{label}"].combine_chunks()])
            columns[label] = known.take(at[name])
        return pa.table(columns)
