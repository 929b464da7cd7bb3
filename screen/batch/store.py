"""Where the rows of a long table wait until all are read: a database in the work folder."""

# ruff: noqa: S608 -- names and texts in the queries come from us or through literal()

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.batch.block import BadCell, Reject
from screen.batch.canonical import PATIENT_COLUMNS
from screen.batch.cell_sql import is_bare, literal, quoted, with_unit
from screen.batch.cell_steps import UNNAMED, unit_of
from screen.batch.part import FILE_ROWS
from screen.batch.transform import Mapped
from screen.intake.observation import RECORD_KEYS
from screen.problems import Kind, Problem, message

if TYPE_CHECKING:
    import pyarrow as pa

_OBSERVED = ("concept", "value", "unit", *RECORD_KEYS)
OF_PATIENT = PATIENT_COLUMNS[1:]
_MEMORY = "700MB"


class Store:
    """Observations and patients of one batch. `nobody` are rows that belong to no case."""

    def __init__(self, file: Path, inputs: Sequence[str], patients_input: str = "") -> None:
        """`inputs` are the names of the files of observations, `patients_input` that of another."""
        import duckdb

        self.input = inputs[0]
        self.more = tuple(inputs[1:])
        self.patients_input = patients_input or self.input
        self.has_patients = bool(patients_input)
        # The times of rows whose patients are in another file, for those screened at their last.
        self.times = "times" if self.has_patients else "seen"
        self.connection: Any = duckdb.connect(str(file))
        self.run(f"SET memory_limit = '{_MEMORY}'")
        self.run("SET TimeZone = 'UTC'")
        texts = ", ".join(f"{quoted(name)} VARCHAR" for name in _OBSERVED)
        self.run(f'CREATE TABLE observed ("row" BIGINT, seq INTEGER, "case" VARCHAR, {texts})')
        texts = ", ".join(f"{quoted(name)} VARCHAR" for name in (*OF_PATIENT, "age", "at"))
        self.run(f'CREATE TABLE seen ("row" BIGINT, "case" VARCHAR, {texts})')
        self.run('CREATE TABLE times ("row" BIGINT, "case" VARCHAR, "at" VARCHAR)')
        self.run(
            'CREATE TABLE bad ("row" BIGINT, "case" VARCHAR, col VARCHAR, value VARCHAR,'
            " reason VARCHAR, input VARCHAR)"
        )
        self.nobody: list[Reject] = []

    def file_of(self, row: int) -> str:
        """The file of observations in which a row stands."""
        return (self.input, *self.more)[row // FILE_ROWS]

    def patients_file_of(self, row: int) -> str:
        """The file in which a row of a patient stands."""
        return self.patients_input if self.has_patients else self.file_of(row)

    def close(self) -> None:
        self.connection.close()

    def add_series(self, mapped: Mapped, concepts: Sequence[str], file: int = 0) -> None:
        """Rows that are one sampling time each, with a column per concept."""
        mapped = _of_file(mapped, file)
        names = mapped.table.column_names
        at = '"at"' if "at" in names else "NULL"
        selects = []
        for seq, concept in enumerate(concepts):
            keys = ", ".join(
                quoted(f"{concept}.{key}") if f"{concept}.{key}" in names else "NULL"
                for key in RECORD_KEYS[1:]
            )
            selects.append(
                f'SELECT "row", {seq}, "case", {literal(concept)}, {quoted(concept)}, NULL, {at},'
                f" {keys} FROM block WHERE {quoted(concept)} IS NOT NULL"
            )
        # An age that stands in every row is an observation of its time.
        self._insert(mapped, self.file_of(file * FILE_ROWS), selects, age="NULL")

    def know_codes(self, table: "pa.Table") -> None:
        """The codes of the vocabulary: `system`, `code`, `concept`."""
        self.connection.register("given", table)
        self.run("CREATE TABLE codes AS SELECT * FROM given")
        self.run("CREATE TABLE not_used (what VARCHAR, times BIGINT)")
        self.connection.unregister("given")

    def add_long(self, mapped: Mapped, units: Mapping[str, str], file: int = 0) -> None:
        """Rows that are one observation each; `units` belong to bare numbers of a concept."""
        mapped = _of_file(mapped, file)
        names = mapped.table.column_names
        cells = {n: f"b.{quoted(n)}" if n in names else "NULL" for n in _OBSERVED}
        code, system = ("b." + n if n in names else "NULL" for n in ("code", "system"))
        cells["concept"] = f"coalesce({cells['concept']}, k.concept)"
        for concept, unit in units.items():
            cells["unit"] = (
                f"CASE WHEN {cells['unit']} IS NULL AND {cells['concept']} = {literal(concept)}"
                f" AND {is_bare(cells['value'])} THEN {literal(unit)} ELSE {cells['unit']} END"
            )
        # A limit without a unit has that of its result, as laboratories print it.
        unit = f"coalesce({unit_of(cells['value'])}, {cells['unit']})"
        for limit in ("upper_limit", "lower_limit"):
            if limit in names:
                cells[limit] = with_unit(cells[limit], unit)
        known = (
            f" FROM block b LEFT JOIN codes k ON k.code = {code}"
            f" AND k.system = coalesce(lower({system}), '')"
        )
        used = (
            f"{cells['concept']} IS NOT NULL AND NOT starts_with({cells['concept']}, '{UNNAMED}')"
        )
        select = (
            f'SELECT b."row", -1, b."case", {", ".join(cells.values())} {known} WHERE {used}'
            f" AND {cells['value']} IS NOT NULL"
        )
        self._insert(mapped, self.file_of(file * FILE_ROWS), [select])
        self.connection.register("block", mapped.table)
        self.run(
            f"INSERT INTO not_used SELECT coalesce(trim({cells['concept']}, '{UNNAMED}'),"
            f" concat_ws(' ', {system}, {code}), '') AS what, count(*)"
            f" {known} WHERE NOT coalesce({used}, false) GROUP BY what"
        )
        self.connection.unregister("block")

    def not_used(self) -> dict[str, int]:
        """Tests and codes that are no concept here, with how many rows had them."""
        found = self.connection.sql(
            "SELECT what, sum(times)::BIGINT AS times FROM not_used GROUP BY what ORDER BY what"
        ).fetchall()
        return dict(found)

    def add_patients(self, mapped: Mapped) -> None:
        """Rows of the patients file."""
        self._insert(mapped, self.patients_input, [], are_patients=True)

    def add_times(self, mapped: Mapped, file: int = 0) -> None:
        """The times at which cases were examined, whatever the rows say besides."""
        mapped = _of_file(mapped, file)
        self.connection.register("block", mapped.table.append_column("row", mapped.rows))
        self.run('INSERT INTO times SELECT "row", "case", "at" FROM block WHERE "at" IS NOT NULL')
        self.connection.unregister("block")

    def _insert(
        self,
        mapped: Mapped,
        file: str,
        selects: Sequence[str],
        age: str = '"age"',
        are_patients: bool = False,
    ) -> None:
        import pyarrow as pa

        table = mapped.table.append_column("row", mapped.rows)
        cases = table["case"].to_pylist() if mapped.bad or table["case"].null_count else []
        by_row = dict(zip(mapped.rows.to_pylist(), cases, strict=False))
        self._note_nobody(mapped, by_row, file)
        self.connection.register("block", table)
        for select in selects:
            named = (
                f'INSERT INTO observed ("row", seq, "case", {", ".join(map(quoted, _OBSERVED))})'
            )
            self.run(f"{named} SELECT * FROM ({select}) WHERE \"case\" NOT IN ('\ufffd')")
        names = table.column_names
        texts = ", ".join(
            (age if n == "age" else quoted(n)) if n in names else "NULL"
            for n in (*OF_PATIENT, "age", "at")
        )
        if are_patients or not self.has_patients:
            self.run(
                f'INSERT INTO seen SELECT "row", "case", {texts} FROM block'
                ' WHERE "case" IS NOT NULL AND "case" <> \'\ufffd\''
            )
        self.connection.unregister("block")
        bad = [cell for cell in mapped.bad if by_row.get(cell.row) not in (None, "\ufffd")]
        if bad:
            columns = {
                "row": pa.array([cell.row for cell in bad], pa.int64()),
                "case": pa.array([by_row[cell.row] for cell in bad]),
                "col": pa.array([cell.column for cell in bad]),
                "value": pa.array([cell.value for cell in bad]),
                "reason": pa.array([cell.reason for cell in bad]),
                "input": pa.array([file] * len(bad)),
            }
            self.connection.register("cells", pa.table(columns))
            self.run("INSERT INTO bad SELECT * FROM cells")
            self.connection.unregister("cells")

    def _note_nobody(self, mapped: Mapped, by_row: dict[int, Any], file: str) -> None:
        cells: dict[int, BadCell] = {cell.row: cell for cell in mapped.bad}
        for row, case in by_row.items():
            if case is None or case == "\ufffd":
                cell = cells.get(row)
                reason = cell.reason if cell else message(Problem(Kind.NO_CASE))
                column, value = (cell.column, cell.value) if cell else ("", "")
                self.nobody.append(Reject(file, row % FILE_ROWS, "", column, value, reason))

    def add_unreadable(self, rejects: Iterable[Reject]) -> None:
        """Rows of which not even the case could be read."""
        self.nobody.extend(rejects)

    def run(self, query: str) -> None:
        self.connection.execute(query)


def _of_file(mapped: Mapped, file: int) -> Mapped:
    """The rows of a second file, counted on so that every row has a number of its own."""
    if not file:
        return mapped
    import pyarrow.compute as pc

    first = file * FILE_ROWS
    bad = tuple(cell._replace(row=cell.row + first) for cell in mapped.bad)
    return replace(mapped, rows=pc.add(mapped.rows, first), bad=bad)
