"""The whole `trialscreen batch` command beside hand-written SQL, in turn.

    python -m tests.benchmarks.batch [-n TIMES] FILE...

A CSV of `generate` is also read by the SQL of `hand_sql`; of any other file the first CSV named
is the other side. Prints the medians of both, their ratio pair by pair, and each side's peak
of memory (of its largest process).
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

_OURS = (sys.executable, "-c", "import sys; from screen.cli.main import main; sys.exit(main())")


def batch_command(census: Path, out: Path, *options: str) -> list[str]:
    """The command that screens a census."""
    return [*_OURS, "batch", str(census), "--out", str(out), *options]


def timed(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and the peak of memory in GB of one command that must end well."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    start = perf_counter()
    process = os.posix_spawn(
        command[0], list(command), os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1)]
    )
    _, status, used = os.wait4(process, 0)
    seconds = perf_counter() - start
    os.close(quiet)
    if status:
        raise SystemExit(f"status {status} of {' '.join(command)}")
    return seconds, used.ru_maxrss / 1e6


def pairs(first: Sequence[str], second: Sequence[str], out: Path, times: int) -> str:
    """Both commands in turn, as one line; `out` is what the first writes."""
    ours, theirs, memory, beside = [], [], 0.0, 0.0
    for _ in range(times):
        shutil.rmtree(out, ignore_errors=True)
        seconds, peak = timed(first)
        ours.append(seconds)
        memory = max(memory, peak)
        seconds, peak = timed(second)
        theirs.append(seconds)
        beside = max(beside, peak)
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    return (
        f"{median(ours):8.1f} s  {median(theirs):8.1f} s  {median(ratios):5.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})  {memory:5.2f} GB  {beside:5.2f} GB"
    )


HEADING = f"{'file':24}{'ours':>10}  {'other':>9}   ratio                 memory: ours, other"


def main(files: Sequence[Path], times: int) -> None:
    print(HEADING)
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            other = batch_command(files[0], Path(folder) / "other", "--overwrite")
            if file.suffix == ".csv":
                module = ("-m", "tests.benchmarks.hand_sql")
                other = [sys.executable, *module, str(file), str(Path(folder) / "hand.parquet")]
            print(f"{file.name:24}{pairs(batch_command(file, out), other, out, times)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=3)
    parser.add_argument("files", nargs="+", type=Path)
    given = parser.parse_args()
    main(given.files, given.n)
