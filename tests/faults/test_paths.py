"""Whatever stands where a path belongs, the answer is a sentence that names it."""

import os
from pathlib import Path

import pytest

from screen.cli.main import main

ROOT = Path(__file__).parents[2]
CASE = str(ROOT / "cases" / "respire-eligible.yaml")
TABLE = "case,screened_at,platelets\nA,2020-03-21,90 10*9/L\n"
LONG = "case,concept,value\nA,platelets,90 10*9/L\n"
PATHS = {
    "empty": "",
    "here": ".",
    "above": "..",
    "root": "/",
    "folder": "folder",
    "empty folder": "folder/",
    "missing": "missing",
    "below a file": "census.csv/x",
    "long name": "x" * 300,
    "long path": "x/" * 3000 + "x",
    "half a character": "a\udcff",
    "pipe": "pipe",
    "device": "/dev/zero",
    "nothing": "/dev/null",
    "link to nothing": "dangling",
    "link to itself": "loop",
    "link to a pipe": "to_pipe",
}
KINDS = (
    ".csv",
    ".csv.gz",
    ".xlsx",
    ".parquet",
    ".json",
    ".jsonl",
    ".ndjson.gz",
    ".yaml",
    ".ledger",
)
OF_KINDS = {f"{what}{kind}" for kind in KINDS for what in ("pipe", "device", "folder")}
BATCH = ["batch", "census.csv", "-p", "NCT04361903", "--workers", "1", "--out", "out"]
COMMANDS = {
    "a case": ["case", "PATH"],
    "rules": ["case", CASE, "--rules", "PATH"],
    "a policy": ["case", CASE, "--site", "PATH"],
    "explain": ["explain", "PATH", "NCT04361903"],
    "explain from": ["explain", "--from", "PATH", "A", "NCT04361903"],
    "explain from with rules": ["explain", "--from", "done", "A", "NCT04361903", "--rules", "PATH"],
    "explain from an input": ["explain", "--from", "done", "A", "NCT04361903", "--input", "PATH"],
    "protocols": ["protocols", "list", "--rules", "PATH"],
    "a checklist": ["checklist", "PATH", "-p", "NCT04361903"],
    "an input": ["batch", "PATH", "--out", "out", "-p", "NCT04361903"],
    "a second input": ["batch", "census.csv", "PATH", "--out", "out", "-p", "NCT04361903"],
    "a mapping": [*BATCH, "--map", "PATH"],
    "rules of a batch": [*BATCH, "--rules", "PATH"],
    "a policy of a batch": [*BATCH, "--site", "PATH"],
    "patients": ["batch", "long.csv", "--out", "out", "--patients", "PATH"],
    "a draft": ["batch", "--map-template", "PATH"],
}
OUTPUTS = {
    "a sheet": ["checklist", CASE, "-p", "NCT04361903", "--out", "PATH"],
    "an output": ["batch", "census.csv", "-p", "NCT04361903", "--workers", "1", "--out", "PATH"],
    "an output again": [*BATCH[:-1], "PATH", "--overwrite"],
    "an output resumed": [*BATCH[:-1], "PATH", "--resume"],
}
CAN_BE_MADE = ("missing",)
# What is below these may be anything.
EVERYTHING = ("above", "root")
FOLDERS = ("an input", "explain from an input")
TABLES = ("a case", "an input", "a second input", "patients", "a draft")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "census.csv").write_text(TABLE)
    (tmp_path / "long.csv").write_text(LONG)
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to_pipe").symlink_to("pipe")
    for kind in KINDS:
        os.mkfifo(tmp_path / f"pipe{kind}")
        (tmp_path / f"device{kind}").symlink_to("/dev/zero")
        (tmp_path / f"folder{kind}").mkdir()
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("command", COMMANDS)
def test_paths_to_read(here: Path, capfd: pytest.CaptureFixture[str], command: str) -> None:
    if "done" in COMMANDS[command]:
        assert main([*BATCH[:-1], "done"]) == 0
    before = names(here)
    of_kinds = {name: name for name in OF_KINDS if command in TABLES}
    for name, path in (PATHS | of_kinds).items():
        if name in EVERYTHING and command in FOLDERS:
            continue
        capfd.readouterr()
        status = main([path if each == "PATH" else each for each in COMMANDS[command]])
        told = capfd.readouterr().err
        assert status == 2, (path[:60], told)
        assert told.strip(), path[:60]
        assert "unexpected" not in told, (path[:60], told)
        assert names(here) == before, path[:60]


@pytest.mark.parametrize("command", OUTPUTS)
def test_paths_to_write(here: Path, capfd: pytest.CaptureFixture[str], command: str) -> None:
    before = names(here)
    for name, path in PATHS.items():
        if name in CAN_BE_MADE or (name == "half a character" and command == "a sheet"):
            continue
        capfd.readouterr()
        status = main([path if each == "PATH" else each for each in OUTPUTS[command]])
        told = capfd.readouterr().err
        assert status == 2, (path[:60], told)
        assert told.strip(), path[:60]
        assert "unexpected" not in told, (path[:60], told)
        assert names(here) == before, path[:60]
