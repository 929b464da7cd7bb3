"""Killed writers, several writers at once, and a full disk lose nothing acknowledged."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.append import append
from screen.audit.ledger.line import Entry
from screen.audit.ledger.read import Found, Fragment, read_ledger
from screen.problems import ProblemsFound
from tests.unit.audit.site import batch_body

ROOT = Path(__file__).parents[3]
# 12 in every run; TRIALSCREEN_KILLS=200 is the long form.
KILLS = int(os.environ.get("TRIALSCREEN_KILLS", "12"))
WRITER = """
import sys
from pathlib import Path
from screen.audit.ledger.append import append
from tests.unit.audit.site import batch_body
path, who, count, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for _ in range(count):
    body = batch_body(by=who, protocols=["x" * (size // 4)] * 4)
    print(append(path, lambda head: body).number, flush=True)
"""
# Forks writers, kills them, and prints what they had acknowledged: one number a line.
KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from screen.audit.ledger.append import append
from tests.unit.audit.site import batch_body
path, kills = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(7)
body = batch_body(by="w", protocols=["x" * 4_000] * 5)
for _ in range(kills // 4):
    writers = []
    for _ in range(4):
        reader, told = os.pipe()
        child = os.fork()
        if child == 0:
            while True:
                os.write(told, b"%d\\n" % append(path, lambda head: body).number)
        os.close(told)
        writers.append((child, reader, os.read(reader, 64)))
    for child, reader, first in writers:
        time.sleep(chance.uniform(0, 0.006))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        text = first
        while more := os.read(reader, 65_536):
            text += more
        os.close(reader)
        sys.stdout.write(text[: text.rfind(b"\\n") + 1].decode())
"""


def writer(path: Path, who: str, count: int, size: int = 7_000) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", WRITER, str(path), who, str(count), str(size)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def numbers_of(child: "subprocess.Popen[str]") -> list[int]:
    """What was acknowledged; a last line that was cut off does not count."""
    assert child.stdout is not None
    text = child.stdout.read()
    child.stdout.close()
    child.wait()
    return [int(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def entries(path: Path) -> list[Entry]:
    items = list(read_ledger(path))
    assert not [item for item in items if isinstance(item, Found) and "torn" not in item.text]
    return [item for item in items if isinstance(item, Entry)]


def test_kills_while_writing(tmp_path: Path) -> None:
    """Writers, four at a time, each killed at a random moment after its first entry."""
    path = tmp_path / "killed.ledger"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(KILLS)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    acknowledged = {int(line) for line in done.stdout.split()}
    append(path, lambda _: batch_body(by="after"))
    found = entries(path)
    assert [entry.number for entry in found] == list(range(1, len(found) + 1))
    assert acknowledged <= {entry.number for entry in found}
    assert len(acknowledged) >= KILLS
    assert verify(path).is_whole


def test_two_writers_at_once(tmp_path: Path) -> None:
    path = tmp_path / "two.ledger"
    children = [writer(path, who, 100) for who in ("one", "two")]
    numbers = [numbers_of(child) for child in children]
    assert [len(own) for own in numbers] == [100, 100]
    found = entries(path)
    assert len(found) == 200
    by_number = {entry.number: entry.body["by"] for entry in found}
    for who, own in zip(("one", "two"), numbers, strict=True):
        assert {by_number[number] for number in own} == {who}
    assert verify(path).is_whole


def test_a_writer_that_is_killed_in_the_middle_of_an_entry(tmp_path: Path) -> None:
    """What a kill may leave behind, at each length that a page boundary allows."""
    path = tmp_path / "torn.ledger"
    body = batch_body(protocols=["x" * 3_000] * 3)
    append(path, lambda _: body)
    whole = path.read_bytes()
    append(path, lambda _: body)
    second = path.read_bytes()[len(whole) :]
    for length in (4096 - len(whole) % 4096, len(second) - 1):
        path.write_bytes(whole + second[:length])
        assert append(path, lambda _: body).number in (2, 3)
        assert path.read_bytes().startswith(whole + second[:length])
        assert verify(path).is_whole


def test_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "full.ledger"
    limit = 50_000
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    arguments = [sys.executable, "-c", code + WRITER, str(path), "one", "100", "7000"]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=False)
    acknowledged = [int(line) for line in done.stdout.splitlines()]
    assert "file too large" in done.stderr
    assert acknowledged == [1, 2, 3, 4, 5, 6]
    report = verify(path)
    assert report.entries == 6
    assert "is torn" in report.wrong[0]
    assert path.stat().st_size == limit
    assert append(path, lambda _: batch_body()).number == 7
    (fragment,) = [item for item in read_ledger(path) if isinstance(item, Fragment)]
    assert fragment.entry == 7
    assert verify(path).is_whole


def test_nothing_is_acknowledged_that_is_not_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(ProblemsFound, match="cannot be written: input/output error"):
        append(tmp_path / "x.ledger", lambda _: batch_body())


def test_the_folder_is_safe_on_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    real = os.fsync

    def noting(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(os, "fsync", noting)
    path = tmp_path / "x.ledger"
    for _ in range(2):
        append(path, lambda _: batch_body())
    assert synced == [path, tmp_path, path]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_ledger_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "x.ledger"
    append(path, lambda _: batch_body())
    path.chmod(0o400)
    with pytest.raises(ProblemsFound, match="permission denied"):
        append(path, lambda _: batch_body())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="no such file or directory"):
        append(tmp_path / "none" / "x.ledger", lambda _: batch_body())


def test_memory_does_not_grow_with_the_ledger(tmp_path: Path) -> None:
    """Ten times the entries cost no more than 32 bytes for each of them, and slack."""
    code = (
        "import sys, resource\nfrom pathlib import Path\n"
        "from screen.audit.check.verify import verify\n"
        "assert verify(Path(sys.argv[1])).is_whole\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    from screen.audit.ledger.line import sealed

    peaks = []
    for count in (1_000, 10_000):
        path = tmp_path / f"{count}.ledger"
        previous = None
        with path.open("wb") as file:
            for number in range(1, count + 1):
                body = batch_body(
                    number=number,
                    previous=previous,
                    shelf={},
                    folder="y" * 2_000,
                    input={"path": "x"},
                )
                line, previous = sealed(body)
                file.write(line)
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, cwd=ROOT, check=True
        )
        peaks.append(int(json.loads(done.stdout)))
    assert peaks[1] - peaks[0] < 4_000
    assert resource.getpagesize() >= 4096
