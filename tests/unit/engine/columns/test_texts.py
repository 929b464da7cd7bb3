"""Columns of texts against the readers of single texts."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.engine.columns.cells.numbers import read_numbers
from screen.engine.columns.cells.positions import MILLION
from screen.engine.columns.cells.texts import SharedWords, column_of
from screen.engine.columns.cells.times import NO_OFFSET, read_times
from screen.intake.times import NotATime, read_stamp
from screen.model.moment import microseconds
from screen.units.text import NotMeasured, split_quantity

SIGNS = ["", "<", "<=", "≤", ">", ">=", "≥"]

NUMBER = st.from_regex(r"-?[0-9]{1,13}([.][0-9]{0,7})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)
QUANTITY = st.builds(
    lambda sign, blank, number, unit: f"{sign}{blank}{number}{unit}",
    st.sampled_from([*SIGNS, "less than ", "~", "+"]),
    st.sampled_from(["", " "]),
    NUMBER,
    st.sampled_from(["", " %", "%", " 10*9/L", " x10^9/L", "x", ",5 %", " 000", "-3", " to 5 %"]),
)


@given(st.lists(st.one_of(QUANTITY, st.text(max_size=12)), min_size=1, max_size=12))
def test_numbers_are_read_as_alone(cells: list[str]) -> None:
    found = read_numbers(pa.array([cell.strip() for cell in cells], pa.string()))
    for place, cell in enumerate(cells):
        try:
            parts = split_quantity(cell.strip())
        except NotMeasured:
            assert not found.read[place]
            continue
        if not found.read[place]:
            # Only what is no whole number of millionths, or too large, may be left unread.
            millionths = parts.number * MILLION
            assert millionths.denominator != 1 or abs(millionths) >= 2**62
            continue
        assert int(found.millionths[place]) == parts.number * MILLION
        assert " ".join(found.units[found.unit[place]].split()) == parts.unit
        expected = {"": 0, "=": 0, "<": 1, "<=": 2, ">": 3, ">=": 4}[parts.sign]
        assert found.sign[place] == expected


DAY = st.dates().map(lambda day: day.isoformat())
TIME = st.builds(
    "".join,
    st.tuples(
        st.one_of(DAY, st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)),
        st.sampled_from(["", "T", " ", "t"]),
        st.sampled_from(["", "08:10", "24:00", "08:10:30", "23:59:59.123", "08:10:61", "8:10"]),
        st.sampled_from(["", "Z", "+01:00", "-05:30", "+0530", "+02", "+15:00", " +01:00"]),
    ),
)


@given(st.lists(st.one_of(TIME, st.text(max_size=30)), min_size=1, max_size=12))
def test_times_are_read_as_alone(cells: list[str]) -> None:
    found = read_times(pa.array(cells, pa.string()))
    for place, cell in enumerate(cells):
        try:
            stamp = read_stamp(cell)
        except NotATime:
            assert not found.read[place]
            continue
        assert found.read[place]
        assert bool(found.day[place]) is (stamp.clock is None)
        if stamp.clock is None:
            continue
        local = microseconds(stamp.clock.replace(tzinfo=None))
        assert found.local[place] == local
        offset = NO_OFFSET if not stamp.has_offset else local - microseconds(stamp.clock)
        assert found.offset[place] == offset


@pytest.mark.parametrize("as_dictionary", [False, True])
def test_blank_cells_are_nothing(as_dictionary: bool) -> None:
    cells = pa.array([" a ", "", None, "\t", "b", "a"], pa.string())
    column = column_of(cells.dictionary_encode() if as_dictionary else cells)
    assert column.there(np.arange(6)).tolist() == [True, False, False, False, True, True]
    assert [column.text(row) for row in (0, 4, 5)] == ["a", "b", "a"]


def test_only_what_occurs_of_a_large_dictionary_is_read() -> None:
    words = pa.array([f"w{n}" for n in range(5_000)], pa.string())
    cells = pa.DictionaryArray.from_arrays(pa.array([7, None, 4_999, 7], pa.int32()), words)
    column = column_of(cells)
    assert len(column.texts) == 2
    assert [column.text(row) for row in (0, 2, 3)] == ["w7", "w4999", "w7"]


def test_a_list_of_words_that_comes_again_is_read_once_and_as_it_is() -> None:
    words = pa.array(["a", " b ", "", "c", "b"], pa.string())
    shared = SharedWords()
    read = []
    for codes in ([0, 1, None, 2], [4, 3, None, 1], [2, 2], []):
        cells = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), words)
        column = shared.column("value", pa.chunked_array([cells]))
        alone = column_of(cells)
        assert column.cells().to_pylist() == alone.cells().to_pylist()
        read.append(column.words)
    assert read[1] is read[2] is read[3]
    others = pa.array(["x", "y", "z", "u", "v"], pa.string())
    cells = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int32()), others)
    assert shared.column("value", pa.chunked_array([cells])).cells().to_pylist() == ["y", "x"]
