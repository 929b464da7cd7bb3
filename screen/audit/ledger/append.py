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

from screen import disk
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.entry_form import misfit
from screen.audit.failures import cannot_write, not_unicode
from screen.audit.ledger.line import LONGEST, Entry, begins, opened, sealed
from screen.audit.ledger.lock import LOCK_SECONDS, held
from screen.digests import digest_of
from screen.files import is_there, reason_of

_BLOCK = 1 << 16
_FURTHEST = 4 * LONGEST
"""So far back an entry is looked for; more bytes than that were not left by writers."""


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


def append(path: Path, make: Callable[[Head], Json]) -> Entry:
    """Add the entry that `make` builds from the head; when this returns, it is on the disk.

    `make` gives everything but `number` and `previous`. A `shelf` that it leaves out is that
    of the entry before. Raises ProblemsFound if the entry was not added, or if it is not known
    whether it reached the disk.
    """
    with _failures(path), held(path, make=True) as handle:
        return _append(handle, path, make)


def check_appendable(path: Path) -> None:
    """Raise ProblemsFound if an entry could not be added now: no access, or a damaged end."""
    with _failures(path):
        if not is_there(path) and not path.is_symlink():
            if not path.absolute().parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            if not os.access(path.absolute().parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        with held(path, make=False) as handle:
            _tail_of(handle)


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    """Whatever keeps an entry from being added, as a problem with the ledger."""
    try:
        yield
    except _Damaged:
        raise cannot_write(
            path,
            "its last entry is damaged, so nothing is added to it; audit verify says what is "
            "wrong. Keep it, and go on with audit continue",
        ) from None
    except FileNotFoundError:
        detail = "no such file or directory"
        if path.is_symlink():
            detail = "it is a link that leads nowhere"
        raise cannot_write(path, detail) from None
    except TimeoutError:
        raise cannot_write(path, f"another writer has held it for {LOCK_SECONDS} s") from None
    except OSError as error:
        raise cannot_write(path, reason_of(error)) from None


def _append(handle: int, path: Path, make: Callable[[Head], Json]) -> Entry:
    is_new = os.fstat(handle).st_size == 0
    tail = _tail_of(handle)
    head = tail.head
    body = {"shelf": head.shelf, **make(head)}
    body |= {"number": head.number + 1, "previous": head.hash}
    if tail.torn:
        body["torn"] = {"bytes": len(tail.torn), "digest": digest_of(tail.torn)}
    line, entry = read_back(path, body)
    _write(handle, b"\n" + line if tail.torn or tail.lacks_line_end else line)
    disk.sync(handle)
    if is_new:
        disk.sync_folder(Path(os.path.realpath(path)).parent)
    return entry


def read_back(path: Path, body: Json) -> tuple[bytes, Entry]:
    """The line of an entry, and the entry as every reader will find it.

    Raises ProblemsFound for what would not be read again: text that is no Unicode, or more than
    an entry holds.
    """
    try:
        line, _ = sealed(body)
    except (ValueError, RecursionError):
        raise cannot_write(path, "what is to be recorded cannot be written as JSON") from None
    if len(line) > LONGEST:
        raise cannot_write(path, f"the entry would be longer than {LONGEST >> 20} MB")
    entry = opened(line)
    if entry is None:
        raise not_unicode(path, body)
    if wrong := misfit(entry.body):
        raise cannot_write(path, wrong)
    return line, entry


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[disk.write(handle, data) :]


def _tail_of(handle: int) -> _Tail:
    """The last entry, and what an unfinished write left after it."""
    start = size = os.fstat(handle).st_size
    block = _BLOCK
    data = b""
    while start:
        if size - start >= _FURTHEST:
            raise _Damaged
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
    if not begins(torn) or opened(torn[:-1]) is not None:
        raise _Damaged
    return torn


def _head(entry: Entry) -> Head:
    return Head(entry.number, entry.hash, dict(entry.body.get("shelf", {})))
