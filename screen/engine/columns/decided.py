"""What a plan gives back: a line per case and protocol, and what it did not decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.engine.columns.facts.pool import reasons_of
from screen.engine.columns.facts.usable import Dropped
from screen.engine.columns.tables import Table
from screen.engine.columns.truths import Truths
from screen.engine.columns.verdicts import Codes, Wording

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Decided:
    """`verdicts`: row, case, protocol, verdict, fails, unknown, criteria (and reasons, a list
    with one text per criterion), a line per case and protocol, in the order of the rows.

    `unsure` holds the rows of the cases that were not decided. `codes` are those of the decided
    rows, by protocol. `table` is what was decided, `dropped` its records that do not count.
    """

    verdicts: "pa.Table"
    unsure: list[int]
    codes: Sequence[Codes]
    table: Table
    dropped: Sequence[Dropped]


def worded(
    wordings: Sequence[Wording],
    codes: Sequence[Codes],
    cases: "pa.ChunkedArray",
    rows: Any,
    first_row: int,
) -> dict[str, "pa.Array"]:
    """The columns of the verdicts of some rows."""
    import pyarrow as pa

    count = len(wordings)
    parts: dict[str, list[pa.Array]] = {}
    for wording, of in zip(wordings, codes, strict=True):
        for label, array in wording.words(of.numbers).items():
            parts.setdefault(label, []).append(array)
    ids = pa.array([wording.protocol.id for wording in wordings], pa.string())
    return {
        "row": pa.array(np.repeat(rows + first_row, count)),
        "case": pa.DictionaryArray.from_arrays(
            pa.array(np.repeat(rows.astype(np.int32), count)), _one_chunk(cases)
        ),
        "protocol": pa.DictionaryArray.from_arrays(
            pa.array(np.tile(np.arange(count, dtype=np.int32), len(rows))), ids
        ),
        **{label: _interleaved(arrays) for label, arrays in parts.items()},
    }


def reasons_column(wordings: Sequence[Wording], judging: Truths, rows: Any) -> "pa.Array":
    """For every line a list: the reasons of each criterion, joined by a space."""
    import pyarrow as pa

    lists = []
    for wording in wordings:
        bits = [judging.judge(c.when).reasons()[rows].tolist() for c in wording.protocol.criteria]
        words = [
            [" ".join(r.value for r in reasons_of(b)) for b in row]
            for row in zip(*bits, strict=True)
        ]
        lists.append(words)
    lines = [line for case in zip(*lists, strict=True) for line in case]
    return pa.array(lines, pa.list_(pa.string()))


def _one_chunk(texts: "pa.ChunkedArray") -> "pa.StringArray":
    import pyarrow as pa

    return pa.concat_arrays(texts.cast(pa.string()).chunks or [pa.array([], pa.string())])


def _interleaved(arrays: "Sequence[pa.DictionaryArray]") -> "pa.DictionaryArray":
    """Row 0 of every array, then row 1 of every array, and so on, over one dictionary."""
    import pyarrow as pa

    offset, indices, words = 0, [], []
    for array in arrays:
        indices.append(array.indices.to_numpy() + np.int32(offset))
        words.append(array.dictionary)
        offset += len(array.dictionary)
    unified = pa.concat_arrays(words).dictionary_encode()
    mapped = unified.indices.to_numpy()[np.stack(indices, axis=1).ravel()]
    return pa.DictionaryArray.from_arrays(pa.array(mapped), unified.dictionary)
