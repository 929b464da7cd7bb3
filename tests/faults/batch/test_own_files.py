"""A batch removes, empties and renames only what is its own, known for certain."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen.batch.options import EngineName, Options
from screen.batch.output.work_folder import WorkFolder
from screen.batch.rule_source import RuleSource
from screen.batch.run import run
from screen.language.loading.own_folder import default_rules_dir
from screen.problems import ProblemsFound
from tests.faults.batch.conftest import PROTOCOL, Silent

TEXT = "case,screened_at,platelets\nA,2020-03-21,90 10*9/L\n"

Batch = Callable[..., Any]


def everything(folder: Path) -> dict[str, Any]:
    """All that lies in a folder, so that any change shows."""
    return {
        path.relative_to(folder).as_posix(): path.readlink()
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in sorted(folder.rglob("*"))
    }


def left_alone(tmp_path: Path, batch: Batch, named: str, **more: Any) -> None:
    """The batch refuses, names what is in its way, and changes nothing."""
    (tmp_path / "census.csv").write_text(TEXT)
    before = everything(tmp_path)
    with pytest.raises(ProblemsFound) as caught:
        batch(tmp_path / "census.csv", **more)
    assert named in str(caught.value)
    assert everything(tmp_path) == before


def test_a_folder_of_a_person(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    left_alone(tmp_path, batch, "out: exists and was not made by a batch", overwrite=True)
    (tmp_path / "out" / "letter.txt").write_text("dear")
    left_alone(tmp_path, batch, "out: exists and was not made by a batch", overwrite=True)
    (tmp_path / "out" / "manifest.json").write_text("{}")
    left_alone(tmp_path, batch, "out: exists and was not made by a batch", overwrite=True)


def added(out: Path, what: str) -> None:
    if what == "a folder":
        (out / "mine").mkdir()
    elif what == "a link":
        (out / "mine").symlink_to("../census.csv")
    elif what == "a pipe":
        os.mkfifo(out / "mine")
    else:
        (out / "mine").write_text("dear")


@pytest.mark.parametrize("what", ["a file", "a folder", "a link", "a pipe"])
def test_what_was_added_to_an_output(batch: Batch, tmp_path: Path, what: str) -> None:
    added(batch(TEXT).out, what)
    left_alone(tmp_path, batch, "out/mine: was not written by a batch", overwrite=True)
    left_alone(tmp_path, batch, "out/mine: was not written by a batch", resume=True)


@pytest.mark.parametrize("name", ["verdicts.csv", "rejects.csv", "summary.json"])
def test_what_was_changed_in_an_output(batch: Batch, tmp_path: Path, name: str) -> None:
    out = batch(TEXT).out
    with (out / name).open("a") as file:
        file.write("\n")
    left_alone(tmp_path, batch, f"out/{name}: is not as the batch wrote it", overwrite=True)
    (out / name).unlink()
    left_alone(tmp_path, batch, f"out/{name}: is not as the batch wrote it", overwrite=True)
    (out / name).symlink_to("../census.csv")
    left_alone(tmp_path, batch, f"out/{name}: was not written by a batch", overwrite=True)


def test_a_manifest_that_names_files_elsewhere(batch: Batch, tmp_path: Path) -> None:
    out = batch(TEXT).out
    (tmp_path / "victim.txt").write_text("precious")
    for name in ("../victim.txt", "..", ".", "", "a/b", str(tmp_path / "victim.txt")):
        manifest = {"program": "p", "outputs": {name: "sha256:0"}}
        (out / "manifest.json").write_text(json.dumps(manifest))
        left_alone(tmp_path, batch, "was not made by a batch", overwrite=True)


@pytest.mark.parametrize("name", ["out.replaced", "out.replay", "out.replay.partial", "out.lock"])
def test_names_that_only_look_like_ours(batch: Batch, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "plan.json").write_text("{}")
    batch(TEXT)
    batch(TEXT, overwrite=True)
    assert (tmp_path / name / "plan.json").read_text() == "{}"


@pytest.mark.parametrize("resume", [False, True])
def test_work_folders_that_are_not_ours(batch: Batch, tmp_path: Path, resume: bool) -> None:
    partial = tmp_path / "out.partial"
    not_ours = "out.partial: exists and was not made by a batch"
    partial.mkdir()
    left_alone(tmp_path, batch, not_ours, resume=resume)
    for name, text in (("plan.json", "{}"), ("mark.json", "{}"), ("mark.json", "")):
        (partial / name).write_text(text)
        left_alone(tmp_path, batch, not_ours, resume=resume)
    shutil.rmtree(partial)
    (tmp_path / "victim").write_text("precious")
    partial.mkdir()
    (partial / "lock").symlink_to("../victim")
    left_alone(tmp_path, batch, not_ours, resume=resume)
    shutil.rmtree(partial)
    partial.symlink_to("elsewhere")
    left_alone(tmp_path, batch, not_ours, resume=resume)
    partial.unlink()
    (tmp_path / "elsewhere").mkdir()
    partial.symlink_to("elsewhere")
    left_alone(tmp_path, batch, not_ours, resume=resume)
    partial.unlink()
    partial.write_text("a file")
    left_alone(tmp_path, batch, not_ours, resume=resume)


@pytest.fixture
def unfinished(tmp_path: Path) -> Path:
    """The work folder of a run that was stopped."""
    work = WorkFolder(tmp_path / "out", print)
    work.open({}, resume=False, overwrite=False)
    work.close()
    return tmp_path / "out.partial"


@pytest.mark.parametrize("what", ["a file", "a folder", "a link", "a pipe"])
@pytest.mark.parametrize("where", ["", "work-*", "out-*"])
def test_what_was_added_to_a_work_folder(
    batch: Batch, tmp_path: Path, unfinished: Path, what: str, where: str
) -> None:
    (folder,) = unfinished.glob(where) if where else (unfinished,)
    added(folder, what)
    shown = (folder / "mine").relative_to(tmp_path).as_posix()
    left_alone(tmp_path, batch, f"{shown}: was not written by a batch")
    left_alone(tmp_path, batch, f"{shown}: was not written by a batch", resume=True)


def test_a_lock_that_is_a_link(batch: Batch, tmp_path: Path, unfinished: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (unfinished / "lock").unlink()
    (unfinished / "lock").symlink_to("../victim")
    left_alone(tmp_path, batch, "out.partial/lock: was not written by a batch")
    (unfinished / "lock").unlink()
    (unfinished / "lock").hardlink_to(tmp_path / "victim")
    left_alone(tmp_path, batch, "lock: exists and was not made by a batch")


def test_a_finished_output_under_the_name_of_the_work_folder(batch: Batch, tmp_path: Path) -> None:
    """What an earlier version left when it was stopped before the last step."""
    before = everything(batch(TEXT).out)
    for resume in (False, True):
        (tmp_path / "out").rename(tmp_path / "out.partial")
        assert everything(batch(TEXT, resume=resume).out) == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["census.csv", "out"]


def test_resume_of_what_is_finished(batch: Batch, tmp_path: Path) -> None:
    """It stays if the same comes out; otherwise nothing is lost."""
    before = everything(batch(TEXT).out)
    inode = (tmp_path / "out" / "verdicts.csv").stat().st_ino
    assert everything(batch(TEXT, resume=True).out) == before
    assert (tmp_path / "out" / "verdicts.csv").stat().st_ino == inode
    with pytest.raises(ProblemsFound, match="exists already; say --overwrite"):
        batch(TEXT.replace("90", "300"), resume=True)
    assert everything(tmp_path / "out") == before


def test_an_output_that_is_a_link(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("nowhere")
    left_alone(tmp_path, batch, "out: is a link", overwrite=True)
    left_alone(tmp_path, batch, "out: is a link")
    (tmp_path / "nowhere").mkdir()
    left_alone(tmp_path, batch, "out: is a link", overwrite=True)


def test_something_that_is_added_while_the_output_is_replaced(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screen import disk

    batch(TEXT)
    rename = disk.rename

    def adding(old: Path, new: Path) -> None:
        if old.name == "out":
            (old / "letter.txt").write_text("dear")
        rename(old, new)

    monkeypatch.setattr(disk, "rename", adding)
    assert batch(TEXT.replace("90", "300"), overwrite=True).verdicts == {"A": "undecided"}
    (kept,) = tmp_path.glob("out.replaced-*")
    assert (kept / "letter.txt").read_text() == "dear"
    assert "ineligible" in (kept / "verdicts.csv").read_text()
    assert not (tmp_path / "out.partial").exists()


def test_everything_is_its_owners_alone(batch: Batch, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        out = batch(TEXT).out
    finally:
        os.umask(before)
    assert out.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}


def options_of(tmp_path: Path, **given: Any) -> Options:
    """A run whose files lie each in a folder of its own."""
    for name in ("data", "map", "policy", "people", "keep"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "t.csv").write_text("case,concept,value\nA,platelets,90 10*9/L\n")
    (tmp_path / "map" / "m.yaml").write_text("shape: long\ncolumns: {case: case}\n")
    (tmp_path / "policy" / "s.yaml").write_text("staleness: {platelets: 72 h}\n")
    (tmp_path / "people" / "p.csv").write_text("case,screened_at\nA,2020-03-21\n")
    (tmp_path / "keep" / "site.ledger").write_text("history\n")
    shutil.copytree(default_rules_dir(), tmp_path / "rules")
    rules = RuleSource(tmp_path / "rules", (PROTOCOL,), tmp_path / "policy" / "s.yaml")
    return Options(
        input=tmp_path / "data" / "t.csv",
        mapping=tmp_path / "map" / "m.yaml",
        patients=tmp_path / "people" / "p.csv",
        beside=(tmp_path / "keep" / "site.ledger",),
        rules=rules,
        engine=EngineName.RULES,
        workers=1,
        **given,
    )


PLACES = {
    "data": "the output would hold data/t.csv",
    "map": "the output would hold map/m.yaml",
    "policy": "the output would hold policy/s.yaml",
    "people": "the output would hold people/p.csv",
    "keep": "the output would hold keep/site.ledger",
    "rules": "the output would hold rules",
    "rules/protocols/out": "the output would lie in rules",
    "rules/new/out": "the output would lie in rules",
    "link/out": "the output would lie in rules",
    "": "the output would hold",
    "data/t.csv": "exists and was not made by a batch",
    "data/../map": "the output would hold map/m.yaml",
}


@pytest.mark.parametrize("place", PLACES)
def test_an_output_and_what_the_run_is_given_lie_apart(tmp_path: Path, place: str) -> None:
    options = options_of(tmp_path, out=tmp_path / place, overwrite=True)
    (tmp_path / "link").symlink_to("rules")
    before = everything(tmp_path)
    with pytest.raises(ProblemsFound) as caught:
        run(options, Silent())
    told = str(caught.value).replace(f"{tmp_path}/", "")
    assert PLACES[place] in told or "was not " in told
    assert everything(tmp_path) == before


def finished(folder: Path) -> None:
    """What makes a folder one that a batch finished, with everything in it."""
    files = [path for path in folder.iterdir() if path.is_file()]
    outputs = {
        path.name: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files
    }
    (folder / "manifest.json").write_text(json.dumps({"program": "p", "outputs": outputs}))


@pytest.mark.parametrize("place", ["data", "map", "policy", "people", "keep"])
def test_not_even_a_finished_output_that_holds_what_the_run_is_given(
    tmp_path: Path, place: str
) -> None:
    options = options_of(tmp_path, out=tmp_path / place, overwrite=True)
    finished(tmp_path / place)
    before = everything(tmp_path)
    with pytest.raises(ProblemsFound) as caught:
        run(options, Silent())
    assert PLACES[place] in str(caught.value).replace(f"{tmp_path}/", "")
    assert everything(tmp_path) == before


def test_the_folder_that_one_works_in_is_no_output(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = batch(TEXT).out
    monkeypatch.chdir(out)
    with pytest.raises(ProblemsFound, match="the output would hold the working folder"):
        batch(TEXT, overwrite=True)
    assert (out / "verdicts.csv").exists()
