"""Appending to a ledger: one writer at a time, and an entry that counts is on the disk.

This program has no code that shortens, overwrites or replaces a ledger. What a killed writer
or a full disk leaves behind stays where it is, and the next entry says how many bytes of it
there are and what their digest is.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from screen.audit.canonical import Json, digest_of
from screen.audit.failures import cannot_write, reason_of
from screen.audit.line import PREFIX, Entry, opened, sealed
from screen.audit.lock import LOCK_SECONDS, held

_BLOCK = 1 << 16
_WRITING = os.O_RDWR | os.O_APPEND


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: what the next one follows. A new ledger has number 0 and no hash.

    `shelf` says which entry holds the conditions with a digest (see `record`).
    """

    number: int = 0
    hash: str | None = None
    shelf: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Tail:
    head: Head
    torn: bytes = b""
    lacks_line_end: bool = False


class _Damaged(Exception):
    """The end of the file is no entry, nor the beginning of one."""


class _Unreadable(Exception):
    """An entry that the reader would not open."""


def append(path: Path, make: Callable[[Head], Json]) -> Entry:
    """Add the entry that `make` builds from the head; when this returns, it is on the disk.

    `make` gives everything but `number` and `previous`. A `shelf` that it leaves out is that
    of the entry before. Raises ProblemsFound if the entry was not added, or if it is not known
    whether it reached the disk.
    """
    with _failures(path), held(path, _WRITING | os.O_CREAT) as handle:
        return _append(path, handle, make)


def check_appendable(path: Path) -> None:
    """Raise ProblemsFound if an entry could not be added now: no access, or a damaged end."""
    with _failures(path):
        try:
            with held(path, _WRITING) as handle:
                _tail_of(handle)
        except FileNotFoundError:
            folder = path.absolute().parent
            if not folder.is_dir():
                raise
            if not os.access(folder, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    """Whatever keeps an entry from being added, as a problem with the ledger."""
    try:
        yield
    except _Damaged:
        raise cannot_write(
            path,
            "its last entry is damaged, so nothing is added to it; audit verify says what is "
            "wrong. Keep this file and record in a new one",
        ) from None
    except _Unreadable:
        raise cannot_write(
            path, "it would hold text that is no Unicode: a name, or the path of a file"
        ) from None
    except TimeoutError:
        raise cannot_write(path, f"another writer has held it for {LOCK_SECONDS} s") from None
    except OSError as error:
        raise cannot_write(path, reason_of(error)) from None


def _append(path: Path, handle: int, make: Callable[[Head], Json]) -> Entry:
    is_new = os.fstat(handle).st_size == 0
    tail = _tail_of(handle)
    head = tail.head
    body = {"shelf": head.shelf, **make(head)}
    body |= {"number": head.number + 1, "previous": head.hash}
    if tail.torn:
        body["torn"] = {"bytes": len(tail.torn), "digest": digest_of(tail.torn)}
    line, digest = sealed(body)
    if opened(line) is None:
        # What cannot be read back would end the ledger for good.
        raise _Unreadable
    _write(handle, b"\n" + line if tail.torn or tail.lacks_line_end else line)
    os.fsync(handle)
    if is_new:
        _sync_folder(path)
    return Entry(body, digest)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _sync_folder(path: Path) -> None:
    """A new name in a folder is safe only when the folder is."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _tail_of(handle: int) -> _Tail:
    """The last entry, and what an unfinished write left after it."""
    start = size = os.fstat(handle).st_size
    block = _BLOCK
    data = b""
    while start:
        start = max(0, size - block)
        data = os.pread(handle, size - start, start)
        block *= 4
        tail = _tail_in(data, is_whole=start == 0)
        if tail is not None:
            return tail
    return _Tail(Head())


def _tail_in(data: bytes, *, is_whole: bool) -> _Tail | None:
    """The tail in the last bytes of the file; None if more of them are needed."""
    if data.endswith(b"\n"):
        start = data.rfind(b"\n", 0, -1) + 1
        if start == 0 and not is_whole:
            return None
        entry = opened(data[start:])
        if entry is None:
            raise _Damaged
        return _Tail(_head(entry))
    start = data.rfind(b"\n") + 1
    if start == 0 and not is_whole:
        return None
    entry = opened(data[start:])
    if entry is not None:
        return _Tail(_head(entry), lacks_line_end=True)
    return _torn_tail(data, start, is_whole=is_whole)


def _torn_tail(data: bytes, start: int, *, is_whole: bool) -> _Tail | None:
    """As `_tail_in`, for data whose last line, at `start`, is no whole entry.

    A second unfinished write may have followed the first, so the last entry is looked for.
    """
    end = start
    while True:
        if end == 0:
            if not is_whole:
                return None
            return _Tail(Head(), torn=_checked(data))
        first = data.rfind(b"\n", 0, end - 1) + 1
        if first == 0 and not is_whole:
            return None
        entry = opened(data[first:end])
        if entry is not None:
            return _Tail(_head(entry), torn=_checked(data[end:]))
        end = first


def _checked(torn: bytes) -> bytes:
    """`torn` if it may be the beginning of an entry.

    An entry that is whole but for its line break was changed, not torn.
    """
    begins = torn.startswith(PREFIX) or PREFIX.startswith(torn)
    if not begins or opened(torn[:-1]) is not None:
        raise _Damaged
    return torn


def _head(entry: Entry) -> Head:
    return Head(entry.number, entry.hash, dict(entry.body.get("shelf", {})))
