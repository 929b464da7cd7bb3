"""Where something stands in a site's files, and the whole numbers that stand for it in a case.

The tree of a case has one number for the column of a node, and a table has one for the row of a
patient. A case of a long table comes from several files, and from cells of two kinds of rows, so
those numbers hold more than one thing. They are made and read here and nowhere else.
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_FILE_ROWS = 10_000_000_000
_FILE_COLUMNS = 1_000_000
_SERIES = 100_000


class Place(NamedTuple):
    """A place in a file: its `row`, the place of the column from 1, and what the site calls it.

    What is not known is None or "". A document has no columns, and names its file itself.
    """

    file: str = ""
    row: int | None = None
    column: int | None = None
    name: str = ""

    def __str__(self) -> str:
        """`file:row:column (name)`, as far as it is known."""
        known = ":".join(str(part) for part in self[:3] if part not in ("", None))
        return f"{known} ({self.name})" if self.name else known


class Among(Enum):
    """Among which cells of a case with several rows a cell is counted."""

    OBSERVATIONS = "observations"
    SERIES = "series"
    PATIENTS = "patients"


class Cell(NamedTuple):
    """The `place`th cell of a row, from 1, in one of the files of observations, from 0.

    In a series the cells are the concepts, from 0.
    """

    among: Among
    place: int
    file: int = 0

    def packed(self) -> int:
        """The number that stands for it as the column of a node; never 0."""
        first = self.file * _FILE_COLUMNS
        match self.among:
            case Among.OBSERVATIONS:
                return first + self.place
            case Among.SERIES:
                return first + _SERIES + self.place
            case Among.PATIENTS:
                return -first - self.place


@lru_cache(maxsize=256)
def observation_columns(count: int, file: int) -> tuple[int, ...]:
    """The numbers of the first `count` cells of a row of observations; kept for the next row."""
    return tuple(Cell(Among.OBSERVATIONS, place, file).packed() for place in range(1, count + 1))


@lru_cache(maxsize=256)
def patient_columns(count: int, file: int) -> tuple[int, ...]:
    """The numbers of the first `count` cells of a patient; kept for the next one."""
    return tuple(Cell(Among.PATIENTS, place, file).packed() for place in range(1, count + 1))


def cell_of(column: int) -> Cell:
    """The cell that `packed` made this number of."""
    file, place = divmod(abs(column), _FILE_COLUMNS)
    if column < 0:
        return Cell(Among.PATIENTS, place, file)
    if place >= _SERIES:
        return Cell(Among.SERIES, place - _SERIES, file)
    return Cell(Among.OBSERVATIONS, place, file)


def row_number(file: int, row: int) -> int:
    """The number of a row of one of several files, so that every row has a number of its own."""
    return file * _FILE_ROWS + row


def file_and_row(number: int) -> tuple[int, int]:
    """Of `row_number`: which of the files it is, and the row in it."""
    return divmod(number, _FILE_ROWS)


def row_of(number: int) -> int:
    """Of `row_number`: the row in its file."""
    return number % _FILE_ROWS
