"""Lines that only a person can check, in a batch: named for each case, the same by each engine."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from screen.batch.options import EngineName
from screen.cli.main import main

RULES = Path(__file__).parents[3] / "rules"

PROTOCOL = """\
protocol: PERSON-1
title: A protocol with a line that only a person can check
version: 2020-05-04
complete: true
status: completed
drug: {name: none}
sources:
  registry: {title: Record, id: PERSON-1, date: 2020-05-04, lines: {inclusion: 1, exclusion: 2}}
inclusion:
  - id: adult
    text: At least 18 years
    source: {in: registry, at: inclusion 1}
    when: {age: ">= 18 a"}
exclusion:
  - id: prophylaxis
    text: Cannot be kept on prophylaxis
    source: {in: registry, at: exclusion 1}
    when: {person: cannot be kept on prophylaxis}
  - id: plan
    text: Pregnant, or plans to be
    source: {in: registry, at: exclusion 2}
    when: {any: [{pregnancy: present}, {person: plans a pregnancy}]}
"""

CENSUS = """\
case,screened_at,sex,birth_date,pregnancy,answers.PERSON-1.prophylaxis,answers.PERSON-1.plan
A,2020-05-05,male,1960-01-01,,,
B,2020-05-05,female,1960-01-01,present,,
C,2020-05-05,female,1960-01-01,absent,denied,denied
D,2020-05-05,female,1960-01-01,,denied,
"""

# Worked out by hand: who still has to be asked what, and what that leaves of the verdict.
EXPECTED = [
    ("A", "pending", "MUU", "prophylaxis plan"),
    ("B", "ineligible", "MUM", "prophylaxis"),
    ("C", "eligible", "MNN", ""),
    ("D", "undecided", "MNU", "plan"),
]


@pytest.mark.parametrize("engine", [EngineName.RULES, EngineName.COLUMNS])
def test_who_is_still_asked(
    engine: EngineName, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    folder = rules / "protocols" / "person-1"
    folder.mkdir()
    (folder / "protocol.yaml").write_text(PROTOCOL)
    census = tmp_path / "census.csv"
    census.write_text(CENSUS)
    out = tmp_path / "out"
    asked = ["--rules", str(rules), "-p", "PERSON-1", "--engine", engine.value, "--format", "csv"]
    assert main(["batch", str(census), *asked, "--out", str(out)]) == 0
    found = [_cells(line) for line in (out / "verdicts.csv").read_text().splitlines()[1:]]
    assert found == EXPECTED
    assert "A person still checks lines of PERSON-1 in 3 cases" in capsys.readouterr().out


def _cells(line: str) -> tuple[Any, ...]:
    case, _, verdict, _, _, criteria, by_person = (cell.strip('"') for cell in line.split(","))
    return case, verdict, criteria, by_person
