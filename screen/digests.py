"""Digests of bytes and of files, as manifests and ledgers hold them."""

import hashlib
from pathlib import Path

from screen.files import open_file

_BLOCK = 1 << 20


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
