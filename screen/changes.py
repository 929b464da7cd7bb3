"""What is not as it was: what was recorded of a file, held to what it is now."""

from collections.abc import Iterator
from dataclasses import dataclass

CHANGED, GONE = "has changed since", "is gone"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was: `what` it is, and `how` it differs, in words.

    `role` is `rules`, `input`, `site`, `output` or `program`.
    """

    role: str
    what: str
    how: str

    @property
    def text(self) -> str:
        """`rule file protocols/x/protocol.yaml has changed since`."""
        return f"{self.what} {self.how}"


def changed(role: str, what: str, was: object, now: object, how: str = CHANGED) -> Iterator[Change]:
    """The change of `what`, if it is not what it `was`; `how` says it in words."""
    if was != now:
        yield Change(role, what, how)
