"""A whole batch beside DuckDB's own reader: every row that it sees is screened or rejected.

The readers alone are compared with others in tests/generative/test_tables_read_twice.py; here the
counts that a person is shown are.
"""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from screen.cli.main import main

HEAD = "case,screened_at,sex,birth_date,platelets,platelets.source\n"
ROW = "2020-04-06,male,1957-08-02,18 10*9/L"
SOURCES = ("tube A", '"tube A"', '"a, b"', '"a ""b"" c"', "", '5" tube', "'tube'", '"a\nb"', "“a”")


def rows_of_duckdb(path: Path) -> int | None:
    """How many rows DuckDB reads; None if it refuses the file."""
    try:
        found = duckdb.execute(
            f"SELECT count(*) FROM read_csv('{path}', header = true, all_varchar = true,"
            " delim = ',', quote = '\"', escape = '\"', strict_mode = true, auto_detect = false,"
            f" columns = {dict.fromkeys(HEAD.strip().split(','), 'VARCHAR')})"
        ).fetchone()
    except duckdb.Error:
        return None
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("engine", ["rules", "columns"])
@pytest.mark.parametrize("odd", SOURCES)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_cases_in_are_rows_of_the_file(
    odd: str, place: int, engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "census.csv", tmp_path / "out"
    cells = [odd if number == place else "fine" for number in range(5)]
    lines = [f"P{number},{ROW},{cell}\n" for number, cell in enumerate(cells)]
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    words = ["batch", str(path), "-p", "NCT04361903", "--engine", engine, "--format", "csv"]
    status = main([*words, "--out", str(out)])
    second = rows_of_duckdb(path)
    if status == 2:
        assert "census.csv" in capsys.readouterr().err
        return
    cases = json.loads((out / "summary.json").read_text())["cases"]
    assert cases["in"] == cases["screened"] + cases["rejected"] == 5
    assert second == 5 or (status == 1 and cases["rejected"])
    with (out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        screened = {line["case"] for line in csv.DictReader(file)}
    with (out / "rejects.csv").open(newline="", encoding="utf-8") as file:
        rejected = {line["case"] for line in csv.DictReader(file)}
    assert screened | rejected == {f"P{number}" for number in range(5)}
