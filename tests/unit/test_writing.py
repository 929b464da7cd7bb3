"""The one writer: whole or not at all, its owner's alone, and nobody else's file is touched."""

import os
from pathlib import Path

import pytest

from screen.writing import fresh, write_file, write_new


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["x", "x" * 255, "\u00e9" * 127])
@pytest.mark.parametrize("write", [write_file, write_new])
def test_a_file_is_its_owners_alone(tmp_path: Path, name: str, write: object) -> None:
    assert callable(write)
    before = os.umask(0)
    try:
        write(tmp_path / name, b"text")
    finally:
        os.umask(before)
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"text"
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("before")

    def failing() -> None:
        with fresh(tmp_path / "x") as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert names(tmp_path) == ["x"]
    assert (tmp_path / "x").read_text() == "before"


@pytest.mark.parametrize("target", ["victim", "nowhere"])
def test_a_link_is_replaced_and_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "x").symlink_to(target)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "x", b"text")
    write_file(tmp_path / "x", b"text")
    assert (tmp_path / "victim").read_text() == "precious"
    assert not (tmp_path / "x").is_symlink()
    assert names(tmp_path) == ["victim", "x"]


def test_a_disk_without_second_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(old: Path, new: Path) -> None:
        raise PermissionError

    monkeypatch.setattr("screen.disk.add_name", refusing)
    write_new(tmp_path / "x", b"text")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "x", b"other")
    assert names(tmp_path) == ["x"]
    assert (tmp_path / "x").read_bytes() == b"text"
