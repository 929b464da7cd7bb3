"""Folders of case files and JSON lines: one bad case is refused, the others are screened."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASE = {"case": "A", "screened_at": "2020-03-21", "observations": {"platelets": "90 10*9/L"}}

Batch = Callable[..., Any]
Refused = Callable[..., str]


def lines(*cases: Any) -> str:
    return "".join(f"{json.dumps(case)}\n" for case in cases)


def test_json_lines(batch: Batch) -> None:
    other = {**CASE, "case": "B", "observations": {"plateletts": "90 10*9/L"}}
    text = lines(CASE, other) + "\n{not json}\n" + lines({**CASE, "case": "C"}).strip()
    ran = batch(text, name="cases.jsonl")
    assert ran.verdicts == {"A": "ineligible", "C": "ineligible"}
    assert [(line["input"], line["row"], line["case"]) for line in ran.rejects] == [
        ("cases.jsonl", "2", "B"),
        ("cases.jsonl", "4", ""),
    ]
    assert 'did you mean "platelets"?' in ran.rejects[0]["reason"]


def test_json_lines_gzip(batch: Batch) -> None:
    ran = batch(gzip.compress(lines(CASE).encode()), name="cases.jsonl.gz")
    assert ran.verdicts == {"A": "ineligible"}


def test_damaged_json_lines(refused: Refused) -> None:
    packed = gzip.compress(lines(*[CASE] * 500).encode())
    said = refused(packed[:-9], name="cases.jsonl.gz")
    assert said.startswith("cases.jsonl.gz: cannot be read: the compressed data is damaged")


def test_folder(batch: Batch, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "ward").mkdir(parents=True)
    (folder / "b.json").write_text(json.dumps([CASE, {**CASE, "case": "B"}]))
    (folder / "ward" / "c.yaml").write_text("case: C\nscreened_at: 2020-03-21\n")
    (folder / "d.yml").write_text("case: D\nscreened_at: yesterday\n")
    (folder / "notes.txt").write_text("not a case")
    (folder / "e.yaml").write_bytes(b"\xff\xfe")
    ran = batch(folder)
    assert ran.verdicts == {"A": "ineligible", "B": "ineligible", "C": "undecided"}
    assert [(line["input"], line["row"]) for line in ran.rejects] == [
        ("d.yml", "2"),
        ("e.yaml", "1"),
    ]


def test_same_case_in_two_files(batch: Batch, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    for name in ("a.json", "b.json"):
        (folder / name).write_text(json.dumps(CASE))
    (folder / "c.json").write_text(json.dumps({**CASE, "case": "C"}))
    ran = batch(folder)
    assert ran.verdicts == {"C": "ineligible"}
    assert [line["input"] for line in ran.rejects] == ["a.json", "b.json"]


def test_empty_folder(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert refused(tmp_path / "site") == "site: holds no case files (.yaml, .yml, .json)"


def test_missing_input(refused: Refused, tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.csv") == "nothing.csv: there is no such file"
