"""Files as sites write them, in every door that takes them: `rows.yaml` says what has to come out.

A batch runs in the rule engine and in the column plan. A case file is read by `case` and, in a
folder, by both of these.
"""

import csv
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from screen.cli.main import main
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary
from screen.model.protocol import Protocol

HERE = Path(__file__).parent
ROWS = yaml.safe_load((HERE / "rows.yaml").read_text(encoding="utf-8"))
LETTERS = {"M": "met", "N": "not_met", "U": "unknown"}
KEYS = {
    *("id", "why", "run", "status", "truths", "verdicts", "reasons", "aside", "rejects", "says"),
    *("never", "explains", "rules"),
}
CASES = [row for row in ROWS if row["run"].startswith("case ")]
BATCHES = [row for row in ROWS if row["run"].startswith("batch ")]

Row = Mapping[str, Any]
Capture = pytest.CaptureFixture[str]


def by_id(rows: list[Row]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[row["id"] for row in rows])


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inputs are copied, so that a run cannot change them; a terminal of any width may show."""
    shutil.copytree(HERE / "inputs", tmp_path / "inputs")
    monkeypatch.chdir(tmp_path / "inputs")
    monkeypatch.setenv("NO_COLOR", "1")


def rules_of(row: Row, folder: Path) -> list[str]:
    """The program's rules with what the row adds, as options; none where it adds nothing."""
    if "rules" not in row:
        return []
    added, rules = Path(row["rules"]), folder / "rules"
    shutil.copytree(default_rules_dir() / "vocabulary", rules / "vocabulary")
    for file in added.glob("*.yaml"):
        if file.name != "protocol.yaml":
            with (rules / "vocabulary" / file.name).open("a", encoding="utf-8") as whole:
                whole.write(file.read_text(encoding="utf-8"))
    (rules / "protocols" / added.name).mkdir(parents=True)
    shutil.copy(added / "protocol.yaml", rules / "protocols" / added.name)
    return ["--rules", str(rules)]


def protocol_of(row: Row, options: list[str]) -> Protocol:
    rules = Path(options[1]) if options else default_rules_dir()
    return load_protocol(rules, row["run"].split()[-1], load_vocabulary(rules))


def check_words(row: Row, seen: str) -> None:
    flat = " ".join(seen.split())
    for words in row.get("says", ()):
        assert " ".join(words.split()) in flat
    for words in row.get("never", ()):
        assert words not in flat


def check_batch(row: Row, out: Path, protocol: Protocol) -> None:
    """The verdicts and truths of an output, what it sets aside, and what it rejects."""
    with (out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        lines = {line["case"]: line for line in csv.DictReader(file)}
    for case, verdict in row.get("verdicts", {}).items():
        assert lines[case]["verdict"] == verdict, case
    names = [criterion.id for criterion in protocol.criteria]
    for asked, truth in row.get("truths", {}).items():
        case, criterion = asked.split()
        assert LETTERS[lines[case]["criteria"][names.index(criterion)]] == truth, asked
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    cases = summary["cases"]
    assert cases["in"] == cases["screened"] + cases["rejected"]
    assert cases["screened"] == len(lines)
    if "aside" in row:
        aside = {f"{e['concept']} {e['reason']}": e["records"] for e in summary["set_aside"]}
        assert aside == row["aside"]
    with (out / "rejects.csv").open(newline="", encoding="utf-8") as file:
        rejects = list(csv.DictReader(file))
    expected = row.get("rejects", [])
    assert [(int(line["row"]), line["column"]) for line in rejects] == [
        (number, column) for number, column, _ in expected
    ]
    for line, (_, _, words) in zip(rejects, expected, strict=True):
        assert words in line["reason"] or words in line["value"]


def check_explained(row: Row, out: Path, capsys: Capture) -> None:
    protocol = row["run"].split()[-1]
    for asked in row.get("explains", ()):
        ((case, words),) = asked.items()
        capsys.readouterr()
        main(["explain", "--from", str(out), case, protocol])
        shown = capsys.readouterr()
        assert words in " ".join((shown.out + shown.err).split())


def test_every_row_says_what_must_come_out() -> None:
    names = [row["id"] for row in ROWS]
    assert len(set(names)) == len(names)
    for row in ROWS:
        assert set(row) <= KEYS, row["id"]
        assert set(row) - {"id", "why", "run", "rules", "status"}, row["id"]
    assert len(CASES) + len(BATCHES) == len(ROWS)


@by_id(BATCHES)
@pytest.mark.parametrize("engine", ["rules", "columns"])
def test_a_batch(row: Row, engine: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    words = row["run"].split()
    if "--map-template" not in words:
        words += ["--out", str(out), "--format", "csv", "--engine", engine]
    assert main(words) == row.get("status", 0)
    shown = capsys.readouterr()
    check_words(row, shown.out + shown.err)
    if out.exists():
        check_batch(row, out, protocol_of(row, []))
        check_explained(row, out, capsys)
    else:
        assert not {"truths", "verdicts", "aside", "rejects", "explains"} & set(row)


@by_id(CASES)
def test_a_case_file(row: Row, tmp_path: Path, capsys: Capture) -> None:
    words = row["run"].split() + rules_of(row, tmp_path)
    assert main(words) == row.get("status", 0)
    shown = capsys.readouterr()
    check_words(row, shown.out + shown.err)
    if row.get("status", 0) == 2:
        assert "truths" not in row
        return
    main([*words, "--format", "json"])
    case = json.loads(capsys.readouterr().out)
    (screening,) = case["screenings"]
    criteria = {criterion["id"]: criterion for criterion in screening["criteria"]}
    for asked, truth in row["truths"].items():
        name, criterion = asked.split()
        assert name == case["case"]
        assert criteria[criterion]["truth"] == truth, asked
    for criterion, reasons in row.get("reasons", {}).items():
        assert criteria[criterion]["reasons"] == reasons.split(), criterion
    for verdict in row.get("verdicts", {}).values():
        assert screening["verdict"] == verdict


@by_id([row for row in CASES if "truths" in row])
@pytest.mark.parametrize("engine", ["rules", "columns"])
def test_a_case_file_in_a_folder(row: Row, engine: str, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    _, file, _, protocol = row["run"].split()
    shutil.copy(file, tmp_path / "cases")
    options = rules_of(row, tmp_path)
    out = tmp_path / "out"
    words = ["batch", str(tmp_path / "cases"), "--out", str(out), "--format", "csv", "-p", protocol]
    assert main([*words, "--engine", engine, *options]) == 0
    check_batch(row, out, protocol_of(row, options))


def test_an_assumption_is_never_cut_off(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the caveat of an eligible verdict, so it stands on its line whole."""
    monkeypatch.setenv("COLUMNS", "80")
    file = HERE.parents[2] / "cases" / "ruxcoflam-eligible.yaml"
    assert main(["case", str(file), "-p", "NCT04338958"]) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if "ELIGIBLE" in one)
    assert line.split() == [
        *("NCT04338958", "ELIGIBLE", "ruxolitinib", "19", "satisfied,", "1", "assumed")
    ]


def test_a_batch_on_a_terminal_in_color(tmp_path: Path) -> None:
    """A verdict that no case has must not end the table."""
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    words = ["batch", "hidden.xlsx", "--map", "plt.yaml", "--out", str(tmp_path / "out")]
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "screen.cli.main", *words],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**env, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:
        pass  # the other end was closed
    os.close(ours)
    assert done.wait() == 0
    text = shown.decode()
    assert "\x1b[" in text
    assert "unexpected" not in text
    assert "1 row is hidden in the sheet" in text
