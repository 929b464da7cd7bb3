"""FHIR is not read; that it is FHIR is said in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen.cli.main import main

BUNDLE = json.dumps(
    {
        "entry": [{"resource": {"resourceType": "Patient", "id": "P1", "gender": "male"}}],
        "resourceType": "Bundle",
        "type": "collection",
    }
)
CASE = "case: A\nscreened_at: 2020-04-06\nobservations: {platelets: 18 10*9/L}\n"
SAID = "this is a FHIR Bundle, and FHIR is not read; write a case file, or a table"

Batch = Callable[..., Any]
Refused = Callable[..., str]


def test_in_a_case_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(BUNDLE, encoding="utf-8")
    assert main(["case", str(path), "-p", "NCT04361903"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    column = BUNDLE.index('"resourceType": "Bundle"') + 1
    assert line.endswith(f"bundle.json:1:{column}: {SAID}")


def test_as_the_input_of_a_batch(refused: Refused) -> None:
    assert refused(BUNDLE, name="bundle.json") == f"bundle.json: {SAID}"


def test_in_a_folder_of_cases(batch: Batch, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "a.yaml").write_text(CASE, encoding="utf-8")
    (folder / "bundle.json").write_text(BUNDLE, encoding="utf-8")
    ran = batch(folder)
    assert ran.verdicts == {"A": "ineligible"}
    assert [(line["input"], line["reason"]) for line in ran.rejects] == [("bundle.json", SAID)]


def test_in_lines(batch: Batch) -> None:
    ran = batch(f'{{"resourceType": "Patient", "id": "P1"}}\n{BUNDLE}\n', name="export.ndjson")
    assert ran.verdicts == {}
    assert [line["reason"] for line in ran.rejects] == [SAID.replace("Bundle", "Patient"), SAID]
