"""Keeping a patient out of a ledger: keyed pseudonyms."""

import hashlib
import hmac
from pathlib import Path

from screen.audit.failures import cannot_read, not_accepted, reason_of

SHORTEST_KEY = 32
_LONGEST_KEY = 4096


def read_case_key(path: Path) -> bytes:
    """A site's key for case identifiers: 32 bytes or more, which nobody else may read.

    Raises ProblemsFound for a key that is too short to keep anything secret.
    """
    try:
        with path.open("rb") as file:
            key = file.read(_LONGEST_KEY).strip()
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None
    if len(key) < SHORTEST_KEY:
        raise not_accepted(
            "a case key", f"{len(key)} bytes", f"at least {SHORTEST_KEY} bytes long", str(path)
        )
    return key


def keyed(case_id: str, key: bytes) -> str:
    """The case's identifier as HMAC-SHA256 under the site's key."""
    return f"hmac-sha256:{hmac.new(key, case_id.encode(), hashlib.sha256).hexdigest()}"
