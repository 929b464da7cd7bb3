"""What an input hands out: a part to decide, and what was refused before it came to that."""

from dataclasses import dataclass

from screen.batch.inputs.part import AnyPart
from screen.batch.tables.block import Reject


@dataclass(frozen=True, slots=True)
class Delivery:
    """`refused_cases` is how many cases the `rejects` are; `lost_rows` are rows that belong to
    no case that is known (long tables only). `refused_ids` are the ids of refused cases, where
    they can be read: the same case may stand in a good row, too.
    """

    part: AnyPart | None
    rejects: tuple[Reject, ...] = ()
    refused_cases: int = 0
    lost_rows: int = 0
    refused_ids: tuple[str, ...] = ()
