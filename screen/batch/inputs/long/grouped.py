"""Rows of observations to cases, out of core: sorted and handed out by DuckDB."""

# ruff: noqa: S608 -- names and texts in the queries come from us or through literal()

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screen.batch.cells.marked_sql import is_marked_sql
from screen.batch.columns.contract_columns import Columns
from screen.batch.columns.places import row_of
from screen.batch.inputs.delivery import Delivery
from screen.batch.inputs.long.store import OF_PATIENT, Store
from screen.batch.inputs.part import LongPart
from screen.batch.tables.block import Reject
from screen.documents.tree import Text
from screen.intake.marked import problem_in
from screen.problems import Kind, Problem, message, shown
from screen.quoting import literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa


class Grouped:
    """The cases of a full store; `last`: they are screened at the last time in their rows, which
    stands in the site's `at_column`.
    """

    def __init__(self, store: Store, last: bool, at_column: str = "at") -> None:
        self._store = store
        self._at_column = at_column
        self._finish(last)
        found = self._store.connection.sql("SELECT count(*) FROM patients").fetchall()
        self.count = int(found[0][0])

    def deliveries(
        self, cases: int, columns: Columns, patient_columns: Columns
    ) -> Iterator[Delivery]:
        """The cases in the order of their first rows, `cases` at a time; refused rows first."""
        yield Delivery(None, tuple(self._store.nobody), 0, len(self._store.nobody))
        strangers = self._strangers()
        yield Delivery(None, tuple(strangers), len({reject.case for reject in strangers}), 0)
        any_bad = self._has_bad()
        for start, end, observed in self._store.spool.parts(self.count, cases):
            inside = f"position BETWEEN {start} AND {end - 1}"
            refused = []
            if any_bad:
                refused += self._refused(inside) + self._refused_twice(inside, patient_columns)
            patients = self._table(
                f'SELECT * FROM patients WHERE {inside} AND "case" NOT IN'
                ' (SELECT "case" FROM bad) ORDER BY position'
            )
            observations = _of(observed, patients)
            part = LongPart(
                self._store.input,
                patients,
                observations,
                columns,
                self._store.patients_input,
                patient_columns,
                self._store.more,
            )
            rejects = tuple(reject for reject, _ in refused)
            yield Delivery(part, rejects, len({position for _, position in refused}), 0)

    def _finish(self, last: bool) -> None:
        """Make one patient of the rows of each case; `last`: screened at their last time."""
        if self._store.has_patients:
            self._store.run('CREATE TABLE grouped AS SELECT * EXCLUDE ("at") FROM seen')
        else:
            kept = ", ".join(f"max({quoted(n)}) AS {quoted(n)}" for n in (*OF_PATIENT, "age"))
            self._store.run(
                f'CREATE TABLE grouped AS SELECT min("row") AS "row", "case", {kept}'
                ' FROM seen GROUP BY "case"'
            )
            for name in (*OF_PATIENT, "age"):
                self._refuse_several(name)
        if last:
            self._set_last()
        self._store.run(
            'CREATE TABLE patients AS SELECT row_number() OVER (ORDER BY "row") - 1 AS position,'
            ' * FROM grouped ORDER BY "row"'
        )
        for case, row in self._store.strangers.items():
            self._store.connection.execute(
                "INSERT INTO bad VALUES (?, ?, 'case', ?, NULL, ?)",
                [row, case, case, self._store.file_of(row)],
            )

    def _has_bad(self) -> bool:
        return bool(self._store.connection.sql("SELECT 1 FROM bad LIMIT 1").fetchall())

    def _refuse_several(self, name: str) -> None:
        column = quoted(name)
        found = self._store.connection.sql(
            f'SELECT min("row"), "case", list_sort(list(DISTINCT {column})) FROM seen'
            f' WHERE {column} IS NOT NULL GROUP BY "case" HAVING count(DISTINCT {column}) > 1'
            ' ORDER BY min("row")'
        ).fetchall()
        for row, case, values in found:
            detail = ", ".join(shown(value, 20) for value in values[:3])
            reason = message(Problem(Kind.SEVERAL_VALUES, about=name, detail=detail))
            self._store.connection.execute(
                "INSERT INTO bad VALUES (?, ?, ?, ?, ?, ?)",
                [row, case, name, shown(values[0]), reason, self._store.file_of(row)],
            )

    def _set_last(self) -> None:
        instant = 'try_cast("at" AS TIMESTAMPTZ)'
        self._store.run(
            f"CREATE TABLE last_times AS SELECT \"case\", max({{'i': {instant}, 'a': \"at\"}}).a"
            ' AS "at"'
            f' FROM {self._store.times} WHERE {instant} IS NOT NULL GROUP BY "case"'
        )
        self._store.run(
            'UPDATE grouped SET screened_at = coalesce((SELECT "at" FROM last_times l'
            ' WHERE l."case" = grouped."case"), screened_at)'
        )
        self._refuse_unread_times()
        reason = literal(message(Problem(Kind.NO_TIME_IN_CASE)))
        self._store.run(
            f"INSERT INTO bad SELECT \"row\", \"case\", 'screened_at', '', {reason},"
            f" {literal(self._store.patients_input)} FROM grouped WHERE screened_at IS NULL"
        )

    def _refuse_unread_times(self) -> None:
        """Among the times of a case, one that cannot be read may be the last."""
        marked = is_marked_sql('"at"')
        found = self._store.connection.sql(
            f'SELECT "row", "case", "at" FROM {self._store.times} WHERE {marked} ORDER BY "row"'
        ).fetchall()
        for row, case, cell in found:
            problem = problem_in(Text(cell, 0, 0), "")
            if problem is not None:
                self._store.connection.execute(
                    "INSERT INTO bad VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        row,
                        case,
                        self._at_column,
                        shown(problem.value),
                        message(problem),
                        self._store.file_of(row),
                    ],
                )

    def _refused(self, inside: str) -> list[tuple[Reject, int]]:
        found = self._store.connection.sql(
            'SELECT b.input, b."row", b."case", b.col, b.value, b.reason, p.position FROM bad b'
            ' JOIN (SELECT "case", min(position) AS position FROM patients GROUP BY "case") p'
            f' ON b."case" = p."case" WHERE {inside}'
            ' ORDER BY p.position, b."row", b.col'
        ).fetchall()
        return [
            (
                Reject(name, row_of(row), shown(case), column, shown(value), reason),
                position,
            )
            for name, row, case, column, value, reason, position in found
        ]

    def _refused_twice(self, inside: str, columns: Columns) -> list[tuple[Reject, int]]:
        """The rows of patients who are there more than once, and are refused for something else."""
        found = self._store.connection.sql(
            'SELECT "row", "case", position, times FROM'
            ' (SELECT *, count(*) OVER (PARTITION BY "case") AS times FROM patients)'
            f' WHERE {inside} AND times > 1 AND "case" IN (SELECT "case" FROM bad)'
            " ORDER BY position"
        ).fetchall()
        column = columns.of_site("case")
        rejects = []
        for row, case, position, times in found:
            reason = message(Problem(Kind.DUPLICATE_CASE, value=case, detail=str(times)))
            name, at = self._store.patients_file_of(row), row_of(row)
            rejects.append((Reject(name, at, shown(case), column, shown(case), reason), position))
        return rejects

    def _strangers(self) -> list[Reject]:
        found = self._store.connection.sql(
            'SELECT input, "row", "case", col, value, reason FROM bad WHERE "case" NOT IN'
            ' (SELECT "case" FROM patients) ORDER BY "row"'
        ).fetchall()
        return [
            Reject(
                name,
                row_of(row),
                shown(case),
                column,
                shown(value),
                reason or message(Problem(Kind.NO_PATIENT, value=case)),
            )
            for name, row, case, column, value, reason in found
        ]

    def _table(self, query: str) -> "pa.Table":
        return self._store.connection.sql(query).to_arrow_table().combine_chunks()


def _of(observed: "pa.Table", patients: "pa.Table") -> "pa.Table":
    """The observations of these patients; most often they are all there is."""
    import numpy as np
    import pyarrow as pa

    mine = patients["position"].to_numpy()
    position = observed["position"].to_numpy()
    if not len(position):
        return observed
    first = int(min(position[0], mine[0])) if len(mine) else int(position[0])
    kept = np.zeros(
        max(int(position[-1]), int(mine[-1]) if len(mine) else 0) - first + 1, dtype=bool
    )
    kept[mine - first] = True
    inside = kept[position - first]
    return observed if inside.all() else observed.filter(pa.array(inside))
