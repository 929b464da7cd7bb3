"""JSON lines by the column plan, and by the reference case by case.

    python -m tests.benchmarks.documents write N FILE.jsonl [several]
    python -m tests.benchmarks.documents FILE.jsonl [CASES]

With `several`, each case has two or three records of most quantities, taken at different times,
about 39 records in all. The reference decides the first CASES lines only.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from screen.batch.options import EngineName, Options
from screen.batch.run import run
from tests.benchmarks.generate import HEADER, row

_REPEATED = ("spo2", "pao2", "fio2", "respiratory_rate", "body_temperature", "platelets",
             "neutrophils", "hemoglobin", "creatinine")  # fmt: skip
_OTHER_CASES = 10_000_000  # the numbers from which the earlier records of a case are drawn


class _Silent:
    def cases(self, more: int) -> None:
        pass

    def read(self, done: int, total: int) -> None:
        pass

    def say(self, text: str) -> None:
        print(text)


def case(number: int) -> dict[str, object]:
    """The case of one row of the made-up census."""
    cells = _cells(number)
    observations: dict[str, object] = {
        concept: record["value"] if len(record) == 1 else record
        for concept, record in _records(cells).items()
    }
    return _document(cells, observations)


def several(number: int) -> dict[str, object]:
    """The case of one row, with earlier records of most quantities beside those of the row."""
    cells = _cells(number)
    observations: dict[str, object] = {}
    first = _records(cells)
    earlier = [_records(_cells(number + _OTHER_CASES * times)) for times in (1, 2)]
    for concept, record in first.items():
        observations[concept] = record
        if concept in _REPEATED:
            hour = f"{cells['screened_at'][:11]}{{:02d}}:{number % 60:02d}:00+01:00"
            others = [
                {**records[concept], "at": hour.format(2 * times)}
                for times, records in enumerate(earlier)
                if concept in records
            ]
            observations[concept] = [{"at": hour.format(5), **record}, *others]
    return _document(cells, observations)


def _cells(number: int) -> dict[str, str]:
    return {name: text for name, text in zip(HEADER, row(number), strict=True) if text}


def _records(cells: dict[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, text in cells.items():
        concept, _, key = name.partition(".")
        if name not in HEADER[:4]:
            found.setdefault(concept, {})[key or "value"] = text
    return {concept: record for concept, record in found.items() if "value" in record}


def _document(cells: dict[str, str], observations: dict[str, object]) -> dict[str, object]:
    return {
        "case": cells["case"],
        "screened_at": cells["screened_at"],
        "patient": {key: cells[key] for key in ("sex", "birth_date") if key in cells},
        "observations": observations,
    }


def write(cases: int, path: Path, made: Callable[[int], dict[str, object]] = case) -> None:
    with path.open("w") as file:
        for number in range(cases):
            file.write(json.dumps(made(number)) + "\n")


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
        write(int(sys.argv[2]), Path(sys.argv[3]), several if "several" in sys.argv[4:] else case)
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2_000)
