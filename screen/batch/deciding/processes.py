"""Processes that end with the batch that started them."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

from screen.problems import ProblemsFound

Made = TypeVar("Made")


class Processes:
    """New processes, in each of which `ready(*arguments)` is called first.

    What that finds wrong (ProblemsFound) is what all work that is begun comes to.
    """

    def __init__(self, count: int, ready: Callable[..., None], *arguments: Any) -> None:
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=get_context("spawn"),
            initializer=_start,
            initargs=(ready, *arguments),
        )

    def begin(self, work: Callable[..., Made], *arguments: Any) -> "Future[Made]":
        """Begin with some work in the next free process; the result is waited for."""
        return self._pool.submit(_worked, work, *arguments)

    def close(self) -> None:
        """End the processes; what has not begun is not begun."""
        self._pool.shutdown(cancel_futures=True)


# What was wrong when this process got ready.
_found: ProblemsFound | None = None


def _start(ready: Callable[..., None], *arguments: Any) -> None:
    global _found  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    try:
        ready(*arguments)
    except ProblemsFound as found:
        _found = found


def _worked(work: Callable[..., Made], *arguments: Any) -> Made:
    if _found is not None:
        raise _found
    return work(*arguments)


def _follow_parent() -> None:
    """End with the process that started this one, even if that was killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
