"""One way to write a value as bytes."""

from json import JSONEncoder
from typing import Any

Json = dict[str, Any]

_encoder = JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_bytes(value: object) -> bytes:
    """JSON with sorted keys, no spaces and ASCII only: equal values are equal bytes.

    Raises ValueError for NaN and infinities, which no record holds.
    """
    return _encoder.encode(value).encode("ascii")
