"""Processes that end with the batch that started them."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any


def processes(count: int, ready: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """A pool of new processes, in each of which `ready(*arguments)` is called first."""
    return ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(ready, *arguments),
    )


def _start(ready: Callable[..., None], *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    ready(*arguments)


def _follow_parent() -> None:
    """End with the process that started this one, even if that was killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
