"""The numbers that stand for a cell and for a row say which it was."""

from itertools import product

import pytest

from screen.batch.columns.places import (
    Among,
    Cell,
    Place,
    cell_of,
    file_and_row,
    row_number,
    row_of,
)

CELLS = [
    Cell(among, place, file)
    for among, place, file in product(Among, (1, 2, 99_999), (0, 1, 7))
    if among is not Among.SERIES
] + [Cell(Among.SERIES, place, file) for place, file in product((0, 1, 899_999), (0, 1, 7))]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_found_by_its_number(cell: Cell) -> None:
    assert cell_of(cell.packed()) == cell
    assert cell.packed() != 0


def test_no_two_cells_have_one_number() -> None:
    assert len({cell.packed() for cell in CELLS}) == len(CELLS)


def test_a_row_is_found_by_its_number() -> None:
    for file, row in product((0, 1, 12), (0, 1, 9_999_999_999)):
        number = row_number(file, row)
        assert file_and_row(number) == (file, row)
        assert row_of(number) == row


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("labs.csv", 7, 3, "PLT"), "labs.csv:7:3 (PLT)"),
        (Place("labs.csv", 7, None, "PLT"), "labs.csv:7 (PLT)"),
        (Place("labs.csv", 7), "labs.csv:7"),
        (Place("", 7, 3), "7:3"),
    ],
)
def test_a_place_in_words(place: Place, text: str) -> None:
    assert str(place) == text
