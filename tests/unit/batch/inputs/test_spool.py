"""What a spool takes it gives back, in the order of cases, however it came."""

from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from screen.batch.inputs.long import spool
from screen.batch.inputs.long.spool import Spool
from screen.engine.columns.cells.texts import column_of

Row = tuple[int, int, str | None, str | None]


def drawn(rng: Random, count: int, cases: int) -> list[Row]:
    values = [None, "18 10*9/L", "µ", "患者", "x" * 40]
    return [
        (rng.randrange(cases), row, rng.choice(values), f"t{rng.randrange(10**6)}")
        for row in range(count)
    ]


def given_back(rows: list[Row], file: Path, block: int, cases: int) -> list[Row]:
    store = Spool(file)
    for start in range(0, len(rows), block):
        some = rows[start : start + block]
        columns = {
            name: column_of(pa.array([row[at] for row in some], pa.string()))
            for name, at in (("value", 2), ("at", 3))
        }
        position, row = (np.array([r[at] for r in some], dtype=np.int64) for at in (0, 1))
        store.add(position, row, None, columns)
    found: list[Row] = []
    until = 0
    for first, last, table in store.parts(cases, 10**6):
        assert first == until
        until = last
        for line in table.to_pylist():
            assert first <= line["position"] < last
            found.append((line["position"], line["row"], line.get("value"), line.get("at")))
    assert until == cases
    store.close()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_rows_come_back_by_case(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(seed)
    monkeypatch.setattr(spool, "_RANGE", rng.choice([1, 3, 50]))
    monkeypatch.setattr(spool, "_ROWS", rng.choice([1, 40, 10**6]))
    monkeypatch.setattr(spool, "_FEW_WORDS", rng.choice([0, 2, 10**6]))
    cases = rng.choice([1, 7, 120])
    rows = drawn(rng, rng.choice([0, 1, 300]), cases)
    wanted = sorted(rows, key=lambda row: (row[0], row[1]))
    for block in (1, 17, 1000):
        assert given_back(rows, tmp_path / f"{block}.spool", block, cases) == wanted
