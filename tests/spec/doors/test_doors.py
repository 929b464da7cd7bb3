"""Runs `doors.yaml`: each input goes through the command line, as whoever has it would give it.

What a table comes to is asked of the verdict lines (the column plan) and of `explain --from` (the
rules engine and its checker), so that all of them have to say the same.
"""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from screen.cli.main import main
from screen.language.load import default_rules_dir
from screen.language.tree import Items, Node, Pairs, Problems, Text
from screen.language.yamltext import read_yaml

HERE = Path(__file__).parent
INPUTS = HERE / "inputs"
LONG_NAMES = {
    "RE": "NCT04361903",
    "MX": "NCT04334044",
    "MAP": "NCT04337359",
    "RCF": "NCT04338958",
    "CAO": "ChiCTR2000029580",
}
LETTERS = {"M": "met", "N": "not_met", "U": "unknown"}
Capture = pytest.CaptureFixture[str]
Truths = dict[str, str]


def plain(node: Node | None) -> Any:
    """A node as dictionaries, lists and texts."""
    match node:
        case Pairs(pairs):
            return {key.value: plain(value) for key, value in pairs}
        case Items(items):
            return [plain(item) for item in items]
        case Text(value):
            return value
    return None


def rows() -> dict[str, Any]:
    problems = Problems("doors.yaml")
    table = plain(read_yaml((HERE / "doors.yaml").read_text(encoding="utf-8"), problems))
    assert not problems.found
    named = [row for part in table.values() for row in part]
    found = {row["name"]: row for row in named}
    assert len(found) == len(named)
    return found


ROWS = rows()


class Tried:
    """A command line on one row's input, in a folder of its own."""

    def __init__(self, row: dict[str, Any], capsys: Capture) -> None:
        self.row = row
        self._capsys = capsys
        shutil.copytree(INPUTS, "inputs")
        self._rules = self._with_added(row["added"]) if "added" in row else []
        given = [f"--{key}" for key in ("map", "patients", "site") if key in row]
        files = [f"inputs/{row[key.removeprefix('--')]}" for key in given]
        self._more = [word for pair in zip(given, files, strict=True) for word in pair]

    def _with_added(self, name: str) -> list[str]:
        """The program's vocabulary, what a row adds to it, and the row's protocol."""
        added, rules = Path("inputs/rules") / name, Path("rules")
        shutil.copytree(default_rules_dir() / "vocabulary", rules / "vocabulary")
        shutil.copytree(added, rules / "protocols" / name)
        for file in added.glob("*.yaml"):
            target = rules / "vocabulary" / file.name
            if target.exists():
                target.write_text(target.read_text() + file.read_text())
                (rules / "protocols" / name / file.name).unlink()
        return ["--rules", "rules"]

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit status, and everything that a person reads, without the line breaks."""
        self._capsys.readouterr()
        status = main([*arguments, *self._rules])
        told = self._capsys.readouterr()
        return status, " ".join(f"{told.out} {told.err}".split())

    def screened(self) -> tuple[int, str]:
        row = self.row
        if "template" in row:
            return self.run("batch", "--map-template", f"inputs/{row['template']}")
        if "case" in row:
            return self.run("case", f"inputs/{row['case']}", "--format", "markdown")
        return self.run(
            "batch", f"inputs/{row['batch']}", "--out", "out", "--format", "csv", *self._more
        )

    def truths(self, case: str, protocol: str) -> Truths:
        """The truth of each criterion, with reasons, as the rules engine has it."""
        if "case" in self.row:
            asked = ["case", f"inputs/{self.row['case']}", "-p", protocol]
        else:
            asked = ["explain", "--from", "out", case, protocol]
        self._capsys.readouterr()
        assert main([*asked, "--format", "json", *self._rules]) == 0
        (screening,) = json.loads(self._capsys.readouterr().out)["screenings"]
        found = {
            one["id"]: " ".join([one["truth"], *sorted(one["reasons"])])
            for one in screening["criteria"]
        }
        if "batch" in self.row:
            assert self._letters(case, protocol, list(found)) == {
                name: truth.split(" ")[0] for name, truth in found.items()
            }
        return {**found, "verdict": screening["verdict"]}

    def _letters(self, case: str, protocol: str, names: list[str]) -> Truths:
        with Path("out/verdicts.csv").open(newline="") as file:
            lines = {(line["case"], line["protocol"]): line for line in csv.DictReader(file)}
        letters = lines[case, protocol]["criteria"]
        return {name: LETTERS[letter] for name, letter in zip(names, letters, strict=True)}

    def explained(self, case: str, protocol: str) -> str:
        asked = [f"inputs/{self.row['case']}"] if "case" in self.row else ["--from", "out", case]
        return self.run("explain", *asked, protocol)[1]


def named(words: str) -> tuple[str, str]:
    """`P1 RE`: a case, and a protocol by its long name."""
    case, protocol = words.split(" ")
    return case, LONG_NAMES.get(protocol, protocol)


def in_order(truth: str) -> str:
    first, *reasons = truth.split(" ")
    return " ".join([first, *sorted(reasons)])


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIALSCREEN_DEBUG", "1")
    row = ROWS[name]
    tried = Tried(row, capsys)
    status, told = tried.screened()
    for words in row.get("says", ()):
        assert words.casefold() in told.casefold()
    if "refused" in row:
        assert status == 2
        assert not Path("out").exists()
        for words in row["refused"]:
            assert words.casefold() in told.casefold()
        return
    nobody = " 0 screened" in row.get("counts", "")
    assert status == 2 if nobody else status in (0, 1), told
    assert told.startswith(row.get("counts", ""))
    for which, wanted in row.get("expect", {}).items():
        found = tried.truths(*named(which))
        assert {key: found[key] for key in wanted} == {
            key: in_order(truth) for key, truth in wanted.items()
        }
    for which, words in row.get("explained", {}).items():
        told = tried.explained(*named(which))
        assert [word for word in words if word not in told] == [], told
    if "rejected" in row:
        with Path("out/rejects.csv").open(newline="") as file:
            rejects = {line["row"]: line["reason"] for line in csv.DictReader(file)}
        assert rejects.keys() == row["rejected"].keys()
        assert all(words in rejects[at] for at, words in row["rejected"].items())
    if "set_aside" in row:
        summary = json.loads(Path("out/summary.json").read_text())
        counts: dict[str, int] = {}
        for one in summary["set_aside"]:
            key = f"{one['concept']} {one['reason']}"
            counts[key] = counts.get(key, 0) + one["records"]
        assert counts == {key: int(number) for key, number in row["set_aside"].items()}
