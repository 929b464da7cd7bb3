"""The one way in which the program locks a file: `flock` on a descriptor that is open already.

The lock is on the file and not on a name, so it is one lock through every link, nothing lies
beside what it guards, a reader takes it without writing, and it dies with its process. The
libraries for locks (filelock) open a file of their own by its name: it would lie beside a ledger
that is to be one file, and nobody could look at what was opened before it is locked.
"""

import os
import time
from pathlib import Path

_POLL_SECONDS = 0.002


def locked(handle: int, seconds: float = 0, *, shared: bool = False) -> bool:
    """Lock an open file; False if others hold it for so many seconds. Closing it unlocks it.

    `shared`: others may share it, but nobody may hold it alone. Raises OSError where the disk
    knows no locks.
    """
    import fcntl

    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True


def unlock(handle: int) -> None:
    """Let go of a lock before its file is closed."""
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_UN)


def has_name(handle: int, path: Path, *, follow: bool = True) -> bool:
    """Whether `path` still leads to the open file: while a lock is waited for, it may be replaced.

    `follow`: also through a link. Raises OSError.
    """
    try:
        named = path.stat(follow_symlinks=follow)
    except FileNotFoundError:
        return False
    own = os.fstat(handle)
    return (named.st_dev, named.st_ino) == (own.st_dev, own.st_ino)
