"""The engine that a batch decides by."""

from collections.abc import Callable, Mapping
from typing import Protocol

from screen.batch.by_case_engine import ByCaseEngine
from screen.batch.options import EngineName, Options
from screen.batch.outcome import Outcome
from screen.batch.part import Part
from screen.batch.rules import Loaded
from screen.problems import Kind, Problem, ProblemsFound


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
    """The engine that is asked for. Raises ProblemsFound if this installation has it not."""
    if options.engine is EngineName.RULES:
        return ByCaseEngine(options.rules, "rules", options.screened_at, options.workers)
    if options.engine is EngineName.COLUMNS:
        from screen.batch.columns_engine import ColumnsEngine
        from screen.engine.columns.plan import ColumnPlan

        plan = ColumnPlan(loaded.vocabulary, loaded.protocols, loaded.staleness)
        return ColumnsEngine(options, loaded, plan)
    name = options.engine.value
    raise ProblemsFound([Problem(Kind.NO_ENGINE, value=name, detail="say --engine columns")])
