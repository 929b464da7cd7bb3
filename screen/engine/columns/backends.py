"""Where the SQL of a plan runs: DuckDB inside this process, or Spark."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from screen.engine.columns.dialect import Dialect, DuckDBDialect, SparkDialect, name, quoted
from screen.engine.columns.spark_session import open_session

if TYPE_CHECKING:
    import pyarrow as pa


class Backend(Protocol):
    """Runs one query over named relations: Arrow tables, or Parquet files by their path."""

    dialect: Dialect

    def query(self, sql: str, relations: Mapping[str, Any], joins: bool = False) -> "pa.Table":
        """The rows of one query; `joins` says that its order of work is worth planning."""
        ...

    def steps(
        self, queries: Mapping[str, str], last: str, relations: Mapping[str, Any]
    ) -> "pa.Table":
        """The rows of `last`, which builds on `queries`, each of which builds on those before."""
        ...

    def columns(self, relation: Any) -> list[str]: ...

    def together(self, sources: Sequence[str]) -> Sequence[Sequence[str]]:
        """Which columns are best read by one query: as many as make up for its price."""
        ...

    def close(self) -> None:
        """Let go of what was opened; nothing can be asked any more."""
        ...


class DuckDBBackend:
    """An own DuckDB; `memory` such as `1GB` bounds it, `threads` defaults to all processors."""

    def __init__(self, threads: int | None = None, memory: str | None = None) -> None:
        import duckdb

        self.dialect = DuckDBDialect()
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        if threads is not None:
            self._connection.execute(f"SET threads = {int(threads)}")
        if memory is not None:
            self._connection.execute(f"SET memory_limit = {quoted(memory)}")

    def query(self, sql: str, relations: Mapping[str, Any], joins: bool = False) -> "pa.Table":
        # Looking for savings in thousands of expressions takes longer than working them out.
        self._connection.execute(f"PRAGMA {'enable' if joins else 'disable'}_optimizer")
        for label, relation in relations.items():
            if isinstance(relation, Path):
                path = quoted(str(relation))
                self._connection.execute(
                    f"CREATE OR REPLACE TEMP VIEW {name(label)} AS FROM read_parquet({path})"
                )
            else:
                self._connection.register(label, relation)
        try:
            return self._connection.sql(sql).to_arrow_table()
        finally:
            for label, relation in relations.items():
                if isinstance(relation, Path):
                    self._connection.execute(f"DROP VIEW {name(label)}")
                else:
                    self._connection.unregister(label)

    def steps(
        self, queries: Mapping[str, str], last: str, relations: Mapping[str, Any]
    ) -> "pa.Table":
        named = ", ".join(f"{label} AS ({sql})" for label, sql in queries.items())
        return self.query(f"WITH {named} {last}", relations, joins=True)

    def columns(self, relation: Any) -> list[str]:
        return _columns(relation)

    def together(self, sources: Sequence[str]) -> Sequence[Sequence[str]]:
        # A query takes milliseconds; columns of different lengths in one waste more.
        return [[source] for source in sources]

    def close(self) -> None:
        self._connection.close()


class SparkBackend:
    """Spark 4: the session that is given, or the one of `open_session`, which may not start."""

    def __init__(self, session: Any = None) -> None:
        self.dialect: Dialect = SparkDialect()
        self._session, self._is_ours = (session, False) if session else open_session()
        for key, value in {**_EXACT, **_QUICK}.items():
            self._session.conf.set(key, value)

    def query(self, sql: str, relations: Mapping[str, Any], joins: bool = False) -> "pa.Table":
        del joins  # Spark always plans.
        self._enter(relations)
        return self._session.sql(sql).toArrow()

    def steps(
        self, queries: Mapping[str, str], last: str, relations: Mapping[str, Any]
    ) -> "pa.Table":
        # Spark would write every step into each of its uses, and their number multiplies;
        # a checkpoint is worked out once.
        self._enter(relations)
        for label, sql in queries.items():
            self._session.sql(sql).localCheckpoint().createOrReplaceTempView(label)
        try:
            return self._session.sql(last).toArrow()
        finally:
            for label in (*queries, *relations):
                self._session.catalog.dropTempView(label)

    def _enter(self, relations: Mapping[str, Any]) -> None:
        for label, relation in relations.items():
            if isinstance(relation, Path):
                frame = self._session.read.parquet(str(relation))
            else:
                frame = self._session.createDataFrame(relation)
            frame.createOrReplaceTempView(label)

    def columns(self, relation: Any) -> list[str]:
        return _columns(relation)

    def together(self, sources: Sequence[str]) -> Sequence[Sequence[str]]:
        return [sources] if sources else []

    def close(self) -> None:
        """Stop Spark, unless somebody else started it."""
        if self._is_ours:
            self._session.stop()


# Without these, decimals are rounded, errors become NULL and days shift.
_EXACT = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}

_QUICK = {
    # A small table would otherwise be worked out by the planner itself, row by row, in one thread:
    # 39 s instead of 4 s for 20,000 cases.
    "spark.sql.execution.arrow.localRelationThreshold": "0",
    # All expressions of a level in one method are more than the JVM compiles well: 9 s instead of
    # 5 s for 100,000 cases.
    "spark.sql.codegen.wholeStage": "false",
    # What is shown of a plan to nobody.
    "spark.sql.maxPlanStringLength": "10000",
}


def _columns(relation: Any) -> list[str]:
    if isinstance(relation, Path):
        import pyarrow.parquet as pq

        return list(pq.read_schema(relation).names)
    return list(relation.column_names)
