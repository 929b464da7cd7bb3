"""What is shown has been recorded: the commands that screen, with a ledger."""

import json
from pathlib import Path

import pytest

from screen.cli.main import main

CASES = Path(__file__).parents[2] / "cases"
CASE = str(CASES / "respire-eligible.yaml")


def log(ledger: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["audit", "log", "--ledger", str(ledger), "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    assert isinstance(entries, list)
    return entries


def test_case_explain_and_batch_each_add_an_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger, folder = tmp_path / "site.ledger", tmp_path / "in"
    folder.mkdir()
    (folder / "one.yaml").write_bytes(Path(CASE).read_bytes())
    recorded = ["--ledger", str(ledger), "--by", "A. Nurse"]
    assert main(["case", CASE, *recorded]) == 0
    assert main(["explain", CASE, "NCT04361903", *recorded]) == 0
    assert main(["batch", str(folder), "--out", str(tmp_path / "out"), *recorded]) == 0
    assert [entry["kind"] for entry in log(ledger, capsys)] == ["case", "case", "batch"]
    assert main(["audit", "verify", "--ledger", str(ledger)]) == 0
    assert main(["audit", "replay", "--ledger", str(ledger)]) == 0


def test_the_ledger_can_come_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "site.ledger"
    monkeypatch.setenv("TRIALSCREEN_LEDGER", str(ledger))
    assert main(["case", CASE]) == 0
    assert len(log(ledger, capsys)) == 1


def test_nothing_is_shown_where_nothing_can_be_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", CASE, "--ledger", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err


def test_without_a_ledger_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRIALSCREEN_LEDGER", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["case", CASE]) == 0
    assert list(tmp_path.iterdir()) == []
