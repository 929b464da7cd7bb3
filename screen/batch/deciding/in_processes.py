"""Parts of documents planned in processes. Taking documents apart is Python's own work, for which
threads would wait for each other.
"""

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock

from screen.batch.deciding.planned import Planned, Planner
from screen.batch.deciding.processes import Processes
from screen.batch.inputs.documents.document_files import DocumentPart
from screen.batch.inputs.part import AnyPart
from screen.batch.rule_source import RuleSource

_WORTH_IT = 2_000  # documents in a part


class InProcesses:
    """Decides large parts of documents in as many processes as there are `workers`, and all
    others here, by the `planner`.
    """

    def __init__(
        self, planner: Planner, rules: RuleSource, screened_at: str | None, workers: int
    ) -> None:
        self._planner = planner
        self._arguments = (rules, screened_at)
        self._workers = workers
        self._processes: Processes | None = None
        self._one_at_a_time = Lock()

    def decide(self, part: AnyPart, duplicates: Mapping[str, int]) -> Planned:
        """What the plan makes of a part. Cases in `duplicates` are left alone."""
        if not isinstance(part, DocumentPart) or len(part) < _WORTH_IT or self._workers == 1:
            return self._planner.decide(part, duplicates)
        with self._one_at_a_time:
            if self._processes is None:
                self._processes = Processes(self._workers, _get_ready, *self._arguments)
            begun = self._processes.begin(_planned, *self._arguments, part, dict(duplicates))
        return begun.result()

    def close(self) -> None:
        """End the processes."""
        if self._processes is not None:
            self._processes.close()


def _get_ready(rules: RuleSource, screened_at: str | None) -> None:
    _planner_of(rules, screened_at)


@lru_cache(maxsize=1)
def _planner_of(rules: RuleSource, screened_at: str | None) -> Planner:
    return Planner(rules.load(), screened_at)


def _planned(
    rules: RuleSource, screened_at: str | None, part: AnyPart, duplicates: Mapping[str, int]
) -> Planned:
    return _planner_of(rules, screened_at).decide(part, duplicates)
