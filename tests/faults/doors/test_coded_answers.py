"""Answers that are codes themselves, and codes that say more than that something is there."""

import csv
from pathlib import Path

import pytest

from screen.cli.main import main
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.problems import ProblemsFound

PATIENTS = "case,screened_at,sex\nP1,2020-03-21,female\n"
PRESENCE = "shape: long\npresence: present\ncolumns: {case: case, code: code, system: system}\n"
ENGINES = pytest.mark.parametrize("engine", ["rules", "columns"])


def letters(table: str, engine: str, protocol: str, folder: Path, mapping: str = "") -> list[str]:
    """The truths of the criteria of the one case, after a batch."""
    (folder / "codes.csv").write_text(table)
    (folder / "people.csv").write_text(PATIENTS)
    (folder / "map.yaml").write_text(mapping)
    words = ["batch", str(folder / "codes.csv"), "--patients", str(folder / "people.csv")]
    words += ["--map", str(folder / "map.yaml")] if mapping else []
    words += ["-p", protocol, "--engine", engine, "--format", "csv", "--out", str(folder / "out")]
    assert main(words) == 0
    with (folder / "out" / "verdicts.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    return list(line["criteria"])


@ENGINES
@pytest.mark.parametrize(
    ("code", "answer", "criterion", "letter"),
    [
        ("94500-6", "LA6576-8", 1, "M"),  # positive
        ("94500-6", "LA11882-0", 1, "M"),  # detected
        ("94500-6", "10828004", 1, "M"),
        ("94500-6", "260373001", 1, "M"),
        ("94500-6", "LA6577-6", 1, "N"),  # negative
        ("94500-6", "LA11883-8", 1, "N"),  # not detected
        ("94500-6", "260385009", 1, "N"),
        ("94500-6", "260415000", 1, "N"),
        ("94500-6", "positive", 1, "M"),
        ("94500-6", "LA15173-0", 1, "U"),  # the answer to another question
        ("94500-6", "1", 1, "U"),
        ("82810-3", "LA15173-0", 7, "M"),  # pregnant
        ("82810-3", "77386006", 7, "M"),
        ("82810-3", "LA26683-5", 7, "U"),  # not pregnant; nobody says whether she nurses
        ("82810-3", "LA4489-6", 7, "U"),  # not known
        ("63895-7", "LA29252-6", 7, "M"),  # currently breastfeeding
        ("63895-7", "LA29253-4", 7, "U"),
    ],
)
def test_an_answer(
    engine: str, code: str, answer: str, criterion: int, letter: str, tmp_path: Path
) -> None:
    table = f"case,code,system,value\nP1,{code},loinc,{answer}\n"
    assert letters(table, engine, "NCT04361903", tmp_path)[criterion] == letter


@ENGINES
def test_both_answers_that_decide_together(engine: str, tmp_path: Path) -> None:
    table = "case,code,system,value\nP1,82810-3,loinc,60001007\nP1,63895-7,loinc,LA29253-4\n"
    assert letters(table, engine, "NCT04361903", tmp_path)[7] == "N"


@ENGINES
def test_an_answer_to_a_row_that_names_another_test_is_none(engine: str, tmp_path: Path) -> None:
    table = "case,concept,code,system,value\nP1,quantiferon,94500-6,loinc,LA6576-8\n"
    found = letters(table, engine, "NCT04361903", tmp_path)
    assert (found[1], found[12]) == ("U", "U")


@ENGINES
def test_a_table_of_codes_alone(engine: str, tmp_path: Path) -> None:
    """Labored breathing is increased work of breathing; not pregnant is no pregnancy."""
    table = "case,code,system\nP1,248549001,snomed\nP1,60001007,snomed\n"
    found = letters(table, engine, "NCT04334044", tmp_path, PRESENCE)
    assert found[2] == "M"
    assert found[5] == "U"  # nobody says whether she nurses


@ENGINES
def test_pneumonia_of_covid_is_the_diagnosis(engine: str, tmp_path: Path) -> None:
    table = "case,code,system\nP1,882784691000119100,snomed\n"
    assert letters(table, engine, "ChiCTR2000029580", tmp_path, PRESENCE)[1] == "M"


def test_an_answer_that_means_no_value_is_refused_at_load(tmp_path: Path) -> None:
    for file in (default_rules_dir() / "vocabulary").iterdir():
        text = file.read_text(encoding="utf-8").replace(
            "LA29252-6: present", "LA29252-6: currently"
        )
        (tmp_path / "vocabulary").mkdir(exist_ok=True)
        (tmp_path / "vocabulary" / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound, match='unknown value "currently"'):
        load_vocabulary(tmp_path)
