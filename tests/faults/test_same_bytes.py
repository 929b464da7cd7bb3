"""What is recorded of a file is the digest of the bytes that were decided on, or it is refused."""

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen.batch.cells.mapped_table import MappedTable
from screen.batch.options import EngineName, FileFormat, Options
from screen.batch.rule_source import RuleSource
from screen.batch.run import run
from screen.cli import screened_files as screening
from screen.cli.main import main
from screen.intake import casefile
from screen.language.site import site_file as site
from screen.problems import ProblemsFound
from tests.faults.batch.conftest import Silent

ROWS = "case,screened_at,platelets\n" + "".join(f"C{n},2020-03-21,90 10*9/L\n" for n in range(30))
CASE = """\
case: A
screened_at: 2020-03-21T09:00:00+01:00
patient: {sex: male, birth_date: 1957-08-02}
observations: {platelets: 90 10*9/L}
"""
CHANGED = "it was changed while it was read; run it again"


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def replaced(path: Path, data: bytes) -> None:
    beside = path.with_name("beside")
    beside.write_bytes(data)
    beside.rename(path)


def rewritten(path: Path, data: bytes) -> None:
    """In place, and with the times that it had."""
    times = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


WAYS = [replaced, rewritten]


@pytest.mark.parametrize("change", WAYS)
@pytest.mark.parametrize("command", ["case", "explain"])
def test_a_case_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, bytes], None],
    command: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    path, policy = tmp_path / "a.yaml", tmp_path / "site.yaml"
    path.write_text(CASE)
    policy.write_text("staleness: {platelets: 72 h}\n")
    digest, of_policy = sha256(path.read_bytes()), sha256(policy.read_bytes())
    opened, loaded = casefile.open_case_file, site.load_site

    def opening(*given: Any) -> Any:
        found = opened(*given)
        change(path, CASE.replace("90", "300").encode())
        return found

    def loading(*given: Any) -> Any:
        found = loaded(*given)
        change(policy, b"staleness: {platelets: 1 h}\n")
        return found

    monkeypatch.setattr(screening, "open_case_file", opening)
    monkeypatch.setattr(site, "load_site", loading)
    given = ["a.yaml", "-p"] if command == "case" else ["a.yaml"]
    given += ["NCT04361903", "--ledger", "l.ledger", "--site", "site.yaml"]
    assert main([command, *given]) == 0
    entry = json.loads((tmp_path / "l.ledger").read_text().splitlines()[-1])
    assert entry["input"]["digest"] == digest
    assert entry["site"]["policy"]["digest"] == of_policy


def written(path: Path) -> Path:
    """The rows as a file of the kind that its name says."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    lines = [line.split(",") for line in ROWS.splitlines()]
    if path.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        book.save(path)
    elif path.suffix == ".parquet":
        parquet.write_table(
            csv.read_csv(pa.BufferReader(ROWS.encode())).cast(
                pa.schema([(name, pa.string()) for name in lines[0]])
            ),
            path,
        )
    elif path.name == "t.jsonl":
        documents = (
            {"case": c, "screened_at": at, "observations": {"platelets": p}}
            for c, at, p in lines[1:]
        )
        path.write_text("".join(f"{json.dumps(one)}\n" for one in documents))
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(ROWS.encode()))
    else:
        path.write_text(ROWS)
    return path


def options(path: Path) -> Options:
    return Options(
        input=path,
        out=path.parent / "out",
        rules=RuleSource(None, ("NCT04361903",)),
        engine=EngineName.RULES,
        format=FileFormat.CSV,
        workers=1,
        check=0,
    )


@pytest.mark.parametrize("change", WAYS)
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.xlsx"])
@pytest.mark.parametrize("when", ["after the header", "after the rows"])
def test_a_table(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    change: Callable[[Path, bytes], None],
    when: str,
) -> None:
    path = written(tmp_path / name)
    blocks = MappedTable.blocks

    def changing(self: MappedTable) -> Any:
        if when == "after the header":
            change(path, path.read_bytes())  # even to the same bytes: they are not looked at
        yield from blocks(self)
        if when == "after the rows":
            change(path, path.read_bytes()[::-1])

    monkeypatch.setattr(MappedTable, "blocks", changing)
    if name.startswith("t.csv") and when == "after the rows":
        # They were hashed as they were read, so that the recorded digest is theirs.
        digest = sha256(path.read_bytes())
        run(options(path), Silent())
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert manifest["input"]["files"] == {name: digest}
        return
    with pytest.raises(ProblemsFound) as caught:
        run(options(path), Silent())
    assert str(caught.value).endswith(f"{name}: cannot be read: {CHANGED}")
    assert not (tmp_path / "out").exists()


def test_lines_and_folders_are_hashed_as_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "t.jsonl")
    digest = sha256(path.read_bytes())
    run(options(path), Silent())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["input"]["files"] == {"t.jsonl": digest}


@pytest.mark.parametrize("what", ["rules", "policy"])
def test_rules_that_change_while_they_are_used(tmp_path: Path, what: str) -> None:
    import shutil

    from screen.language.loading.own_folder import default_rules_dir

    shutil.copytree(default_rules_dir(), tmp_path / "rules")
    policy = tmp_path / "site.yaml"
    policy.write_text("staleness: {platelets: 72 h}\n")
    source = RuleSource(tmp_path / "rules", ("NCT04361903",), policy)
    held = source.held_to(source.load())
    assert held.load() == source.load()
    if what == "policy":
        policy.write_text("staleness: {platelets: 73 h}\n")
    else:
        protocol = tmp_path / "rules/protocols/nct04361903/protocol.yaml"
        protocol.write_text(protocol.read_text() + "# changed\n")
    with pytest.raises(ProblemsFound, match="were changed while they were used"):
        held.load()
