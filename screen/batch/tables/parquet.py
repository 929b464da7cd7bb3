"""Parquet: streamed by row group, typed columns turned into the text of a case file.

A decimal, integer or floating-point column whose field says `unit` in its metadata has that
unit written behind every number. What repeats comes as a dictionary, so that each different
value is turned into text once.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.batch.tables.block import BLOCK_ROWS, Block, joined
from screen.batch.tables.lost_characters import without_lost
from screen.batch.tables.source import Reading, check_header
from screen.documents.tree import Problems
from screen.files import Changed, SameFile, refusal
from screen.problems import Kind, Problem, ProblemsFound

if TYPE_CHECKING:
    import pyarrow as pa

_FIXED = re.compile(r"[+-][0-9]{2}:[0-9]{2}")
_MOST = 0.5  # different values in a column, as a share of its rows, that a dictionary is for
_BYTES = 6  # a value, that numbers of a dictionary never take


class ParquetSource:
    """A Parquet file of plain columns. Raises ProblemsFound if it cannot be used."""

    hidden = 0
    from_1904 = False

    def __init__(self, path: Path, name: str, reading: Reading) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self.path = path
        self.name = name
        self._read = 0
        self._same = SameFile(path, name)
        problems = Problems(name)
        if reading.header_row > 1:
            problems.add(Kind.NO_HEADER_ROW)
            problems.check()
        try:
            with self._same.open() as file:
                opened = parquet.ParquetFile(file)
                schema, self._rows = opened.schema_arrow, opened.metadata.num_rows
                self._repeated = _with_dictionaries(opened)
        except Changed:
            raise
        except (pa.ArrowInvalid, OSError):
            problems.add(Kind.UNREADABLE, detail="it is no Parquet file, or it is damaged")
            problems.check()
        self.header: tuple[str, ...] = tuple(schema.names)
        check_header(self.header, problems)
        self._nested = {field.name for field in schema if pa.types.is_nested(field.type)}
        problems.check()

    def progress(self) -> tuple[int, int]:
        return self._read, self._rows

    def digest(self) -> str:
        return self._same.digest()

    def blocks(self, columns: Sequence[str]) -> Iterator[Block]:
        import numpy as np
        import pyarrow as pa
        from pyarrow import parquet

        self._read = 0
        problems = Problems(self.name)
        for name in columns:
            if name in self._nested:
                detail = "it holds lists or records, not single values"
                problems.add(Kind.UNREADABLE_COLUMN, value=name, detail=detail)
        problems.check()
        try:
            with self._same.open() as file:
                opened = parquet.ParquetFile(file, read_dictionary=self._repeated)
                # A batch ends where a row group does, which may be soon.
                waiting: list[Block] = []
                for batch in opened.iter_batches(BLOCK_ROWS, columns=list(columns)):
                    table = pa.Table.from_batches([batch])
                    rows = np.arange(self._read + 1, self._read + len(table) + 1, dtype=np.int64)
                    self._read += len(table)
                    block = Block(text_table(table, self.name), pa.array(rows))
                    waiting.append(without_lost(block))
                    if sum(len(block.rows) for block in waiting) >= BLOCK_ROWS:
                        yield joined(waiting)
                        waiting = []
                self._same.check(file.fileno())
                if waiting:
                    yield joined(waiting)
        except Changed as error:
            raise refusal(error, self.name) from error
        except (pa.ArrowInvalid, OSError) as error:
            raise ProblemsFound(
                [Problem(Kind.UNREADABLE, self.name, detail=str(error).partition("\n")[0])]
            ) from error


def _with_dictionaries(file: Any) -> list[str]:
    """The text columns that a Parquet file itself keeps as dictionaries, not only at first:
    a writer gives up a dictionary that grows too large, and then making one costs five times the
    reading.
    """
    import pyarrow as pa

    if not file.num_row_groups:
        return []
    group = file.metadata.row_group(0)
    kept = {
        group.column(place).path_in_schema
        for place in range(group.num_columns)
        if group.column(place).has_dictionary_page
        and group.column(place).total_uncompressed_size <= _BYTES * group.num_rows
    }
    return [f.name for f in file.schema_arrow if pa.types.is_string(f.type) and f.name in kept]


def text_table(table: "pa.Table", name: str) -> "pa.Table":
    """The same table with every column as text, perhaps as a dictionary of texts.

    Raises ProblemsFound for types that have no text.
    """
    import pyarrow as pa

    problems = Problems(name)
    columns = {}
    for field in table.schema:
        try:
            columns[field.name] = _texts(table[field.name].combine_chunks(), field)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            problems.add(
                Kind.UNREADABLE_COLUMN, value=field.name, detail=f"its type is {field.type}"
            )
    problems.check()
    return pa.table(columns)


def _texts(column: Any, field: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
        return _text_column(column, field)
    encoded = column if pa.types.is_dictionary(field.type) else column.dictionary_encode()
    values = encoded.dictionary
    texts = _text_column(values, pa.field(field.name, values.type, metadata=field.metadata))
    if texts.null_count or len(texts) > _MOST * len(column):
        return texts.take(encoded.indices)
    return pa.DictionaryArray.from_arrays(encoded.indices, texts)


def _text_column(column: Any, field: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = field.type
    if pa.types.is_timestamp(kind):
        return _time_text(column)
    text = pc.cast(column, pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    unit = (field.metadata or {}).get(b"unit")
    if unit is not None:
        return pc.binary_join_element_wise(text, unit.decode(), " ")
    return text


def _time_text(column: Any) -> Any:
    """Times in ISO 8601, to the second where there is nothing finer, with the column's offset."""
    import pyarrow as pa
    import pyarrow.compute as pc

    zone = column.type.tz
    try:
        column = column.cast(pa.timestamp("s", zone))
    except pa.ArrowInvalid:
        column = column.cast(pa.timestamp("us", zone))
    local = column if zone is None else pc.local_timestamp(column)
    text = pc.replace_substring(local.cast(pa.string()), " ", "T")
    if zone is None:
        return text
    if _FIXED.fullmatch(zone):
        return pc.binary_join_element_wise(text, zone, "")
    # `+0100` becomes `+01:00`.
    offset = pc.replace_substring_regex(pc.strftime(column, "%z"), "(..)$", r":\1")
    return pc.binary_join_element_wise(text, offset, "")
