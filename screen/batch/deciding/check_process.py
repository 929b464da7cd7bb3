"""A process beside a batch, in which cases are decided again by the reference evaluator.

What it imports takes as long as a small batch, so it starts first of all. That is why nothing
here imports more than it needs.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from screen.batch.deciding.processes import Processes

if TYPE_CHECKING:
    from screen.batch.deciding.case_decider import Decision
    from screen.batch.inputs.part import Part
    from screen.batch.options import Options
    from screen.batch.rule_source import RuleSource

_WORTH_IT = 500_000  # bytes of input


class Beside:
    """Decides small parts, one after the other, beside other work."""

    def __init__(self) -> None:
        self._process = Processes(1, _imported)
        self._ready = self._process.begin(_nothing)  # with its first work it starts

    def load(self, rules: "RuleSource", screened_at: str | None) -> None:
        """The rules to decide by."""
        self._ready = self._process.begin(_load, rules, screened_at)

    def begin(self, part: "Part") -> "Future[list[Decision]]":
        """Begin with a part; the result is waited for."""
        return self._process.begin(_decide, part)

    def decisions(self, begun: "Future[list[Decision]]") -> "list[Decision]":
        """What became of a part. Raises what kept the rules from being loaded."""
        self._ready.result()
        return begun.result()

    def close(self) -> None:
        """End the process; what has not begun is not begun."""
        self._process.close()


@contextmanager
def started_beside(options: "Options") -> "Iterator[Beside | None]":
    """The process, if it is worth its start; it ends with the context."""
    size = 0
    for path in (options.input, *options.more):
        with suppress(OSError):
            size += path.stat().st_size
    if not options.check or size < _WORTH_IT:
        yield None
        return
    beside = Beside()
    try:
        yield beside
    finally:
        beside.close()


def _imported() -> None:
    """Import while the batch opens its files."""
    import screen.batch.deciding.by_case  # noqa: F401


def _nothing() -> None:
    pass


def _load(rules: "RuleSource", screened_at: str | None) -> None:
    from screen.batch.deciding.by_case import be_ready

    be_ready(rules, "reference", screened_at)


def _decide(part: "Part") -> "list[Decision]":
    from screen.batch.deciding.by_case import decide_here

    return decide_here(part)
