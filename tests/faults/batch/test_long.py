"""Tables with many rows to a case: series of samplings, and one observation per row."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from screen.batch.options import EngineName

PATIENTS = """\
case,screened_at,sex
A,2020-03-21T09:00:00+01:00,male
B,2020-03-21T09:00:00+01:00,female
"""
HEAD = "case,code,system,value,unit,at\n"
PLATELETS = "777-3,http://loinc.org"

Batch = Callable[..., Any]
Refused = Callable[..., str]

SERIES = """\
shape: series
fill_down: id
screened_at: last
offset: "+08:00"
times: "%d.%m.%Y %H:%M"
not_recorded: ["-1"]
columns:
  id: {is: case, whole: true}
  time: at
  admitted: screened_at
  plt: {is: platelets, unit: 10*9/L}
  sex: {is: sex, codes: {1: male, 2: female}}
"""


def test_series(batch: Batch) -> None:
    """The latest count that is one decides: -1 is none, and a row without a time comes last."""
    text = (
        "id,time,admitted,plt,sex\n"
        "1.0,20.3.2020 09:00,1.3.2020 08:00,90,1\n"
        ",21.3.2020 09:00,1.3.2020 08:00,300,1\n"
        ",22.3.2020 09:00,1.3.2020 08:00,-1.0,1\n"
        ",,1.3.2020 08:00,5,1\n"
        "2,20.3.2020 10:00,1.3.2020 08:00,300,2\n"
        ",20.3.2020 09:00,1.3.2020 08:00,90,2\n"
        "3,,2.3.2020 08:00,90,1\n"
    )
    ran = batch(text, mapping=SERIES)
    assert ran.verdicts == {"1": "undecided", "2": "undecided", "3": "ineligible"}
    assert ran.summary["left_out"] == {"not_recorded": {"plt": 1}}


def test_series_without_any_time(batch: Batch) -> None:
    mapping = SERIES.replace("  admitted: screened_at\n", "ignore: {admitted: not asked for}\n")
    mapping = mapping.replace("ignore:", "").replace(" {admitted: not asked for}\n", "")
    mapping += "ignore: {admitted: not asked for}\n"
    ran = batch("id,time,admitted,plt,sex\n1,,x,90,1\n2,20.3.2020 10:00,x,90,1\n", mapping=mapping)
    assert ran.verdicts == {"2": "ineligible"}
    reason = "no row of the case has a time, so there is no last one"
    assert ran.reasons == [("2", "screened_at", reason)]


def test_a_bad_cell_refuses_the_case_and_no_other(batch: Batch) -> None:
    text = (
        "id,time,admitted,plt,sex\n"
        "1,20/3/2020,,90,1\n,21.3.2020 09:00,,300,1\n2,20.3.2020 10:00,,90,3\n"
        "3,20.3.2020 10:00,,few,1\n4,20.3.2020 10:00,,90,1\n"
    )
    ran = batch(text, mapping=SERIES, strict=True)
    assert ran.verdicts == {"4": "ineligible"}
    assert [(line["case"], line["row"], line["column"]) for line in ran.rejects] == [
        ("1", "2", "time"),
        ("2", "4", "sex"),
        ("3", "5", "plt"),
    ]


def test_sex_that_changes(batch: Batch) -> None:
    text = "id,time,admitted,plt,sex\n1,20.3.2020 09:00,,90,1\n,20.3.2020 10:00,,90,2\n"
    ran = batch(text, mapping=SERIES)
    assert ran.reasons == [("2", "sex", "sex differs between the rows of one case: female, male")]


def test_rows_below_an_unreadable_name_are_nobodys(batch: Batch) -> None:
    """They must not go to the patient above."""
    text = (
        b"id,time,admitted,plt,sex\n"
        b"1,20.3.2020 09:00,,300,1\n\xff,20.3.2020 09:00,,90,1\n,20.3.2020 10:00,,90,1\n"
    )
    ran = batch(text, mapping=SERIES)
    assert ran.verdicts == {"1": "undecided"}
    assert [line["row"] for line in ran.rejects] == ["3", "4"]
    assert ran.summary["cases"]["rows_of_no_case"] == 2


@pytest.mark.parametrize("engine", [EngineName.COLUMNS, EngineName.RULES])
def test_what_a_code_says_besides(batch: Batch, engine: EngineName) -> None:
    """LOINC 94500-6 is a PCR of a respiratory specimen; what a row itself says goes first."""
    text = (
        "case,concept,code,system,value,assay\n"
        "A,,94500-6,http://loinc.org,positive,\n"
        "B,,94500-6,,positive,\n"
        "C,,94500-6,LOINC,positive,antibody\n"
        "D,sars_cov_2_test,94500-6,loinc,positive,\n"
        "E,sars_cov_2_test,777-3,loinc,positive,\n"
    )
    people = "".join(f"{case},2020-03-21,male\n" for case in "ABCDE")
    ran = batch(text, patients=f"case,screened_at,sex\n{people}", engine=engine)
    place = list(ran.summary["protocols"]["NCT04361903"]["criteria"]).index("confirmed-infection")
    with (ran.out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        letters = {line["case"]: line["criteria"][place] for line in csv.DictReader(file)}
    # An antibody test says nothing of a PCR, nor does the code of something else.
    assert letters == {"A": "M", "B": "M", "C": "U", "D": "M", "E": "U"}


def test_codes(batch: Batch) -> None:
    """The second row is the same code without its system; a code of another system is not used."""
    text = HEAD + (
        f"A,{PLATELETS},300,10*9/L,2020-03-20\n"
        "A,777-3,,90,10*9/L,2020-03-21\n"
        f"B,{PLATELETS},300 10*9/L,,2020-03-21\n"
        "B,777-3,local,90,10*9/L,2020-03-21\n"
        "B,99999-9,http://loinc.org,1,,2020-03-21\n"
    )
    ran = batch(text, patients=PATIENTS)
    assert ran.verdicts == {"A": "ineligible", "B": "undecided"}
    assert ran.summary["left_out"]["not_used"] == {
        "http://loinc.org 99999-9": 1,
        "local 777-3": 1,
    }


def test_times_in_any_order(batch: Batch) -> None:
    rows = [f"A,{PLATELETS},{n},10*9/L,2020-03-{n}\n" for n in (20, 10, 15)]
    rows.append(f"A,{PLATELETS},300,10*9/L,2020-03-21\n")
    for order in (rows, rows[::-1], rows[2:] + rows[:2]):
        ran = batch(HEAD + "".join(order), patients=PATIENTS, overwrite=True)
        assert ran.verdicts == {"A": "undecided", "B": "undecided"}


def test_observations_of_nobody(batch: Batch) -> None:
    text = HEAD + f"X,{PLATELETS},1,10*9/L,\n,{PLATELETS},1,10*9/L,\nX,{PLATELETS},2,10*9/L,\n"
    ran = batch(text, patients=PATIENTS)
    assert ran.verdicts == {"A": "undecided", "B": "undecided"}
    assert ran.reasons == [
        ("3", "", "the row does not say which case it is"),
        ("2", "case", 'the case "X" is not among the patients'),
    ]
    assert ran.summary["cases"] == {"in": 3, "screened": 2, "rejected": 1, "rows_of_no_case": 1}


def test_patient_twice(batch: Batch) -> None:
    ran = batch(HEAD, patients=PATIENTS + "A,2020-03-22,male\n")
    assert ran.verdicts == {"B": "undecided"}
    assert [(line["input"], line["row"]) for line in ran.rejects] == [
        ("patients.csv", "2"),
        ("patients.csv", "4"),
    ]


def test_problems_name_the_right_file(batch: Batch) -> None:
    text = "case,concept,value,at\nA,platelets,many,\nB,platelet,90 10*9/L,\n"
    ran = batch(text, patients=PATIENTS.replace("female", "F"), strict=True)
    assert [(line["input"], line["row"], line["column"]) for line in ran.rejects] == [
        ("census.csv", "2", "value"),
        ("patients.csv", "3", "sex"),
        ("census.csv", "3", "concept"),
    ]


def test_long_columns_are_checked(refused: Refused) -> None:
    said = refused("case,concept,value,when\n", patients=PATIENTS)
    assert 'census.csv:1:4: unknown column "when"' in said


def test_units_and_names_of_a_long_mapping(batch: Batch) -> None:
    mapping = (
        "shape: long\nscreened_at: last\nunits: {platelets: 10*9/L}\n"
        "columns:\n  pid: case\n  test: {is: concept, codes: {PLT: platelets}}\n"
        "  result: value\n  at: at\n"
    )
    text = "pid,test,result,at\nA,PLT,90,2020-03-21\nA,GLU,5,2020-03-21\nB,PLT,300,2020-03-21\n"
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": "ineligible", "B": "undecided"}
    assert ran.summary["left_out"]["not_used"] == {"GLU": 1}


def as_parquet(path: Path, rows: list[list[str]]) -> None:
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    parquet.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), path)


def as_xlsx(path: Path, rows: list[list[str]]) -> None:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def as_csv(path: Path, rows: list[list[str]]) -> None:
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "write", "row"),
    [("r.csv", as_csv, "3"), ("r.parquet", as_parquet, "2"), ("r.xlsx", as_xlsx, "3")],
)
def test_a_case_whose_name_is_lost_never_vanishes(
    batch: Batch, tmp_path: Path, name: str, write: Callable[..., None], row: str
) -> None:
    """An earlier program wrote a sign for what it could not read of the second name."""
    rows = [["case", "concept", "value", "unit"]]
    rows += [[case, "platelets", "18", "10*9/L"] for case in ("A", "\ufffd")]
    write(tmp_path / name, rows)
    at = "2020-03-21T09:00:00+01:00"
    patients = f"case,screened_at,sex\nA,{at},male\n\ufffd,{at},male\n"
    ran = batch(tmp_path / name, patients=patients)
    assert ran.verdicts == {"A": "ineligible"}
    assert [(line["row"], line["column"]) for line in ran.rejects] == [(row, "case"), ("3", "case")]
