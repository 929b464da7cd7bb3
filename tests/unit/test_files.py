"""The one opener: regular files alone, never waiting, and what was read is what is there."""

import os
import socket
import time
from pathlib import Path

import pytest

from screen.files import (
    Changed,
    NotRegular,
    TooLarge,
    check_unchanged,
    identity_of,
    open_regular,
    read_file,
)


def test_a_regular_file_is_read_whole_whatever_its_size(tmp_path: Path) -> None:
    for size in (0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1):
        (tmp_path / "f").write_bytes(b"x" * size)
        assert len(read_file(tmp_path / "f", size)) == size
        if size:
            with pytest.raises(TooLarge):
                read_file(tmp_path / "f", size - 1)


def test_nothing_else_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(tmp_path / "socket"))
        for name in ("pipe", "link", "socket", "/dev/zero", "/dev/null"):
            for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREAT):
                with pytest.raises(NotRegular):
                    open_regular(tmp_path / name, flags)
    for name, error in {
        "": IsADirectoryError,
        "none": FileNotFoundError,
        "loop": OSError,
        "a\0b": OSError,
        "x" * 5000: OSError,
        "\udcff\ud800": OSError,
    }.items():
        with pytest.raises(error):
            open_regular(tmp_path / name)


def test_a_link_is_followed_only_where_one_may_stand(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "link").symlink_to("f")
    assert read_file(tmp_path / "link", 9) == b"x"
    with pytest.raises(NotRegular):
        read_file(tmp_path / "link", 9, follow=False)


def test_a_file_that_was_written_to_is_another(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x")
    handle = open_regular(file)
    before = identity_of(handle)
    check_unchanged(before, identity_of(handle))
    time.sleep(0.05)  # longer than a step of the system's clock
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_bytes(b"y")
    os.utime(file, ns=times)  # whoever sets the time back is seen too
    with pytest.raises(Changed):
        check_unchanged(before, identity_of(handle))
    os.close(handle)
