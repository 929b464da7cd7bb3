"""A table and its mapping: blocks of rows in the columns of `docs/formats.md`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from screen.batch.cells.transform import Mapped, Transform, without_blank_rows
from screen.batch.columns.contract_columns import Columns
from screen.batch.mapping.draft_sample import reading_of
from screen.batch.mapping.header_check import columns_used, made_of
from screen.batch.mapping.model import Mapping, Shape, counted_from_1904
from screen.batch.tables.block import Block, Reject, as_texts
from screen.batch.tables.opening import open_table
from screen.batch.tables.source import Reading, TableSource
from screen.engine.columns.cells.texts import column_of, trimmed
from screen.model.concept import Vocabulary
from screen.problems import Kind, Problem, ProblemsFound

if TYPE_CHECKING:
    import pyarrow as pa


class MappedTable:
    """A table and the transform of its cells; blocks in canonical columns."""

    def __init__(
        self,
        path: Path,
        mapping: Mapping | None,
        vocabulary: Vocabulary,
        required: Sequence[str],
        shape: Shape = Shape.WIDE,
        elsewhere: Sequence[str] = (),
    ) -> None:
        """`elsewhere` is the header of the file of patients, if there is one."""
        self._vocabulary = vocabulary
        self._shape = shape
        reading = mapping.reading if mapping else Reading()
        self.source: TableSource = open_table(path, reading)
        if mapping is not None and self.source.from_1904:
            mapping = counted_from_1904(mapping)
        self._mapping = mapping
        header, name = self.source.header, self.source.name
        try:
            self._rules = columns_used(
                mapping, header, name, vocabulary, required, shape, elsewhere
            )
        except ProblemsFound as found:
            row = reading_of(path)[0].header_row
            if row in (1, reading.header_row):
                raise
            hint = Problem(Kind.HEADER_BELOW, name, detail=str(row))
            raise ProblemsFound([hint, *found.problems]) from None
        self.transform: Transform | None = None
        named = [(made_of(rule.target), rule.name) for rule in self._rules if rule.target]
        if mapping is not None and mapping.case:
            named.append(("case", mapping.case[0]))
        origin: dict[str, str] = {}
        for target, name in named:
            origin.setdefault(target, name)
        places = {name: place for place, name in enumerate(header, start=1)}
        self.columns = Columns(tuple(origin), origin, {t: places[n] for t, n in origin.items()})

    def blocks(self) -> Iterator[tuple[Mapped, tuple[Reject, ...]]]:
        """The blocks of the file, with the rows of each that could not be read at all."""
        names = [rule.name for rule in self._rules]
        if self._mapping is not None:
            self.transform = Transform(self._mapping, self._rules, self._vocabulary)
        for block in self.source.blocks(names):
            found = self._mapped(block), self._rejects(block)
            del block  # its cells are copied, and large
            yield found

    def _mapped(self, block: Block) -> Mapped:
        if self.transform is not None:
            return self.transform.apply(replace(block, table=as_texts(block.table)))
        table, rows = without_blank_rows(block.table, block.rows)
        if self._shape is Shape.PATIENTS:
            return Mapped(_trimmed(table), rows, block.bad_cells)
        # Blanks are taken away from each different text, later, and not from each cell.
        if self._shape is Shape.WIDE:
            return Mapped(as_texts(table, ("case",)).combine_chunks(), rows, block.bad_cells)
        return Mapped(_with_case(table), rows, block.bad_cells)

    def _rejects(self, block: Block) -> tuple[Reject, ...]:
        """The rows that could not be read at all, but for those below the table."""
        last = self._mapping.last_row if self._mapping else 0
        return tuple(r for r in block.rejects if not last or r.row is None or r.row <= last)

    def left_out(self) -> dict[str, int]:
        """How many rows the mapping leaves out, and why."""
        counts = self.transform.left_out if self.transform else {}
        return {why: count for why, count in sorted(counts.items()) if count}

    def hidden(self) -> dict[str, int]:
        """How many rows the sheet does not show, by the name of the file; they count."""
        return {self.source.path.name: self.source.hidden} if self.source.hidden else {}

    def not_recorded(self) -> dict[str, int]:
        """How many cells of each column stood for nothing."""
        counts = self.transform.not_recorded if self.transform else {}
        return dict(sorted(counts.items()))


def _trimmed(table: "pa.Table") -> "pa.Table":
    import pyarrow as pa

    texts = as_texts(table)
    return pa.table({name: trimmed(texts[name].combine_chunks()) for name in texts.column_names})


def _with_case(table: "pa.Table") -> "pa.Table":
    """The table with no blanks around the id of the case."""
    import pyarrow as pa

    if "case" not in table.column_names:
        return table
    case = column_of(table["case"])
    index = pa.array(case.index, mask=case.index < 0)
    place = table.column_names.index("case")
    return table.set_column(place, "case", pa.DictionaryArray.from_arrays(index, case.texts))
