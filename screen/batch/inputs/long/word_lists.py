"""One list of words for each column of a table that comes in blocks."""

from typing import TYPE_CHECKING, Any

import numpy as np

from screen.engine.columns.cells.numbers import as_numpy
from screen.engine.columns.cells.texts import Column, Words, column_of, whole

if TYPE_CHECKING:
    import pyarrow as pa

MOST_WORDS = 100_000
"""More are not listed: most probably they do not come again."""


class WordLists:
    """Columns of blocks whose words are those of one list, as far as it goes on from block to
    block. So a text is told from others once, and is read once for the whole table.
    """

    def __init__(self) -> None:
        self._lists: dict[str, _List] = {}

    def column(self, name: str, cells: "pa.ChunkedArray") -> Column:
        """The column of a block; blank cells are nothing."""
        if name not in self._lists:
            self._lists[name] = _List()
        return self._lists[name].column(cells)


class _List:
    """The words as they were written, and what they are without blanks around them."""

    def __init__(self) -> None:
        import pyarrow as pa

        self._written = pa.array([], pa.string())
        self._trimmed = column_of(self._written)
        self._is_full = self._any_blank = False

    def column(self, cells: "pa.ChunkedArray") -> Column:
        import pyarrow as pa

        if self._is_full:
            return column_of(cells)
        if pa.types.is_dictionary(cells.type):
            one = whole(cells)
            numbers = self._numbers(one.dictionary)
            if numbers is not None:
                numbers = np.append(numbers, -1)[one.indices.fill_null(-1).to_numpy()]
        else:
            numbers = self._numbers(cells)
        if numbers is None:
            self._is_full = True
            return column_of(cells)
        words, places = self._trimmed
        if self._any_blank:
            numbers = np.append(places, np.int32(-1))[numbers]
        return Column(words, numbers)

    def _numbers(self, texts: "pa.StringArray | pa.ChunkedArray") -> Any:
        """Which word of the list each text is, -1 for null; None if there are too many."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.index_in(texts, self._written)
        numbers = (found.fill_null(-1) if found.null_count else found).to_numpy()
        if found.null_count == texts.null_count:
            return numbers
        lacking = np.flatnonzero((numbers < 0) & as_numpy(texts.is_valid()))
        some = whole(texts.take(pa.array(lacking)).dictionary_encode())
        known = len(self._written)
        if known + len(some.dictionary) > MOST_WORDS:
            return None
        numbers = numbers.copy()
        numbers[lacking] = some.indices.to_numpy() + known
        self._written = pa.concat_arrays([self._written, some.dictionary])
        more, places = column_of(some.dictionary)
        self._any_blank |= bool((places < 0).any())
        words, before = self._trimmed
        self._trimmed = Column(
            Words(pa.concat_arrays([words.texts, more.texts])),
            np.concatenate([before, np.where(places < 0, places, places + np.int32(known))]),
        )
        return numbers
