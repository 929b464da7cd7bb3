"""Deciding a part case by case: here, or in other processes when there are many cases."""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from screen.batch.by_case import CaseDecider, Decision, by_reference, by_rules
from screen.batch.outcome import Outcome, outcome_of
from screen.batch.part import Part
from screen.batch.rules import RuleSource

_SLICE = 50
_WORTH_A_POOL = 300

# One per process: what an engine compiles cannot be sent to another process.
_decider: CaseDecider | None = None


def make_decider(rules: RuleSource, engine: str, screened_at: str | None) -> CaseDecider:
    """A decider by `rules` (the chaining engine, checked) or `reference`."""
    vocabulary, protocols, staleness, _ = rules.load()
    if engine == "rules":
        from screen.engine.decide import Screener

        decide = by_rules(Screener(vocabulary, protocols, staleness))
    else:
        decide = by_reference(vocabulary, protocols, staleness)
    return CaseDecider(vocabulary, protocols, decide, screened_at, rules.strict)


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
        self._pool: ProcessPoolExecutor | None = None
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
            self._pool.shutdown(cancel_futures=True)

    def _decisions(self, part: Part) -> Iterator[list[Decision]]:
        slices = (part.slice(start, _SLICE) for start in range(0, len(part), _SLICE))
        if self._workers == 1 or (self._pool is None and len(part) < _WORTH_A_POOL):
            if self._local is None:
                self._local = make_decider(*self._arguments)
            for some in slices:
                yield decide_all(self._local, some)
            return
        if self._pool is None:
            self._pool = _processes(self._workers, *self._arguments)
        waiting: deque[Future[list[Decision]]] = deque()
        for some in slices:
            waiting.append(self._pool.submit(_work, some))
            if len(waiting) > 2 * self._workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class Elsewhere:
    """Decides small parts by the reference in a process of its own, beside other work."""

    def __init__(self, rules: RuleSource, screened_at: str | None) -> None:
        self._pool = _processes(1, rules, "reference", screened_at)
        self._pool.submit(_nothing)  # a pool starts with its first work

    def begin(self, part: Part) -> "Future[list[Decision]]":
        """Begin with a part; the result is waited for."""
        return self._pool.submit(_work, part)

    def close(self) -> None:
        """End the process; what has not begun is not begun."""
        self._pool.shutdown(cancel_futures=True)


def _processes(
    count: int, rules: RuleSource, engine: str, screened_at: str | None
) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(rules, engine, screened_at),
    )


def decide_all(decider: CaseDecider, part: Part) -> list[Decision]:
    """One decision for each document of a part."""
    return [decider.decide(document, part.place) for document in part.documents()]


def _start(rules: RuleSource, engine: str, screened_at: str | None) -> None:
    global _decider  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    _decider = make_decider(rules, engine, screened_at)
    # What is loaded by now stays: without it, collecting what a case leaves costs a fifth less.
    gc.freeze()


def _follow_parent() -> None:
    """End with the process that started this one, even if that was killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _nothing() -> None:
    pass


def _work(part: Part) -> list[Decision]:
    assert _decider is not None
    return decide_all(_decider, part)
