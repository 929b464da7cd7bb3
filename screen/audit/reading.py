"""Reading a ledger from its first byte to its last, with everything that is wrong.

Nothing is skipped: each byte belongs to an entry, to a fragment that the next entry declares,
or to a fault.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from screen.audit.canonical import digest_of
from screen.audit.failures import cannot_read, no_such_file, reason_of
from screen.audit.line import PREFIX, Entry, opened
from screen.audit.lock import unwritten
from screen.files import open_file

_LONGEST_LINE = 1 << 28


class Fault(Enum):
    """What is wrong with a place in the ledger, in words."""

    CHANGED = "is damaged: its bytes are not those that its hash was made from"
    TORN = "is torn: {detail} bytes of an entry that was never finished, or was cut off"
    NO_LINE_END = "is whole, but its line break is missing: it was cut off"
    NUMBER = "stands where entry {detail} belongs: entries were removed, repeated or moved"
    CHAIN = "does not follow the entry before it: that one was changed, removed or replaced"
    FRAGMENT = "declares an unfinished entry before it, and those bytes are changed or gone"


@dataclass(frozen=True, slots=True)
class Found:
    """A fault at `entry` (the number that it has or would have), in `line` of the file."""

    fault: Fault
    entry: int
    line: int
    detail: str = ""

    @property
    def text(self) -> str:
        """`entry 12 (line 12) is damaged: ...`."""
        words = self.fault.value.format(detail=self.detail)
        return f"entry {self.entry} (line {self.line}) {words}"


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a write that never finished left behind; `entry` declares it."""

    entry: int
    bytes: int

    @property
    def text(self) -> str:
        """One sentence for a person."""
        return (
            f"before entry {self.entry}: {self.bytes} bytes of an entry that was never "
            "finished (a kill, a full disk or a power cut) are kept in place"
        )


Item = Entry | Found | Fragment


def read_ledger(path: Path) -> Iterator[Item]:
    """Entries with faults and fragments between them, in the order of the file.

    What other writers add after the call is not looked at. Raises ProblemsFound if the file
    cannot be read.
    """
    try:
        with open_file(path) as raw, BufferedReader(raw, 1 << 20) as file:
            yield from read_entries(file, _size(raw.fileno()))
    except FileNotFoundError:
        raise no_such_file(path) from None
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None


def read_entries(file: BinaryIO, size: int) -> Iterator[Item]:
    """As `read_ledger`, for the first `size` bytes of an open file. Raises OSError."""
    return _Reader().items(file, size)


def _size(handle: int) -> int:
    """The size between two writes; on a disk that knows no locks there are none."""
    with suppress(OSError, TimeoutError), unwritten(handle):
        return os.fstat(handle).st_size
    return os.fstat(handle).st_size


class _Reader:
    """Holds back lines that are no entries until the next entry says what they are."""

    def __init__(self) -> None:
        self._number = 0
        self._hash: str | None = None
        self._is_sure = True
        self._line = 0
        self._odd: list[bytes] = []

    def items(self, file: BinaryIO, size: int) -> Iterator[Item]:
        left = size
        while left and (line := file.readline(min(left, _LONGEST_LINE))):
            left -= len(line)
            self._line += 1
            entry = opened(line)
            if entry is None:
                self._odd.append(line)
                continue
            yield from self._before(entry)
            yield from self._chained(entry)
            if not line.endswith(b"\n"):
                yield Found(Fault.NO_LINE_END, entry.number, self._line)
        yield from self._at_the_end()

    def _before(self, entry: Entry) -> Iterator[Item]:
        """What stood between the last entry and this one."""
        odd = b"".join(self._odd)[:-1]
        torn = entry.body.get("torn")
        if torn is not None and torn == {"bytes": len(odd), "digest": digest_of(odd)}:
            yield Fragment(entry.number, len(odd))
        else:
            yield from self._damage()
            if torn is not None:
                yield Found(Fault.FRAGMENT, entry.number, self._line)
        self._odd.clear()

    def _damage(self, after: int = 1) -> Iterator[Found]:
        first = self._line - len(self._odd) + 1 - after
        for offset in range(len(self._odd)):
            yield Found(Fault.CHANGED, self._number + 1 + offset, first + offset)
        if self._odd:
            self._is_sure = False
            self._number += len(self._odd)

    def _chained(self, entry: Entry) -> Iterator[Item]:
        if entry.number != self._number + 1:
            yield Found(Fault.NUMBER, entry.number, self._line, str(self._number + 1))
        elif self._is_sure and entry.body["previous"] != self._hash:
            yield Found(Fault.CHAIN, entry.number, self._line)
        self._number, self._hash, self._is_sure = entry.number, entry.hash, True
        yield entry

    def _at_the_end(self) -> Iterator[Item]:
        if not self._odd:
            return
        torn = b"".join(self._odd)
        begins = torn.startswith(PREFIX) or PREFIX.startswith(torn)
        if begins and not torn.endswith(b"\n"):
            line = self._line - len(self._odd) + 1
            yield Found(Fault.TORN, self._number + 1, line, str(len(torn)))
        else:
            yield from self._damage(after=0)
