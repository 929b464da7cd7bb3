"""The lock of a work folder: one run at a time, and never on a file that is not ours."""

import os
import stat
from pathlib import Path

from screen import disk, locks
from screen.problems import Kind, Problem, ProblemsFound


def locked(folder: Path, name: str, shown: str) -> int | None:
    """A descriptor that holds the lock; None if folder or lock were removed meanwhile.

    Raises ProblemsFound if another run holds it (`shown` is what both would write), or if the
    file is not ours; OSError.
    """
    path = folder / name
    try:
        handle = disk.open_lock(path)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(handle)
        # A file with a second name may be anybody's.
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or status.st_size:
            raise ProblemsFound([Problem(Kind.NOT_OURS, str(path))])
        if not locks.locked(handle):
            raise ProblemsFound([Problem(Kind.OUTPUT_BUSY, shown)])
        if not locks.has_name(handle, path, follow=False):
            os.close(handle)
            return None
    except BaseException:
        os.close(handle)
        raise
    return handle
