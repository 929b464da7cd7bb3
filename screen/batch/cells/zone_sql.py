"""The clocks of a zone as a function of the embedded database."""

from typing import Any

from screen.batch.mapping.zones import clocks_of

OFFSET_IN_ZONE = "offset_in_zone"


def add_zone(connection: Any, zone: str) -> None:
    """Make OFFSET_IN_ZONE known to `connection`.

    It takes a time without offset, in microseconds since 1970, and gives the offset that belongs
    to it or the reason why there is none (see `Clocks`); null for null, and outside 1900 to 2100.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    clocks = clocks_of(zone)
    starts = np.array(clocks.starts, np.int64)
    offsets = pa.array(clocks.offsets, pa.string())

    def offset_in_zone(times: Any) -> Any:  # the database evaluates these annotations
        column = times.combine_chunks()
        stretch = np.searchsorted(starts, column.fill_null(0).to_numpy(), side="right")
        return offsets.take(pc.if_else(column.is_valid(), pa.array(stretch), None))

    connection.create_function(
        OFFSET_IN_ZONE,
        offset_in_zone,
        ["BIGINT"],
        "VARCHAR",
        type="arrow",
        null_handling="special",
    )
