"""A site's cells to the program's own: one SQL query per block, built once from the mapping."""

# ruff: noqa: S608 -- names and texts in the queries go through quoted() and literal()

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screen.batch.cells.cell_sql import is_any, local_microseconds, trimmed_cell
from screen.batch.cells.cell_steps import Step, Steps
from screen.batch.cells.marked_sql import marked_sql
from screen.batch.cells.zone_sql import OFFSET_IN_ZONE, add_zone
from screen.batch.mapping.model import ColumnRule, Mapping, Shape
from screen.batch.mapping.zones import WHY_NOT
from screen.batch.tables.block import BadCell, Block
from screen.intake.marked import MARK
from screen.model.concept import Vocabulary
from screen.problems import Problem, message, shown
from screen.quoting import literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa

_HELPER = "made_"  # before the names of columns that only serve the others
# Whoever cannot read these refuses the case; what else cannot be read is a record's affair.
_OF_CASE = ("case", "screened_at", "sex", "birth_date", "concept", "code", "system")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A block in canonical columns. `bad` are its unusable cells, by the site's own names."""

    table: "pa.Table"
    rows: "pa.Int64Array"
    bad: tuple[BadCell, ...]


class Transform:
    """Applies a mapping to blocks. `not_recorded` counts the cells that stood for nothing, and
    `left_out` the rows that the mapping leaves out.
    """

    def __init__(self, mapping: Mapping, columns: Sequence[ColumnRule], vocabulary: Vocabulary):
        self._mapping = mapping
        self._columns = tuple(columns)
        made = Steps(mapping, columns, vocabulary)
        self._steps = made.all()
        self._joined = made.joined
        self._zoned = [i for i, step in enumerate(self._steps) if step.shown]
        self._query = self._build()
        self._carried: dict[str, str | None] = {}
        self._connection: Any = None
        self.not_recorded: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def apply(self, block: Block) -> Mapped:
        """The block's rows, without those that are blank, in the columns of `docs/formats.md`."""
        import duckdb
        import pyarrow as pa

        if self._connection is None:
            self._connection = duckdb.connect(":memory:")
            if self._mapping.zone:
                add_zone(self._connection, self._mapping.zone)
        table, rows = without_blank_rows(block.table, block.rows)
        table = table.combine_chunks()
        table = self._filled_down(table, rows, block.bad_cells)
        table, rows = self._kept(table, rows)
        relation = table.append_column("row", rows)
        self._connection.register("raw", relation)
        self._count_not_recorded()
        result: pa.Table = self._connection.sql(self._query).to_arrow_table()
        self._connection.unregister("raw")
        names, kept = {rule.name for rule in self._columns}, self._rows_kept(rows)
        bad = [cell for cell in block.bad_cells if cell.column in names and kept(cell.row)]
        bad.extend(self._failed(result, rows))
        helpers = [name for name in result.column_names if name.startswith(_HELPER)]
        return Mapped(result.drop_columns(helpers), rows, tuple(bad))

    def _build(self) -> str:
        rules = self._columns
        trimmed = ", ".join(
            f"nullif({trimmed_cell(rule.name)}, '') AS c{i}" for i, rule in enumerate(rules)
        )
        present = ", ".join(
            f"CASE WHEN {is_any(f'c{i}', self._nothing(rule))} THEN NULL ELSE c{i} END AS c{i}"
            if self._nothing(rule)
            else f"c{i}"
            for i, rule in enumerate(rules)
        )
        cells = f"SELECT row, {present} FROM (SELECT row, {trimmed} FROM raw)"
        if self._joined:
            joined = ", ".join(f"{sql} AS j{i}" for i, sql in enumerate(self._joined))
            cells = f"SELECT *, {joined} FROM ({cells})"
        for i in self._zoned:
            shown_time, offset = _of_zone(i)
            cells = (
                f"SELECT *, {OFFSET_IN_ZONE}({local_microseconds(shown_time)}) AS {offset}"
                f" FROM (SELECT *, {self._steps[i].shown} AS {shown_time} FROM ({cells}))"
            )
        made = [self._made(i, step) for i, step in enumerate(self._steps)]
        for step in self._steps:
            made += [
                f"CASE WHEN {step.text} IS NOT NULL THEN {literal(value)} END AS {quoted(name)}"
                for name, value in _contexts(step, self._mapping.shape)
            ]
        made += self._constants()
        failing = []
        for i, step in enumerate(self._steps):
            if step.target in _OF_CASE and step.fails != "false":
                failing.append(f"CASE WHEN {self._fails(i, step)} THEN {i} END")
                made.append(f"{step.text} AS {_HELPER}text_{i}")
                made += list(_of_zone(i)) if step.shown else []
        made.append(
            f"list_filter([{', '.join(failing)}]::INTEGER[], lambda i: i IS NOT NULL)"
            f" AS {_HELPER}failed"
        )
        return f"SELECT {', '.join(made)} FROM ({cells}) ORDER BY row"

    def _made(self, i: int, step: Step) -> str:
        """The column of one step. What cannot be read is null, or goes on with its reason."""
        value, otherwise = step.value, "NULL"
        shown_time, offset = _of_zone(i)
        if step.shown:
            value = f"{shown_time} || coalesce({offset}, '')"
        if step.target not in _OF_CASE and step.fails != "false":
            otherwise = marked_sql(step.text, step.why, detail=step.detail)
            for reason, why in WHY_NOT.items() if step.shown else ():
                moved = marked_sql(shown_time, why, self._mapping.zone)
                moved = f"WHEN {offset} = {literal(reason)} THEN {moved}"
                otherwise = f"CASE {moved} ELSE {otherwise} END"
        fails = self._fails(i, step)
        return f"CASE WHEN {fails} THEN {otherwise} ELSE {value} END AS {quoted(step.target)}"

    def _fails(self, i: int, step: Step) -> str:
        if not step.shown:
            return step.fails
        shown_time, offset = _of_zone(i)
        reasons = ", ".join(literal(reason) for reason in WHY_NOT)
        return (
            f"({step.text} IS NOT NULL AND {step.text} <> ''"
            f" AND ({shown_time} IS NULL OR {offset} IN ({reasons})) IS TRUE)"
        )

    def _constants(self) -> list[str]:
        given = {step.target for step in self._steps}
        constants = dict(self._mapping.constants)
        if self._mapping.screened_at and self._mapping.screened_at != "last":
            constants["screened_at"] = self._mapping.screened_at
        if self._mapping.presence:
            constants["value"] = self._mapping.presence
        return [
            f"{literal(value)} AS {quoted(name)}"
            for name, value in constants.items()
            if name not in given
        ]

    def _nothing(self, rule: ColumnRule) -> tuple[str, ...]:
        return (*self._mapping.not_recorded, *rule.not_recorded)

    def _kept(self, table: "pa.Table", rows: "pa.Int64Array") -> tuple["pa.Table", "pa.Int64Array"]:
        """The rows that the mapping wants; the others are counted."""
        import pyarrow.compute as pc

        last = self._mapping.last_row
        if last:
            inside = pc.less_equal(rows, last)
            self.left_out[f"below row {last}"] += len(rows) - (pc.sum(inside).as_py() or 0)
            table, rows = table.filter(inside), rows.filter(inside)
        for rule in self._mapping.rows:
            self._connection.register("raw", table.append_column("row", rows))
            test = is_any(f"nullif({trimmed_cell(rule.column)}, '')", rule.texts)
            test = f"NOT {test}" if rule.is_not else test
            (inside,) = self._connection.sql(f"SELECT {test} FROM raw").to_arrow_table().columns
            self._connection.unregister("raw")
            inside = inside.combine_chunks()
            self.left_out[rule.left_out] += len(rows) - (pc.sum(inside).as_py() or 0)
            table, rows = table.filter(inside), rows.filter(inside)
        return table.combine_chunks(), rows

    def _rows_kept(self, rows: "pa.Int64Array") -> Callable[[int], bool]:
        if not self._mapping.rows and not self._mapping.last_row:
            return lambda _: True
        there = set(rows.to_pylist())
        return there.__contains__

    def _count_not_recorded(self) -> None:
        counted = [rule for rule in self._columns if self._nothing(rule)]
        if not counted:
            return
        counts = ", ".join(
            f"count_if({is_any(trimmed_cell(rule.name), self._nothing(rule))})" for rule in counted
        )
        (found,) = self._connection.sql(f"SELECT {counts} FROM raw").fetchall()
        for rule, count in zip(counted, found, strict=True):
            if count:
                self.not_recorded[rule.name] += count

    def _filled_down(
        self, table: "pa.Table", rows: "pa.Int64Array", bad: tuple[BadCell, ...]
    ) -> "pa.Table":
        import pyarrow as pa
        import pyarrow.compute as pc

        for name in self._mapping.fill_down:
            if name not in table.column_names or not len(table):
                continue
            column = table[name].combine_chunks()
            unreadable = pa.array([cell.row for cell in bad if cell.column == name], pa.int64())
            if len(unreadable):
                # The rows below an unreadable name belong to nobody, not to whom came before.
                column = pc.if_else(pc.is_in(rows, unreadable), MARK, column)
            before = pa.array([self._carried.get(name)], pa.string())
            filled = pc.fill_null_forward(pa.concat_arrays([before, column]))[1:]
            self._carried[name] = filled[-1].as_py()
            table = table.set_column(table.column_names.index(name), name, filled)
        return table

    def _failed(self, result: "pa.Table", rows: "pa.Int64Array") -> list[BadCell]:
        import pyarrow.compute as pc

        failed = result[f"{_HELPER}failed"].combine_chunks()
        cells = []
        for position in pc.indices_nonzero(pc.greater(pc.list_value_length(failed), 0)).to_pylist():
            for number in failed[position].as_py():
                step = self._steps[number]
                value = str(result[f"{_HELPER}text_{number}"][position].as_py())
                problem = Problem(step.why, value=value, detail=shown(step.detail, 100))
                if step.shown:
                    shown_time, offset = (result[n][position].as_py() for n in _of_zone(number))
                    if offset in WHY_NOT:
                        zone = self._mapping.zone
                        problem = Problem(WHY_NOT[offset], value=shown_time, about=zone)
                cells.append(
                    BadCell(rows[position].as_py(), step.name, shown(value), message(problem))
                )
        return cells


def _of_zone(position: int) -> tuple[str, str]:
    """Two columns of the query: the time as clocks showed it, and its offset or why it has none."""
    return f"{_HELPER}shown_{position}", f"{_HELPER}offset_{position}"


def _contexts(step: Step, shape: Shape) -> list[tuple[str, str]]:
    """The constant keys of a column's records, by the column that they go to."""
    prefix = "" if shape is Shape.LONG else f"{step.target}."
    contexts = step.rule.contexts if step.rule else {}
    return [(f"{prefix}{key}", value) for key, value in contexts.items()]


def without_blank_rows(
    table: "pa.Table", rows: "pa.Int64Array"
) -> tuple["pa.Table", "pa.Int64Array"]:
    """The rows in which anything is written."""
    import pyarrow.compute as pc

    if any(not column.null_count for column in table.columns):
        return table, rows
    filled = None
    for column in table.columns:
        there = pc.is_valid(column)
        filled = there if filled is None else pc.or_(filled, there)
    if filled is None or pc.all(filled).as_py() in (True, None):
        return table, rows
    mask = filled.combine_chunks()
    return table.filter(mask), rows.filter(mask)
