"""Working ahead: several items at once, in threads, and the results in the order of the items."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


class Ahead:
    """Threads of a batch. The databases and Arrow compute outside of Python's lock, so that
    threads use all processors, and parts need not be copied to other processes.
    """

    def __init__(self, threads: int, pool: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._pool = pool

    def in_order(
        self, items: Iterator[Item], start: Callable[[Item], Callable[[], Made]]
    ) -> Iterator[tuple[Item, Made]]:
        """Each item with what `start(item)()` makes of it.

        `start` runs here, in order; what it gives back runs in a thread, at most one item more
        than there are threads at a time, so that memory stays flat. The first item that fails
        raises here, when its turn has come.
        """
        waiting: deque[tuple[Item, Future[Made]]] = deque()
        for item in items:
            waiting.append((item, self._pool.submit(start(item))))
            if len(waiting) > self._threads:
                yield _done(waiting)
        while waiting:
            yield _done(waiting)


@contextmanager
def working_ahead(threads: int) -> Iterator[Ahead]:
    """Threads that end with the context; what has not begun by then is not begun."""
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield Ahead(threads, pool)
        finally:
            pool.shutdown(cancel_futures=True)


_END: Any = object()


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items, each of them made in a thread while the one before it is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item


def _done(waiting: "deque[tuple[Item, Future[Made]]]") -> tuple[Item, Made]:
    item, future = waiting.popleft()
    return item, future.result()
