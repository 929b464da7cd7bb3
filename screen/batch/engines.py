"""The engine that a batch decides by."""

from collections.abc import Callable, Mapping
from typing import Protocol

from screen.batch.by_case_engine import ByCaseEngine
from screen.batch.options import EngineName, Options
from screen.batch.outcome import Outcome
from screen.batch.part import Part
from screen.batch.rules import Loaded


class Engine(Protocol):
    """Decides parts."""

    def decide(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part; cases in `duplicates` are refused."""
        ...

    def close(self) -> None:
        """Let go of processes and connections."""
        ...


def open_engine(options: Options, loaded: Loaded) -> Engine:
    """The engine that is asked for. Raises ProblemsFound if it does not start here."""
    if options.engine is EngineName.RULES:
        return ByCaseEngine(options.rules, "rules", options.screened_at, options.workers)
    from screen.batch.columns_engine import ColumnsEngine
    from screen.engine.columns.backends import DuckDBBackend, SparkBackend
    from screen.engine.columns.plan import ColumnPlan

    # A Spark that the environment configures, or a local one.
    backend = SparkBackend() if options.engine is EngineName.SPARK else DuckDBBackend()
    return ColumnsEngine(
        options, loaded, ColumnPlan(loaded.vocabulary, loaded.protocols, loaded.staleness, backend)
    )
