"""One lock for every file: alone or shared, and only while its holder lives."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from screen.locks import has_name, locked, unlock

SCREEN = Path(__file__).parents[2] / "screen"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"what it holds")
    return path


@pytest.fixture
def handles(file: Path) -> Iterator[tuple[int, int]]:
    """Two descriptors as two programs would have them; nobody may write through them."""
    both = os.open(file, os.O_RDONLY), os.open(file, os.O_RDONLY)
    yield both
    for handle in both:
        os.close(handle)


def test_one_alone(handles: tuple[int, int], file: Path) -> None:
    mine, other = handles
    assert locked(mine)
    assert not locked(other)
    assert not locked(other, shared=True)
    unlock(mine)
    assert locked(other)
    assert file.read_bytes() == b"what it holds"
    assert list(file.parent.iterdir()) == [file]


def test_several_share(handles: tuple[int, int]) -> None:
    mine, other = handles
    assert locked(mine, shared=True)
    assert locked(other, shared=True)
    unlock(other)
    assert not locked(other)


def test_through_every_name(file: Path, handles: tuple[int, int]) -> None:
    file.with_name("second").hardlink_to(file)
    file.with_name("link").symlink_to(file)
    assert locked(handles[0])
    for name in ("second", "link"):
        handle = os.open(file.with_name(name), os.O_RDONLY)
        assert not locked(handle)
        os.close(handle)


def test_it_waits_no_longer_than_it_is_told(handles: tuple[int, int]) -> None:
    mine, other = handles
    assert locked(mine)
    began = time.monotonic()
    assert not locked(other, 0.2)
    assert 0.2 <= time.monotonic() - began < 5


def test_it_dies_with_its_process(file: Path, handles: tuple[int, int]) -> None:
    program = (
        "import os, sys, time\nfrom screen.locks import locked\n"
        "print(locked(os.open(sys.argv[1], os.O_RDWR)), flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(file)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not locked(handles[0])
        other.kill()
    assert locked(handles[0], 5)


def test_a_file_that_was_replaced_is_another(file: Path, handles: tuple[int, int]) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    assert has_name(handles[0], file)
    assert has_name(handles[0], link)
    assert not has_name(handles[0], link, follow=False)
    new = file.with_name("new")
    new.write_bytes(b"what it holds")
    new.rename(file)
    assert not has_name(handles[0], file)
    file.unlink()
    assert not has_name(handles[0], file)


def test_nothing_else_locks_a_file() -> None:
    locking = [
        path.name
        for path in SCREEN.rglob("*.py")
        if re.search(r"import (fcntl|msvcrt)|lockf\(", path.read_text(encoding="utf-8"))
    ]
    assert locking == ["locks.py"]
