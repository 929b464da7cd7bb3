"""Every JSON that is shown says its format and the program that wrote it."""

import json
from pathlib import Path

import pytest

from screen.cli.main import main
from screen.program import FORMAT, PROGRAM

CASES = Path(__file__).parents[2] / "cases"
ONE, OTHER = CASES / "respire-eligible.yaml", CASES / "mild-ineligible.yaml"
COMMANDS = (
    f"case {ONE}",
    f"case {ONE} {OTHER}",
    f"explain {ONE} NCT04361903",
    "protocols list",
    "protocols show NCT04361903",
    "concepts",
    "concepts platelets",
    "audit log --ledger a.ledger",
    "audit show 1 --ledger a.ledger",
    "audit verify --ledger a.ledger",
    "audit replay --ledger a.ledger",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_format_and_program(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["case", str(ONE), "--ledger", "a.ledger"]) == 0
    capsys.readouterr()
    assert main([*command.split(), "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    objects = shown if isinstance(shown, list) else [shown]
    assert objects
    assert {(one["format"], one["program"]) for one in objects} == {(FORMAT, PROGRAM)}
