"""Reading a file that nobody else may read."""

import os
import stat
from pathlib import Path

from screen.audit.failures import cannot_read
from screen.files import open_regular, reason_of

_LARGEST = 1 << 14


def read_secret(path: Path, because: str) -> bytes:
    """What a key file holds. Raises ProblemsFound for one that is another's, or that others may
    read: `because` says what follows from that.
    """
    try:
        handle = open_regular(path)
        try:
            status = os.fstat(handle)
            data = os.read(handle, _LARGEST)
        finally:
            os.close(handle)
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise cannot_read(path, f"others may read it, {because}; say chmod 600")
    if status.st_uid != os.geteuid():
        raise cannot_read(path, f"it belongs to another account, {because}")
    return data
