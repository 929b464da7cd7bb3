"""The example of a mapping that comes with the program, with its tables."""

import json
from pathlib import Path

import pytest

from screen.cli.main import main

MAPPINGS = Path(__file__).parents[3] / "cases" / "mappings"


@pytest.mark.parametrize("engine", ["rules", "columns"])
def test_the_laboratory(tmp_path: Path, engine: str) -> None:
    """231 thousand platelets exclude nobody, 98 thousand from one protocol, fewer than 10 thousand
    from both; 240.5 is more than five times 40. A cancelled result and one of `-` count nowhere.
    """
    table, patients = MAPPINGS / "laboratory.csv", MAPPINGS / "laboratory_patients.csv"
    command = ["batch", str(table), "--patients", str(patients), "--engine", engine]
    command += ["--map", str(MAPPINGS / "laboratory.yaml"), "--out", str(tmp_path / "out")]
    protocols = ["-p", "NCT04361903", "-p", "NCT04338958"]
    assert main([*command, "--format", "csv", *protocols]) == 0
    lines = (tmp_path / "out" / "verdicts.csv").read_text().replace('"', "").splitlines()[1:]
    assert [tuple(line.split(",")[:4]) for line in lines] == [
        ("L-01", "NCT04361903", "undecided", ""),
        ("L-01", "NCT04338958", "undecided", ""),
        ("L-02", "NCT04361903", "ineligible", "thrombocytopenia"),
        ("L-02", "NCT04338958", "undecided", ""),
        ("L-03", "NCT04361903", "ineligible", "thrombocytopenia"),
        ("L-03", "NCT04338958", "ineligible", "raised-transaminases thrombocytopenia"),
        ("L-04", "NCT04361903", "undecided", ""),
        ("L-04", "NCT04338958", "undecided", ""),
    ]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["set_aside"] == []
    assert summary["left_out"] == {
        "not_recorded": {"Ergebnis": 1},
        "not_used": {"Albumin": 1},
        "rows": {"Status is storniert, Probe fehlt": 1},
    }
