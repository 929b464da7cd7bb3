"""One entry as one line of the ledger, sealed with its own hash.

The hash covers the line's canonical JSON without the hash itself, and the entry holds the hash
of the entry before it. Every byte of the line, the line break too, is either hashed or fixed.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from screen.audit.entry.canonical_json import Json, canonical_bytes

FORMAT = 2
"""The form in which entries are written. 1 is that of 0.1.0, without the account."""

FORMATS = (1, 2)
LONGEST = 32 << 20
"""No entry is longer, so nothing longer is held to see whether it is one."""

_BEFORE, _AFTER = b',"hash":"sha256:', b'"}'
_HEX = 64
_SEALED = re.compile(rb',"hash":"sha256:[0-9a-f]{64}"}\n')
_SEAL = len(_BEFORE) + _HEX + len(_AFTER)
# "_" sorts before all other keys, so the format is what every entry starts with.
_PREFIXES = tuple(b'{"_ledger":%d,' % number for number in FORMATS)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry whose own hash is right. `hash` is `sha256:` and 64 hexadecimal digits."""

    body: Json
    hash: str

    @property
    def number(self) -> int:
        """Its place in the ledger, from 1."""
        return int(self.body["number"])

    @property
    def kind(self) -> str:
        """`case`, `batch`, `note`, `signature` or `continues`."""
        return str(self.body["kind"])

    @property
    def format(self) -> int:
        """The form that it is written in."""
        return int(self.body["_ledger"])


def sealed(body: Json) -> tuple[bytes, str]:
    """The line of an entry, with its line break, and the entry's hash."""
    text = canonical_bytes({"_ledger": FORMAT, **body})
    digest = hashlib.sha256(text).hexdigest()
    return text[:-1] + _BEFORE + digest.encode("ascii") + _AFTER + b"\n", f"sha256:{digest}"


def begins(data: bytes) -> bool:
    """Whether an entry may begin with these bytes, however few they are."""
    return any(data.startswith(prefix) or prefix.startswith(data) for prefix in _PREFIXES)


def is_sealed(line: bytes) -> bool:
    """Whether the hash is that of the line, whatever stands in it."""
    text = line[:-1] if line.endswith(b"\n") else line
    seal = text[-_SEAL:]
    if not (text.startswith(_PREFIXES) and seal.startswith(_BEFORE) and seal.endswith(_AFTER)):
        return False
    digest = hashlib.sha256(memoryview(text)[:-_SEAL])
    digest.update(b"}")
    return seal[len(_BEFORE) : -len(_AFTER)] == digest.hexdigest().encode("ascii")


def may_be_sealed(data: bytes) -> int | None:
    """Where in `data` the first seal stands that a line ends with; None if none does."""
    found = _SEALED.search(data)
    return found.start() if found else None


def follows(line: bytes, before: bytes) -> bool:
    """Whether a sealed line names the sealed line `before` it (empty: none), by the bytes alone."""
    hashed = b'"sha256:%s"' % before[-_HEX - len(_AFTER) - 1 : -len(_AFTER) - 1]
    return b',"previous":%s,' % (hashed if before else b"null") in line


def opened(line: bytes) -> Entry | None:
    """The entry in a line, with or without its line break.

    None if a single bit is not right, or not written as `sealed` writes what stands there: a key
    twice, a blank, a number in another form, half a character.
    """
    if len(line) > LONGEST or not is_sealed(line):
        return None
    text = line[:-1] if line.endswith(b"\n") else line
    body = text[:-_SEAL] + b"}"
    value = _value(body)
    if value is None or not _is_entry(value):
        return None
    digest = text[-_HEX - len(_AFTER) : -len(_AFTER)].decode("ascii")
    return Entry(value, f"sha256:{digest}")


def _value(body: bytes) -> Any:
    """What stands in the bytes; None for bytes that `canonical_bytes` does not write."""
    try:
        value = msgspec.json.decode(body)
        return value if canonical_bytes(value) == body else None
    except (ValueError, RecursionError):
        return None


def _is_entry(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    number, previous = value.get("number"), value.get("previous")
    return (
        type(number) is int
        and number > 0
        and "previous" in value
        and isinstance(value.get("kind"), str)
        and (previous is None or isinstance(previous, str))
    )
