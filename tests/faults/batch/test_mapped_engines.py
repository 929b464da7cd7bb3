"""Through a mapping, too, the column plan and the rules write the same verdicts and rejects."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from screen.batch.options import EngineName

Batch = Callable[..., Any]

MAPPING = """\
shape: long
screened_at: 2020-03-21T12:00:00+01:00
offset: "+01:00"
decimal: ","
thousands: "."
not_recorded: [n/a]
columns:
  pid: case
  test: {is: concept, codes: {PLT: platelets, CoV: sars_cov_2_test, SAT: spo2, HB: hemoglobin}}
  op: comparator
  val: {is: value, codes: {pos: positive, neg: negative, hemoglobin: {low: 5 g/dL}}}
  u: unit
  d: {is: at_date, times: "%d.%m.%Y"}
  t: at_time
  "on": "on"
"""
VALUES = [
    "90,5",
    "1.234,5",
    "90.5",
    "100.000",
    "pos",
    "neg",
    "low",
    "n/a",
    "few",
    "<90",
    "90 K/uL",
    "",
]
UNITS = ["10*9/L", "/mm3", "%", "g/dL", "10*9/Q", "", "K/uL"]
DAYS = ["21.03.2020", "20.03.2020", "03/21/2020", "", "22.03.2020"]
CLOCKS = ["", "08:30", "9:15", "13:00", "noon"]


def table(draw: random.Random) -> str:
    rows = ["pid;test;op;val;u;d;t;on"]
    for _ in range(300):
        cells = (
            f"P{draw.randint(0, 40)}",
            draw.choice(["PLT", "PLT", "CoV", "SAT", "HB", "GLU"]),
            draw.choice(["", "", "", "<", "ge", "?"]),
            draw.choice(VALUES) if draw.random() < 0.6 else f"{draw.randint(60, 140)},0",
            draw.choice(UNITS),
            draw.choice(DAYS),
            draw.choice(CLOCKS),
            draw.choice(["", "", "room_air", "hill"]),
        )
        rows.append(";".join(cells))
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_verdicts(batch: Batch, seed: int, strict: bool) -> None:
    text = table(random.Random(seed))
    mapping = f'delimiter: ";"\n{MAPPING}'
    rules, columns = (
        batch(text, mapping=mapping, engine=engine, strict=strict, check=None, overwrite=True)
        for engine in (EngineName.RULES, EngineName.COLUMNS)
    )
    assert rules.verdicts == columns.verdicts
    assert rules.rejects == columns.rejects
    assert rules.summary == columns.summary
    assert strict or rules.summary["set_aside"]
    assert bool(rules.rejects) is strict
    if not strict:
        # What cannot be read blocks what it may have decided.
        assert "undecided" in rules.verdicts.values()
