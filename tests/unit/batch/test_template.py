"""The first draft of a mapping: it loads, guesses no unit, and asks for confirmation."""

from pathlib import Path

from screen.batch.mapping import load_mapping
from screen.batch.template import guess, template
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
    assert guess(HEADER, vocabulary) == {
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
