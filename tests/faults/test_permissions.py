"""Files and folders that may not be read: said as such, and nothing is left out without a word."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from screen.cli.main import main
from screen.language.loading.own_folder import default_rules_dir

CASE = "case: A\nscreened_at: 2020-03-21\n"
Capture = pytest.CaptureFixture[str]
Forbid = Callable[[Path], Path]


@pytest.fixture
def forbid(tmp_path: Path) -> Iterator[Forbid]:
    """Take the right to read something away until the end of the test."""
    forbidden: list[Path] = []

    def take(path: Path) -> Path:
        path.chmod(0)
        forbidden.append(path)
        return path

    probe = tmp_path / "probe"
    probe.touch(0o000)
    if os.name == "nt" or os.access(probe, os.R_OK):
        pytest.skip("whoever runs this may read everything")
    yield take
    for path in forbidden:
        path.chmod(0o755)


def test_a_file_that_may_not_be_read_does_not_stop_the_others(
    tmp_path: Path, forbid: Forbid, capsys: Capture
) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    for path in (good, bad):
        path.write_text(CASE)
    assert main(["case", str(forbid(bad)), str(good), "-p", "NCT04438629"]) == 1
    shown = capsys.readouterr()
    assert shown.err == f"{bad}: cannot be read: permission denied\n1 of 2 files refused\n"
    assert shown.out.startswith("Case A ")


@pytest.mark.parametrize("command", [["case"], ["explain"]])
def test_a_file_in_a_folder_that_may_not_be_read(
    tmp_path: Path, forbid: Forbid, capsys: Capture, command: list[str]
) -> None:
    path = tmp_path / "closed" / "a.yaml"
    path.parent.mkdir()
    path.write_text(CASE)
    forbid(path.parent)
    protocol = ["NCT04438629"] if command == ["explain"] else []
    assert main([*command, str(path), *protocol]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"{path}: cannot be read: permission denied\n")


@pytest.mark.parametrize(
    ("closed", "named"),
    [
        ("vocabulary", "vocabulary"),
        ("vocabulary/units.yaml", "vocabulary/units.yaml"),
        ("protocols", "protocols"),
        ("protocols/nct04334044", "protocols/nct04334044/protocol.yaml"),
    ],
)
def test_rules_that_may_not_be_read(
    tmp_path: Path, forbid: Forbid, capsys: Capture, closed: str, named: str
) -> None:
    rules = Path(shutil.copytree(default_rules_dir(), tmp_path / "rules"))
    case = tmp_path / "a.yaml"
    case.write_text(CASE)
    forbid(rules / closed)
    assert main(["case", str(case), "--rules", str(rules)]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"{rules / named}: cannot be read: permission denied\n")
