"""The one way in which the program opens a file to read it: a regular file, and nothing else.

A pipe would be waited for, a device can have no end, and a name can lead to another file from
one call to the next. So a file is looked at before it is opened (opening some devices does
something), opened without waiting, and looked at again through its descriptor.
"""

import errno
import hashlib
import io
import os
import stat
import time
from pathlib import Path
from typing import NamedTuple

from screen.problems import Kind, Problem, ProblemsFound

_BLOCK = 1 << 20
_STEP = 0.02  # seconds; the clocks of file systems are finer than this
_NO_WAITING = os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class NotRegular(OSError):
    """A pipe, a device, a socket: nothing that can be read to its end."""


class TooLarge(OSError):
    """More bytes than may be read."""


class Changed(OSError):
    """Other bytes, or another file, than when it was first opened."""


class Identity(NamedTuple):
    """Which file it is, and which state of it: equal identities are equal bytes.

    `changed` is set by the system whenever anything is written, and by nobody else.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def is_there(path: Path) -> bool:
    """Whether a link leads to something, or something has the name. Whatever it is: no error."""
    return os.path.exists(path)  # noqa: PTH110 -- Path.exists raises for names that are too long


def is_folder(path: Path) -> bool:
    """Whether it is a folder, or a link to one. Whatever the path is: no error."""
    return os.path.isdir(path)  # noqa: PTH112 -- as above


def open_regular(
    path: Path, flags: int = os.O_RDONLY, mode: int = 0o600, *, follow: bool = True
) -> int:
    """A descriptor of the regular file at `path`; `flags` and `mode` as in `os.open`.

    It never waits. `follow`: a link may stand in the file's place. Raises OSError: NotRegular
    for what is no regular file, IsADirectoryError for a folder.
    """
    try:
        _check(path.stat(follow_symlinks=follow))
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    except ValueError as error:
        raise OSError(errno.EINVAL, "a bad path") from error
    flags |= _NO_WAITING | (0 if follow else os.O_NOFOLLOW)
    handle = os.open(path, flags, mode)
    try:
        _check(os.fstat(handle))
    except OSError:
        os.close(handle)
        raise
    return handle


def open_file(path: Path) -> io.FileIO:
    """A regular file to read, unbuffered. Raises OSError as `open_regular` does."""
    return io.FileIO(open_regular(path), "rb")


def read_file(path: Path, largest: int, *, follow: bool = True) -> bytes:
    """All bytes of a regular file. Raises OSError: TooLarge beyond `largest` bytes, Changed if
    it was written to meanwhile.
    """
    handle = open_regular(path, follow=follow)
    try:
        before = identity_of(handle)
        if before.size > largest:
            raise TooLarge(errno.EFBIG, "it is too large")
        blocks = []
        room = largest + 1
        while room and (block := os.read(handle, min(room, _BLOCK))):
            blocks.append(block)
            room -= len(block)
        if not room:
            raise TooLarge(errno.EFBIG, "it is too large")
        check_unchanged(before, identity_of(handle))
        return b"".join(blocks)
    finally:
        os.close(handle)


def identity_of(handle: int) -> Identity:
    """Which file a descriptor belongs to, and in which state it is. Raises OSError."""
    status = os.fstat(handle)
    return Identity(
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )


def check_unchanged(before: Identity, after: Identity) -> None:
    """Raises Changed unless both are the same file in the same state.

    A name or a mode that was changed counts too: the system keeps one time for all of it.
    """
    if before != after:
        raise Changed(errno.ESTALE, "it was changed while it was read; run it again")


class SameFile:
    """A file that is opened several times, and has to be the same each time.

    `name` is what people know it by.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self._first: Identity | None = None

    def open(self) -> io.FileIO:
        """The file, from its beginning. Raises OSError: Changed if it is no longer the same."""
        handle = open_regular(self.path)
        try:
            self.check(handle)
        except OSError:
            os.close(handle)
            raise
        return io.FileIO(handle, "rb")

    def check(self, handle: int) -> None:
        """Raises Changed if the file was written to, or replaced, since it was first opened."""
        if self._first is None:
            self._first = _settled(handle)
        check_unchanged(self._first, identity_of(handle))

    def digest(self) -> str:
        """The SHA-256 of its bytes, which are those that were read. Raises ProblemsFound."""
        hashed = hashlib.sha256()
        try:
            with self.open() as file:
                while block := file.read(_BLOCK):
                    hashed.update(block)
                self.check(file.fileno())
        except OSError as error:
            raise refusal(error, self.name) from error
        return f"sha256:{hashed.hexdigest()}"


def unreadable(error: OSError | ValueError, name: str, largest: str = "") -> Problem:
    """Why the file called `name` cannot be read; `largest` is its bound, in words."""
    if isinstance(error, FileNotFoundError):
        return Problem(Kind.MISSING_FILE, name)
    if isinstance(error, IsADirectoryError):
        return Problem(Kind.FOLDER, name)
    if isinstance(error, TooLarge):
        return Problem(Kind.TOO_LARGE, name, detail=largest)
    return Problem(Kind.UNREADABLE, name, detail=reason_of(error))


def refusal(error: OSError | ValueError, name: str, largest: str = "") -> ProblemsFound:
    """As `unreadable`, to be raised."""
    return ProblemsFound([unreadable(error, name, largest)])


def reason_of(error: OSError | ValueError) -> str:
    """The system's own words for what is wrong, without a path."""
    words = getattr(error, "strerror", None)
    if not words:
        return "a bad path" if isinstance(error, ValueError) else str(error) or "it cannot be"
    return f"{words[:1].lower()}{words[1:]}"


def _settled(handle: int) -> Identity:
    """The identity of a file, after a moment if it is so young that a change might not show.

    The system's clock goes in steps, and a file that is written to twice within one has one time.
    """
    age = time.time() - identity_of(handle).changed / 1e9
    if 0 <= age < _STEP:
        time.sleep(_STEP - age)
    return identity_of(handle)


def _check(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise NotRegular(errno.EINVAL, "it is no regular file")
