"""The engine that a batch decides by."""

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from screen.batch.deciding.by_case import ByCaseEngine
from screen.batch.deciding.part_outcome import Outcome
from screen.batch.inputs.part import AnyPart
from screen.batch.options import EngineName, Options
from screen.language.loading.rules import Rules


class Engine(Protocol):
    """Decides parts."""

    @property
    def lanes(self) -> int:
        """How many parts it may be given at once, each in a thread of its own."""
        ...

    def decide(
        self, part: AnyPart, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part; cases in `duplicates` are refused."""
        ...

    def close(self) -> None:
        """Let go of processes and connections."""
        ...


def open_engine(options: Options, loaded: Rules) -> Engine:
    """The engine that is asked for. Raises ProblemsFound if it does not start here."""
    if options.engine is EngineName.RULES:
        return ByCaseEngine(options.rules, "rules", options.screened_at, options.workers)
    from screen.batch.deciding.by_columns import ColumnsEngine
    from screen.batch.deciding.planned import Planner

    lanes = options.workers or os.cpu_count() or 1
    if options.engine is EngineName.SPARK:
        from screen.batch.deciding.by_spark import OnSpark

        spark = OnSpark(options.rules, options.screened_at)
        return ColumnsEngine(options, spark.decide, lanes, spark.close)
    from screen.batch.deciding.in_processes import InProcesses

    planner = Planner(loaded, options.screened_at)
    plan = InProcesses(planner, options.rules, options.screened_at, lanes)
    return ColumnsEngine(options, plan.decide, lanes, plan.close)
