"""The lock is on the file and not on a name; reading writes nothing."""

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.append import append, check_appendable
from screen.cli.main import main
from screen.problems import ProblemsFound
from tests.faults.audit.test_writers import ROOT, WRITER
from tests.unit.audit.site import Site, batch_body


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_two_writers_through_two_names(tmp_path: Path, link: object) -> None:
    path, other = tmp_path / "site.ledger", tmp_path / "ward" / "site.ledger"
    other.parent.mkdir()
    append(path, lambda _: batch_body())
    link(path, other)  # type: ignore[operator]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(name), "w", "40", "2000"],
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
        for name in (path, other)
    ]
    assert [child.wait() for child in children] == [0, 0]
    report = verify(path)
    assert report.wrong == []
    assert report.entries == 81


def test_a_link_that_leads_nowhere_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "ward.ledger"
    path.symlink_to(tmp_path / "site.ledger")
    with pytest.raises(ProblemsFound, match=r"ward.ledger: .*a link that leads nowhere"):
        check_appendable(path)


@pytest.mark.parametrize("replaced", [True, False])
def test_a_ledger_replaced_or_removed_while_a_writer_waits(tmp_path: Path, replaced: bool) -> None:
    path, old, new = (tmp_path / f"{name}.ledger" for name in ("site", "old", "new"))
    append(path, lambda _: batch_body())
    before = path.read_bytes()
    new.write_bytes(before)
    with path.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        writer = threading.Thread(target=append, args=(path, lambda _: batch_body(by="late")))
        writer.start()
        if replaced:
            # In one step: a writer that finds no file makes one.
            old.hardlink_to(path)
            new.replace(path)
        else:
            path.rename(old)
    writer.join(20)
    assert old.read_bytes() == before
    report = verify(path)
    assert report.wrong == []
    assert report.entries == (2 if replaced else 1)


def test_nothing_lies_beside_a_ledger_and_reading_writes_nothing(site: Site) -> None:
    site.record(site.case("A-1"))
    before = {path.name: path.stat().st_mtime_ns for path in site.folder.iterdir()}
    rules = ["--rules", str(site.rules), "--ledger", str(site.ledger)]
    for command in (["log"], ["show", "1"], ["replay"], ["screening-log"]):
        assert main(["audit", *command, *rules]) == 0
    assert main(["audit", "verify", "--ledger", str(site.ledger)]) == 0
    assert {path.name: path.stat().st_mtime_ns for path in site.folder.iterdir()} == before


@pytest.mark.parametrize("name", ["p", "/dev/null", "/dev/zero", "/dev/full", "."])
def test_what_is_no_regular_file(tmp_path: Path, name: str, site: Site) -> None:
    path = tmp_path / name
    if name == "p":
        os.mkfifo(path)
    case = str(site.case("A-1"))
    for command in ("log", "verify", "replay", "screening-log"):
        assert main(["audit", command, "--ledger", str(path)]) == 2
    assert main(["case", case, "--rules", str(site.rules), "--ledger", str(path)]) == 2


def test_garbage_takes_no_memory(tmp_path: Path) -> None:
    """Some hundred MB that begin like an entry, within an address space of 500 MB."""
    path = tmp_path / "g.ledger"
    with path.open("wb") as file:
        file.write(b'{"_ledger":1,')
        file.truncate(400 << 20)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20));"
        "from screen.cli.main import main;"
        "sys.exit(main(['audit', 'verify', '--ledger', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"is torn" in done.stderr
