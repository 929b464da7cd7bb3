"""Deciding a part case by case: here, or in other processes when there are many cases."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future

from screen.batch.deciding.case_decider import CaseDecider, Decision, by_reference, by_rules
from screen.batch.deciding.part_outcome import Outcome, outcome_of
from screen.batch.deciding.processes import Processes
from screen.batch.inputs.part import Part
from screen.batch.rule_source import RuleSource
from screen.language.loading.rules import Rules

_SLICE = 50
_WORTH_A_POOL = 300

# One per process: what an engine compiles cannot be sent to another process.
_decider: CaseDecider | None = None


def make_decider(loaded: Rules, engine: str, screened_at: str | None, strict: bool) -> CaseDecider:
    """A decider by the `engine` rules (the chaining engine, checked) or reference."""
    vocabulary, protocols, staleness = loaded.vocabulary, loaded.protocols, loaded.staleness
    if engine == "rules":
        from screen.engine.decide import Screener

        decide = by_rules(Screener(vocabulary, protocols, staleness))
    else:
        decide = by_reference(vocabulary, protocols, staleness)
    return CaseDecider(vocabulary, protocols, decide, screened_at, strict)


class ByCaseEngine:
    """Decides parts by the rules or the reference engine, in the order of the input.

    `workers` is the number of processes; 0 for as many as there are processors. One part at a
    time: its cases are what the processes share.
    """

    lanes = 1

    def __init__(
        self, rules: RuleSource, engine: str, screened_at: str | None, workers: int = 0
    ) -> None:
        self._arguments = (rules, engine, screened_at)
        self._workers = workers or os.cpu_count() or 1
        self._pool: Processes | None = None
        self._local: CaseDecider | None = None

    def decide(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part; `tick` hears how many more cases are done."""
        decisions: list[Decision] = []
        for some in self._decisions(part):
            decisions.extend(some)
            tick(len(some))
        return outcome_of(decisions, duplicates)

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.close()

    def _decisions(self, part: Part) -> Iterator[list[Decision]]:
        slices = (part.slice(start, _SLICE) for start in range(0, len(part), _SLICE))
        if self._workers == 1 or (self._pool is None and len(part) < _WORTH_A_POOL):
            if self._local is None:
                rules, engine, screened_at = self._arguments
                self._local = make_decider(rules.load(), engine, screened_at, rules.strict)
            for some in slices:
                yield decide_all(self._local, some)
            return
        if self._pool is None:
            self._pool = Processes(self._workers, be_ready, *self._arguments)
        waiting: deque[Future[list[Decision]]] = deque()
        for some in slices:
            waiting.append(self._pool.begin(decide_here, some))
            if len(waiting) > 2 * self._workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def decide_all(decider: CaseDecider, part: Part) -> list[Decision]:
    """One decision for each document of a part."""
    return [decider.decide(document, part.place) for document in part.documents()]


def be_ready(rules: RuleSource, engine: str, screened_at: str | None) -> None:
    """Make this process one that decides by some rules."""
    global _decider  # noqa: PLW0603
    _decider = make_decider(rules.load(), engine, screened_at, rules.strict)
    # What is loaded by now stays: without it, collecting what a case leaves costs a fifth less.
    gc.freeze()


def decide_here(part: Part) -> list[Decision]:
    """The decisions of a process that is ready."""
    assert _decider is not None
    return decide_all(_decider, part)
