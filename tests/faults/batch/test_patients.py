"""A second file with the patients, read by the section `patients` of the mapping."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from screen.batch.back_to_case import look_up
from screen.batch.options import EngineName

from .conftest import PROTOCOL

Batch = Callable[..., Any]
Refused = Callable[..., str]

ROWS = "pid;test;result;when\n7;PLT;90,5;20.03.2020 10:00\n8;PLT;300,5;20.03.2020 10:00\n"
PATIENTS = "ID;Gender;Seen;Ward\n7.0;m;21.03.2020 09:00;A\n8;-1;21.03.2020 09:00;B\n"
MAPPING = """\
shape: long
delimiter: ";"
decimal: ","
offset: "+01:00"
times: "%d.%m.%Y %H:%M"
not_recorded: "-1"
units: {platelets: 10*9/L}
columns:
  pid: case
  test: {is: concept, codes: {PLT: platelets}}
  result: value
  when: at
patients:
  columns:
    ID: {is: case, whole: true}
    Gender: {is: sex, codes: {m: male, w: female}}
    Seen: screened_at
  ignore: {Ward: not asked for}
"""
BOTH = {"7": "ineligible", "8": "undecided"}


@pytest.mark.parametrize("engine", [EngineName.RULES, EngineName.COLUMNS])
def test_two_exports(batch: Batch, engine: EngineName) -> None:
    ran = batch(ROWS, mapping=MAPPING, patients=PATIENTS, engine=engine)
    assert ran.verdicts == BOTH
    assert ran.rejects == []
    assert ran.summary["left_out"] == {"not_recorded": {"Gender": 1}}


def test_the_way_back(batch: Batch) -> None:
    ran = batch(ROWS, mapping=MAPPING, patients=PATIENTS)
    found = look_up(ran.out, "7", PROTOCOL)
    assert found.changes == ()
    assert found.screened.screenings[0].verdict.value == "ineligible"


def test_bad_cells_name_the_patients_file(batch: Batch) -> None:
    text = PATIENTS.replace(";m;", ";x;") + "9;m;21/03/2020;C\n;m;21.03.2020 09:00;C\n"
    ran = batch(ROWS, mapping=MAPPING, patients=text)
    assert ran.verdicts == {"8": "undecided"}
    assert [tuple(line.values())[:5] for line in ran.rejects] == [
        ("patients.csv", "5", "", "", ""),
        ("patients.csv", "2", "7", "Gender", "x"),
        ("patients.csv", "4", "9", "Seen", "21/03/2020"),
    ]


def test_a_patient_twice(batch: Batch) -> None:
    """None of the rows is chosen, whether or not one of them is bad besides."""
    text = PATIENTS + "8;w;21.03.2020 09:00;C\n7;x;21.03.2020 09:00;C\n"
    ran = batch(ROWS, mapping=MAPPING, patients=text)
    assert ran.verdicts == {}
    twice = 'the case "{}" is there 2 times, and none of them is chosen'
    assert ran.reasons == [
        ("5", "Gender", '"x" is none of the mapping\'s codes (m, w)'),
        ("2", "ID", twice.format(7)),
        ("5", "ID", twice.format(7)),
        ("3", "ID", twice.format(8)),
        ("4", "ID", twice.format(8)),
    ]


def test_names_that_do_not_fit(refused: Refused) -> None:
    text = PATIENTS.replace("Gender", "Sex").replace("Ward", "Station")
    assert refused(ROWS, mapping=MAPPING, patients=text).splitlines() == [
        'map.yaml: there is no column "Gender" in patients.csv; accepted: ID, Sex, Seen, Station',
        'map.yaml: there is no column "Ward" in patients.csv; accepted: ID, Sex, Seen, Station',
        (
            'patients.csv:1:2: unknown column "Sex": the section patients of a mapping can name it '
            'or ignore it; did you mean "sex"?'
        ),
        (
            'patients.csv:1:4: unknown column "Station": the section patients of a mapping can '
            "name it or ignore it; accepted: case, screened_at, sex, birth_date, age"
        ),
    ]


def test_no_section_for_a_site_s_own_names(refused: Refused) -> None:
    mapping = MAPPING.partition("patients:")[0]
    text = "ID,screened_at\n7,2020-03-21T09:00:00+01:00\n"
    assert refused(ROWS, mapping=mapping, patients=text).splitlines() == [
        'map.yaml: there is no column "case": no column of patients.csv is mapped to it',
        (
            'patients.csv:1:1: unknown column "ID": the section patients of a mapping can name it '
            "or ignore it; accepted: case, screened_at, sex, birth_date, age"
        ),
    ]


def test_no_mapping_for_a_site_s_own_names(refused: Refused) -> None:
    said = refused("case,concept,value\n", patients="ID,screened_at\n7,2020-03-21\n")
    assert said.splitlines()[1].startswith(
        'patients.csv:1:1: unknown column "ID": the section patients of a mapping can name it'
    )


def test_no_section_for_the_names_of_the_contract(batch: Batch) -> None:
    """Then the cells are those of `docs/formats.md` too, whatever the other file has."""
    mapping = MAPPING.partition("patients:")[0]
    text = "case,screened_at,sex\n7,2020-03-21T09:00:00+01:00,male\n"
    text += "8,21.03.2020 09:00,male\n"
    ran = batch(ROWS, mapping=mapping, patients=text)
    assert ran.verdicts == {"7": "ineligible"}
    assert [(line["input"], line["row"]) for line in ran.rejects] == [("patients.csv", "3")]


def test_constants_and_the_screening_time_hold_for_patients(batch: Batch) -> None:
    """`pregnancy` is absent for a male: one of the things that are not missing then."""
    mapping = MAPPING.replace("Gender: {is: sex, codes: {m: male, w: female}}", "").replace(
        "Seen: screened_at", ""
    )
    mapping = mapping.replace("{Ward:", "{Gender: x, Seen: x, Ward:")
    mapping += "screened_at: 2020-03-21T09:00\nconstants: {sex: male}\n"
    ran = batch(ROWS, mapping=mapping, patients=PATIENTS)
    assert ran.verdicts == BOTH
    assert "pregnancy" not in ran.summary["missing"]
    assert look_up(ran.out, "7", PROTOCOL).screened.case.screened_at.text == (
        "2020-03-21T09:00+01:00"
    )


def test_last_time_of_rows_whose_patients_are_elsewhere(batch: Batch) -> None:
    """Case 7 has its count at the last time; 8 has none, so its `Seen` counts; 9 has neither."""
    mapping = MAPPING + "screened_at: last\n"
    rows = ROWS.replace("300,5;20.03.2020 10:00", "90;") + "7;GLU;5;20.03.2020 09:00\n9;PLT;90;\n"
    ran = batch(rows, mapping=mapping, patients=PATIENTS + "9;w;;C\n")
    assert ran.verdicts == {"7": "ineligible", "8": "ineligible"}
    assert look_up(ran.out, "7", PROTOCOL).screened.case.screened_at.text == (
        "2020-03-20T10:00:00+01:00"
    )
    assert [(line["input"], line["row"], line["column"]) for line in ran.rejects] == [
        ("patients.csv", "4", "screened_at")
    ]
    without = mapping.replace("    Seen: screened_at\n", "").replace("{Ward:", "{Seen: x, Ward:")
    ran = batch(rows, mapping=without, patients=PATIENTS, overwrite=True)
    assert ran.verdicts == {"7": "ineligible"}


def test_a_section_and_no_file(refused: Refused) -> None:
    said = refused(ROWS, mapping=MAPPING)
    assert said == "map.yaml:13: patients describes a second file: give it with --patients FILE"


def test_a_file_and_a_wide_table(refused: Refused) -> None:
    said = refused("case,screened_at\n", mapping="columns: {}\n", patients=PATIENTS)
    assert said == (
        "map.yaml: --patients is for a table with several rows to a case, series or long; the"
        " mapping's shape is wide"
    )


def test_a_file_and_a_folder_of_cases(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    said = refused(tmp_path / "cases", patients=PATIENTS)
    assert said == "cases: --patients is for a table with several rows to a case"


def test_two_files_of_one_name(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "patients").mkdir()
    (tmp_path / "patients" / "census.csv").write_text(PATIENTS)
    said = refused(ROWS, mapping=MAPPING, patients=tmp_path / "patients" / "census.csv")
    assert said.startswith("patients/census.csv: has the name of the file with the observations")


def test_utf_16(batch: Batch, refused: Refused) -> None:
    text = PATIENTS.replace("Ward", "Stanza è").encode("utf-16")
    mapping = MAPPING.replace("Ward", "Stanza è")
    assert "patients.csv" in refused(ROWS, mapping=mapping, patients=text)
    mapping = mapping.replace("patients:\n", "patients:\n  encoding: utf-16\n")
    assert batch(ROWS, mapping=mapping, patients=text).verdicts == BOTH


def test_the_encoding_of_the_other_file(batch: Batch) -> None:
    mapping = "encoding: latin-1\n" + MAPPING.replace("m: male", "männlich: male")
    text = PATIENTS.replace(";m;", ";männlich;").encode("latin-1")
    assert batch(ROWS, mapping=mapping, patients=text).verdicts == BOTH


def test_parquet(batch: Batch, tmp_path: Path) -> None:
    table = pa.table(
        {
            "ID": [7.0, 8.0],
            "Gender": ["m", None],
            "Seen": ["21.03.2020 09:00"] * 2,
            "Ward": [1, 2],
        }
    )
    parquet.write_table(table, tmp_path / "p.parquet")
    assert batch(ROWS, mapping=MAPPING, patients=tmp_path / "p.parquet").verdicts == BOTH


def test_two_sheets_of_one_spreadsheet(batch: Batch, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheets = (("Results", ROWS.replace(",5", "")), ("Patients", PATIENTS))
    for (title, text), sheet in zip(sheets, (book.active, book.create_sheet()), strict=True):
        sheet.title = title
        for line in text.splitlines():
            sheet.append(line.split(";"))
    file = tmp_path / "export.xlsx"
    book.save(file)
    mapping = "sheet: Results\n" + MAPPING.replace("patients:\n", "patients:\n  sheet: Patients\n")
    ran = batch(file, mapping=mapping, patients=file)
    assert ran.verdicts == BOTH
    assert look_up(ran.out, "8", PROTOCOL).changes == ()
    ran = batch(file, mapping=mapping.replace("m: male, ", ""), patients=file, overwrite=True)
    assert [(line["input"], line["row"], line["column"]) for line in ran.rejects] == [
        ("export.xlsx", "2", "Gender")
    ]


def test_a_sheet_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Patients"
    book.save(tmp_path / "p.xlsx")
    mapping = MAPPING.replace("patients:\n", "patients:\n  sheet: Pateints\n")
    said = refused(ROWS, mapping=mapping, patients=tmp_path / "p.xlsx")
    assert said == 'p.xlsx: there is no sheet "Pateints"; did you mean "Patients"?'


def test_no_such_file(refused: Refused, tmp_path: Path) -> None:
    said = refused(ROWS, mapping=MAPPING, patients=tmp_path / "nobody.csv")
    assert said == "nobody.csv: there is no such file"
