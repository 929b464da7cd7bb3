"""The one way in which the program writes a file: whole, on the disk, and then under its name.

Until then it has a name that nobody can have guessed. It is its owner's alone from its first
byte on, since it may hold a patient's data.
"""

import errno
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from screen import disk

UNFINISHED = r"\.[0-9a-f]{32}\.unfinished"
"""What stands behind the name of a file as long as it is being written, as a pattern."""


_BEGIN = 200  # bytes of a name, to which 44 are added; 255 are the most


class _Written(io.FileIO):
    """A file whose every write can be seen by the tests."""

    def write(self, data: Any, /) -> int:
        return disk.write(self.fileno(), data)


@contextmanager
def fresh(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name, in place of one that has it, when it is complete and on the
    disk. Raises OSError.
    """
    with _unfinished(path) as (file, name):
        yield file
        _complete(file)
        disk.rename(name, path)
    disk.sync_folder(path.parent)


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file, in place of one that has the name. Raises OSError."""
    with fresh(path) as file:
        file.write(data)


def write_new(path: Path, data: bytes) -> None:
    """Write a whole file under a name that is free. Raises OSError, FileExistsError."""
    with _unfinished(path) as (file, name):
        file.write(data)
        _complete(file)
        try:
            # Unlike a rename, it is refused where the name is taken.
            disk.add_name(name, path)
        except FileExistsError:
            raise
        except OSError:
            # Not every disk knows files with two names.
            if os.path.lexists(path):
                raise FileExistsError(path) from None
            disk.rename(name, path)
        else:
            disk.remove_file(name)
    disk.sync_folder(path.parent)


def unfinished(path: Path) -> Path:
    """A name beside `path` that nobody can have guessed, and that is not too long."""
    if not path.name:
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    begin = os.fsencode(path.name)[:_BEGIN].decode(errors="ignore")
    return path.with_name(f"{begin}.{secrets.token_hex(16)}.unfinished")


@contextmanager
def _unfinished(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    name = unfinished(path)
    raw = _Written(disk.make_file(name), "wb")
    try:
        with io.BufferedWriter(raw, 1 << 20) as file:
            yield file, name
    except BaseException:
        raw.close()
        with suppress(OSError):
            disk.remove_file(name)
        raise


def _complete(file: IO[bytes]) -> None:
    file.flush()
    disk.sync(file.fileno())
