"""What a source yields: some rows of raw text, and where they stand in the file."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_ROWS = 100_000


class Reject(NamedTuple):
    """A row that is not screened, and why: one line of rejects.csv.

    `row` counts as a spreadsheet does (the header is row 1); where there is no header, from 1.
    `case` and `column` are empty where they are not known.
    """

    input: str
    row: int | None
    case: str
    column: str
    value: str
    reason: str


class BadCell(NamedTuple):
    """A cell that its source cannot give as text: a formula, an error, a broken character.

    It rejects its row, unless the column is not used at all.
    """

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a table: every column is one of strings, perhaps as a dictionary; an empty cell
    is null.

    `rows` holds the row number of every row in the source. `rejects` are rows that are in no
    table because they cannot be read at all.
    """

    table: "pa.Table"
    rows: "pa.Int64Array"
    bad_cells: tuple[BadCell, ...] = ()
    rejects: tuple[Reject, ...] = field(default=())


def joined(blocks: Sequence[Block]) -> Block:
    """One block of several, in their order."""
    import pyarrow as pa

    if len(blocks) == 1:
        return blocks[0]
    # A column may repeat itself in one block and not in the next.
    mixed = {
        name
        for name in blocks[0].table.column_names
        if len({block.table[name].type for block in blocks}) > 1
    }
    tables = [as_texts(block.table, mixed) for block in blocks]
    return Block(
        # In pieces: whoever wants a column in one piece joins that column.
        pa.concat_tables(tables).unify_dictionaries(),
        pa.concat_arrays([block.rows for block in blocks]),
        tuple(cell for block in blocks for cell in block.bad_cells),
        tuple(reject for block in blocks for reject in block.rejects),
    )


def as_texts(table: "pa.Table", names: Container[str] | None = None) -> "pa.Table":
    """The table with these columns (or all) as plain strings."""
    import pyarrow as pa

    for place, name in enumerate(table.column_names):
        if pa.types.is_dictionary(table[name].type) and (names is None or name in names):
            table = table.set_column(place, name, table[name].cast(pa.string()))
    return table
