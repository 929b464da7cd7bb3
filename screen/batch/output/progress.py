"""How far a batch is: a bar on a terminal, nothing in a pipe."""

import sys
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Any


class Progress:
    """Watches a batch; use as a context. Messages go to `say_line`, above the bar if it shows."""

    def __init__(self, say_line: Callable[[str], None]) -> None:
        self._say_line = say_line
        self._bar: Any = None
        self._task: Any = None
        self._cases = 0
        self._lock = Lock()

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            self._show()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def cases(self, more: int) -> None:
        """`more` cases are decided; heard from several threads."""
        with self._lock:
            self._cases += more
        if self._bar is not None:
            self._bar.update(self._task, cases=self._cases)

    def read(self, done: int, total: int) -> None:
        """`done` of `total` of the input was read."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total or None)

    def say(self, text: str) -> None:
        """Something a person should know."""
        self._say_line(text)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                cases, elapsed = task.fields["cases"], task.elapsed or 0
                rate = f", {cases / elapsed:,.0f}/s" if elapsed > 1 else ""
                return Text(f"{cases:,} cases{rate}")

        self._bar = Progress(
            BarColumn(),
            "{task.percentage:>3.0f} %",
            Rate(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, cases=0)
        self._bar.start()
