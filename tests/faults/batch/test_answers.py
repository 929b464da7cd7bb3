"""Answers of persons in tables reach the case under the key that a case file has for them."""

from pathlib import Path

import pytest

from screen.batch.inputs.opened import open_input
from screen.documents.tree import Pairs, Text
from screen.intake.keys import CASE_KEYS
from screen.model.concept import Vocabulary

COLUMN = "answers.NCT04361903.uncompensated-illness"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screen.batch.columns.answer_columns.CASE_KEYS", (*CASE_KEYS, "answers"))


def said(folder: Path, vocabulary: Vocabulary, path: Path, patients: Path | None) -> dict[str, str]:
    """What each case says of the criterion."""
    source = open_input(path, None, vocabulary, patients)
    found = {}
    for delivery in source.deliveries(100, folder):
        for document in delivery.part.documents() if delivery.part else ():
            assert isinstance(document.tree, Pairs)
            node = document.tree.get("answers")
            for key in ("NCT04361903", "uncompensated-illness"):
                node = node.get(key) if isinstance(node, Pairs) else None
            found[document.case] = node.value if isinstance(node, Text) else ""
    return found


def test_in_a_wide_table(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "census.csv"
    path.write_text(f"case,screened_at,{COLUMN}\nA,2020-03-21,denied\nB,2020-03-21,\n")
    assert said(tmp_path, vocabulary, path, None) == {"A": "denied", "B": ""}


def test_in_the_file_of_the_patients(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path, patients = tmp_path / "labs.csv", tmp_path / "patients.csv"
    path.write_text("case,concept,value\nA,dyspnea,present\n")
    patients.write_text(f"case,screened_at,{COLUMN}\nA,2020-03-21,confirmed\nB,2020-03-21,\n")
    assert said(tmp_path, vocabulary, path, patients) == {"A": "confirmed", "B": ""}
