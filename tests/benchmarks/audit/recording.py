"""What recording adds to a case that is screened in a process which is warm.

    python tests/benchmarks/audit/recording.py [CASE_FILE] [FOLDER]

The parts of each round follow each other, so that a busy machine slows all of them alike.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from screen.audit.recording.recorder import Recorder
from screen.engine.decide import Screener
from screen.explain.show.bedside_table import case_table
from screen.explain.show.json_result import case_result, json_text
from screen.explain.words.background import Background
from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules import load_rules

ROOT = Path(__file__).parents[3]
ROUNDS = 200


def write_and_sync(path: Path) -> float:
    started = time.perf_counter()
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.write(handle, b"x" * 7_000)
    os.fsync(handle)
    os.close(handle)
    return time.perf_counter() - started


def main(path: Path, folder: Path) -> None:
    loaded = load_rules(None)
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    screener = Screener(vocabulary, protocols)
    for format_ in ("table", "json"):
        recorder = Recorder(
            folder / f"{format_}.ledger", default_rules_dir(), vocabulary, protocols
        )
        times: dict[str, list[float]] = {"case": [], "recording": [], "bare write and fsync": []}
        for _ in range(ROUNDS):
            started = time.perf_counter()
            (case,) = read_case_file(path, vocabulary)
            screened = screener.screen(case)
            background = Background(screened, vocabulary)
            result = None
            if format_ == "json":
                result = case_result(background)
                json_text(result)
            else:
                case_table(background)
            decided = time.perf_counter()
            recorder.record(screened, result)
            times["case"].append(decided - started)
            times["recording"].append(time.perf_counter() - decided)
            times["bare write and fsync"].append(write_and_sync(folder / "bare"))
        medians = {name: statistics.median(part) * 1000 for name, part in times.items()}
        fastest = {name: min(part) * 1000 for name, part in times.items()}
        told = ", ".join(f"{name} {value:.2f} ms" for name, value in medians.items())
        print(f"{format_:<6} medians: {told}; 10 % and 5 ms are {medians['case'] / 10 + 5:.2f} ms")
        told = ", ".join(f"{name} {value:.2f} ms" for name, value in fastest.items())
        print(f"       fastest: {told}")


if __name__ == "__main__":
    given = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "cases" / "respire-eligible.yaml"
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if sys.argv[2:] else None) as temporary:
        main(given, Path(temporary))
