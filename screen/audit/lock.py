"""One writer of a ledger at a time: the lock is on the open file, whatever name leads to it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screen.files import open_regular

LOCK_SECONDS = 60
_POLL_SECONDS = 0.002


@contextmanager
def held(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of the ledger at `path`, which nobody else writes to until the context ends.

    Links, hard or symbolic, lead to one file and so to one lock; it is of use on one machine. A
    file that was replaced or removed while the writer waited is left, and the new one is opened.
    Raises OSError as `open_regular` does, and TimeoutError.
    """
    until = time.monotonic() + LOCK_SECONDS
    while True:
        handle = open_regular(path, flags)
        try:
            _wait(handle, fcntl.LOCK_EX, until)
            if _is_named(handle, path):
                yield handle
                return
        finally:
            os.close(handle)


@contextmanager
def unwritten(handle: int) -> Iterator[None]:
    """Nobody writes to an open ledger until the context ends; it is only read itself."""
    _wait(handle, fcntl.LOCK_SH, time.monotonic() + LOCK_SECONDS)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _wait(handle: int, kind: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _is_named(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    own = os.fstat(handle)
    return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)
