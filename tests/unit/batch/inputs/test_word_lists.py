"""A column of blocks is the same with one list of words as block by block."""

from random import Random

import pyarrow as pa
import pytest

from screen.batch.inputs.long import word_lists
from screen.batch.inputs.long.word_lists import WordLists
from screen.engine.columns.cells.texts import column_of

CELLS = [None, "", " ", "a", " a", "a ", "b", "患者", "\tµ", *(f"w{n}" for n in range(40))]


@pytest.mark.parametrize("as_dictionary", [False, True])
@pytest.mark.parametrize("most", [0, 5, 20, 1000])
def test_a_list_changes_no_cell(
    most: int, as_dictionary: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_lists, "MOST_WORDS", most)
    rng = Random(most)
    lists = WordLists()
    for size in (0, 1, 30, 30, 200):
        cells = pa.array([rng.choice(CELLS) for _ in range(size)], pa.string())
        given = cells.dictionary_encode() if as_dictionary else cells
        found = lists.column("value", pa.chunked_array([given]))
        assert found.cells().to_pylist() == column_of(cells).cells().to_pylist()


def test_a_text_of_a_later_block_has_the_number_that_it_had() -> None:
    lists = WordLists()
    first = lists.column("at", pa.chunked_array([["a", " b", None]]))
    second = lists.column("at", pa.chunked_array([["c", "b", " b", "a"]]))
    assert second.texts.to_pylist()[: len(first.texts)] == first.texts.to_pylist()
    assert second.cells().to_pylist() == ["c", "b", "b", "a"]
    assert second.index[3] == first.index[0]
    assert second.index[2] == first.index[1]
