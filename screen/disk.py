"""Every call with which the program changes something on the disk.

They stand in one place so that tests can stop the program before and after each of them.
"""

import os
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_LOCK = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW


def make_folder(path: Path, mode: int = 0o700) -> None:
    """Make a folder that nobody else may look into. Raises FileExistsError if the name is taken."""
    path.mkdir(mode)


def make_file(path: Path) -> int:
    """A descriptor of a new file, for its owner alone. Raises FileExistsError for a name that is
    taken, by a link too.
    """
    return os.open(path, _NEW, 0o600)


def make_store(path: Path) -> int:
    """As `make_file`, to be read too."""
    return os.open(path, _NEW & ~os.O_WRONLY | os.O_RDWR, 0o600)


def open_lock(path: Path) -> int:
    """A descriptor of a file that may be there already, and no link. It is never emptied."""
    return os.open(path, _LOCK, 0o600)


def write(handle: int, data: bytes | memoryview) -> int:
    """Write to a file; gives how many bytes went."""
    return os.write(handle, data)


def sync(handle: int) -> None:
    """Put a file on the disk."""
    os.fsync(handle)


def sync_folder(path: Path) -> None:
    """Put the names in a folder on the disk."""
    handle = os.open(path, _FOLDER)
    try:
        sync(handle)
    finally:
        os.close(handle)


def rename(old: Path, new: Path) -> None:
    """Give a file or folder another name, in one step. A file that has it already is replaced."""
    os.replace(old, new)  # noqa: PTH105 -- one call for both, seen as such by the tests


def add_name(old: Path, new: Path) -> None:
    """Give a file a second name. Raises FileExistsError if it is taken."""
    os.link(old, new, follow_symlinks=False)


def set_mode(path: Path, mode: int) -> None:
    """Set who may use a file or folder."""
    path.chmod(mode)


def remove_file(path: Path) -> None:
    """Remove one name of a file; never follows a link."""
    path.unlink()


def remove_folder(path: Path) -> None:
    """Remove a folder in which nothing is left."""
    path.rmdir()
