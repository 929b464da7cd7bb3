"""After `kill -9` at any moment a rerun, with `--resume` or without, gives the same bytes."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import screen

KILLS = 20
HALFWAY = 100  # of about 200 events
KILLED = Path(__file__).parent / "killed.py"
AT = "2020-03-21"


def census(path: Path) -> None:
    """43 cases in parts of 5, with a row that cannot be read and a case that is there twice."""
    rows = [f"C{n},{AT},{18 + n} a\n" for n in range(40)]
    rows[17] = f"C17,{AT},old\n"
    rows += [f"C3,{AT},50 a\n", f"D,{AT}\n", "\n", f"E,{AT},12 a\n"]
    path.write_text("case,screened_at,age\n" + "".join(rows), encoding="utf-8")


def run(
    folder: Path, out: str, kill_at: int, engine: str, *more: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(KILLED), str(kill_at), out, "batch", "census.csv"]
    # By columns, several parts are decided at once.
    workers = "1" if engine == "rules" else "3"
    command += ["--out", out, "--engine", engine, "--workers", workers, "-p", "NCT04438629", *more]
    here = {**os.environ, "PYTHONPATH": str(Path(screen.__file__).parent.parent)}
    return subprocess.run(
        command, cwd=folder, env=here, capture_output=True, text=True, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def assert_whole_or_absent(folder: Path, expected: dict[str, bytes]) -> None:
    """Nothing is ever half there."""
    assert not folder.exists() or contents(folder) == expected


@pytest.mark.parametrize("engine", ["rules", "columns"])
def test_twenty_kills(tmp_path: Path, engine: str) -> None:
    census(tmp_path / "census.csv")
    whole = run(tmp_path, "whole", 0, engine)
    assert whole.returncode == 1, whole.stderr
    expected = contents(tmp_path / "whole")
    events = int(whole.stdout.splitlines()[-1])
    assert 1.5 * HALFWAY < events < 3 * HALFWAY

    draw = random.Random(20200321)
    killed = 0
    for chain in range(KILLS // 4):
        resume = ["--resume"] if chain % 2 == 0 else []
        for _ in range(4):
            ran = run(tmp_path, "out", draw.randrange(1, events), engine, *resume)
            if ran.returncode == 1:  # so much was finished that it ended before the kill
                break
            assert ran.returncode == -9, ran.stderr
            killed += 1
            assert_whole_or_absent(tmp_path / "out", expected)
        else:
            ran = run(tmp_path, "out", 0, engine, *resume)
            assert ran.returncode == 1, ran.stderr
        assert contents(tmp_path / "out") == expected
        (tmp_path / "out").rename(tmp_path / f"out-{chain}")
    for kill_at in draw.sample(range(1, events), KILLS - killed):
        ran = run(tmp_path, "last", kill_at, engine)
        assert ran.returncode == -9, ran.stderr
        assert_whole_or_absent(tmp_path / "last", expected)
    run(tmp_path, "last", 0, engine, "--resume")
    assert contents(tmp_path / "last") == expected


def test_resume_starts_over_when_the_rules_of_the_run_differ(tmp_path: Path) -> None:
    census(tmp_path / "census.csv")
    assert run(tmp_path, "out", HALFWAY, "rules").returncode == -9
    again = run(tmp_path, "out", 0, "rules", "--resume", "--screened-at", "2020-03-22")
    assert "starting over, because this is not as before: screened at" in again.stderr


def test_resume_notices_changed_cases(tmp_path: Path) -> None:
    """A part counts only for the very rows that it was decided from."""
    path = tmp_path / "census.csv"
    census(path)
    assert run(tmp_path, "out", HALFWAY, "rules").returncode == -9
    path.write_text(path.read_text().replace("C1,2020-03-21,19 a", "C1,2020-03-21,17 a"))
    run(tmp_path, "out", 0, "rules", "--resume", "--format", "csv")
    assert '"C1","NCT04438629","ineligible"' in (tmp_path / "out" / "verdicts.csv").read_text()
