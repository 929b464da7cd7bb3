"""The files of the output folder: verdicts, rejects, summary, manifest."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.batch.deciding.part_outcome import VERDICT_COLUMNS, verdict_schema
from screen.batch.tables.block import Reject
from screen.batch.working_ahead import working_ahead
from screen.program import FORMAT, PROGRAM
from screen.quoting import FORMULA, guarded
from screen.writing import fresh

if TYPE_CHECKING:
    import pyarrow as pa

# Lines in a row group. Fixed, so that the bytes do not depend on how the parts were cut.
_GROUP = 350_000


def write_parquet(path: Path, parts: Iterable["pa.Table"]) -> None:
    """The verdicts, every column as text; format and program stand in the file's own metadata."""
    from pyarrow import parquet

    schema = verdict_schema()
    with (
        fresh(path) as file,
        # The least and the largest id of a group helps nobody, and takes half of the time.
        parquet.ParquetWriter(file, schema, store_schema=False, write_statistics=False) as writer,
        working_ahead(1) as ahead,
    ):
        writer.add_key_value_metadata({"format": str(FORMAT), "program": PROGRAM})

        def write(group: "pa.Table") -> Callable[[], None]:
            return partial(writer.write_table, group, row_group_size=_GROUP)

        for _ in ahead.in_order(_groups(parts), write):
            pass


def write_csv(path: Path, parts: Iterable["pa.Table"]) -> None:
    """The verdicts as UTF-8 text that a spreadsheet may open."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    schema = pa.schema([(name, pa.string()) for name in VERDICT_COLUMNS])
    options = arrow_csv.WriteOptions(quoting_style="needed")
    with fresh(path) as file, arrow_csv.CSVWriter(file, schema, write_options=options) as writer:
        for table in parts:
            writer.write_table(_guarded(table.cast(schema)))


def _groups(parts: Iterable["pa.Table"]) -> Iterator["pa.Table"]:
    """The same lines in tables of `_GROUP` lines, each the same whatever the parts were."""
    waiting: list[pa.Table] = []
    count = 0
    for part in parts:
        start = 0
        while start < len(part):
            piece = part.slice(start, _GROUP - count)
            waiting.append(_as_first_seen(piece))
            start += len(piece)
            count += len(piece)
            if count == _GROUP:
                yield _one_table(waiting)
                waiting, count = [], 0
    if waiting:
        yield _one_table(waiting)


def _one_table(pieces: Sequence["pa.Table"]) -> "pa.Table":
    """One table of pieces; its dictionaries, too, hold their texts as they are first there."""
    import pyarrow as pa

    return pa.concat_tables(pieces).unify_dictionaries().combine_chunks()


def _as_first_seen(table: "pa.Table") -> "pa.Table":
    """The table with the texts of its dictionaries in the order in which they are first there,
    and no others.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {}
    for name in VERDICT_COLUMNS:
        column = table[name].combine_chunks()
        seen = pc.unique(column.indices)
        number = np.zeros(len(column.dictionary), dtype=np.int32)
        number[seen.to_numpy()] = np.arange(len(seen), dtype=np.int32)
        columns[name] = pa.DictionaryArray.from_arrays(
            pa.array(number[column.indices.to_numpy()]), column.dictionary.take(seen)
        )
    return pa.table(columns)


@contextmanager
def reject_writer(path: Path) -> Iterator[Callable[[Iterable[Reject]], None]]:
    """Writes rejects as they come: a line for every thing that kept a case from being screened."""
    with fresh(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Reject._fields)

        def write(rejects: Iterable[Reject]) -> None:
            for reject in rejects:
                writer.writerow(["" if cell is None else guarded(str(cell)) for cell in reject])

        yield write
        text.flush()
        text.detach()


def _guarded(table: "pa.Table") -> Any:
    """The table with an apostrophe before every text that might be taken for a formula."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {}
    for name in table.column_names:
        texts = table[name]
        dangerous = pc.match_substring_regex(texts, FORMULA)
        if pc.any(dangerous).as_py():
            texts = pc.if_else(dangerous, pc.binary_join_element_wise("'", texts, ""), texts)
        columns[name] = texts
    return pa.table(columns)
