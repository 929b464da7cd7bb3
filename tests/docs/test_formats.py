"""The examples of `docs/formats.md` are read as they stand, and give what they say they give."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen.cli.main import main
from screen.intake.keys import CASE_KEYS, RECORD_KEYS
from tests.docs.pages import ROOT, Block, blocks

PAGE = ROOT / "docs" / "formats.md"
TEXT = PAGE.read_text(encoding="utf-8")
Capture = pytest.CaptureFixture[str]
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """Runs a command that has to succeed, in an empty folder; gives what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIALSCREEN_LEDGER", raising=False)

    def runs(*arguments: str) -> str:
        assert main(arguments) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return runs


def block(language: str, start: str) -> Block:
    (found,) = (b for b in blocks(PAGE) if b.language == language and b.text.startswith(start))
    return found


def agrees(said: Any, given: Any) -> bool:
    """Whether a result is what an example says: `…` stands for any text, keys may be more."""
    if isinstance(said, dict):
        return all(key in given and agrees(value, given[key]) for key, value in said.items())
    if isinstance(said, list):
        return all(any(agrees(one, other) for other in given) for one in said)
    if isinstance(said, str) and said.endswith("…"):
        return isinstance(given, str) and given.startswith(said[:-1])
    return bool(said == given)


def test_the_case_gives_the_result(run: Run) -> None:
    Path("case.yaml").write_text(block("yaml", "case:").text, encoding="utf-8")
    given = json.loads(run("case", "case.yaml", "-p", "NCT04361903", "--format", "json"))
    said = json.loads(block("json", "{").text)
    assert agrees(said, given)
    assert not agrees(said | {"case": "other"}, given)
    assert said.keys() == given.keys()
    assert said["screenings"][0].keys() == given["screenings"][0].keys()


def test_the_site_file_is_read(run: Run) -> None:
    Path("case.yaml").write_text(block("yaml", "case:").text, encoding="utf-8")
    Path("site.yaml").write_text(block("yaml", "unit_aliases:").text, encoding="utf-8")
    assert run("case", "case.yaml", "--site", "site.yaml")


def test_every_key_is_named() -> None:
    section = TEXT.partition("## A case file")[2].partition("\n## ")[0]
    case = block("yaml", "case:").text
    assert {key for key in CASE_KEYS if not re.search(rf"^{key}:", case, re.MULTILINE)} == set()
    table = " ".join(line for line in section.splitlines() if line.startswith("| `"))
    assert {key for key in RECORD_KEYS if f"`{key}`" not in table} == set()


def columns_of(file: str) -> list[str]:
    """The columns that the page names for a file of the output folder."""
    (line,) = re.findall(rf"^\| .*`{re.escape(file)}` \|.*: (`.*) \|$", TEXT, re.MULTILINE)
    return re.findall(r"`(\w+)`", line)


def test_an_output_has_the_columns(run: Run) -> None:
    run("batch", str(ROOT / "cases" / "tables" / "census.csv"), "--out", "out", "--format", "csv")
    for name in ("verdicts.csv", "rejects.csv"):
        with Path("out", name).open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == columns_of(name)
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    for key in ("set_aside", "missing", "left_out"):
        assert key in summary
        assert f"`{key}`" in TEXT
