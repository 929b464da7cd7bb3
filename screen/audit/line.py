"""One entry as one line of the ledger, sealed with its own hash.

The hash covers the line's canonical JSON without the hash itself, and the entry holds the hash
of the entry before it. Every byte of the line, the line break too, is either hashed or fixed.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from screen.audit.canonical import Json, canonical_bytes

PREFIX = b'{"_ledger":1,'
"""What every entry starts with: the version of this format. "_" sorts before all other keys."""

_BEFORE, _AFTER = b',"hash":"sha256:', b'"}'
_HEX = 64
_SEAL = len(_BEFORE) + _HEX + len(_AFTER)


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
        """`case`, `batch`, `note` or `signature`."""
        return str(self.body["kind"])


def sealed(body: Json) -> tuple[bytes, str]:
    """The line of an entry, with its line break, and the entry's hash."""
    text = canonical_bytes({"_ledger": 1, **body})
    digest = hashlib.sha256(text).hexdigest()
    return text[:-1] + _BEFORE + digest.encode("ascii") + _AFTER + b"\n", f"sha256:{digest}"


def opened(line: bytes) -> Entry | None:
    """The entry in a line, with or without its line break; None if a single bit is not right."""
    text = line[:-1] if line.endswith(b"\n") else line
    seal = text[-_SEAL:]
    if not (text.startswith(PREFIX) and seal.startswith(_BEFORE) and seal.endswith(_AFTER)):
        return None
    body = text[:-_SEAL] + b"}"
    digest = hashlib.sha256(body).hexdigest()
    if seal[len(_BEFORE) : -len(_AFTER)] != digest.encode("ascii"):
        return None
    value = _value(body)
    if value is None or not _is_entry(value):
        return None
    return Entry(value, f"sha256:{digest}")


def _value(body: bytes) -> Any:
    """What stands in the bytes; None for bytes that somebody sealed without their being JSON."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None


def _is_entry(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    number, previous = value.get("number"), value.get("previous")
    return (
        type(number) is int
        and number > 0
        and isinstance(value.get("kind"), str)
        and (previous is None or isinstance(previous, str))
    )
