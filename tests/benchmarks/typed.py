"""Makes the same census twice, as CSV and as typed Parquet with units in the schema.

    python -m tests.benchmarks.typed CENSUS.csv OUT.csv OUT.parquet

A typed column has one unit. So cells of the census (see `generate`) in another unit than the
canonical one, and bounded results, are left empty in both files.
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Vocabulary
from tests.benchmarks.columns_csv import blocks

_TIMES = pa.timestamp("s", tz="+01:00")  # the offset of all times in the census


def unit_of(column: str, vocabulary: Vocabulary) -> str | None:
    """The canonical unit of a column of quantities."""
    concept, _, key = column.partition(".")
    known = vocabulary.concepts.get(concept)
    return known.unit if known is not None and key in ("", "upper_limit", "lower_limit") else None


def in_one_unit(block: pa.Table, vocabulary: Vocabulary) -> pa.Table:
    """The block as texts, with nothing but exact results in the canonical unit."""
    for place, name in enumerate(block.column_names):
        unit = unit_of(name, vocabulary)
        if unit is not None:
            fits = pc.and_(
                pc.ends_with(block[name], f" {unit}"),
                pc.match_substring_regex(block[name], "^[0-9.]+ "),
            )
            block = block.set_column(
                place, name, pc.if_else(fits, block[name], pa.scalar(None, pa.string()))
            )
    return block


def typed(block: pa.Table, vocabulary: Vocabulary) -> pa.Table:
    """The same block with numbers, dates and times as what they are."""
    fields, columns = [], []
    for name in block.column_names:
        column, unit = block[name], unit_of(name, vocabulary)
        if unit is not None:
            number = pc.replace_substring(column, f" {unit}", "")
            columns.append(number.cast(pa.decimal128(18, 6)))
            fields.append(pa.field(name, pa.decimal128(18, 6), metadata={"unit": unit}))
            continue
        if name == "birth_date":
            column = column.cast(pa.date32())
        elif name == "screened_at" or name.endswith(".at"):
            column = pc.strptime(pc.utf8_slice_codeunits(column, 0, 19), "%Y-%m-%dT%H:%M:%S", "s")
            column = pc.assume_timezone(column, "+01:00").cast(_TIMES)
        columns.append(column)
        fields.append(pa.field(name, column.type))
    return pa.table(columns, schema=pa.schema(fields))


def write(census: Path, text: Path, table: Path) -> None:
    vocabulary = load_vocabulary(default_rules_dir())
    texts = tables = None
    for block in blocks(census):
        plain = in_one_unit(block, vocabulary)
        made = typed(plain, vocabulary)
        texts = texts or csv.CSVWriter(text, plain.schema)
        tables = tables or parquet.ParquetWriter(table, made.schema)
        texts.write_table(plain)
        tables.write_table(made)
    for writer in (texts, tables):
        if writer is not None:
            writer.close()


if __name__ == "__main__":
    write(*(Path(argument) for argument in sys.argv[1:4]))
