"""The engine that a batch decides by."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from screen.batch.by_case_engine import ByCaseEngine
from screen.batch.options import EngineName, Options, Watcher
from screen.batch.outcome import Outcome
from screen.batch.part import Part
from screen.batch.rules import Loaded
from screen.problems import Kind, Problem, ProblemsFound

if TYPE_CHECKING:
    from screen.engine.columns.backends import Backend


class Engine(Protocol):
    """Decides parts."""

    @property
    def lanes(self) -> int:
        """How many parts it may be given at once, each in a thread of its own."""
        ...

    def decide(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part; cases in `duplicates` are refused."""
        ...

    def close(self) -> None:
        """Let go of processes and connections."""
        ...


def open_engine(options: Options, loaded: Loaded, watcher: Watcher) -> Engine:
    """The engine that is asked for. Raises ProblemsFound if this installation has it not."""
    if options.engine is EngineName.RULES:
        return ByCaseEngine(options.rules, "rules", options.screened_at, options.workers)
    from screen.batch.columns_engine import ColumnsEngine
    from screen.engine.columns.backends import DuckDBBackend
    from screen.engine.columns.grid import NotPlannable
    from screen.engine.columns.plan import ColumnPlan

    spark = _spark() if options.engine is EngineName.SPARK else None

    def make_plan() -> ColumnPlan:
        backend = spark or DuckDBBackend(threads=1)
        return ColumnPlan(loaded.vocabulary, loaded.protocols, loaded.staleness, backend)

    # Spark divides a part among its own workers.
    lanes = 1 if spark is not None else options.workers or os.cpu_count() or 1
    try:
        return ColumnsEngine(options, loaded, make_plan, lanes)
    except NotPlannable as error:
        watcher.say(f"decided case by case, by the reference evaluator: {error}")
        return ByCaseEngine(options.rules, "reference", options.screened_at, options.workers)


def _spark() -> "Backend":
    """Spark as this environment configures it: local unless it names a cluster."""
    from screen.engine.columns.backends import SparkBackend

    try:
        return SparkBackend()
    except ImportError:
        detail = "pip install 'trialscreen[spark]'"
    except Exception as error:  # noqa: BLE001  (whatever a cluster says when it cannot start)
        detail = f"Spark does not start here ({type(error).__name__}); it needs Java 17"
    raise ProblemsFound([Problem(Kind.NO_ENGINE, value=EngineName.SPARK.value, detail=detail)])
