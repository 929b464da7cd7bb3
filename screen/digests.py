"""Digests of bytes and of files, as manifests and ledgers hold them."""

import hashlib
from collections.abc import Iterable
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


def combined_digest(files: Iterable[tuple[bytes, str]]) -> str:
    """The digest of several files together, from the name and the digest of each, in order.

    "" stands for the digest of a file that is gone.
    """
    combined = hashlib.sha256()
    for name, digest in files:
        hashed = bytes.fromhex(digest.removeprefix("sha256:"))
        combined.update(name + b"\0" + hashed)
    return f"sha256:{combined.hexdigest()}"
