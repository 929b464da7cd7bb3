"""Deciding again, and what has changed since."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from screen.audit.check.changes import Present, announcement
from screen.audit.check.replay import DIFFERENT, NOT_DECIDED, SAME, Replayed, Replayer
from screen.audit.ledger.line import opened, sealed
from screen.audit.people.signing import make_case_key
from screen.audit.recording.recorder import Recorder
from screen.engine.decide import Screener
from screen.explain.show.json_result import case_result
from screen.explain.words.background import Background
from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules import load_rules
from tests.unit.audit.site import Site

ROOT = Path(__file__).parents[4]


def replayed(site: Site, folder: Path | None = None) -> list[Replayed]:
    return list(Replayer(site.ledger, site.rules, folder).replay())


def test_the_same_files_give_the_same_bytes(site: Site) -> None:
    site.record(site.case("A-1"), site.case("A-2", "150"))
    assert [(one.outcome, one.changes, one.is_good) for one in replayed(site)] == [
        (SAME, (), True),
        (SAME, (), True),
    ]


def test_a_changed_input_is_named(site: Site) -> None:
    path = site.case("A-1")
    site.record(path)
    path.write_text(path.read_text() + "\n")
    (one,) = replayed(site)
    assert (one.outcome, one.is_good) == (NOT_DECIDED, False)
    assert [change.text for change in one.changes] == ["input file A-1.yaml has changed since"]


def test_an_input_that_is_gone_is_named(site: Site) -> None:
    path = site.case("A-1")
    site.record(path)
    path.unlink()
    (one,) = replayed(site)
    assert not one.is_good
    assert [change.text for change in one.changes] == ["input file A-1.yaml is gone"]


def test_files_are_found_by_digest_in_another_folder(site: Site, tmp_path: Path) -> None:
    site.record(site.case("A-1"))
    other = tmp_path / "copies" / "deep"
    other.mkdir(parents=True)
    shutil.move(site.folder / "A-1.yaml", other / "renamed.yaml")
    assert not replayed(site)[0].is_good
    assert replayed(site, tmp_path / "copies")[0].is_good


def test_the_folder_can_move_with_its_ledger(site: Site, tmp_path: Path) -> None:
    site.record(site.case("A-1"))
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("A-1.yaml", "screening.ledger"):
        shutil.copy(site.folder / name, moved)
    site.case("A-1", "150")
    (one,) = Replayer(moved / "screening.ledger", site.rules).replay()
    assert one.outcome == SAME


def test_newer_rules_are_shown_and_nothing_comes_of_them(site: Site) -> None:
    site.record(site.case("A-1"))
    protocol = site.rules / "protocols/p-1/protocol.yaml"
    protocol.write_text(protocol.read_text() + "# a remark\n")
    (one,) = replayed(site)
    assert (one.outcome, one.is_good) == (SAME, True)
    assert [change.text for change in one.changes] == [
        "rule file protocols/p-1/protocol.yaml has changed since"
    ]


def test_newer_rules_that_decide_otherwise(site: Site) -> None:
    site.record(site.case("A-1"))
    protocol = site.rules / "protocols/p-1/protocol.yaml"
    protocol.write_text(protocol.read_text().replace("100000", "90000"))
    (one,) = replayed(site)
    assert (one.outcome, one.is_good) == (DIFFERENT, False)
    assert one.differences == (
        "P-1: was ineligible, is eligible now",
        "P-1: enough-platelets was not met, is met now",
    )


def test_a_protocol_that_is_gone_is_a_difference(site: Site) -> None:
    site.record(site.case("A-1"))
    shutil.rmtree(site.rules / "protocols/p-1")
    (one,) = replayed(site)
    assert not one.is_good
    assert one.changes[0].text == "rule file protocols/p-1/protocol.yaml is gone"
    assert any(text.endswith("protocols: is empty") for text in one.differences)


def test_another_program_is_shown(site: Site) -> None:
    site.record(site.case("A-1"))
    entry = opened(site.lines()[0])
    assert entry is not None
    older = {**entry.body, "program": "trialscreen 0.0.1", "decision": f"sha256:{'0' * 64}"}
    site.ledger.write_bytes(sealed(older)[0])
    (one,) = replayed(site)
    assert one.is_good
    assert one.changes[0].text.startswith("the program was trialscreen 0.0.1, and is")


@pytest.mark.parametrize("redact", [False, True])
@pytest.mark.parametrize("field", ["decision", "result"])
def test_another_byte(site: Site, field: str, redact: bool) -> None:
    site.record(site.case("A-1"), redact=redact)
    entry = opened(site.lines()[0])
    assert entry is not None
    site.ledger.write_bytes(sealed({**entry.body, field: f"sha256:{'0' * 64}"})[0])
    (one,) = replayed(site, site.folder)
    assert not one.is_good
    assert one.differences == (f"the truths are the same, but not every byte: {field}",)


def test_the_result_that_was_shown_is_compared_too(site: Site) -> None:
    loaded = load_rules(site.rules)
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    recorder = Recorder(site.ledger, site.rules, vocabulary, protocols)
    (case,) = read_case_file(site.case("A-1"), vocabulary)
    screened = Screener(vocabulary, protocols).screen(case)
    recorder.record(screened, case_result(Background(screened, vocabulary)))
    assert b'"result":"sha256:' in site.lines()[0]
    assert replayed(site)[0].is_good


def test_redacted_and_keyed_entries(site: Site) -> None:
    key = site.folder / "site.key"
    make_case_key(key)
    path = site.case("A-1")
    site.record(path, redact=True)
    site.record(path, key=key)
    assert [one.is_good for one in replayed(site)] == [False, False]
    assert [one.outcome for one in replayed(site, site.folder)] == [SAME, SAME]


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "C", "TZ": "America/St_Johns", "PYTHONHASHSEED": "4711"},
        {"LC_ALL": "de_DE.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0"},
    ],
)
def test_another_machine(tmp_path: Path, environment: dict[str, str]) -> None:
    """Every example, recorded here, replayed elsewhere with its files in another order."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    examples = sorted(
        path
        for path in (ROOT / "cases").iterdir()
        if path.suffix in (".yaml", ".json") and b"\nobservations:" in path.read_bytes()
    )
    assert len(examples) >= 10
    loaded = load_rules(None)
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    screener = Screener(vocabulary, protocols)
    ledger = here / "examples.ledger"
    recorder = Recorder(ledger, default_rules_dir(), vocabulary, protocols)
    for path in examples:
        copy = Path(shutil.copy(path, here))
        for case in read_case_file(copy, vocabulary):
            recorder.record(screener.screen(case))
    for number, path in enumerate(sorted(here.iterdir(), reverse=True)):
        shutil.copy(path, there / (path.name if path == ledger else f"{number}{path.suffix}"))
    command = "import sys; from screen.cli.main import main; sys.exit(main())"
    arguments = ["audit", "replay", "--ledger", str(there / ledger.name), "--input", str(there)]
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    count = len(examples)
    assert done.stdout.splitlines()[-1] == f"{count} replayed, {count} as recorded, 0 not"
    assert done.returncode == 0


def test_what_has_changed_is_said_first(site: Site) -> None:
    path = site.case("A-1")
    site.record(path)
    entry = opened(site.lines()[0])
    assert entry is not None
    assert Present(site.ledger, site.rules).changes(entry.body) == ()
    assert announcement(()) == ""
    (site.rules / "vocabulary/findings.yaml").unlink()
    (site.rules / "vocabulary/units.yaml").write_text("aliases: {}\n")
    path.write_text("case: other\n")
    changes = Present(site.ledger, site.rules).changes(entry.body)
    assert announcement(changes) == (
        "Not current: this was decided before something changed.\n"
        "  rule file vocabulary/units.yaml was not there\n"
        "  rule file vocabulary/findings.yaml is gone\n"
        "  input file A-1.yaml has changed since\n"
    )
