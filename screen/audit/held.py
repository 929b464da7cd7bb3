"""The ledger's file, open and locked for one writer.

The lock is on the file itself and not on a name, so that it is one lock through every link.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screen.files import open_regular

LOCK_SECONDS = 60
_POLL_SECONDS = 0.002


@contextmanager
def held(path: Path, *, make: bool) -> Iterator[int]:
    """A descriptor of the ledger that nobody else writes to; `make` makes one that is not there.

    A file that was replaced or removed while it was waited for is left, and the one that has the
    name now is taken. Raises TimeoutError, and OSError: for what is no regular file, too.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT if make else 0)
        handle = open_regular(path, flags)
        try:
            _lock(handle, deadline)
            if _has_the_name(handle, path):
                yield handle
                return
        finally:
            os.close(handle)


def _lock(handle: int, deadline: float) -> None:
    import fcntl

    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _has_the_name(handle: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    own = os.fstat(handle)
    return (named.st_dev, named.st_ino) == (own.st_dev, own.st_ino)
