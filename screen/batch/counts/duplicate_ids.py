"""Which case ids are there more than once, found out of core."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_MEMORY = "400MB"
_NO_PART = -1


class IdStore:
    """The ids of all cases, by part, in a database file; use as a context."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: Any = None
        self._counted = False

    def __enter__(self) -> "IdStore":
        import duckdb

        self._file.unlink(missing_ok=True)
        self._connection = duckdb.connect(str(self._file))
        self._file.chmod(0o600)
        self._connection.execute(f"SET memory_limit = '{_MEMORY}'")
        self._connection.execute('CREATE TABLE ids (part INTEGER, "case" VARCHAR)')
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._file.unlink(missing_ok=True)

    def cursor(self) -> Any:
        """A cursor of this database: another database would take as long to start as ten cases."""
        return self._connection.cursor()

    def add(self, part: int, ids: "pa.Table") -> None:
        """Add the ids (column `case`) of one part."""
        self._connection.register("new", ids)
        self._connection.execute(f'INSERT INTO ids SELECT {part:d}, "case" FROM new')  # noqa: S608
        self._connection.unregister("new")

    def add_refused(self, ids: Sequence[str]) -> None:
        """Add the ids of cases that are in no part, because they were refused at once."""
        if ids:
            import pyarrow as pa

            self.add(_NO_PART, pa.table({"case": pa.array(ids, pa.string())}))

    def duplicates(self, part: int) -> Mapping[str, int]:
        """The ids in `part` that are there more than once in all, and how often."""
        if not self._counted:
            # An empty id is no id: such a case is refused for that.
            self._connection.execute(
                'CREATE TABLE twice AS SELECT "case", count(*) AS times FROM ids'
                ' WHERE "case" <> \'\' GROUP BY "case" HAVING count(*) > 1'
            )
            self._counted = True
        found = self._connection.execute(
            'SELECT DISTINCT "case", times FROM ids JOIN twice USING ("case") WHERE part = ?',
            [part],
        ).fetchall()
        return dict(found)
