"""Texts of a site go into queries as texts, whatever stands in them."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from screen.batch.options import EngineName

Batch = Callable[..., Any]
ODD = [
    "z' || (SELECT version()) || '",
    "'; DROP TABLE raw; --",
    'a"b',
    '"; SELECT 1; --',
    "a''b",
    "a\\'b",
    "$1",
    "?",
    "%s",
    "{x}",
    "a;b",
    "/* a */",
    "-- a",
    "a\x01b",
    "a\u202eb",
    "=1+1",
    "E'\\x41'",
    "$$a$$",
    "[0-9]+(",
]


def rows(*lines: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


@pytest.mark.parametrize("odd", ODD)
def test_wide(batch: Batch, odd: str) -> None:
    """As the name of a column, a code, and what stands for nothing."""
    text = json.dumps(odd)
    mapping = f"""\
columns:
  id: case
  at: screened_at
  {text}: {{is: platelets, unit: 10*9/L, not_recorded: [{text}]}}
  hiv: {{is: hiv_infection, codes: {{{text}: present}}}}
"""
    table = rows(
        ["id", "at", odd, "hiv"],
        ["A", "2020-03-21", "90", odd],
        ["B", "2020-03-21", odd, ""],
        [odd, "2020-03-21", "300", ""],
    )
    ran = batch(table, mapping, engine=EngineName.COLUMNS, check=None)
    assert ran.verdicts["A"] == "ineligible"
    assert ran.verdicts["B"] == "undecided"
    assert ran.summary["left_out"]["not_recorded"] == {odd: 1}
    if odd.isprintable():
        assert ran.verdicts["'" + odd if odd[0] in "=-" else odd] == "undecided"


@pytest.mark.parametrize("engine", [EngineName.RULES, EngineName.COLUMNS])
def test_long(batch: Batch, engine: EngineName) -> None:
    """As the name of a test, of a case, and a spelling of a unit."""
    codes = ", ".join(f"{json.dumps(odd)}: platelets" for odd in ODD)
    mapping = f"""\
shape: long
screened_at: 2020-03-21
columns:
  id: case
  test: {{is: concept, codes: {{{codes}}}}}
  v: value
  u: unit
"""
    lines = [["id", "test", "v", "u"]]
    for number, odd in enumerate(ODD):
        lines.append([f"A{number}", odd, "90", "10*9/L"])
        lines.append([f"B{number}", odd, "90", odd])
        lines.append([odd, odd, "300", "10*9/L"])
    ran = batch(rows(*lines), mapping, engine=engine, check=None)
    for number in range(len(ODD)):
        assert ran.verdicts[f"A{number}"] == "ineligible"
        assert ran.verdicts[f"B{number}"] == "undecided"
