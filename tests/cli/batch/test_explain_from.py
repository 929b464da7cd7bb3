"""From a line of a batch back to the site's own file: its names, its places, its policy."""

from pathlib import Path

import pytest

from screen.cli.main import main

TABLE = """\
pid,ward,time,item,result,uom
P1,WARD-3,2020-03-21T08:00:00,PLT,90,10*9/L
P2,WARD-3,2020-03-22T07:00:00,PLT,90,10*9/Q
P3,WARD-3,21st of March,PLT,90,10*9/L
P4,WARD-3,2020-03-22T07:00:00,PLT,90,10*9/L
"""
MAPPING = """\
shape: long
screened_at: 2020-03-22T08:00:00
columns:
  pid: case
  time: at
  item: {is: concept, codes: {PLT: platelets}}
  result: value
  uom: unit
ignore: {ward: not asked for}
"""
ID = "NCT04361903"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labs.csv").write_text(TABLE)
    (tmp_path / "map.yaml").write_text(MAPPING)
    (tmp_path / "site.yaml").write_text("staleness: {platelets: 12 h}\n")
    return tmp_path


def ran(*more: str) -> int:
    command = ["batch", "labs.csv", "--map", "map.yaml", "--out", "out", "-p", ID]
    return main([*command, "--engine", "rules", *more])


def told(capsys: Capture, case: str, *more: str) -> str:
    capsys.readouterr()
    main(["explain", "--from", "out", case, ID, *more])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("case", "place", "why"),
    [
        ("P2", "labs.csv:3:6 (uom)", 'unknown unit "10*9/Q"'),
        ("P3", "labs.csv:4:3 (time)", '"21st of March" is not a time'),
    ],
)
def test_the_place_is_that_of_the_file(capsys: Capture, case: str, place: str, why: str) -> None:
    assert ran() == 0
    text = told(capsys, case)
    assert place in text
    assert why in text


def test_a_value_that_counts_has_its_place(capsys: Capture) -> None:
    assert ran() == 0
    assert "labs.csv:5:5 (result)" in told(capsys, "P4")


@pytest.mark.parametrize(
    ("case", "row", "column", "why"),
    [
        ("P2", 3, "uom", 'unknown unit "10*9/Q"'),
        ("P3", 4, "time", '"21st of March" is not a time'),
    ],
)
def test_a_case_that_was_refused(
    capsys: Capture, case: str, row: int, column: str, why: str
) -> None:
    assert ran("--strict") == 1
    text = told(capsys, case)
    assert text.startswith(f"{case} was not screened: labs.csv, row {row}, column {column}: {why}")
    assert main(["explain", "--from", "out", case, ID]) == 1
    assert f'"column": "{column}"' in told(capsys, case, "--format", "json")


def test_the_policy_of_the_site(capsys: Capture) -> None:
    """The value is 24 hours old: the site's limit sets it aside, and not the protocol."""
    assert ran("--site", "site.yaml") == 0
    text = told(capsys, "P1")
    assert "platelets 90 10*9/L at 2020-03-21T08:00:00 is older than 12 h" in text
    assert "site policy, not the protocol" in text


def test_nobody(capsys: Capture) -> None:
    assert ran() == 0
    assert main(["explain", "--from", "out", "P9", ID]) == 2
    assert 'there is no case "P9"' in capsys.readouterr().err
