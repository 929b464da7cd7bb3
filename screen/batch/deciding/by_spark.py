"""The column plan inside the tasks of Spark: a part goes there whole, and its lines come back."""

import pickle
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from screen.batch.deciding.planned import Planned, Planner
from screen.batch.deciding.spark_session import open_session
from screen.batch.inputs.part import AnyPart
from screen.batch.rule_source import RuleSource


class OnSpark:
    """Decides parts in tasks of the Spark that the environment configures, or of a local one.

    The rules are loaded where a task runs, so they have to lie at the same place there. Raises
    ProblemsFound if Spark does not start.
    """

    def __init__(self, rules: RuleSource, screened_at: str | None) -> None:
        self._session, self._is_ours = open_session()
        self._arguments = (rules, screened_at)

    def decide(self, part: AnyPart, duplicates: Mapping[str, int]) -> Planned:
        """What the plan makes of a part, in one task."""
        sent = pickle.dumps((*self._arguments, part, dict(duplicates)))
        parts = self._session.createDataFrame([(bytearray(sent),)], "part binary")
        (row,) = parts.repartition(1).mapInArrow(_decided, "planned binary").collect()
        planned = pickle.loads(row["planned"])  # noqa: S301 - what our own task has written
        assert isinstance(planned, Planned)
        return planned

    def close(self) -> None:
        """Stop Spark, unless somebody else started it."""
        if self._is_ours:
            self._session.stop()


def _decided(batches: Iterator[Any]) -> Iterator[Any]:
    """Runs in a task: parts as they were sent to what the plan makes of them."""
    import pyarrow as pa

    for batch in batches:
        for sent in batch.column("part").to_pylist():
            rules, screened_at, part, duplicates = pickle.loads(sent)  # noqa: S301 - from `decide`
            planned = pickle.dumps(_planner(rules, screened_at).decide(part, duplicates))
            yield pa.record_batch({"planned": pa.array([planned], pa.binary())})


@lru_cache(maxsize=4)
def _planner(rules: RuleSource, screened_at: str | None) -> Planner:
    return Planner(rules.load(), screened_at)
