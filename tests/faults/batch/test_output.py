"""The output folder: never half there, never overwritten, and a full disk says so."""

import errno
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen import writing
from screen.batch.deciding.by_case import ByCaseEngine
from screen.batch.deciding.check_process import Beside
from screen.batch.deciding.sampled_check import Sample
from screen.batch.inputs.documents.document_files import DocumentPart, Source
from screen.batch.options import Options
from screen.batch.output.work_folder import WorkFolder
from screen.batch.rule_source import RuleSource
from screen.batch.run import run
from screen.problems import ProblemsFound
from tests.faults.batch.conftest import Silent

TEXT = "case,screened_at,platelets\nA,2020-03-21,90 10*9/L\n"

Batch = Callable[..., Any]


def test_output_that_exists(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    with pytest.raises(ProblemsFound, match="exists already; say --overwrite"):
        batch(TEXT)
    assert (tmp_path / "out" / "mine.txt").read_text() == "kept"


def test_overwrite(batch: Batch, tmp_path: Path) -> None:
    batch(TEXT)
    ran = batch(TEXT.replace("90", "300"), overwrite=True)
    assert ran.verdicts == {"A": "undecided"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["census.csv", "out"]


def test_nothing_else_is_left(batch: Batch) -> None:
    ran = batch(TEXT)
    assert sorted(path.name for path in ran.out.iterdir()) == [
        "manifest.json",
        "rejects.csv",
        "summary.json",
        "verdicts.csv",
    ]


def test_a_foreign_folder_is_not_cleared(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "thesis.doc").write_text("years")
    with pytest.raises(ProblemsFound, match="was not made by a batch"):
        batch(TEXT)
    assert (tmp_path / "out.partial" / "thesis.doc").read_text() == "years"


def test_two_runs_at_once(batch: Batch, tmp_path: Path) -> None:
    first = WorkFolder(tmp_path / "out", print)
    first.open({}, resume=False, overwrite=False)
    try:
        with pytest.raises(ProblemsFound, match="another run is writing it"):
            batch(TEXT)
    finally:
        first.close()


@pytest.mark.parametrize("name", ["000000.arrow", "000000.json", "verdicts.csv", "manifest.json"])
def test_full_disk(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    opened = writing.fresh

    def full(path: Path) -> Any:
        if path.name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path)

    modules = ("writing", "batch.output.work_folder", "batch.output.verdict_files")
    for module in modules:
        monkeypatch.setattr(f"screen.{module}.fresh", full)
    with pytest.raises(ProblemsFound) as caught:
        batch(TEXT)
    assert str(caught.value).endswith("out: cannot be written: No space left on device")
    assert not (tmp_path / "out").exists()
    for module in modules:
        monkeypatch.setattr(f"screen.{module}.fresh", opened)
    assert batch(TEXT, resume=True).verdicts == {"A": "ineligible"}


@pytest.mark.parametrize("many", [0, 10**6])
def test_a_failed_check_leaves_no_output(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(
        "screen.batch.deciding.check_process._WORTH_IT", many
    )  # 0: in a process of its own
    honest = Sample.offer

    def lying(self: Sample, part: Any, ids: Any, verdicts: Any, expected: int = 0) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = verdicts.column_names.index("criteria")
        texts = verdicts["criteria"].cast(pa.string())
        changed = pc.replace_substring_regex(texts, "^.", "M")
        honest(self, part, ids, verdicts.set_column(column, "criteria", changed), expected)

    monkeypatch.setattr(Sample, "offer", lying)
    with pytest.raises(ProblemsFound) as caught:
        batch(TEXT)
    assert (
        'the check of case "A" differs in NCT04361903, criterion adult: '
        "M by rules, U by the reference"
    ) in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_process_that_cannot_load_the_rules_says_so() -> None:
    beside = Beside()
    try:
        beside.load(RuleSource(None, ("NCT04361903",), read="what they were before"), None)
        begun = beside.begin(DocumentPart(()))
        with pytest.raises(ProblemsFound, match="were changed while they were used"):
            beside.decisions(begun)
    finally:
        beside.close()


def test_processes_that_decide_say_so_too() -> None:
    rules = RuleSource(None, ("NCT04361903",), read="what they were before")
    engine = ByCaseEngine(rules, "reference", None, workers=2)
    case = Source("a.jsonl", 1, b'{"case": "A", "screened_at": "2020-03-21"}')
    try:
        with pytest.raises(ProblemsFound, match="were changed while they were used"):
            engine.decide(DocumentPart((case,) * 400), {}, print)
    finally:
        engine.close()


def test_a_process_that_is_killed_is_said_and_the_rest_resumed(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screen.batch.deciding.by_case._WORTH_A_POOL", 1)
    monkeypatch.setattr("screen.batch.deciding.by_case.decide_here", killed)
    (tmp_path / "census.csv").write_text(TEXT)
    options = Options(tmp_path / "census.csv", tmp_path / "out", workers=2, check=0)
    with pytest.raises(ProblemsFound, match="was ended from outside, perhaps for want of memory"):
        run(options, Silent())
    assert not (tmp_path / "out").exists()
    assert batch(TEXT, resume=True).verdicts == {"A": "ineligible"}


def killed(_part: object) -> None:
    """What a process does that the operating system takes away."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("many", [0, 10**6])
def test_the_manifest_says_how_many_were_checked(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("screen.batch.deciding.check_process._WORTH_IT", many)
    text = "case,screened_at\n" + "".join(f"C{n},2020-03-21\n" for n in range(30))
    for asked, checked in ((7, 7), (None, 30), (0, 0)):
        ran = batch(text, check=asked, overwrite=True)
        manifest = json.loads((ran.out / "manifest.json").read_text())
        assert manifest["checked"]["cases"] == checked


@pytest.mark.parametrize("check", [None, 3])
def test_the_check_leaves_out_what_is_there_twice(batch: Batch, check: int | None) -> None:
    ran = batch(TEXT + "A,2020-03-21,300 10*9/L\nB,2020-03-21,90 10*9/L\n", check=check)
    assert ran.verdicts == {"B": "ineligible"}
    assert json.loads((ran.out / "manifest.json").read_text())["checked"]["cases"] == 1


def test_nothing_else_is_left_of_a_long_table(batch: Batch, tmp_path: Path) -> None:
    patients = "case,screened_at\nA,2020-03-21\n"
    ran = batch("case,concept,value\nA,platelets,90 10*9/L\n", patients=patients)
    names = sorted(path.name for path in ran.out.iterdir())
    assert names == ["manifest.json", "rejects.csv", "summary.json", "verdicts.csv"]
    assert not (tmp_path / "out.partial").exists()
