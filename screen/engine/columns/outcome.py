"""What a plan gives back: a line per case and protocol, and what it did not decide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from screen.engine.columns.reasons import reasons_of
from screen.engine.columns.verdicts import Codes, Wording

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Decided:
    """`verdicts`: row, case, protocol, verdict, fails, unknown, criteria (and reasons, a list
    with one text per criterion), a line per case and protocol, in the order of the rows.

    `unsure` holds what was not decided: row positions of a wide table, case ids of a long one.
    `codes` are those of `verdicts.code_terms` for the decided rows, by protocol.
    """

    verdicts: "pa.Table"
    unsure: list[Any]
    codes: "Sequence[Codes]"

    def without(self, rows: Sequence[int]) -> "Decided":
        """The same without some of the decided rows."""
        if not rows:
            return self
        import numpy as np
        import pyarrow as pa

        count = len(self.codes)
        kept = ~np.isin(self.verdicts["row"].to_numpy()[::count], list(rows))
        return replace(
            self,
            verdicts=self.verdicts.filter(pa.array(np.repeat(kept, count))),
            codes=[Codes([number[kept] for number in of.numbers]) for of in self.codes],
        )

    def at_rows(self, rows: "np.ndarray[Any, Any]") -> "Decided":
        """The same for cases that stand at other rows: case i at `rows[i]`, `unsure` included."""
        import pyarrow as pa

        place = self.verdicts.column_names.index("row")
        at = pa.array(rows[self.verdicts["row"].to_numpy()])
        return replace(
            self,
            verdicts=self.verdicts.set_column(place, "row", at),
            unsure=[int(rows[position]) for position in self.unsure],
        )

    def together(self, other: "Decided") -> "Decided":
        """Both in the order of their rows; none may be in both."""
        import numpy as np
        import pyarrow as pa

        both = pa.concat_tables([self.verdicts, other.verdicts]).unify_dictionaries()
        count = len(self.codes)
        order = np.argsort(both["row"].to_numpy()[::count], kind="stable")
        lines = (order[:, None] * count + np.arange(count)).ravel()
        return replace(
            self,
            verdicts=both.take(pa.array(lines)).combine_chunks(),
            unsure=[*self.unsure, *other.unsure],
            codes=[
                Codes(
                    [
                        np.concatenate(pair)[order]
                        for pair in zip(mine.numbers, others.numbers, strict=True)
                    ]
                )
                for mine, others in zip(self.codes, other.codes, strict=True)
            ],
        )


def outcome(
    wordings: Sequence[Wording],
    result: "pa.Table",
    cases: "pa.ChunkedArray",
    first_row: int,
    reasons: bool,
    unsure: list[int],
) -> Decided:
    import numpy as np
    import pyarrow as pa

    sure = np.ones(len(result), dtype=bool)
    sure[unsure] = False
    rows = np.flatnonzero(sure)
    taken = result.filter(pa.array(sure)) if unsure else result
    taken = taken.combine_chunks()
    count = len(wordings)
    parts: dict[str, list[pa.Array]] = {}
    all_codes = [
        Codes(
            [
                taken[name].to_numpy()
                for name in taken.column_names
                if name.startswith(f"code {place} ")
            ]
        )
        for place in range(count)
    ]
    for wording, codes in zip(wordings, all_codes, strict=True):
        for label, array in wording.words(codes.numbers).items():
            parts.setdefault(label, []).append(array)
    ids = pa.array([wording.protocol.id for wording in wordings], pa.string())
    columns = {
        "row": pa.array(np.repeat(rows + first_row, count)),
        "case": pa.DictionaryArray.from_arrays(
            pa.array(np.repeat(rows.astype(np.int32), count)), _one_chunk(cases)
        ),
        "protocol": pa.DictionaryArray.from_arrays(
            pa.array(np.tile(np.arange(count, dtype=np.int32), len(rows))), ids
        ),
        **{label: _interleaved(arrays) for label, arrays in parts.items()},
    }
    if reasons:
        columns["reasons"] = _reasons(wordings, taken)
    return Decided(pa.table(columns), [first_row + position for position in unsure], all_codes)


def _reasons(wordings: Sequence[Wording], taken: "pa.Table") -> "pa.Array":
    """For every line a list: the reasons of each criterion, joined by a space."""
    import pyarrow as pa

    per_protocol = []
    for place, wording in enumerate(wordings):
        masks = [
            taken[f"reasons {place} {part}"].to_pylist()
            for part in range(len(wording.protocol.criteria))
        ]
        per_protocol.append(
            [
                [" ".join(r.value for r in reasons_of(mask)) for mask in row]
                for row in zip(*masks, strict=True)
            ]
        )
    lines = [line for case in zip(*per_protocol, strict=True) for line in case]
    return pa.array(lines, pa.list_(pa.string()))


def _one_chunk(texts: "pa.ChunkedArray") -> "pa.StringArray":
    import pyarrow as pa

    return pa.concat_arrays(texts.cast(pa.string()).chunks or [pa.array([], pa.string())])


def _interleaved(arrays: "Sequence[pa.DictionaryArray]") -> "pa.DictionaryArray":
    """Row 0 of every array, then row 1 of every array, and so on, over one dictionary."""
    import numpy as np
    import pyarrow as pa

    offset, indices, words = 0, [], []
    for array in arrays:
        indices.append(array.indices.to_numpy() + np.int32(offset))
        words.append(array.dictionary)
        offset += len(array.dictionary)
    unified = pa.concat_arrays(words).dictionary_encode()
    mapped = unified.indices.to_numpy()[np.stack(indices, axis=1).ravel()]
    return pa.DictionaryArray.from_arrays(pa.array(mapped), unified.dictionary)
