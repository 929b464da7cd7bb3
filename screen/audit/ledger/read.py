"""Reading a ledger from its first byte to its last, with everything that is wrong.

Nothing is skipped: each byte belongs to an entry, to a fragment that the next entry declares,
or to a fault.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from io import BufferedReader
from pathlib import Path
from typing import Any

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.entry_form import misfit
from screen.audit.failures import cannot_read, no_such_file
from screen.audit.ledger.line import LONGEST, Entry, begins, is_sealed, may_be_sealed, opened
from screen.files import open_file, reason_of
from screen.locks import locked, unlock

_BLOCK = 1 << 20
_BEGINNING = 32
_MOST_NAMED = 1000
_PATIENCE = 5


class Fault(Enum):
    """What is wrong with a place in the ledger, in words."""

    CHANGED = "is damaged: its bytes are not those that its hash was made from"
    FORM = "is not written as this program writes: its bytes are not those of what it says"
    MISFIT = "is sealed, but {detail}"
    MORE = "is one of {detail} lines in a row that are no entries"
    TORN = "is torn: {detail} bytes of an entry that was never finished, or was cut off"
    NO_LINE_END = "is whole, but its line break is missing: it was cut off"
    NUMBER = "stands where entry {detail} belongs: entries were removed, repeated or moved"
    CHAIN = "does not follow the entry before it: that one was changed, removed or replaced"
    FRAGMENT = "declares an unfinished entry before it, and those bytes are changed or gone"


@dataclass(frozen=True, slots=True)
class Found:
    """A fault at `entry` (the number that it has or would have), in `line` of the file.

    `line` is 0 where the number says it.
    """

    fault: Fault
    entry: int
    line: int
    detail: str = ""

    @property
    def text(self) -> str:
        """`entry 12 (line 12) is damaged: ...`."""
        words = self.fault.value.format(detail=self.detail)
        at = f" (line {self.line})" if self.line else ""
        return f"entry {self.entry}{at} {words}"


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

    What other writers add after the call is not looked at, and nothing is written, nor waited
    for. Raises ProblemsFound if the file cannot be read.
    """
    try:
        with BufferedReader(open_file(path), 1 << 20) as file:
            yield from read_entries(file, _size(file.fileno()))
    except FileNotFoundError:
        raise no_such_file(path) from None
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None


def read_formed(path: Path) -> Iterator[Item]:
    """As `read_ledger`; an entry that has not the form of its kind is a fault and no entry."""
    for item in read_ledger(path):
        wrong = misfit(item.body) if isinstance(item, Entry) else ""
        yield (
            Found(Fault.MISFIT, item.number, 0, wrong)
            if isinstance(item, Entry) and wrong
            else item
        )


def read_entries(file: "BufferedReader[Any]", size: int) -> Iterator[Item]:
    """As `read_ledger`, for the first `size` bytes of an open file. Raises OSError."""
    return _Reader().items(file, size)


def _size(handle: int) -> int:
    """The size between two writes: a moment in which nobody holds the file for writing."""
    try:
        if locked(handle, _PATIENCE, shared=True):
            size = os.fstat(handle).st_size
            unlock(handle)
            return size
    except OSError:  # a disk that knows no locks
        pass
    return os.fstat(handle).st_size


class _Odd:
    """What stands between two entries: how much it is, and its digest; the bytes are not kept.

    The last byte is not among them: before an entry it is the line break that the entry began
    with.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.bytes = 0
        self.begins = b""
        self.badly_formed = 0
        self._digest = hashlib.sha256()
        self._last = b""

    def add(self, data: bytes) -> None:
        self.begins = (self.begins + data[:_BEGINNING])[:_BEGINNING]
        self._digest.update(self._last)
        self._digest.update(memoryview(data)[:-1])
        self._last = data[-1:]
        self.bytes += len(data)

    @property
    def ends_a_line(self) -> bool:
        return self._last == b"\n"

    @property
    def declared(self) -> Json:
        """What an entry says of it that follows."""
        return {"bytes": self.bytes - 1, "digest": f"sha256:{self._digest.hexdigest()}"}


class _Reader:
    """Holds back what is no entry until the next entry says what it is."""

    def __init__(self) -> None:
        self._number = 0
        self._hash: str | None = None
        self._is_sure = True
        self._line = 0
        self._odd = _Odd()

    def items(self, file: "BufferedReader[Any]", size: int) -> Iterator[Item]:
        left = size
        while left:
            left -= self._skipped(file, left)
            line = file.readline(min(left, _BLOCK))
            if not line:
                break
            self._line += 1
            left -= len(line)
            if not line.endswith(b"\n") and left:
                more, whole = self._rest(file, line, left)
                left -= more
                if whole is None:
                    continue
                line = whole
            entry = opened(line)
            if entry is None:
                self._odd.lines += 1
                self._odd.badly_formed += is_sealed(line)
                self._odd.add(line)
                continue
            yield from self._before(entry)
            yield from self._chained(entry)
            if not line.endswith(b"\n"):
                yield Found(Fault.NO_LINE_END, entry.number, self._line)
        yield from self._at_the_end()

    def _skipped(self, file: "BufferedReader[Any]", left: int) -> int:
        """After a line that is no entry: skip those that follow it and are none, many at once.

        A gigabyte of line breaks is looked at in seconds.
        """
        if not self._odd.lines:
            return 0
        ahead = file.peek(1)[:left]
        sealed = may_be_sealed(ahead)
        data = file.read(ahead.rfind(b"\n", 0, len(ahead) if sealed is None else sealed) + 1)
        lines = data.count(b"\n")
        self._line += lines
        self._odd.lines += lines
        if data:
            self._odd.add(data)
        return len(data)

    def _rest(
        self, file: "BufferedReader[Any]", line: bytes, left: int
    ) -> tuple[int, bytes | None]:
        """The rest of a long line: how many bytes, and the line if it may be an entry.

        What cannot be one goes to what is odd, piece by piece.
        """
        pieces: list[bytes] | None = [line] if begins(line) else None
        if pieces is None:
            self._odd.lines += 1
            self._odd.add(line)
        read, held = 0, len(line)
        while read < left and (piece := file.readline(min(left - read, _BLOCK))):
            read += len(piece)
            if pieces is None:
                self._odd.add(piece)
            else:
                pieces.append(piece)
                held += len(piece)
                if held > LONGEST:
                    self._odd.lines += 1
                    for one in pieces:
                        self._odd.add(one)
                    pieces = None
            if piece.endswith(b"\n"):
                break
        return read, None if pieces is None else b"".join(pieces)

    def _before(self, entry: Entry) -> Iterator[Item]:
        """What stood between the last entry and this one."""
        odd, torn = self._odd, entry.body.get("torn")
        if torn is not None and odd.bytes and torn == odd.declared:
            yield Fragment(entry.number, odd.bytes - 1)
        else:
            yield from self._damage(self._line - 1)
            if torn is not None:
                yield Found(Fault.FRAGMENT, entry.number, self._line)
        self._odd = _Odd()

    def _damage(self, last: int) -> Iterator[Found]:
        """The odd lines, the last of which is `last`; the first of them by name."""
        lines = self._odd.lines
        if not lines:
            return
        first = last - lines + 1
        fault = Fault.FORM if self._odd.badly_formed == lines else Fault.CHANGED
        for offset in range(min(lines, _MOST_NAMED)):
            yield Found(fault, self._number + 1 + offset, first + offset)
        if lines > _MOST_NAMED:
            yield Found(Fault.MORE, self._number + 1, first, str(lines))
        self._is_sure = False
        self._number += lines

    def _chained(self, entry: Entry) -> Iterator[Item]:
        if entry.number != self._number + 1:
            yield Found(Fault.NUMBER, entry.number, self._line, str(self._number + 1))
        elif self._is_sure and entry.body["previous"] != self._hash:
            yield Found(Fault.CHAIN, entry.number, self._line)
        self._number, self._hash, self._is_sure = entry.number, entry.hash, True
        yield entry

    def _at_the_end(self) -> Iterator[Item]:
        odd = self._odd
        if not odd.bytes:
            return
        if begins(odd.begins) and not odd.ends_a_line:
            line = self._line - odd.lines + 1
            yield Found(Fault.TORN, self._number + 1, line, str(odd.bytes))
        else:
            yield from self._damage(self._line)
