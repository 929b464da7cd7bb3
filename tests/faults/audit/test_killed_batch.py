"""A batch that records is killed at any moment: nothing acknowledged is lost, and it goes on."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from screen.audit.check.verify import verify
from tests.faults.audit.test_writers import KILLS

ROOT = Path(__file__).parents[3]
AT = "2020-03-21T09:00:00+01:00"
# As long as a run of it takes here, so that the moments are spread over all that it does.
SLOWEST = 20.0


def command(folder: Path, *more: str) -> list[str]:
    paths = {"--out": folder / "out", "--ledger": folder / "a.ledger"}
    given = [word for option, path in paths.items() for word in (option, str(path))]
    program = [sys.executable, "-m", "screen.cli.main", "batch", str(folder / "census.csv")]
    return [*program, *given, "--workers", "1", "--check", "2", *more]


def started(folder: Path, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(folder, *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def test_kills_while_a_batch_is_made_and_recorded(tmp_path: Path) -> None:
    rows = "".join(f"C{n},{AT},{n % 300} 10*9/L\n" for n in range(200))
    (tmp_path / "census.csv").write_text(f"case,screened_at,platelets\n{rows}")
    began = time.monotonic()
    first = started(tmp_path)
    first.communicate()
    assert first.returncode == 0
    usual = min(time.monotonic() - began, SLOWEST)
    wanted = {path.name: path.read_bytes() for path in sorted((tmp_path / "out").iterdir())}
    chance = random.Random(7)
    acknowledged = {1}
    for number in range(KILLS):
        more = ["--overwrite"] if number % 2 else ["--overwrite", "--resume"]
        running = started(tmp_path, *more)
        time.sleep(chance.uniform(0.2, 1.05) * usual)
        os.killpg(running.pid, signal.SIGKILL)
        told = "".join(running.communicate())
        acknowledged |= {int(found) for found in re.findall(r"recorded as entry (\d+)", told)}
    last = started(tmp_path, "--overwrite", "--resume")
    told = "".join(last.communicate())
    assert last.returncode == 0, told
    report = verify(tmp_path / "a.ledger")
    assert report.wrong == []
    assert acknowledged <= set(range(1, report.entries + 1))
    made = {path.name: path.read_bytes() for path in sorted((tmp_path / "out").iterdir())}
    assert made == wanted
