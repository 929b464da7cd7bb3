"""`trialscreen batch` of a long table beside hand-written SQL, both as whole processes, in turn.

    python -m tests.benchmarks.batch_long [-n TIMES] [--compare] OBSERVATIONS PATIENTS

The files are those of `long_table`; the other side is `hand_sql_long`. Prints the medians of
both, their ratio pair by pair, and each side's peak of memory. With `--compare` it counts the
lines in which the two differ, and exits with 1 if there are any.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.batch import HEADING, batch_command, pairs


def differences(ours: Path, theirs: Path) -> tuple[int, int]:
    """How many lines both have, and in how many the verdict, its criteria or a letter differ."""
    import duckdb

    columns = ("verdict", "fails", "unknown", "criteria")
    differ = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in columns)
    found = duckdb.execute(
        f"SELECT count(*), count(*) FILTER ({differ}) FROM read_parquet(?) a "
        'FULL JOIN read_parquet(?) b USING ("case", protocol)',
        [str(ours), str(theirs)],
    ).fetchone()
    if found is None:
        raise TypeError("a count without a row")
    return int(found[0]), int(found[1])


def main(observations: Path, patients: Path, times: int, compare: bool) -> int:
    print(HEADING)
    with tempfile.TemporaryDirectory() as folder:
        out, hand = Path(folder) / "out", Path(folder) / "hand.parquet"
        ours = batch_command(observations, out, "--patients", str(patients))
        module = [sys.executable, "-m", "tests.benchmarks.hand_sql_long"]
        theirs = [*module, str(observations), str(patients), str(hand)]
        print(f"{observations.name:24}{pairs(ours, theirs, out, times)}", flush=True)
        if not compare:
            return 0
        lines, different = differences(out / "verdicts.parquet", hand)
        print(f"{different:,} of {lines:,} lines differ")
        return 1 if different else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=3)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("observations", type=Path)
    parser.add_argument("patients", type=Path)
    given = parser.parse_args()
    sys.exit(main(given.observations, given.patients, given.n, given.compare))
