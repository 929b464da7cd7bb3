"""Keeping a patient out of a ledger: keyed pseudonyms."""

import hashlib
import hmac
import os
import re
import stat
from pathlib import Path

from screen.audit.failures import cannot_read, reason_of
from screen.files import open_file

_LARGEST = 4096

_FORM = re.compile(rb"[0-9a-f]{64}\n")
_FEWEST_DIGITS = 6  # different ones; of 64 drawn by lot there are more, for certain


def read_case_key(path: Path) -> bytes:
    """A site's key for case identifiers, as `audit keygen --case-key` makes it.

    Raises ProblemsFound for any other file, and for one that others may read.
    """
    try:
        with open_file(path) as file:
            status = os.fstat(file.fileno())
            key = file.read(_LARGEST)
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise cannot_read(path, "others may read it, so it hides nobody; say chmod 600")
    if not _FORM.fullmatch(key) or len(set(key)) <= _FEWEST_DIGITS:
        raise cannot_read(path, "it is no key that audit keygen --case-key made")
    return key.strip()


def keyed(case_id: str, key: bytes) -> str:
    """The case's identifier as HMAC-SHA256 under the site's key."""
    return f"hmac-sha256:{hmac.new(key, case_id.encode(), hashlib.sha256).hexdigest()}"
