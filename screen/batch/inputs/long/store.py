"""Where a long table waits until all of it is read: observations in a spool, patients in a
database, both in the work folder.
"""

# ruff: noqa: S608 -- names and texts in the queries come from us or through literal()

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.batch.cells.cell_steps import WAITING, base_column
from screen.batch.cells.marked_sql import marked_sql
from screen.batch.cells.time_sql import counted
from screen.batch.cells.transform import Mapped
from screen.batch.columns.places import file_and_row, row_number, row_of
from screen.batch.inputs.long.observed import NOBODY, Observed, case_is_known
from screen.batch.inputs.long.spool import Spool
from screen.batch.mapping.model import SINCE_UNITS
from screen.batch.tables.block import BadCell, Reject
from screen.engine.columns.cells.texts import Column, column_of
from screen.intake.keys import PATIENT_COLUMNS
from screen.intake.marked import MARK
from screen.problems import Kind, Problem, message
from screen.quoting import literal, quoted

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

OF_PATIENT = PATIENT_COLUMNS[1:]
_MEMORY = "300MB"
_TIMES_FEWER = 10  # ids of a block than patients, to be looked up one by one


class Store:
    """Observations and patients of one batch. Patients in a file of their own are added first.

    `strangers` are the cases of observations that are no patients, with their first rows.
    """

    def __init__(
        self,
        file: Path,
        inputs: Sequence[str],
        patients_input: str = "",
        answers: Sequence[str] = (),
    ) -> None:
        """`inputs` are the names of the files of observations, `patients_input` that of another,
        and `answers` the columns of answers in it.
        """
        import duckdb

        self.input = inputs[0]
        self.more = tuple(inputs[1:])
        self.patients_input = patients_input or self.input
        self.has_patients = bool(patients_input)
        # The times of rows whose patients are in another file, for those screened at their last.
        self.times = "times" if self.has_patients else "seen"
        self.connection: Any = duckdb.connect(str(file))
        file.chmod(0o600)
        self.run(f"SET memory_limit = '{_MEMORY}'")
        # Nothing of this outlives the batch, so nothing need be safe on the disk.
        self.run("SET force_compression = 'uncompressed'")
        self.run("BEGIN TRANSACTION")
        self.run("SET TimeZone = 'UTC'")
        self._of_patient = (*OF_PATIENT, "age", "at", *answers)
        texts = ", ".join(f"{quoted(name)} VARCHAR" for name in self._of_patient)
        self.run(f'CREATE TABLE seen ("row" BIGINT, "case" VARCHAR, {texts})')
        self.run('CREATE TABLE times ("row" BIGINT, "case" VARCHAR, "at" VARCHAR)')
        self.run('CREATE TABLE bases ("case" VARCHAR, name VARCHAR, start VARCHAR)')
        self.run(
            'CREATE TABLE bad ("row" BIGINT, "case" VARCHAR, col VARCHAR, value VARCHAR,'
            " reason VARCHAR, input VARCHAR)"
        )
        self._nobody: list[Reject] = []
        self._nobody_of_patients: list[Reject] = []
        self.not_used: Counter[str] = Counter()
        self.spool = Spool(file.with_suffix(".spool"))
        self.strangers: dict[str, int] = {}
        self._cases: dict[str, int] = {}
        self._known: tuple[pa.StringArray, np.ndarray[Any, Any]] | None = None
        self._patients = 0

    def file_of(self, row: int) -> str:
        """The file of observations in which a row stands."""
        return (self.input, *self.more)[file_and_row(row)[0]]

    def patients_file_of(self, row: int) -> str:
        """The file in which a row of a patient stands."""
        return self.patients_input if self.has_patients else self.file_of(row)

    def close(self) -> None:
        self.run("ROLLBACK")
        self.connection.close()
        self.spool.close()

    def add_observed(
        self, mapped: Mapped, observed: Observed, file: int = 0, with_age: bool = True
    ) -> None:
        """The observations of a block. In a series (not `with_age`) an age that stands in every
        row is an observation of its time.
        """
        mapped = _of_file(mapped, file)
        self._insert(mapped, self.file_of(row_number(file, 0)), with_age=with_age)
        numbers = self._numbers(observed.case)
        position = observed.case.of(numbers, -1, observed.at)
        row = mapped.rows.to_numpy()[observed.at]
        columns, seq = observed.columns, observed.seq
        known = position >= 0
        if not known.all():
            self._note_strangers(observed, row, known)
            position, row = position[known], row[known]
            seq = None if seq is None else seq[known]
            columns = {name: column.ordered(known) for name, column in columns.items()}
        self.spool.add(position, row, seq, columns)
        self.not_used.update(observed.not_used)

    def _numbers(self, case: Column) -> "np.ndarray[Any, Any]":
        """For each id its case's position: that of its patient, or of its first row."""
        import numpy as np

        if self.has_patients and _TIMES_FEWER * len(case.texts) > len(self._cases):
            return self._numbers_at_once(case.texts)
        texts = case.texts.to_pylist()
        if self.has_patients:
            numbers = [self._cases.get(text, -1) for text in texts]
        else:
            there = np.flatnonzero(case_is_known(case))
            first = np.full(len(texts) + 1, len(case.index), dtype=np.int64)
            np.minimum.at(first, case.index[there], there)
            for place in np.argsort(first[:-1], kind="stable").tolist():
                if first[place] < len(case.index):
                    self._cases.setdefault(texts[place], len(self._cases))
            numbers = [self._cases.get(text, -1) for text in texts]
        return np.array(numbers, dtype=np.int64)

    def _numbers_at_once(self, texts: "pa.StringArray") -> "np.ndarray[Any, Any]":
        """As `_numbers`, where a block has so many cases (its rows are in no order) that a table
        of all patients is soon made.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._known is None or len(self._known[0]) != len(self._cases):
            ids = pa.array(list(self._cases), pa.string())
            self._known = ids, np.array([*self._cases.values(), -1], dtype=np.int64)
        ids, numbers = self._known
        found: np.ndarray[Any, Any] = numbers[pc.index_in(texts, ids).fill_null(-1).to_numpy()]
        return found

    def _note_strangers(
        self, observed: Observed, row: "np.ndarray[Any, Any]", known: "np.ndarray[Any, Any]"
    ) -> None:
        """Remember the first row of each case that is no patient."""
        import numpy as np

        index = observed.case.index[observed.at]
        rows = np.flatnonzero(~known)
        _, first = np.unique(index[rows], return_index=True)
        for at in sorted(rows[first].tolist()):
            self.strangers.setdefault(observed.case.text(int(observed.at[at])), int(row[at]))

    def add_patients(self, mapped: Mapped, bases: Sequence[str] = ()) -> None:
        """Rows of the patients file; from the times in `bases` others are counted."""
        self._insert(mapped, self.patients_input, are_patients=True)
        case = column_of(mapped.table["case"])
        texts = case.texts.to_pylist()
        for number in case.index[case_is_known(case)].tolist():
            self._cases.setdefault(texts[number], self._patients)
            self._patients += 1
        self.connection.register("block", mapped.table)
        for name in bases:
            if base_column(name) in mapped.table.column_names:
                self.run(
                    f'INSERT INTO bases SELECT "case", {literal(name)}, {quoted(base_column(name))}'
                    ' FROM block WHERE "case" IS NOT NULL'
                )
        self.connection.unregister("block")

    def counted_from_bases(self, mapped: Mapped) -> Mapped:
        """Observations whose times are numbers since a time of their patient, with these times."""
        name, unit, number = (f"split_part(b.\"at\", '{MARK}', {part})" for part in (3, 4, 5))
        lost = marked_sql(number, Kind.NOT_THE_TIME_FORM, detail="a number since a patient's time")
        counts = " ".join(
            f"WHEN '{of_time}' THEN {counted(number, of_time, 's.start')}"
            for of_time in SINCE_UNITS
        )
        import pyarrow as pa

        order = pa.array(range(len(mapped.table)), pa.int64())
        self.connection.register("block", mapped.table.append_column("order", order))
        at = self.connection.sql(
            f'SELECT CASE WHEN starts_with(b."at", {literal(WAITING)})'
            f' THEN coalesce(CASE {unit} {counts} END, {lost}) ELSE b."at" END AS "at"'
            ' FROM block b LEFT JOIN (SELECT "case", name, min(start) AS start FROM bases'
            f' GROUP BY ALL) s ON s."case" = b."case" AND s.name = {name} ORDER BY b."order"'
        ).to_arrow_table()
        self.connection.unregister("block")
        place = mapped.table.column_names.index("at")
        return replace(mapped, table=mapped.table.set_column(place, "at", at["at"]))

    def add_times(self, mapped: Mapped, file: int = 0) -> None:
        """The times at which cases were examined, whatever the rows say besides."""
        mapped = _of_file(mapped, file)
        self.connection.register("block", mapped.table.append_column("row", mapped.rows))
        self.run('INSERT INTO times SELECT "row", "case", "at" FROM block WHERE "at" IS NOT NULL')
        self.connection.unregister("block")

    def _insert(
        self, mapped: Mapped, file: str, are_patients: bool = False, with_age: bool = True
    ) -> None:
        import pyarrow as pa

        table = mapped.table.append_column("row", mapped.rows)
        cases = table["case"].to_pylist() if mapped.bad or table["case"].null_count else []
        by_row = dict(zip(mapped.rows.to_pylist(), cases, strict=True)) if cases else {}
        nobody = self._nobody_of_patients if are_patients else self._nobody
        nobody.extend(_of_nobody(mapped, by_row, file))
        names = table.column_names
        texts = ", ".join(
            quoted(n) if n in names and (n != "age" or with_age) else "NULL"
            for n in self._of_patient
        )
        if are_patients or not self.has_patients:
            self.connection.register("block", table)
            self.run(
                f'INSERT INTO seen SELECT "row", "case", {texts} FROM block'
                f' WHERE "case" IS NOT NULL AND "case" <> \'{NOBODY}\''
            )
            self.connection.unregister("block")
        bad = [cell for cell in mapped.bad if by_row.get(cell.row) not in (None, NOBODY)]
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

    @property
    def nobody(self) -> tuple[Reject, ...]:
        """Rows that belong to no case, those of the observations first."""
        return (*self._nobody, *self._nobody_of_patients)

    def add_unreadable(self, rejects: Iterable[Reject], are_patients: bool = False) -> None:
        """Rows of which not even the case could be read."""
        (self._nobody_of_patients if are_patients else self._nobody).extend(rejects)

    def run(self, query: str) -> None:
        self.connection.execute(query)


def _of_nobody(mapped: Mapped, by_row: Mapping[int, Any], file: str) -> Iterator[Reject]:
    cells: dict[int, BadCell] = {cell.row: cell for cell in mapped.bad}
    for row, case in by_row.items():
        if case is None or case == NOBODY:
            cell = cells.get(row)
            reason = cell.reason if cell else message(Problem(Kind.NO_CASE))
            column, value = (cell.column, cell.value) if cell else ("", "")
            yield Reject(file, row_of(row), "", column, value, reason)


def _of_file(mapped: Mapped, file: int) -> Mapped:
    """The rows of a second file, counted on so that every row has a number of its own."""
    if not file:
        return mapped
    import pyarrow.compute as pc

    first = row_number(file, 0)
    bad = tuple(cell._replace(row=cell.row + first) for cell in mapped.bad)
    return replace(mapped, rows=pc.add(mapped.rows, first), bad=bad)
