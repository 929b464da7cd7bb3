"""The bytes of a file on their way to a parser: hashed, decompressed, and looked at."""

import codecs
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from screen.files import SameFile, open_file
from screen.intake.marked import MARK

_GZIP = b"\x1f\x8b"
_WHOLE = 1 << 20


class TruncatedInput(OSError):
    """A compressed file ends too early, or its contents are damaged."""


class HashedFile:
    """A file that hashes what is read from it. `position` is how many bytes were read.

    Raises OSError, at the end too if it was changed meanwhile.
    """

    def __init__(self, file: SameFile) -> None:
        self._same = file
        self._file = file.open()
        self._hash = hashlib.sha256()
        self.size = os.fstat(self._file.fileno()).st_size
        self.position = 0
        self.compressed = os.pread(self._file.fileno(), len(_GZIP), 0) == _GZIP

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size) or b""
        self._hash.update(data)
        self.position += len(data)
        return data

    def digest(self) -> str:
        """The digest of the whole file: what was not read yet is read now."""
        while self.read(_WHOLE):
            pass
        self._same.check(self._file.fileno())
        return f"sha256:{self._hash.hexdigest()}"

    def close(self) -> None:
        self._file.close()

    # What gzip and pyarrow ask of a file object.
    closed = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def _marked(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no text, as a mark and their hexadecimal digits."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return MARK + "".join(f"\\x{byte:02x}" for byte in bad), error.end


codecs.register_error("trialscreen.marked", _marked)


class TextBytes:
    """UTF-8 bytes of a text file, decompressed and decoded from `encoding`.

    `has_null` and `has_bad_text` turn true as soon as a null byte, or a mark, went through; whoever
    parses then has to look at the cells. What comes out is UTF-8 whatever went in: a parser that
    stumbles over other bytes loses their row. `encoding` None leaves the bytes as they are.
    """

    closed = False

    def __init__(self, file: SameFile, encoding: str | None = "utf-8") -> None:
        self.file = HashedFile(file)
        source: Any = self.file
        if self.file.compressed:
            source = gzip.GzipFile(fileobj=source, mode="rb")
        self._input: IO[bytes] = source
        self._is_utf8 = encoding is not None and codecs.lookup(encoding).name == "utf-8"
        self._decoder = encoding and codecs.getincrementaldecoder(encoding)("trialscreen.marked")
        self._pending = b""
        self._is_at_end = False
        self.has_null = False
        self.has_bad_text = False
        self._watch: Callable[[bytes], None] | None = None
        self._ahead = b""

    def skip(self, size: int) -> bool:
        """Leave out the next bytes. Whether more follow."""
        while size > 0 and (data := self.read(size)):
            size -= len(data)
        self._ahead = self.read(_WHOLE)
        return bool(self._ahead)

    def watch(self, watcher: Callable[[bytes], None]) -> None:
        """Let `watcher` see everything that is read from here on, and nothing at the end."""
        self._watch = watcher

    def read(self, size: int = -1) -> bytes:
        """The next bytes, no more than `size`: pyarrow relies on that."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            data = self._next(size)
        if self._watch is not None:
            self._watch(data)
        return data

    def _next(self, size: int) -> bytes:
        try:
            while not self._pending and not self._is_at_end:
                data = self._input.read(size)
                self._is_at_end = not data
                self._pending = self._as_utf8(data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise TruncatedInput("the compressed data is damaged or ends too early") from error
        size = len(self._pending) if size < 0 else size
        out, self._pending = self._pending[:size], self._pending[size:]
        if not self.has_null and b"\0" in out:
            self.has_null = True
        return out

    def _as_utf8(self, data: bytes) -> bytes:
        if not self._decoder:
            return data
        if self._is_utf8 and data.isascii() and data and not self._decoder.getstate()[0]:
            return data
        text = self._decoder.decode(data, final=not data)
        if MARK in text:
            self.has_bad_text = True
        return text.encode()

    def close(self) -> None:
        self.file.close()

    def readable(self) -> bool:
        return True


def file_digest(path: Path) -> str:
    """`sha256:…` of a file's bytes. Raises OSError."""
    with open_file(path) as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
