"""A site's cells to the contract's: one SQL query per block, built once from the mapping."""

# ruff: noqa: S608 -- names and texts in the queries go through quoted() and literal()

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from screen.batch.block import BadCell, Block
from screen.batch.canonical import Columns, split_column
from screen.batch.cell_sql import (
    NAIVE_TIME,
    is_any,
    literal,
    local_microseconds,
    number_form,
    quoted,
    time_form,
    trimmed_cell,
    with_unit,
)
from screen.batch.mapping_model import ColumnRule, Mapping, Shape
from screen.batch.zone_sql import OFFSET_IN_ZONE, add_zone
from screen.batch.zones import WHY_NOT
from screen.model.concept import Kind as ConceptKind
from screen.model.concept import Vocabulary
from screen.problems import Kind, Problem, message, shown

if TYPE_CHECKING:
    import pyarrow as pa

# Before the site's name of a concept that the mapping does not list.
UNNAMED = "\ufffd"
_TIMES = ("screened_at", "at", "birth_date")
_LIMITS = ("value", "upper_limit", "lower_limit")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A block in canonical columns. `bad` are its unusable cells, by the site's own names."""

    table: "pa.Table"
    rows: "pa.Int64Array"
    bad: tuple[BadCell, ...]


class _Step(NamedTuple):
    """How one column is made. `fails` is true where a cell has a value and none can be made.

    `shown` is given where a zone places the times of the column: the time as clocks showed it.
    """

    rule: ColumnRule
    value: str
    fails: str
    why: Kind
    detail: str
    shown: str = ""


class Transform:
    """Applies a mapping to blocks. `not_recorded` counts the cells that stood for nothing."""

    def __init__(self, mapping: Mapping, columns: Sequence[ColumnRule], vocabulary: Vocabulary):
        self._mapping = mapping
        self._vocabulary = vocabulary
        self._steps = [self._step(position, rule) for position, rule in enumerate(columns)]
        self._zoned = [i for i, step in enumerate(self._steps) if step.shown]
        self._query = self._build()
        self._carried: dict[str, str | None] = {}
        self._connection: Any = None
        self.not_recorded: Counter[str] = Counter()
        names = tuple(rule.target for rule in columns)
        self.columns = Columns(names, {rule.target: rule.name for rule in columns})

    def apply(self, block: Block) -> Mapped:
        """The block's rows, without those that are blank, in the contract's columns."""
        import duckdb
        import pyarrow as pa

        if self._connection is None:
            self._connection = duckdb.connect(":memory:")
            if self._mapping.zone:
                add_zone(self._connection, self._mapping.zone)
        table, rows = without_blank_rows(block.table, block.rows)
        table = self._filled_down(table, rows, block.bad_cells)
        relation = table.append_column("row", rows)
        self._connection.register("raw", relation)
        self._count_not_recorded()
        result: pa.Table = self._connection.sql(self._query).to_arrow_table()
        self._connection.unregister("raw")
        bad = [cell for cell in block.bad_cells if cell.column in set(self.columns.origin.values())]
        bad.extend(self._failed(result, table, rows))
        helpers = ["failed", *(name for i in self._zoned for name in _of_zone(i))]
        return Mapped(result.drop_columns(helpers), rows, tuple(bad))

    def _build(self) -> str:
        trimmed = ", ".join(
            f"nullif({trimmed_cell(step.rule.name)}, '') AS c{i}"
            for i, step in enumerate(self._steps)
        )
        present = ", ".join(
            f"CASE WHEN {is_any(f'c{i}', self._nothing(step.rule))} THEN NULL ELSE c{i} END AS c{i}"
            if self._nothing(step.rule)
            else f"c{i}"
            for i, step in enumerate(self._steps)
        )
        made = [
            f"CASE WHEN {step.fails} THEN NULL ELSE {step.value} END AS {quoted(step.rule.target)}"
            for step in self._steps
        ]
        for i, step in enumerate(self._steps):
            made += [
                f"CASE WHEN c{i} IS NOT NULL THEN {literal(value)} END AS {quoted(name)}"
                for name, value in _contexts(step.rule, self._mapping.shape)
            ]
        made += self._constants()
        failing = ", ".join(
            f"CASE WHEN {step.fails} THEN {i} END"
            for i, step in enumerate(self._steps)
            if step.fails != "false"
        )
        made.append(f"list_filter([{failing}]::INTEGER[], lambda i: i IS NOT NULL) AS failed")
        cells = f"SELECT row, {present} FROM (SELECT row, {trimmed} FROM raw)"
        for i in self._zoned:
            shown_time, offset = _of_zone(i)
            made += [shown_time, offset]
            cells = (
                f"SELECT *, {OFFSET_IN_ZONE}({local_microseconds(shown_time)}) AS {offset}"
                f" FROM (SELECT *, {self._steps[i].shown} AS {shown_time} FROM ({cells}))"
            )
        return f"SELECT {', '.join(made)} FROM ({cells}) ORDER BY row"

    def _constants(self) -> list[str]:
        given = {step.rule.target for step in self._steps}
        constants = dict(self._mapping.constants)
        if self._mapping.screened_at and self._mapping.screened_at != "last":
            constants["screened_at"] = self._mapping.screened_at
        return [
            f"{literal(value)} AS {quoted(name)}"
            for name, value in constants.items()
            if name not in given
        ]

    def _nothing(self, rule: ColumnRule) -> tuple[str, ...]:
        return (*self._mapping.not_recorded, *rule.not_recorded)

    def _step(self, position: int, rule: ColumnRule) -> _Step:
        cell = f"c{position}"
        concept, key = split_column(rule.target)
        value, fails, why, detail = cell, "false", Kind.NOT_A_CODE, ""
        if rule.codes:
            branches = " ".join(
                f"WHEN {is_any(cell, (code,))} THEN {literal(meaning)}"
                for code, meaning in rule.codes.items()
            )
            value = f"CASE {branches} END"
            if rule.target == "concept":
                # A test that the mapping does not name is not used, and its case is not refused.
                return _Step(
                    rule, f"coalesce({value}, {literal(UNNAMED)} || {cell})", fails, why, ""
                )
            fails = f"({cell} IS NOT NULL AND NOT ({is_any(cell, tuple(rule.codes))}))"
            detail = ", ".join(rule.codes)
        elif rule.target in _TIMES or key == "at":
            forms = rule.times or self._mapping.times
            is_day = rule.target == "birth_date"
            if self._mapping.zone and not is_day:
                return self._placed(position, rule, forms)
            if forms:
                value = time_form(cell, forms, self._mapping.offset, is_day)
                fails = f"({cell} IS NOT NULL AND ({value}) IS NULL)"
                why, detail = Kind.NOT_THE_TIME_FORM, ", ".join(forms)
            elif self._mapping.offset and not is_day:
                naive = f"regexp_full_match({cell}, '{NAIVE_TIME}')"
                value = f"CASE WHEN {naive} THEN {cell} || '{self._mapping.offset}' ELSE {cell} END"
        elif key in _LIMITS and self._is_quantity(concept):
            marks = (self._mapping.decimal, self._mapping.thousands)
            if marks != (".", ""):
                value = number_form(cell, *marks)
                fails = f"({cell} IS NOT NULL AND ({value}) IS NULL)"
                why, detail = Kind.NOT_THE_NUMBER_FORM, _form_shown(*marks)
            if rule.unit:
                value = with_unit(value, literal(rule.unit))
        elif rule.whole:
            value = f"regexp_replace({cell}, '\\.0+$', '')"
        return _Step(rule, value, fails, why, detail)

    def _placed(self, position: int, rule: ColumnRule, forms: tuple[str, ...]) -> _Step:
        """A column of times whose offsets follow from the zone."""
        cell, (shown_time, offset) = f"c{position}", _of_zone(position)
        reasons = ", ".join(literal(reason) for reason in WHY_NOT)
        return _Step(
            rule,
            f"{shown_time} || coalesce({offset}, '')",
            f"({cell} IS NOT NULL AND ({shown_time} IS NULL OR {offset} IN ({reasons})) IS TRUE)",
            Kind.NOT_THE_TIME_FORM,
            ", ".join(forms),
            time_form(cell, forms, "", is_day=False) if forms else cell,
        )

    def _is_quantity(self, name: str) -> bool:
        concept = self._vocabulary.concepts.get(name)
        return name == "value" or (concept is not None and concept.kind is ConceptKind.QUANTITY)

    def _count_not_recorded(self) -> None:
        counted = [step.rule for step in self._steps if self._nothing(step.rule)]
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
                column = pc.if_else(pc.is_in(rows, unreadable), "\ufffd", column)
            before = pa.array([self._carried.get(name)], pa.string())
            filled = pc.fill_null_forward(pa.concat_arrays([before, column]))[1:]
            self._carried[name] = filled[-1].as_py()
            table = table.set_column(table.column_names.index(name), name, filled)
        return table

    def _failed(self, result: "pa.Table", raw: "pa.Table", rows: "pa.Int64Array") -> list[BadCell]:
        import pyarrow.compute as pc

        failed = result["failed"].combine_chunks()
        cells = []
        for position in pc.indices_nonzero(pc.greater(pc.list_value_length(failed), 0)).to_pylist():
            for number in failed[position].as_py():
                step = self._steps[number]
                value = str(raw[step.rule.name][position].as_py())
                problem = Problem(step.why, value=value, detail=shown(step.detail, 100))
                if step.shown:
                    shown_time, offset = (result[n][position].as_py() for n in _of_zone(number))
                    if offset in WHY_NOT:
                        zone = self._mapping.zone
                        problem = Problem(WHY_NOT[offset], value=shown_time, about=zone)
                reason = message(problem)
                cells.append(BadCell(rows[position].as_py(), step.rule.name, shown(value), reason))
        return cells


def _of_zone(position: int) -> tuple[str, str]:
    """Two columns of the query: the time as clocks showed it, and its offset or why it has none."""
    return f"shown_{position}", f"offset_{position}"


def _contexts(rule: ColumnRule, shape: Shape) -> list[tuple[str, str]]:
    """The constant keys of a column's records, by the column that they go to."""
    prefix = "" if shape is Shape.LONG else f"{rule.target}."
    return [(f"{prefix}{key}", value) for key, value in rule.contexts.items()]


def without_blank_rows(
    table: "pa.Table", rows: "pa.Int64Array"
) -> tuple["pa.Table", "pa.Int64Array"]:
    """The rows in which anything is written."""
    import pyarrow.compute as pc

    filled = None
    for column in table.columns:
        there = pc.is_valid(column)
        filled = there if filled is None else pc.or_(filled, there)
    if filled is None or pc.all(filled).as_py() in (True, None):
        return table.combine_chunks(), rows
    mask = filled.combine_chunks()
    return table.filter(mask).combine_chunks(), rows.filter(mask)


def _form_shown(decimal: str, thousands: str) -> str:
    return f"1{thousands}234{decimal}5"
