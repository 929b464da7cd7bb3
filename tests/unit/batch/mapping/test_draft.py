"""The first draft of a mapping: it loads, guesses no unit, and asks for confirmation."""

from pathlib import Path

import pytest

from screen.batch.mapping.draft import template
from screen.batch.mapping.draft_columns import guess
from screen.batch.mapping.draft_sample import header_row_of
from screen.batch.mapping.mapping_file import load_mapping
from screen.batch.mapping.model import Mapping, Shape
from screen.batch.tables.source import Reading
from screen.model.concept import Vocabulary

HEADER = (
    "PATIENT_ID",
    "gender",
    "Platelet count",
    "WBC",
    "hs-CRP",
    "59408-5",
    "spo2.on",
    "Glutamic-pyruvic transaminase",
    "creatinine",
    "Serum creatinine",
    "\u03b3-GT: new",
    "outcome",
    "no",
)


def test_guesses(vocabulary: Vocabulary) -> None:
    found = {column: guessed.target for column, guessed in guess(HEADER, vocabulary).items()}
    assert found == {
        "PATIENT_ID": "case",
        "gender": "sex",
        "Platelet count": "platelets",
        "WBC": "leukocytes",
        "hs-CRP": "crp",
        "59408-5": "spo2",
        "spo2.on": "spo2.on",
        "Glutamic-pyruvic transaminase": "alt",
        "creatinine": "creatinine",
    }


@pytest.mark.parametrize("name", ["Hb [g/dL]", "Hb (g/dL)", "Hb, g/dL", "Hb in g/dL", "Hb g/dL"])
def test_a_unit_behind_a_name(vocabulary: Vocabulary, name: str) -> None:
    assert guess([name], vocabulary) == {name: ("hemoglobin", "g/dL")}


def test_the_draft_loads(tmp_path: Path, vocabulary: Vocabulary) -> None:
    table = tmp_path / "census.csv"
    table.write_text(",".join(HEADER) + "\n", encoding="utf-8")
    draft = template(table, vocabulary)
    (tmp_path / "map.yaml").write_text(draft, encoding="utf-8")
    mapping = load_mapping(tmp_path / "map.yaml", vocabulary)
    assert set(mapping.columns) | set(mapping.ignored) == set(HEADER)
    assert {rule.unit for rule in mapping.columns.values()} == {""}
    lines = [line for line in draft.splitlines() if line.startswith("  ")]
    assert all("confirm" in line or "say why" in line for line in lines)


def draft_of(folder: Path, data: bytes, vocabulary: Vocabulary) -> tuple[str, Mapping]:
    """The draft for a table, and what it says when it is loaded."""
    (folder / "census.csv").write_bytes(data)
    draft = template(folder / "census.csv", vocabulary)
    (folder / "map.yaml").write_text(draft, encoding="utf-8")
    return draft, load_mapping(folder / "map.yaml", vocabulary)


def test_a_western_table_of_a_spreadsheet(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """Semicolons, decimal commas, days first, units in the names, and no UTF-8."""
    text = (
        "Pat.-Nr.;Geburtsdatum;Geschlecht;Untersuchung;SpO2 [%];Thrombozyten [Tsd/\u00b5L];"
        "Hb [g/dL]\n"
        "P1;13.03.1960;m;08.04.2020 19:30;83;355;10,4\n"
        "P2;01.02.1971;w;08.04.2020 20:00;91;18;9,1\n"
    )
    draft, found = draft_of(tmp_path, text.encode("cp1252"), vocabulary)
    assert found.reading == Reading("cp1252", ";")
    assert (found.decimal, found.shape) == (",", Shape.WIDE)
    units = {rule.target: rule.unit for rule in found.columns.values() if rule.unit}
    assert units == {"spo2": "%", "platelets": "Tsd/\u00b5L", "hemoglobin": "g/dL"}
    times = {rule.target: rule.times for rule in found.columns.values() if rule.times}
    assert times == {"birth_date": ("%d.%m.%Y",), "screened_at": ("%d.%m.%Y %H:%M",)}
    assert found.columns["Geschlecht"].codes["w"] == "female"
    assert "occurring: m 1, w 1" in draft


def test_days_that_two_orders_read_are_not_passed_over(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    draft, found = draft_of(tmp_path, b"id,dob,seen\nA,03/04/1960,2020-03-21\n", vocabulary)
    assert found.columns["dob"].times == ("%d/%m/%Y",)
    assert "%m/%d/%Y reads every cell as well" in draft


def test_a_long_table(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = b"pid,time,item,result,uom\nA,2020-03-21,PLT,90,10*9/L\nA,2020-03-21,X1,Detected,\n"
    draft, found = draft_of(tmp_path, text, vocabulary)
    assert found.shape is Shape.LONG
    assert {rule.target for rule in found.columns.values()} == {
        "case",
        "at",
        "concept",
        "value",
        "unit",
    }
    assert found.columns["item"].codes == {"PLT": "platelets"}
    assert found.columns["result"].codes == {"Detected": "positive"}
    assert "occurring: PLT 1, X1 1" in draft


def test_a_series(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = b"id,date,PLT\nA,2020-03-20,90\nA,2020-03-21,91\n"
    _, found = draft_of(tmp_path, text, vocabulary)
    assert found.shape is Shape.SERIES
    assert found.columns["date"].target == "at"


@pytest.mark.parametrize(
    ("cell", "target"), [("positive", "sars_cov_2_test"), ("12 mg/L", None), ("", None)]
)
def test_a_name_that_means_two_things(
    tmp_path: Path, vocabulary: Vocabulary, cell: str, target: str | None
) -> None:
    """PCR is a test in English and C-reactive protein in three other languages."""
    draft, found = draft_of(tmp_path, f"id,PCR\nA,{cell}\n".encode(), vocabulary)
    assert (found.columns["PCR"].target if target else None) == target
    assert target or "PCR: may be sars_cov_2_test or crp" in draft


def test_a_second_column_of_one_thing(tmp_path: Path, vocabulary: Vocabulary) -> None:
    draft, _ = draft_of(tmp_path, b"id,PLT,thrombocytes\nA,90,91\n", vocabulary)
    assert "thrombocytes: seems to be platelets, which PLT is already" in draft


def test_a_name_with_the_unit_of_something_else(tmp_path: Path, vocabulary: Vocabulary) -> None:
    draft, found = draft_of(tmp_path, b"id,neutrophils (%),PLT (zz)\nA,71,90\n", vocabulary)
    assert "neutrophils (%)" in found.ignored
    assert "seems to be neutrophils, but in %" in draft
    assert found.columns["PLT (zz)"].unit == ""
    assert "the name says zz, which is not known" in draft


def test_numbers_as_codes_are_not_guessed(tmp_path: Path, vocabulary: Vocabulary) -> None:
    draft, found = draft_of(tmp_path, b"id,sex\nA,1\nB,2\nC,1\n", vocabulary)
    assert found.columns["sex"].codes == {}
    assert "say what the codes mean; occurring: 1 2, 2 1" in draft


def test_an_id_in_the_first_row_of_each_patient(tmp_path: Path, vocabulary: Vocabulary) -> None:
    draft, found = draft_of(
        tmp_path, b"id,RE_DATE,PLT\nA,2020-03-20,90\n,2020-03-21,91\n,2020-03-22,92\n", vocabulary
    )
    assert (found.shape, found.fill_down) == (Shape.SERIES, ("id",))
    assert "RE_DATE: holds times, and may be at or screened_at" in draft


def test_names_in_other_scripts(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = "id,\u8840\u5c0f\u677f,Leucocitos\nA,90,5\n".encode()
    _, found = draft_of(tmp_path, text, vocabulary)
    assert [rule.target for rule in found.columns.values()] == ["case", "platelets", "leukocytes"]


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([["id", "plt"], ["A", "90"]], 1),
        ([["Census of ward 3", ""], ["", ""], ["id", "plt"], ["A", "90"]], 3),
        ([["id", "plt", "hb", "note"], ["A", "90", "9", ""]], 1),
        ([["id"], ["A"]], 1),
        ([], 1),
    ],
)
def test_the_row_of_the_names(rows: list[list[str]], row: int) -> None:
    assert header_row_of(rows) == row
