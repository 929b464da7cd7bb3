"""The files of the output folder, and what a person reads at the end."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from screen.batch.counts.verdict_counts import Tally
from screen.batch.deciding.case_decider import Decision, Line
from screen.batch.deciding.part_outcome import outcome_of
from screen.batch.output import verdict_files as outputs
from screen.batch.output.closing_report import bar, report
from screen.batch.output.verdict_files import reject_writer, write_csv, write_parquet
from screen.batch.tables.block import Reject
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol

ID = "NCT04438629"  # adult, confirmed-infection | consent-withdrawn


def verdicts(*cases: tuple[str, str, str]) -> pa.Table:
    decisions = [
        Decision(case, "x.csv", 2, "case", (Line(ID, verdict, "", "", letters, ""),))
        for case, verdict, letters in cases
    ]
    return outcome_of(decisions, {}).verdicts


ONE = verdicts(("A", "undecided", "MUU"), ("=B", "ineligible", "NUM"))
TWO = verdicts(("C", "eligible", "MMN"), ("D", "undecided", "MUU"), ("E", "eligible", "MMN"))


def test_parquet_bytes_do_not_depend_on_the_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "_GROUP", 2)
    whole = pa.concat_tables([ONE, TWO]).unify_dictionaries()
    for name, parts in {
        "parts": [ONE, TWO],
        "whole": [whole],
        "single": [whole.slice(n, 1) for n in range(5)],
        "empty": [ONE, ONE.slice(0, 0), TWO],
    }.items():
        write_parquet(tmp_path / name, parts)
        assert (tmp_path / name).read_bytes() == (tmp_path / "parts").read_bytes()
    file = pq.ParquetFile(tmp_path / "parts")
    assert file.metadata.num_row_groups == 3
    assert {field.type for field in file.schema_arrow} == {pa.string()}
    assert file.read()["case"].to_pylist() == ["A", "=B", "C", "D", "E"]
    assert file.read()["verdict"].to_pylist()[:2] == ["undecided", "ineligible"]


def test_csv(tmp_path: Path) -> None:
    write_csv(tmp_path / "v.csv", [ONE, TWO])
    lines = (tmp_path / "v.csv").read_text().splitlines()
    assert lines[0] == '"case","protocol","verdict","fails","unknown","criteria","by_person"'
    assert lines[2] == f'"\'=B","{ID}","ineligible","","","NUM",""'
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        (" =x", "' =x"),
        *((f"{sign}x", f"'{sign}x") for sign in "\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b"),
        ("\u200b=x", "'\u200b=x"),
        ("a=b", "a=b"),
        ('a,"b"', '"a,""b"""'),
        ("a\nb", '"a\nb"'),
    ],
)
def test_rejects_are_harmless(tmp_path: Path, cell: str, written: str) -> None:
    with reject_writer(tmp_path / "r.csv") as write:
        write([Reject("x.csv", None, "A", "col", cell, "why")])
    text = (tmp_path / "r.csv").read_text()
    assert text == f"input,row,case,column,value,reason\nx.csv,,A,col,{written},why\n"


def test_tally(protocols: dict[str, Protocol]) -> None:
    tally = Tally([protocols[ID]])
    tally.add(ONE)
    tally.add(ONE.slice(0, 0))
    tally.add(TWO)
    (summary,) = tally.summary().values()
    assert summary["verdicts"] == {
        "eligible": 2,
        "pending": 0,
        "undecided": 2,
        "ineligible": 1,
    }
    assert summary["criteria"] == {
        "adult": {"kind": "inclusion", "met": 4, "not_met": 1, "unknown": 0},
        "confirmed-infection": {"kind": "inclusion", "met": 2, "not_met": 0, "unknown": 3},
        "consent-withdrawn": {"kind": "exclusion", "met": 1, "not_met": 2, "unknown": 2},
    }


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((0, 0, 0, 0), " " * 16),
        ((1, 0, 0, 0), "#" * 16),
        ((1, 1, 1, 1), "####++++????----"),
        ((1, 0, 0, 999_999), "#" + "-" * 15),  # one eligible patient is never rounded away
        ((1, 1, 1, 10**7), "#+?" + "-" * 13),
    ],
)
def test_bar(counts: tuple[int, ...], expected: str) -> None:
    names = ("eligible", "pending", "undecided", "ineligible")
    assert bar(dict(zip(names, counts, strict=True))) == expected


def test_report_fits_eighty_columns(vocabulary: Vocabulary, protocols: dict[str, Protocol]) -> None:
    tally = Tally([protocols[ID]])
    tally.add(TWO)
    millions = 12_345_678
    summary = {
        "cases": {
            "in": millions,
            "screened": millions,
            "rejected": 0,
            "rows_of_no_case": 1,
        },
        "protocols": tally.summary(),
        "missing": {name: {"cases": millions, "criteria": 1} for name in vocabulary.concepts},
        "left_out": {"not_used": {"loinc 1-1": 3}, "rows": {"not: ward is ICU": 3}},
        "rejects": [{"reason": "r" * 200, "lines": millions}] * 7,
        "set_aside": [
            {
                "concept": "covid_inflammation_score",
                "reason": "unreadable",
                "records": millions,
                "texts": [{"text": "x" * 60, "records": millions}] * 4,
                "other_texts": 0,
            }
        ]
        * 20,
    }
    text = report(summary, vocabulary, lambda text, _: text)
    assert max(len(line) for line in text.splitlines()[:-1]) <= 80
    assert text.startswith(
        "12,345,678 cases in = 12,345,678 screened + 0 rejected\nRows that belong to no"
    )
    assert "Not used 3 times: loinc 1-1" in text
