"""The audit commands: exit status, what is said where, and what people note down."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from screen.cli.main import main
from tests.unit.audit.site import Site

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.folder)
    monkeypatch.setenv("TRIALSCREEN_LEDGER", "screening.ledger")
    monkeypatch.delenv("TRIALSCREEN_DEBUG", raising=False)


def test_verify_tells_what_it_proved_and_the_head(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    assert main(["audit", "verify"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[:2] == [
        "2 entries (2 case): nothing wrong",
        "6 truths proved again from the recorded evidence",
    ]
    head = json.loads(site.lines()[-1])["hash"]
    assert lines[2] == f"head  {head}"
    assert max(map(len, lines)) <= 80
    assert "Whole entries that were cut off after entry 2" in out
    assert main(["audit", "verify", "--head", head]) == 0
    assert "the noted hash is entry 2 of 2" in capsys.readouterr().out


def test_verify_needs_no_rules_and_no_cases(site: Site, capsys: Capture) -> None:
    path = site.case("A-1")
    site.record(path)
    path.unlink()
    site.rules.rename(site.folder / "gone")
    assert main(["audit", "verify", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["entries"], told["truths_proved"]) == (True, 1, 3)


def test_verify_names_what_is_damaged(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    first, second = site.lines()
    site.ledger.write_bytes(first.replace(b"A-1", b"A-9", 1) + second)
    assert main(["audit", "verify"]) == 1
    out, err = capsys.readouterr()
    assert "1 entry (1 case): 2 problems" in out
    damage, lost = err.splitlines()
    assert damage.startswith("screening.ledger: entry 1 (line 1) is damaged: ")
    assert lost == "screening.ledger: entry 2: P-1: what it asked is recorded nowhere"


def test_a_ledger_that_is_not_there(capsys: Capture) -> None:
    for command in (["log"], ["show", "1"], ["verify"], ["replay"], ["screening-log"]):
        assert main(["audit", *command]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err == "screening.ledger: there is no such file\n"
    assert not Path("screening.ledger").exists()


def test_log_and_show(site: Site, capsys: Capture) -> None:
    path = site.case("A-1")
    site.record(path)
    rules = ["--rules", str(site.rules)]
    assert main(["audit", "log", *rules]) == 0
    first, head = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r" +1  20\S+ \S+  kim \(account \S+\) +case A-1: 1 ineligible", first)
    assert head.startswith("head  sha256:")
    assert main(["audit", "show", "1", *rules]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Entry 1: case A-1: 1 ineligible\n")
    assert "\n  enough-platelets: not met\n    platelets 90 10*9/L, line 5:14\n" in shown
    path.write_text("case: x\n")
    assert main(["audit", "show", "1", *rules]) == 0
    stale = capsys.readouterr().out
    assert stale.startswith(
        "Not current: this was decided before something changed.\n"
        "  input file A-1.yaml has changed since\n\nEntry 1"
    )
    assert main(["audit", "log", *rules]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("     1* ")
    assert err == "entries with a star rest on files that have changed since\n"
    assert main(["audit", "show", "1", "--format", "json", *rules]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["current"] is False
    assert told["entry"]["case"] == "A-1"


def test_replay(site: Site, capsys: Capture) -> None:
    path = site.case("A-1")
    site.record(path, site.case("A-2"))
    rules = ["--rules", str(site.rules)]
    assert main(["audit", "replay", *rules]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 replayed, 2 as recorded, 0 not"
    path.unlink()
    assert main(["audit", "replay", *rules]) == 1
    out = capsys.readouterr().out
    assert "entry 1 case A-1: not decided again\n  input file A-1.yaml is gone\n" in out
    assert main(["audit", "replay", "--entry", "2", *rules]) == 0
    assert main(["audit", "replay", "--entry", "3", *rules]) == 2


def test_sign_and_note(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"))
    assert main(["audit", "keygen", "--out", "k"]) == 0
    assert stat.S_IMODE(Path("k").stat().st_mode) == 0o600
    assert main(["audit", "keygen", "--out", "k"]) == 2
    capsys.readouterr()
    signed = ["audit", "sign", "--key", "k", "--name", "Dr Ibe", "--meaning", "approved"]
    assert main([*signed, "--entry", "1"]) == 0
    assert capsys.readouterr().out.startswith("entry 2: Dr Ibe approved entry 1\nhead  sha256:")
    note = ["audit", "note", "1", "-p", "P-1", "--criterion", "sick", "--finding", "not_met"]
    assert main([*note, "--reason", "no dyspnea at the bedside", "--by", "kim"]) == 0
    assert main(["audit", "verify", "--pub", "k.pub"]) == 0
    out = capsys.readouterr().out
    assert "by a given key" in out
    assert "signed by given keys: everything up to entry 1" in out
    assert main(["audit", "show", "1", "--rules", str(site.rules)]) == 0
    shown = capsys.readouterr().out
    assert "note on entry 1: sick is not met" in shown
    assert "Dr Ibe approved entry 1" in shown
    assert "sick: met" in shown


def test_checklist_in_each_format(site: Site, capsys: Capture) -> None:
    path = site.case("A-1")
    arguments = ["checklist", str(path), "-p", "P-1", "--rules", str(site.rules)]
    for format_, start in (("markdown", "# Eligibility checklist P-1"), ("csv", "No.,Kind,")):
        assert main([*arguments, "--format", format_]) == 0
        assert capsys.readouterr().out.startswith(start)
    assert main([*arguments, "--format", "html", "--out", "list.html"]) == 0
    assert Path("list.html").read_text().startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(Path("list.html").stat().st_mode) == 0o600
    assert main([*arguments, "--out", "list.html"]) == 2
    assert "it exists already" in capsys.readouterr().err


def test_screening_log_in_each_format(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"))
    rules = ["--rules", str(site.rules)]
    for format_, start in (
        ("markdown", "# Screening log"),
        ("csv", "Entry,Case,"),
        ("html", "<!DOCTYPE html>"),
    ):
        assert main(["audit", "screening-log", "--format", format_, *rules]) == 0
        assert capsys.readouterr().out.startswith(start)


def test_an_empty_ledger(capsys: Capture) -> None:
    Path("screening.ledger").touch()
    assert main(["audit", "verify"]) == 1
    assert capsys.readouterr().out.startswith("0 entries: 1 problem\n")
    assert main(["audit", "show", "1"]) == 2
    assert main(["audit", "log"]) == 0


def test_a_folder_for_a_ledger(capsys: Capture) -> None:
    Path("screening.ledger").mkdir()
    assert main(["audit", "verify"]) == 2
    assert capsys.readouterr().err == "screening.ledger: cannot be read: it is a folder\n"


def test_verify_runs_without_the_rule_engine(site: Site) -> None:
    site.record(site.case("A-1"))
    code = (
        "import sys; from screen.cli.main import main; status = main(['audit', 'verify']); "
        "sys.exit(status or any(name.startswith('durable') for name in sys.modules))"
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0
