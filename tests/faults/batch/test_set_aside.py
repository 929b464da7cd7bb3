"""A record that cannot be read, or does not count, is set aside, counted and shown; with --strict
one that cannot be read refuses its case.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.batch.counts.set_aside_counts import MOST_TEXTS, OTHERS, RecordCounts
from screen.cli.main import main

AT = "2020-03-22"
LOW, OPEN = "ineligible", "undecided"
ONE = ["-p", "NCT04361903", "--engine", "rules", "--format", "csv"]
PATIENTS = f"case,screened_at,sex\nA,{AT},male\nB,{AT},male\nC,{AT},male\nD,{AT},male\n"

Batch = Callable[..., Any]
Capture = pytest.CaptureFixture[str]


def aside(ran: Any) -> dict[tuple[str, str], list[str]]:
    return {
        (e["concept"], e["reason"]): sorted(text["text"] for text in e["texts"])
        for e in ran.summary["set_aside"]
    }


def test_values_without_effect_are_counted(batch: Batch) -> None:
    text = (
        "case,concept,value,unit,at\n"
        f"A,pao2,60,mm Hg,{AT}\nA,fio2,40,,{AT}\nB,pao2,60,mm Hg,{AT}\nB,fio2,0.4,%,{AT}\n"
        f"C,platelets,90,mg/dL,{AT}\nD,platelets,90,10*9/L,2020-03-23\n"
    )
    ran = batch(text, patients=PATIENTS)
    assert set(ran.verdicts.values()) == {OPEN}
    assert aside(ran) == {
        ("fio2", "no_unit"): ["40"],
        ("fio2", "implausible"): ["0.4 %"],
        ("platelets", "wrong_unit"): ["90 mg/dL"],
        ("platelets", "future"): ["90 10*9/L"],
    }


@pytest.mark.parametrize(
    ("cell", "unit", "at", "text"),
    [
        ("90", "10*9/Q", AT, "90 10*9/Q"),
        ("few", "10*9/L", AT, "few 10*9/L"),
        ("90", "10*9/L", "21st of March", "90 10*9/L (at: 21st of March)"),
        ("90", "10*9/L", "2020-03-21T08:00+01:00", "90 10*9/L (at: 2020-03-21T08:00+01:00)"),
    ],
)
def test_a_cell_that_cannot_be_read(batch: Batch, cell: str, unit: str, at: str, text: str) -> None:
    """The case is screened without the record; another case is not touched."""
    table = (
        f"case,concept,value,unit,at\nA,platelets,{cell},{unit},{at}\nB,platelets,90,10*9/L,{AT}\n"
    )
    ran = batch(table, patients=PATIENTS)
    assert ran.verdicts == {"A": OPEN, "B": LOW, "C": OPEN, "D": OPEN}
    assert aside(ran) == {("platelets", "unreadable"): [text]}
    ran = batch(table, patients=PATIENTS, strict=True, overwrite=True)
    assert ran.verdicts == {"B": LOW, "C": OPEN, "D": OPEN}
    assert [line["case"] for line in ran.rejects] == ["A"]
    assert aside(ran) == {}


@pytest.mark.parametrize(
    "row",
    [
        f"A,{AT},man,1957-08-02,90 10*9/L",
        f"A,{AT},male,1957-13-02,90 10*9/L",
        f"A,{AT},male,2020-03-23,90 10*9/L",
        "A,soon,male,1957-08-02,90 10*9/L",
        f"{'x' * 65},{AT},male,1957-08-02,90 10*9/L",
    ],
)
def test_what_is_of_the_case_refuses_it(batch: Batch, row: str) -> None:
    ran = batch(f"case,screened_at,sex,birth_date,platelets\n{row}\nB,{AT},,,90 10*9/L\n")
    assert ran.verdicts == {"B": LOW}
    assert len(ran.rejects) == 1


def test_an_unknown_answer_in_a_wide_table(batch: Batch) -> None:
    """Context and limit cells belong to their record, and set it aside, too."""
    text = (
        "case,screened_at,platelets,pregnancy,spo2,spo2.on\n"
        f"A,{AT},90 10*9/L,perhaps,,\nB,{AT},,yes,91 %,hill\n"
    )
    ran = batch(text)
    assert ran.verdicts == {"A": LOW, "B": OPEN}
    assert aside(ran) == {
        ("pregnancy", "unreadable"): ["perhaps", "yes"],
        ("spo2", "unreadable"): ["91 % (on: hill)"],
    }


def test_a_unit_in_the_cell_wins(batch: Batch) -> None:
    """Both may agree in other words; where they differ the note names both."""
    text = (
        "case,concept,value,unit\nA,platelets,90 10*9/L,K/uL\nB,platelets,90 K/uL,10*9/L\n"
        "C,platelets,90 mg/L,10*9/L\nD,platelets,90000 /mm3,10*9/L\n"
    )
    ran = batch(text, patients=PATIENTS)
    assert ran.verdicts == {"A": LOW, "B": LOW, "C": OPEN, "D": LOW}
    assert aside(ran) == {
        ("platelets", "wrong_unit"): ["90 mg/L (the column of units says 10*9/L)"]
    }


def test_a_unit_beside_a_finding_is_none_of_it(batch: Batch) -> None:
    text = "case,concept,value,unit\nA,pregnancy,present,n/a\nB,platelets,90,10*9/L\n"
    ran = batch(text, patients=PATIENTS.replace("A,2020-03-22,male", "A,2020-03-22,female"))
    assert (ran.verdicts["A"], ran.verdicts["B"]) == (LOW, LOW)
    assert aside(ran) == {}


def test_a_last_time_that_cannot_be_read_leaves_no_last_one(batch: Batch) -> None:
    mapping = "shape: long\nscreened_at: last\ntimes: '%d.%m.%Y'\ncolumns: {when: at}\n"
    text = (
        "case,concept,value,unit,when\nA,platelets,90,10*9/L,20.03.2020\n"
        "A,platelets,190,10*9/L,March\nB,platelets,90,10*9/L,20.03.2020\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"B": LOW}
    assert ran.reasons == [
        ("3", "when", '"March" is not in the mapping\'s time form (%d.%m.%Y)'),
    ]


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_mapping_that_never_reads_a_concept(here: Path, capsys: Capture) -> None:
    """The unit was forgotten for one column, and the codes of another are wrong."""
    write(
        here,
        t__csv=f"case,screened_at,plt,hb,preg\nA,{AT},90,12,1\nB,{AT},91,,2\n",
        m__yaml=(
            "columns: {plt: platelets, hb: {is: hemoglobin, unit: g/dL},"
            " preg: {is: pregnancy, codes: {x: present}}}\n"
        ),
    )
    assert main(["batch", "t.csv", "--map", "m.yaml", "--out", "out", *ONE]) == 1
    said = capsys.readouterr().err
    assert "the mapping never reads platelets: none of 2 records can be used" in said
    assert "the mapping can say its unit" in said
    assert "the mapping never reads pregnancy" in said
    assert "hemoglobin" not in said
    summary = json.loads((here / "out" / "summary.json").read_text())
    assert summary["never_read"] == ["platelets", "pregnancy"]
    assert summary["cases"]["screened"] == 2


def test_one_cell_that_reads_is_enough(here: Path) -> None:
    write(
        here,
        t__csv=f"case,screened_at,plt\nA,{AT},90\nB,{AT},91 10*9/L\n",
        m__yaml="columns: {plt: platelets}\n",
    )
    assert main(["batch", "t.csv", "--map", "m.yaml", "--out", "out", *ONE]) == 0


def test_what_is_set_aside_and_refused_is_on_the_screen(here: Path, capsys: Capture) -> None:
    rows = [f"A{n},{AT},male,9{n} 10*9/Q\n" for n in range(3)]
    rows += [f"B{n},{AT},man{n},\n" for n in range(2)] + [f"C,{AT},male,90\n"]
    write(here, t__csv="case,screened_at,sex,platelets\n" + "".join(rows))
    assert main(["batch", "t.csv", "--out", "out", *ONE]) == 1
    shown = capsys.readouterr().out
    assert '  2 x unknown value "…" for patient.sex' in shown
    told = shown[shown.index("Set aside") :].splitlines()
    assert told[0] == "Set aside: 4 records"
    assert told[1].startswith("          3  platelets unreadable: 90 10*9/Q (1), 91 10*9/Q (1)")
    assert told[2] == "          1  platelets no_unit: 90 (1)"
    assert max(map(len, shown.splitlines())) <= 80


def test_several_tables_of_one_shape(here: Path, capsys: Capture) -> None:
    """The rows of a case may stand in both; each problem names its own file and row."""
    write(
        here,
        a__csv="case,concept,value,unit,at\nA,platelets,190,10*9/L,2020-03-21\n",
        b__csv=(
            "case,concept,value,unit,at\nA,platelets,90,10*9/L,2020-03-22\n"
            "B,platelets,90,10*9/Q,2020-03-22\nX,platelets,90,10*9/L,\n"
        ),
        p__csv=f"case,screened_at\nA,{AT}\nB,{AT}\n",
    )
    command = ["batch", "a.csv", "b.csv", "--patients", "p.csv", "--out", "out", *ONE]
    assert main(command) == 1
    lines = (here / "out" / "verdicts.csv").read_text().splitlines()[1:]
    assert [line.split(",")[:3] for line in lines] == [
        ['"A"', '"NCT04361903"', f'"{LOW}"'],
        ['"B"', '"NCT04361903"', f'"{OPEN}"'],
    ]
    rejects = (here / "out" / "rejects.csv").read_text()
    assert rejects.splitlines()[1].startswith("b.csv,4,X,")
    assert main([*command, "--strict", "--overwrite"]) == 1
    assert "b.csv,3,B,unit,10*9/Q," in (here / "out" / "rejects.csv").read_text()
    capsys.readouterr()
    assert main(["explain", "--from", "out", "A", "NCT04361903"]) == 0
    assert "b.csv:2:3 (value)" in capsys.readouterr().out


def test_a_replay_knows_all_inputs_and_that_it_was_strict(here: Path, capsys: Capture) -> None:
    head = "case,screened_at,platelets\n"
    write(here, a__csv=f"{head}A,{AT},90 10*9/L\n", b__csv=f"{head}B,{AT},x\n")
    command = ["batch", "a.csv", "b.csv", "--strict", "--out", "out", *ONE]
    assert main([*command, "--ledger", "site.ledger", "--by", "T"]) == 1
    capsys.readouterr()
    assert main(["audit", "replay", "--ledger", "site.ledger"]) == 0
    assert main(["audit", "verify", "--ledger", "site.ledger"]) == 0


def test_several_wide_tables(here: Path) -> None:
    head = "case,screened_at,platelets\n"
    write(
        here,
        a__csv=f"{head}A,{AT},90 10*9/L\n",
        b__csv=f"{head}B,{AT},x\nA,{AT},1 10*9/L\nC,{AT},90 10*9/L\n",
    )
    assert main(["batch", "a.csv", "b.csv", "--out", "out", *ONE, "--strict"]) == 1
    rejects = (here / "out" / "rejects.csv").read_text().splitlines()[1:]
    assert sorted(line.split(",")[:3] for line in rejects) == [
        ["a.csv", "2", "A"],
        ["b.csv", "2", "B"],
        ["b.csv", "3", "A"],
    ]


def test_several_inputs_that_do_not_go_together(here: Path, capsys: Capture) -> None:
    write(here, a__csv="case,concept,value\n", b__csv="case,value,code\n", c__jsonl="{}\n")
    (here / "d").mkdir()
    write(here / "d", a__csv="case,concept,value\n")
    for more, said in (
        ("b.csv", "has other columns than the inputs beside it"),
        ("c.jsonl", "several inputs are several tables of one shape"),
        ("d/a.csv", "has the name of another input"),
        ("e.csv", "there is no such file"),
    ):
        command = ["batch", "a.csv", more, "--out", "out", "--screened-at", AT, *ONE]
        assert main(command) == 2
        assert said in capsys.readouterr().err


def test_a_mapping_among_the_cases_is_no_case(here: Path, capsys: Capture) -> None:
    (here / "cases").mkdir()
    write(
        here / "cases",
        a__yaml=f"case: A\nscreened_at: {AT}\nobservations: {{platelets: 90 10*9/L}}\n",
        site__yaml="shape: long\nscreened_at: last\ncolumns: {pid: case}\n",
    )
    assert main(["batch", "cases", "--out", "out", *ONE]) == 0
    assert "Not a case, but a mapping: site.yaml" in capsys.readouterr().out


def test_the_cases_of_the_program_are_all_screened(here: Path) -> None:
    cases = Path(__file__).parents[3] / "cases"
    assert main(["batch", str(cases), "--out", "out", "-p", "NCT04361903"]) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.text("pqrs", min_size=1)),
        max_size=40,
    ),
    st.integers(1, 5),
)
def test_counts_do_not_depend_on_the_parts(keys: list[tuple[str, str, str]], cut: int) -> None:
    """However the records are cut into parts: with more texts than are kept apart, too."""
    import screen.batch.counts.set_aside_counts as module

    most, module.MOST_TEXTS = MOST_TEXTS, 3
    try:
        together = RecordCounts()
        together.update(RecordCounts(Counter(k[0] for k in keys), Counter(keys)))
        in_parts = RecordCounts()
        for start in range(0, len(keys), cut):
            some = keys[start : start + cut]
            in_parts.update(RecordCounts(Counter(k[0] for k in some), Counter(some)))
        assert in_parts.set_aside == together.set_aside
        assert in_parts.records == together.records
        assert together.set_aside.total() == len(keys)
        kept = {key for key in together.set_aside if key[2] != OTHERS}
        for pair in {(key[0], key[1]) for key in keys}:
            texts = sorted({key[2] for key in keys if key[:2] == pair})
            assert {key[2] for key in kept if key[:2] == pair} == set(texts[:3])
    finally:
        module.MOST_TEXTS = most
