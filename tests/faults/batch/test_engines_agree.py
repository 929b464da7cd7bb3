"""On dirty tables the column plan and the rules write the same verdicts, rejects and counts."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from screen.batch.options import EngineName
from screen.engine.columns import tidy

AT = "2020-03-21T09:00:00+01:00"
ODD = ["5 x", "present ", " ", "M", "<5 %", "1e3 /uL", "?", "2020-03-21", ">= 90 10*9/L", "0.5"]

Batch = Callable[..., Any]


def wide(draw: random.Random) -> str:
    head = "case,screened_at,sex,birth_date,platelets,platelets.at,spo2,spo2.on,pregnancy"
    rows = [head]
    for number in range(200):
        cells = [
            f"C{number}",
            AT,
            draw.choice(["male", "female", ""]),
            f"{draw.randint(1930, 2008)}-05-17",
            f"{draw.randint(80, 120)} {draw.choice(['10*9/L', 'K/uL', 'G/L'])}",
            draw.choice(["2020-03-21T08:00:00+01:00", "2020-03-20", ""]),
            draw.choice(["", "93 %", "94%", "<92 %"]),
            draw.choice(["", "room_air", "oxygen"]),
            draw.choice(["", "absent", "present"]),
        ]
        if draw.random() < 0.2:
            cells[draw.randrange(len(cells))] = draw.choice(ODD)
        if draw.random() < 0.03:
            cells[0] = "C7"
        if draw.random() < 0.03:
            cells.pop()
        rows.append(",".join(cells))
    return "\n".join(rows) + "\n"


def long(draw: random.Random) -> tuple[str, str]:
    rows = ["case,concept,value,unit,at,on"]
    for _ in range(400):
        concept, unit, on = draw.choice(
            [("platelets", "10*9/L", ""), ("spo2", "%", "room_air"), ("creatinine", "umol/L", "")]
        )
        value = str(draw.randint(80, 120)) if draw.random() < 0.97 else draw.choice(ODD)
        at = draw.choice(["2020-03-21T08:00:00+01:00", "2020-03-20", "", "2020-03-22"])
        rows.append(f"C{draw.randint(0, 70)},{concept},{value},{unit},{at},{on}")
    patients = ["case,screened_at,sex,birth_date"]
    patients += [f"C{n},{AT},{draw.choice(['male', 'female', 'x'])},1950-01-01" for n in range(65)]
    patients.append(patients[5])
    return "\n".join(rows) + "\n", "\n".join(patients) + "\n"


def both(batch: Batch, *arguments: Any, **more: Any) -> list[tuple[bytes, ...]]:
    written = []
    for engine in (EngineName.RULES, EngineName.COLUMNS):
        ran = batch(*arguments, engine=engine, check=None, overwrite=True, **more)
        names = ("verdicts.csv", "rejects.csv", "summary.json")
        written.append(tuple((ran.out / name).read_bytes() for name in names))
        assert ran.rejects
        assert ran.verdicts
    return written


@pytest.mark.parametrize("seed", [1, 2])
def test_wide(batch: Batch, seed: int) -> None:
    rules, columns = both(batch, wide(random.Random(seed)))
    assert rules == columns


@pytest.mark.parametrize("seed", [3, 4])
def test_wide_with_every_column_as_a_dictionary(
    batch: Batch, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a large block is read, in which texts repeat."""
    monkeypatch.setattr(tidy, "_SMALL", 0)
    monkeypatch.setattr(tidy, "_WORTH", 1)
    rules, columns = both(batch, wide(random.Random(seed)))
    assert rules == columns


def test_padded_cells_and_times_beside_nothing(batch: Batch) -> None:
    table = (
        "case,screened_at,sex,platelets,platelets.at\n"
        f" A , {AT} , male , 90 10*9/L , 2020-03-21T08:00:00+01:00\n"
        f"B,{AT},female,,2020-03-21T08:00:00+01:00\n"
        f"C,{AT},,  ,yesterday\n"
        f"A,{AT},,,\n"
        f"D,{AT},man,,\n"
    )
    rules, columns = both(batch, table)
    assert rules == columns
    # " A " is A, and there are two of it; D has a sex that nobody knows.
    assert [line.split(",")[0] for line in rules[0].decode().splitlines()[1:]] == ['"B"', '"C"']
    assert {line.split(",")[2] for line in rules[1].decode().splitlines()[1:]} == {"A", "D"}


@pytest.mark.parametrize("seed", [1, 2])
def test_long(batch: Batch, seed: int) -> None:
    observations, patients = long(random.Random(seed))
    rules, columns = both(batch, observations, patients=patients)
    assert rules == columns
