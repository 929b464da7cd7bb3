"""Local times in a zone: placed where the clocks tell, and their row rejected where they do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from screen.batch.mapping.zones import tzdata_version
from screen.batch.options import EngineName

Batch = Callable[..., Any]

SKIPPED = "does not exist in Europe/Rome: the clocks were put forward over it"
TWICE = "exists twice in Europe/Rome: the clocks were put back over it"
WIDE = "zone: Europe/Rome\ncolumns: {plt: platelets, when: platelets.at}\n"


@pytest.mark.parametrize("engine", [EngineName.RULES, EngineName.COLUMNS])
def test_times_across_the_hour_that_is_skipped(batch: Batch, engine: EngineName) -> None:
    """At 01:30 (+01:00) and 03:30 (+02:00) one hour passes: the count at 03:30 is a later one."""
    text = (
        "case,screened_at,plt,when\n"
        "A,2020-03-29 03:00,90 10*9/L,2020-03-29 01:59\n"
        "B,2020-03-29 03:00,90 10*9/L,2020-03-29T03:01\n"  # after the screening
        "C,2020-03-29 03:00,90 10*9/L,2020-03-29T02:30:00.5\n"
        "D,2020-10-25 02:30,90 10*9/L,2020-10-24\n"
        "E,2020-03-29T01:00Z,90 10*9/L,2020-03-29T02:59+02:00\n"  # offsets of their own
        "F,2020-03-29 03:00,90 10*9/L,2020-02-30 10:00\n"
        "G,2020-03-29,90 10*9/L,2020-03-29\n"
        "H,1890-03-29 10:00,90 10*9/L,\n"
    )
    ran = batch(text, mapping=WIDE, engine=engine, strict=True)
    assert ran.verdicts == {
        "A": "ineligible",
        "B": "undecided",
        "E": "ineligible",
        "G": "ineligible",
    }
    assert sorted(ran.reasons) == [
        ("4", "when", f'"2020-03-29T02:30:00.5" {SKIPPED}'),
        ("5", "screened_at", f'"2020-10-25 02:30" {TWICE}'),
        ("7", "when", '"2020-02-30 10:00" is not a time: the calendar has no such day'),
        (
            "9",
            "screened_at",
            '"1890-03-29 10:00" is not a time: the year must lie between 1900 and 2100',
        ),
    ]
    manifest = json.loads((ran.out / "manifest.json").read_text())
    assert manifest["mapping"]["tzdata"] == tzdata_version()


def test_forms_and_serial_numbers(batch: Batch) -> None:
    """43919 is March 29, 2020 (43910 + 9); 43919.125 is 03:00 on it, 43919.0625 is 01:30."""
    mapping = 'times: [excel, "%d.%m.%Y %H:%M"]\n' + WIDE
    text = (
        "case,screened_at,plt,when,birth_date\n"
        "A,43919.125,90 10*9/L,43919.0625,20000\n"
        "B,43919.125,90 10*9/L,43919.125,29.03.1958 02:30\n"  # a birth date has no clock
        "C,43919.125,90 10*9/L,29.03.2020 03:01,20000\n"
        "D,43919.104166666664,90 10*9/L,43918,20000\n"
        "E,29.03.2020 02:30,90 10*9/L,43918,20000\n"
        "F,29/03/2020,90 10*9/L,43918,20000\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": "ineligible", "B": "ineligible", "C": "undecided"}
    assert ran.reasons == [
        ("5", "screened_at", f'"2020-03-29T02:30:00" {SKIPPED}'),
        ("6", "screened_at", f'"2020-03-29T02:30:00" {SKIPPED}'),
        (
            "7",
            "screened_at",
            '"29/03/2020" is not in the mapping\'s time form (excel, %d.%m.%Y %H:%M)',
        ),
    ]


def test_no_zone_no_version(batch: Batch) -> None:
    ran = batch("case,screened_at\nA,2020-03-29\n", mapping="columns: {}\n")
    assert "tzdata" not in json.loads((ran.out / "manifest.json").read_text())["mapping"]


def test_last_time_of_a_series(batch: Batch) -> None:
    """03:10 (+02:00) is later than 01:50 (+01:00), and 02:10 is none: it rejects its case."""
    mapping = (
        "shape: series\nscreened_at: last\nzone: Europe/Rome\n"
        "columns: {id: case, t: at, plt: {is: platelets, unit: 10*9/L}}\n"
    )
    text = (
        "id,t,plt\n1,2020-03-29 03:10,90\n1,2020-03-29 01:50,300\n"
        "2,2020-03-29 01:50,90\n2,2020-03-29 03:10,300\n"
        "3,2020-03-29 01:50,90\n3,2020-03-29 02:10,300\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"1": "ineligible", "2": "undecided"}
    assert ran.reasons == [("7", "t", f'"2020-03-29 02:10" {SKIPPED}')]
    assert ran.rejects[0]["case"] == "3"


def test_an_offset_reaches_the_screening_time_of_the_mapping(batch: Batch) -> None:
    mapping = 'screened_at: 2020-03-29T09:00\noffset: "-03:30"\ncolumns: {}\n'
    text = (
        "case,platelets,platelets.at\nA,90 10*9/L,2020-03-29T09:00\nB,90 10*9/L,2020-03-29T09:01\n"
    )
    assert batch(text, mapping=mapping).verdicts == {"A": "ineligible", "B": "undecided"}


def test_parquet(batch: Batch, tmp_path: Path) -> None:
    table = pa.table(
        {
            "case": ["A", "B"],
            "screened_at": ["2020-03-29T03:00", "2020-03-29T03:00"],
            "plt": ["90 10*9/L", "90 10*9/L"],
            "when": ["2020-03-29T01:59", "2020-03-29T02:30"],
        }
    )
    parquet.write_table(table, tmp_path / "census.parquet")
    ran = batch(tmp_path / "census.parquet", mapping=WIDE, strict=True)
    assert ran.verdicts == {"A": "ineligible"}
    assert [reason for _, _, reason in ran.reasons] == [f'"2020-03-29T02:30" {SKIPPED}']
