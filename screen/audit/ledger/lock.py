"""The ledger's file, open and locked for one writer."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screen.files import open_regular
from screen.locks import has_name, locked

LOCK_SECONDS = 60


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
            if not locked(handle, deadline - time.monotonic()):
                raise TimeoutError
            if has_name(handle, path):
                yield handle
                return
        finally:
            os.close(handle)
