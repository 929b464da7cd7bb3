"""An entry that somebody changed and sealed anew, as anybody can who may write to a ledger."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

Body = dict[str, Any]


def body_of(line: bytes) -> bytes:
    """What the hash of a line is made from."""
    return line[: line.rindex(b',"hash":')] + b"}"


def sealed_bytes(body: bytes) -> bytes:
    """A line with the hash of exactly these bytes."""
    digest = hashlib.sha256(body).hexdigest().encode()
    return body[:-1] + b',"hash":"sha256:' + digest + b'"}\n'


def forged(line: bytes, change: Callable[[Body], object], *, decided: bool = True) -> bytes:
    """The line after a change of what it says; `decided`: with the right digest of a decision."""
    entry = json.loads(body_of(line))
    change(entry)
    if decided and "facts" in entry:
        parts = ("screenings", "facts", "unrecorded", "quality")
        whole = {name: entry[name] for name in parts if name in entry}
        entry["decision"] = f"sha256:{hashlib.sha256(canonical(whole)).hexdigest()}"
    return sealed_bytes(canonical(entry))


def canonical(value: object) -> bytes:
    """The bytes that the program writes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
