"""A batch that is stopped before any of its calls that change the disk ends, when it is run
again, with the same bytes; never is an output half there, and no earlier one is lost.
"""

import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import screen
from screen.batch.options import EngineName, FileFormat, Options
from screen.batch.output.ownership import is_finished
from screen.batch.output.work_folder import WorkFolder, write_text
from screen.batch.rule_source import RuleSource
from screen.batch.run import run
from screen.problems import ProblemsFound
from tests.faults.batch.conftest import Silent
from tests.faults.batch.stopped import Killed, stop_at

Contents = dict[str, bytes]

STEP = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 9


class Way(NamedTuple):
    """How a run is made first, and how after it was stopped."""

    overwrite: bool
    resume: bool


WAYS = [Way(overwrite, resume) for overwrite in (False, True) for resume in (False, True)]


def contents(folder: Path) -> Contents | None:
    if not folder.exists():
        return None
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def write_output(out: Path, text: str, overwrite: bool, resume: bool = False) -> None:
    """What a batch does to its folders, with one file and no cases."""
    work = WorkFolder(out, lambda _: None)
    try:
        work.check_free(resume=resume, overwrite=overwrite)
        work.open({"program": "p"}, resume=resume, overwrite=overwrite)
        write_text(work.path / "000000.json", text)
        write_text(work.outputs / "rejects.csv", text)
        outputs = {"rejects.csv": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}
        write_text(work.outputs / "manifest.json", json.dumps({"program": "p", "outputs": outputs}))
        work.publish()
    finally:
        work.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("twice", [False, True])
def test_every_call_of_the_folders(tmp_path: Path, way: Way, twice: bool) -> None:
    """`twice`: the run that follows is stopped too, wherever that is."""
    write_output(tmp_path / "old", "old", overwrite=False)
    write_output(tmp_path / "new", "new", overwrite=False)
    old, new = contents(tmp_path / "old"), contents(tmp_path / "new")
    with pytest.MonkeyPatch.context() as patch:
        calls = stop_at(patch, None)
        if way.overwrite:
            write_output(tmp_path / "whole", "old", overwrite=False)
            calls.clear()
        write_output(tmp_path / "whole", "new", way.overwrite)
        total = len(calls)
    assert total > 30
    for first in range(0, total, 5 if twice else 1):
        for second in range(first % 7, total + 10, 7) if twice else (None,):
            folder = tmp_path / f"{first}-{second}"
            folder.mkdir()
            out = folder / "o"
            if way.overwrite:
                write_output(out, "old", overwrite=False)
            for number in (first,) if second is None else (first, second):
                stopped(out, number, way, resume=way.resume and number != first)
                there = contents(out)
                assert there in (None, old, new) or there == {}, (first, second)
                if way.overwrite and there is None:
                    earlier = list(folder.rglob("old-*"))
                    assert [contents(path) for path in earlier] in ([old], [new])
            write_again(out, way, new)
            assert contents(out) == new, (first, second)
            assert [path.name for path in folder.iterdir()] == ["o"], (first, second)


def write_again(out: Path, way: Way, new: Contents | None) -> None:
    """The same once more; after everything was done, a plain run may say that it is there."""
    done = contents(out) == new and not out.with_name("o.partial").exists()
    if done and not way.overwrite and not way.resume:
        return
    write_output(out, "new", way.overwrite, way.resume)


def stopped(out: Path, number: int, way: Way, *, resume: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, number)
        # A plain run whose output has its name already may say that it is there.
        with suppress(Killed, ProblemsFound):
            write_output(out, "new", way.overwrite, resume)


def batch(folder: Path, way: Way, *, again: bool = False) -> None:
    options = Options(
        input=folder / "census.csv",
        out=folder / "o",
        rules=RuleSource(None, ("NCT04438629",)),
        engine=EngineName.RULES,
        format=FileFormat.CSV,
        workers=1,
        check=0,
        overwrite=way.overwrite,
        resume=way.resume and again,
    )
    run(options, Silent())


def census(folder: Path, ages: Any) -> None:
    rows = [f"C{age},2020-03-21,{age} a\n" for age in ages]
    (folder / "census.csv").write_text("case,screened_at,age\n" + "".join(rows), "utf-8")


@pytest.mark.parametrize("way", [WAYS[0], WAYS[3]])
def test_every_call_of_a_batch(tmp_path: Path, way: Way) -> None:
    census(tmp_path, (17, 18))
    with pytest.MonkeyPatch.context() as patch:
        calls = stop_at(patch, None)
        batch(tmp_path, Way(overwrite=False, resume=False))
    new = contents(tmp_path / "o")
    # Every call of publishing is tried above; here it is a real batch, so some are enough.
    for number in range(1, len(calls) + 6, STEP):
        census(tmp_path, (50,))
        if way.overwrite:
            batch(tmp_path, Way(overwrite=True, resume=False))
        elif (tmp_path / "o").exists():
            (tmp_path / "o").rename(tmp_path / f"gone-{number}")
        census(tmp_path, (17, 18))
        with pytest.MonkeyPatch.context() as patch:
            stop_at(patch, number)
            try:
                batch(tmp_path, way)
            except Killed:
                pass
            else:
                continue
        out = tmp_path / "o"
        assert not out.exists() or is_finished(out)
        done = contents(out) == new and not (tmp_path / "o.partial").exists()
        if not done or way.overwrite or way.resume:
            batch(tmp_path, way, again=True)
        assert contents(out) == new, number
        assert not (tmp_path / "o.partial").exists()


def test_the_process_itself_ends_at_every_fourteenth_call(tmp_path: Path) -> None:
    census(tmp_path, (17, 18))
    batch(tmp_path, WAYS[0])
    new = contents(tmp_path / "o")
    script = (
        "import os, sys; import pytest; from screen import disk;"
        "from tests.faults.batch import stopped;"
        "stopped.Killed = lambda: os._exit(9);"
        "stopped.stop_at(pytest.MonkeyPatch(), int(sys.argv[1]));"
        "from screen.cli.main import main;"
        "sys.exit(main(sys.argv[2:]))"
    )
    command = ["batch", "census.csv", "--out", "o", "-p", "NCT04438629", "--format", "csv"]
    command += ["--check", "none", "--workers", "1", "--engine", "rules"]
    root = str(Path(screen.__file__).parent.parent)
    for number in range(1, 85, 14):
        folder = tmp_path / str(number)
        folder.mkdir()
        census(folder, (17, 18))
        for at in (number, 10**9):
            ran = subprocess.run(
                [sys.executable, "-c", script, str(at), *command],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": root},
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode in ((9, 0) if at == number else (0,)), ran.stderr
        assert contents(folder / "o") == new
        assert sorted(path.name for path in folder.iterdir()) == ["census.csv", "o"]
