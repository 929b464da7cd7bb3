"""What every table source offers, and the checks of a header that all of them share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from screen.batch.tables.block import Block
from screen.documents.tree import Problems
from screen.problems import Kind


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, where the file itself cannot say it. `header_row` is the row with
    the names of the columns, as a spreadsheet counts.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    header_row: int = 1


class TableSource(Protocol):
    """A table of text. `name` is the file as people know it, `header` its columns in order.

    `hidden` counts the rows, of those read so far, that a spreadsheet does not show. `from_1904`:
    a workbook counts its days from 1904.
    """

    path: Path
    name: str
    header: tuple[str, ...]
    hidden: int
    from_1904: bool

    def blocks(self, columns: Sequence[str]) -> Iterator[Block]:
        """The rows from the first to the last, with these columns only."""
        ...

    def progress(self) -> tuple[int, int]:
        """How much of how much was read (bytes or rows); the second is 0 if unknown."""
        ...

    def digest(self) -> str:
        """The SHA-256 of the file. Asked after the last block."""
        ...


def check_header(header: Sequence[str], problems: Problems, row: int = 1) -> None:
    """Every column has a name, and a name of its own; `row` is where the names stand."""
    first: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        if not name:
            problems.add(Kind.UNNAMED_COLUMN, line=row, column=position, detail=str(position))
        elif name in first:
            problems.add(
                Kind.DUPLICATE_COLUMN,
                line=row,
                column=position,
                value=name,
                detail=f"columns {first[name]} and {position}",
            )
        else:
            first[name] = position
