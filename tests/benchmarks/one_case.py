"""What one case costs: a cold start against bare imports, warm cases a second, memory over time.

    python tests/benchmarks/one_case.py [CASE_FILE]

Prints ratios within this run; nothing here passes or fails.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASE = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "cases" / "respire-eligible.yaml"
BARE = "import typer, rich, pydantic, yaml, durable.lang; print('ready')"
COLD = "from screen.cli.main import main; raise SystemExit(main())"
PAIRS = 15
WARM_CASES = 1_000
MANY_CASES = 10_000


def seconds(arguments: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True, cwd=ROOT)
    return time.perf_counter() - started


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cold_start() -> None:
    bare, cold = ["-c", BARE], ["-c", COLD, "case", str(CASE)]
    seconds(bare), seconds(cold)
    pairs = [(seconds(cold), seconds(bare)) for _ in range(PAIRS)]
    ours = statistics.median(pair[0] for pair in pairs)
    theirs = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"cold start, all protocols: {ours:.3f} s; bare imports: {theirs:.3f} s; x{ratio:.2f}")


def warm() -> None:
    from screen.engine.decide import Screener
    from screen.intake.casefile import read_case_file
    from screen.language.loading.own_folder import default_rules_dir
    from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids

    rules = default_rules_dir()
    vocabulary = load_vocabulary(rules)
    protocols = [load_protocol(rules, name, vocabulary) for name in protocol_ids(rules)]
    screener = Screener(vocabulary, protocols)
    (case, *_) = read_case_file(CASE, vocabulary)
    screener.screen(case)

    started = time.perf_counter()
    for _ in range(WARM_CASES):
        screener.screen(case)
    rate = WARM_CASES / (time.perf_counter() - started)
    print(f"warm, {len(protocols)} protocols, both engines: {rate:.0f} cases/s")

    marks = [resident_mib()]
    for _ in range(10):
        for _ in range(MANY_CASES // 10):
            screener.screen(case)
        marks.append(resident_mib())
    print(f"resident memory over {MANY_CASES} cases: " + " ".join(f"{m:.1f}" for m in marks), "MiB")


if __name__ == "__main__":
    cold_start()
    warm()
