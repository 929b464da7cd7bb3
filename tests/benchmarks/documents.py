"""JSON lines by the column plan, and by the reference case by case.

    python -m tests.benchmarks.documents write N FILE.jsonl
    python -m tests.benchmarks.documents FILE.jsonl [CASES]

The reference decides the first CASES lines only.
"""

import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from screen.batch.options import EngineName, Options
from screen.batch.run import run
from tests.benchmarks.generate import HEADER, row


class _Silent:
    def cases(self, more: int) -> None:
        pass

    def read(self, done: int, total: int) -> None:
        pass

    def say(self, text: str) -> None:
        print(text)


def case(number: int) -> dict[str, object]:
    """The case of one row of the made-up census."""
    cells = {name: text for name, text in zip(HEADER, row(number), strict=True) if text}
    found: dict[str, dict[str, str]] = {}
    for name, text in cells.items():
        concept, _, key = name.partition(".")
        if name not in HEADER[:4]:
            found.setdefault(concept, {})[key or "value"] = text
    observations = {
        concept: record["value"] if len(record) == 1 else record
        for concept, record in found.items()
        if "value" in record
    }
    patient = {key: cells[key] for key in ("sex", "birth_date") if key in cells}
    return {
        "case": cells["case"],
        "screened_at": cells["screened_at"],
        "patient": patient,
        "observations": observations,
    }


def write(cases: int, path: Path) -> None:
    with path.open("w") as file:
        for number in range(cases):
            file.write(json.dumps(case(number)) + "\n")


def seconds(path: Path, engine: EngineName) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        run(Options(path, Path(folder) / "out", engine=engine, check=0), _Silent())
        return time.perf_counter() - start


def main(path: Path, few: int) -> None:
    with path.open("rb") as file, tempfile.NamedTemporaryFile(suffix=".jsonl") as some:
        some.writelines(islice(file, few))
        some.flush()
        by_rules = few / seconds(Path(some.name), EngineName.RULES)
    with path.open("rb") as file:
        cases = sum(1 for _ in file)
    by_columns = cases / seconds(path, EngineName.COLUMNS)
    print(f"rules engine and checker {by_rules:10,.0f} cases/s ({few:,} cases)")
    print(f"column plan              {by_columns:10,.0f} cases/s ({cases:,} cases)")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2_000)
