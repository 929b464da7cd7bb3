"""Parquet: typed columns with units in the schema mean what the same texts mean in a CSV."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from screen.batch.options import EngineName
from screen.batch.tables import parquet as columnar

Batch = Callable[..., Any]
ENGINES = [EngineName.RULES, EngineName.COLUMNS]
AT = datetime.fromisoformat("2020-03-21T09:00:00+01:00")


def with_unit(name: str, kind: pa.DataType, unit: str) -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit})


def written(path: Path, fields: list[pa.Field], *columns: list[Any]) -> Path:
    schema = pa.schema(
        [
            pa.field("case", pa.string()),
            pa.field("screened_at", pa.timestamp("ms", "+01:00")),
            *fields,
        ]
    )
    count = len(columns[0])
    cells = [[f"C{n}" for n in range(count)], [AT] * count, *columns]
    parquet.write_table(pa.table(cells, schema=schema), path, row_group_size=2)
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_typed_columns(batch: Batch, tmp_path: Path, engine: EngineName) -> None:
    path = written(
        tmp_path / "census.parquet",
        [
            with_unit("platelets", pa.decimal128(18, 6), "10*9/L"),
            with_unit("neutrophils", pa.int32(), "/uL"),
            pa.field("birth_date", pa.date32()),
            pa.field("sex", pa.dictionary(pa.int8(), pa.string())),
            with_unit("spo2", pa.float64(), "%"),
            pa.field("spo2.on", pa.string()),
        ],
        # 100 10*9/L is 100,000 /mm3: excluded, for the limit is "or fewer"; the next is not.
        [Decimal(100), Decimal("100.000001"), None, Decimal(99), Decimal(250)],
        [1001, 1000, 1001, 1001, 1001],
        [date(1980, 1, 1), date(2002, 3, 22), date(1980, 1, 1), date(1980, 1, 1), None],
        ["male", "female", "male", None, "male"],
        [93.0, 93.1, 80.0, 93.0, 94.5],
        ["room_air", "room_air", "nasal_cannula", "", "room_air"],
    )
    ran = batch(path, engine=engine)
    lines = {
        line.split(",")[0].strip('"'): line.split(",")[3].strip('"').split()
        for line in (ran.out / "verdicts.csv").read_text().splitlines()[1:]
    }
    assert lines == {
        "C0": ["thrombocytopenia"],
        # 17 years: the birthday is tomorrow; 93.1 is above 93; neutrophils 1000 or fewer.
        "C1": ["adult", "desaturation", "neutropenia"],
        "C2": [],
        "C3": ["thrombocytopenia"],
        "C4": ["desaturation"],
    }
    assert not ran.rejects


@pytest.mark.parametrize("engine", ENGINES)
def test_a_number_without_a_unit_decides_nothing(
    batch: Batch, tmp_path: Path, engine: EngineName
) -> None:
    fields = [pa.field("platelets", pa.decimal128(18, 6))]
    ran = batch(written(tmp_path / "census.parquet", fields, [Decimal(5)]), engine=engine)
    assert ran.verdicts == {"C0": "undecided"}


def test_a_type_without_text_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    fields = [pa.field("platelets", pa.list_(pa.int32()))]
    said = refused(written(tmp_path / "census.parquet", fields, [[5]]))
    assert "platelets" in said
    assert "lists or records" in said


def test_a_file_that_is_cut_off_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "census.parquet"
    whole = written(path, [pa.field("sex", pa.string())], ["male"]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "census.parquet: cannot be read: it is no Parquet file, or it is" in refused(path)


@pytest.mark.parametrize(
    ("kind", "time", "text"),
    [
        (pa.timestamp("ms", "+01:00"), AT, "2020-03-21T09:00:00+01:00"),
        (pa.timestamp("us", "UTC"), AT, "2020-03-21T08:00:00+00:00"),
        # Rome has summer time from 29 March 2020, 01:00 UTC.
        (
            pa.timestamp("s", "Europe/Rome"),
            datetime.fromisoformat("2020-03-29T01:00:00+00:00"),
            "2020-03-29T03:00:00+02:00",
        ),
        (
            pa.timestamp("us"),
            datetime.fromisoformat("2020-03-21T09:00:00.25"),
            "2020-03-21T09:00:00.250000",
        ),
        (pa.date32(), date(2020, 3, 21), "2020-03-21"),
    ],
)
def test_times_as_texts(kind: pa.DataType, time: object, text: str) -> None:
    table = columnar.text_table(pa.table({"at": pa.array([time] * 4, kind)}), "x")
    assert table["at"].to_pylist() == [text] * 4


def test_a_row_of_names_is_no_matter_of_parquet(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    path = written(tmp_path / "census.parquet", [pa.field("sex", pa.string())], ["male"])
    said = refused(path, mapping="header_row: 3\ncolumns: {}\n")
    assert said == (
        "census.parquet: header_row is for CSV and XLSX; a Parquet file names its columns itself"
    )
