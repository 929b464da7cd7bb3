"""Cells with a sign for a character that an earlier program could not read.

What they held is lost, so they reject their row, in every kind of table; and inside the program
that sign can mark what it could not read itself.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from screen.batch.tables.block import BadCell, Block
from screen.intake.marked import MARK
from screen.problems import Kind, Problem, message, shown

if TYPE_CHECKING:
    import pyarrow as pa


def without_lost(block: Block) -> Block:
    """The block with null for every such cell, which is one of its bad cells then."""
    table, bad = block.table, list[BadCell]()
    for place, name in enumerate(table.column_names):
        column = table[name].combine_chunks()
        if _may_hold_mark(column):
            column, found = _emptied(column, name, block.rows)
            bad += found
            table = table.set_column(place, name, column)
    return replace(block, table=table, bad_cells=(*block.bad_cells, *bad)) if bad else block


def _may_hold_mark(column: Any) -> bool:
    """By the bytes of all its texts at once: nearly no column holds one."""
    import pyarrow as pa

    texts = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not pa.types.is_string(texts.type):
        return False
    held = texts.buffers()[2]
    return held is not None and MARK.encode() in held.to_pybytes()


def _emptied(column: Any, name: str, rows: "pa.Array") -> tuple[Any, list[BadCell]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    lost = pc.fill_null(pc.match_substring(column, MARK), False)
    reason = message(Problem(Kind.LOST_CHARACTER))
    bad = [
        BadCell(row, name, shown(text), reason)
        for row, text in zip(
            rows.filter(lost).to_pylist(), column.filter(lost).to_pylist(), strict=True
        )
    ]
    return pc.if_else(lost, pa.scalar(None, pa.string()), column), bad
