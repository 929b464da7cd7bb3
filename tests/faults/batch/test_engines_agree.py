"""On dirty tables the column plan and the rules write the same verdicts, rejects and counts."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screen.batch.deciding import in_processes
from screen.batch.inputs.long import spool, store, word_lists
from screen.batch.options import EngineName
from screen.batch.tables import csv_file as delimited
from screen.cli.main import main
from screen.engine.columns.cells import texts

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


def outputs(ran: Any) -> tuple[bytes, ...]:
    names = ("verdicts.csv", "rejects.csv", "summary.json")
    return tuple((ran.out / name).read_bytes() for name in names)


def both(batch: Batch, *arguments: Any, **more: Any) -> list[tuple[bytes, ...]]:
    written = []
    for engine in (EngineName.RULES, EngineName.COLUMNS):
        ran = batch(*arguments, engine=engine, check=None, overwrite=True, **more)
        written.append(outputs(ran))
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
    monkeypatch.setattr(texts, "_SMALL", 0)
    monkeypatch.setattr(texts, "_repeats", lambda _texts: True)
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


@pytest.mark.parametrize(("ids_at_once", "most_words"), [(0, 100_000), (10**9, 20), (10**9, 0)])
def test_long_in_small_blocks(
    batch: Batch, ids_at_once: int, most_words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a large table is read: in blocks, in parts, with lists of words that may become full."""
    observations, patients = long(random.Random(5))
    whole = outputs(batch(observations, patients=patients, overwrite=True))
    monkeypatch.setattr(delimited, "BLOCK_ROWS", 60)
    monkeypatch.setattr(delimited, "_READ_BYTES", 2_000)
    monkeypatch.setattr(spool, "_RANGE", 8)
    monkeypatch.setattr(spool, "_ROWS", 100)
    for module in (spool, word_lists):
        monkeypatch.setattr(module, "MOST_WORDS", most_words)
    monkeypatch.setattr(store, "_TIMES_FEWER", ids_at_once)
    assert outputs(batch(observations, patients=patients, overwrite=True)) == whole


def test_long_tables_with_ids_that_are_none(batch: Batch) -> None:
    ids = ["x" * 65, "x" * 64, "a\u200bb", "Größe 7", "B"]
    rows = [f"{name},platelets,{value},10*9/L" for name in ids for value in (90, 90)]
    rows += [f"{name},spo2,91,%" for name in ids]
    observations = "\n".join(["case,concept,value,unit", *rows[2:]])
    patients = "\n".join(["case,screened_at,sex", *(f"{name},{AT},male" for name in ids)])
    rules, columns = both(batch, observations, patients=patients)
    assert rules == columns
    kept = [line.split(",")[0] for line in rules[0].decode().splitlines()[1:]]
    assert kept == [f'"{"x" * 64}"', '"Größe 7"', '"B"']


def line(number: int, **more: Any) -> dict[str, Any]:
    return {
        "case": f"D{number}",
        "screened_at": AT,
        "patient": {"sex": "male", "birth_date": "1957-08-02"},
        "observations": {"platelets": {"value": "90 10*9/L", "at": "2020-03-20"}, "spo2": "91 %"},
        **more,
    }


def observed(number: int, **observations: Any) -> dict[str, Any]:
    return line(number, observations=observations)


ODD_LINES = [
    json.dumps(document, ensure_ascii=False)
    for document in [
        observed(0, platelets=90, spo2=91.0),  # numbers without a unit
        observed(1, platelets="90.0000000000000000000000001 10*9/L"),
        observed(2, platelets=[]),
        observed(3, platelets=[[]]),
        observed(4, platelets=[{"value": "90 10*9/L"}, "110 10*9/L"]),
        observed(5, platelets=None),
        observed(6, platelets={"value": None}),
        observed(7, platelets={"at": AT}),
        observed(8, platelets={"value": "90 10*9/L", "at": ""}),
        observed(9, platelets={"value": "90 10*9/L", "when": AT}),
        observed(10, thrombocytes="90 10*9/L"),
        observed(11, pregnancy=True),
        observed(12, platelets={"value": "90 10*9/L", "at": "2020-03-20T09:00:00"}),
        observed(13, platelets=" 90 10*9/L ", spo2={"value": " 91 % ", "on": " room_air "}),
        observed(14, platelets={"value": "90 10*9/L", "source": "Ü" * 201}),
        observed(15, platelets={"value": "90 10*9/L", "source": "a\u200bb"}),
        observed(16),
        line(17, patient={"age": "62 a"}),
        line(18, patient={"age": 62}),
        line(19, patient={"age": {"value": "62 a", "at": "2020-03-01"}}),
        line(20, patient={"age": "62 a", "birth_date": "1957-08-02"}),
        line(21, patient={"age": "62 a"}, observations={"age": "63 a"}),
        line(22, patient={}),
        line(23, patient=None),
        line(24, patient={"name": "x"}),
        line(25, screened_at=None),
        line(26, screened_at="2020-03-21"),
        line(27, ward="7"),
        line(28, observations=None),
        line(29, observations={}),
        {"case": "D30", "screened_at": AT},
        {"screened_at": AT},
        {"case": "", "screened_at": AT},
        {"case": "x" * 65, "screened_at": AT},
        {"case": "a\tb", "screened_at": AT},
        {"case": 7, "screened_at": AT},
        {"case": "Größe 7", "screened_at": AT},
        line(31),
        line(31, screened_at="2020-03-22"),
        [line(32)],
        "text",
    ]
] + [
    '{"case": "E1", "case": "E2", "screened_at": "2020-03-21"}',
    '{"case": "E3", "screened_at": "2020-03-21", "observations": {"spo2": "91 %", "spo2": "95 %"}}',
    '{"case": "E4", "screened_at": "2020-03-21", "observations": {"spo2": {"value" : "91 %"}}}',
    '{"case": "E5", "screened_at": "2020-03-21", "observations": {"spo2": "91 \\u0000"}}',
    '{"case": "\\ud800", "screened_at": "2020-03-21"}',
    '{"case": "E6", "screened_at": "2020-03-21", "patient": {"sex": "\\ud800"}}',
    '{"case": "E7", "screened_at": "2020-03-21", "observations": {"spo2": {"value": NaN}}}',
    '{"case": "E8", "screened_at": "2020-03-21", "observations": {"spo2": "91 \\u0025"}}',
    '{"case": "E9", "screened_at": "2020-03-21", "observations": {"sp\\u006f2": "91 %"}}',
    '{"case": "F1", "screened_at": "2020-03-21"} {"case": "F2"}',
    '{"case": "F3", "screened_at": "2020-03-21",}',
    "{",
    "",
    "[" * 1000,
]


def test_odd_lines(batch: Batch) -> None:
    rules, columns = both(batch, "\n".join(ODD_LINES), name="cases.jsonl")
    assert rules == columns


@pytest.mark.parametrize("text", [line for line in ODD_LINES if line])
def test_each_odd_line_alone(
    batch: Batch, tmp_path: Path, refused: Callable[..., str], text: str
) -> None:
    """So that no other line hides what becomes of it: a verdict, or its own rejects."""
    good = json.dumps(line(99))
    rules, columns = (
        batch(f"{good}\n{text}", name="cases.jsonl", engine=engine, check=None, overwrite=True)
        for engine in (EngineName.RULES, EngineName.COLUMNS)
    )
    assert (rules.verdicts, rules.rejects) == (columns.verdicts, columns.rejects)
    assert rules.summary == columns.summary


def test_a_folder_of_case_files(batch: Batch, tmp_path: Path) -> None:
    """The example cases, a file with several cases, and files that are none."""
    folder = tmp_path / "folder"
    shutil.copytree(Path(__file__).parents[3] / "cases", folder)
    (folder / "two.yaml").write_text(
        f"- {{case: T1, screened_at: {AT}, observations: {{spo2: 91 %}}}}\n"
        f"- {{case: T2, screened_at: {AT}, observations: {{spo2: [91 %, 95 %]}}}}\n"
        f"- {{case: T3, screened_at: {AT}, observations: {{spoo2: 91 %}}}}\n"
    )
    (folder / "broken.yaml").write_text("case: [")
    (folder / "list.json").write_text(json.dumps([line(1), line(2, ward=1)]))
    rules, columns = both(batch, folder)
    assert rules == columns


def test_the_plan_takes_plain_documents(batch: Batch) -> None:
    lines = "\n".join(json.dumps(line(number)) for number in range(30))
    ran = batch(lines, name="cases.jsonl", engine=EngineName.COLUMNS)
    manifest = json.loads((ran.out / "manifest.json").read_text())
    assert manifest["decided_by"] == {"columns": 30, "reference": 0}


def test_documents_planned_in_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_processes, "_WORTH_IT", 1)
    plain = [json.dumps(line(number)) for number in range(30)]
    cases = tmp_path / "cases.jsonl"
    cases.write_text("\n".join([*plain, *ODD_LINES, plain[0]]), encoding="utf-8")
    written = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        main(["batch", str(cases), "--out", str(out), "--workers", workers])
        names = ("verdicts.parquet", "rejects.csv", "summary.json")
        manifest = json.loads((out / "manifest.json").read_text())
        written.append(([(out / name).read_bytes() for name in names], manifest["decided_by"]))
    assert written[0] == written[1]
    assert written[0][1]["columns"] > 0


def test_a_limit_that_no_column_can_hold_is_beyond_all_of_them(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(Path(__file__).parents[3] / "rules", rules)
    protocol = rules / "protocols" / "nct04438629" / "protocol.yaml"
    protocol.write_text(protocol.read_text().replace("<= 90 a", "<= 1e30 a"))
    census = tmp_path / "census.csv"
    census.write_text(f"case,screened_at,age\nA,{AT},91 a\nB,{AT},17 a\n")
    command = ["batch", str(census), "--rules", str(rules), "-p", "NCT04438629"]
    out = tmp_path / "out"
    assert main([*command, "--out", str(out), "--format", "csv"]) == 0
    lines = [line.split(",") for line in (out / "verdicts.csv").read_text().splitlines()[1:]]
    # 91 years are fewer than 10^30; 17 are fewer than 18.
    assert [(line[0], line[5]) for line in lines] == [('"A"', '"MUU"'), ('"B"', '"NUU"')]
