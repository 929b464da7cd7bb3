"""Keeping a patient out of a ledger: keyed pseudonyms."""

import hashlib
import hmac
import re
from pathlib import Path

from screen.audit.entry.entry_form import LEFT_OUT
from screen.audit.failures import cannot_read
from screen.audit.privacy.secret_file import read_secret

_FORM = re.compile(rb"([0-9a-f]{64})\n?")
_FEWEST = 8
"""Different digits of a key; one of 64 that were drawn has fewer once in 10 to the 20th."""


def read_case_key(path: Path) -> bytes:
    """A site's key for case identifiers, as `audit keygen --case-key` made it.

    Raises ProblemsFound for any other file, for one that others may read or that is another's,
    and for a key that nobody drew.
    """
    found = _FORM.fullmatch(read_secret(path, "so it keeps nothing secret"))
    if found is None:
        raise cannot_read(path, "it is no case key that audit keygen --case-key made")
    if len(set(found[1])) < _FEWEST:
        raise cannot_read(path, "its digits were not drawn: make a case key with audit keygen")
    return found[1]


def shown_case(case_id: str, key: bytes | None, *, redact: bool) -> str:
    """The identifier of a case as it is recorded: keyed, left out, or as it is."""
    if key is not None:
        return keyed(case_id, key)
    return LEFT_OUT if redact else case_id


def keyed(case_id: str, key: bytes) -> str:
    """The case's identifier as HMAC-SHA256 under the site's key."""
    text = case_id.encode("utf-8", "surrogatepass")
    return f"hmac-sha256:{hmac.new(key, text, hashlib.sha256).hexdigest()}"
