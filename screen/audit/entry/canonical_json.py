"""One way to write a value as bytes, and the digest of bytes."""

import hashlib
from json import JSONEncoder
from pathlib import Path
from typing import Any

from screen.files import open_file

Json = dict[str, Any]

_BLOCK = 1 << 20

_encoder = JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_bytes(value: object) -> bytes:
    """JSON with sorted keys, no spaces and ASCII only: equal values are equal bytes.

    Raises ValueError for NaN and infinities, which no record holds.
    """
    return _encoder.encode(value).encode("ascii")


def digest_of(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def digest_of_file(path: Path) -> str:
    """The digest of a regular file of any size. Raises OSError."""
    digest = hashlib.sha256()
    with open_file(path) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}"
