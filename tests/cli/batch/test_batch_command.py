"""`trialscreen batch`, and the way back by `trialscreen explain --from`."""

import json
from pathlib import Path

import pytest
from pyarrow import parquet

from screen.cli.main import main
from screen.program import PROGRAM

AT = "2020-03-21T09:00:00+01:00"
TEXT = f"case,screened_at,platelets\nA,{AT},90 10*9/L\nB,{AT},300 10*9/L\n"
ONE = ["-p", "NCT04361903"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIALSCREEN_DEBUG", raising=False)
    (tmp_path / "census.csv").write_text(TEXT)
    return tmp_path


def test_all_screened(capsys: Capture, here: Path) -> None:
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines()[0] == "2 cases in = 2 screened + 0 rejected"
    assert "NCT04361903                  0          0          1          1 ????????--------" in (
        shown.out
    )
    assert "thrombocytopenia (NCT04361903)" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    told = parquet.read_schema(here / "out" / "verdicts.parquet").metadata
    assert told == {b"format": b"2", b"program": PROGRAM.encode()}
    manifest = json.loads((here / "out" / "manifest.json").read_text())
    assert manifest["input"]["path"] == "../census.csv"
    assert manifest["decided_by"] == {"rules": 2}


def test_some_rejected(capsys: Capture, here: Path) -> None:
    (here / "census.csv").write_text(TEXT + "C,never,1 10*9/L\n")
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith("3 cases in = 2 screened + 1 rejected\n")
    assert shown.err == "not everything was screened: see out/rejects.csv\n"


def test_nothing_screened(here: Path) -> None:
    (here / "census.csv").write_text("case,screened_at\nC,never\n")
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["census.csv"], "--out DIR is needed"),
        (["--out", "out"], "INPUT is needed"),
        (["census.csv", "--out", "out", "--engine", "abacus"], "'abacus' is not one of columns"),
        (["census.csv", "--out", "out", "--format", "xls"], "'xls' is not one of parquet, csv"),
        (["census.csv", "--out", "out", "--check", "some"], "'some' is not a number, all or none"),
        (["census.cvs", "--out", "out"], "census.cvs: there is no such file"),
        (["census.csv", "--out", "out", "-p", "NCT0"], 'unknown protocol "NCT0"'),
        (["census.csv", "--out", "."], "exists already; say --overwrite"),
        (["census.csv", "--out", "out", "--map", "no.yaml"], "no.yaml: there is no such file"),
    ],
)
def test_nothing_can_be_done(capsys: Capture, here: Path, arguments: list[str], said: str) -> None:
    assert main(["batch", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert not (here / "out").exists()


def test_columns_and_rules_write_the_same(here: Path) -> None:
    for engine in ("rules", "columns"):
        arguments = ["batch", "census.csv", "--out", engine, "--engine", engine]
        assert main(arguments) == 0
    for name in ("verdicts.parquet", "summary.json", "rejects.csv"):
        assert (here / "rules" / name).read_bytes() == (here / "columns" / name).read_bytes()


def test_workers_change_nothing(here: Path) -> None:
    rows = "".join(f"P{n},{AT},{n} 10*9/L\n" for n in range(320))
    (here / "census.csv").write_text("case,screened_at,platelets\n" + rows)
    for workers in ("1", "2"):
        arguments = ["--engine", "rules", "--workers", workers, "-p", "NCT04438629"]
        assert main(["batch", "census.csv", "--out", f"out{workers}", *arguments]) == 0
    for name in ("verdicts.parquet", "summary.json", "manifest.json"):
        assert (here / "out1" / name).read_bytes() == (here / "out2" / name).read_bytes()


def test_time_of_screening_from_the_command_line(here: Path) -> None:
    (here / "census.csv").write_text("case,platelets\nA,90 10*9/L\n")
    arguments = ["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]
    assert main(arguments) == 2
    assert main([*arguments, "--screened-at", AT]) == 0


def test_template(capsys: Capture) -> None:
    assert main(["batch", "--map-template", "census.csv"]) == 0
    assert "  platelets: {is: platelets}   # confirm" in capsys.readouterr().out


def test_back_to_the_reason(capsys: Capture) -> None:
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 0
    capsys.readouterr()
    assert main(["explain", "--from", "out", "A", "NCT04361903"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "platelets 90 10*9/L (90000 /mm3) is <= 100000 /mm3" in " ".join(shown.out.split())
    assert "census.csv:2:3 (platelets)" in shown.out


def test_back_when_the_input_changed(capsys: Capture, here: Path) -> None:
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 0
    (here / "census.csv").write_text(TEXT.replace("90", "130"))
    capsys.readouterr()
    assert main(["explain", "--from", "out", "A", "NCT04361903"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "changed since: the input census.csv is not what it was in the batch",
        "changed since: the batch said ineligible, and now it is undecided",
    ]


def test_back_when_the_input_moved(capsys: Capture, here: Path) -> None:
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 0
    (here / "census.csv").rename(here / "moved.csv")
    capsys.readouterr()
    assert main(["explain", "--from", "out", "A", "NCT04361903"]) == 2
    assert "census.csv: there is no such file" in capsys.readouterr().err
    arguments = ["explain", "--from", "out", "A", "NCT04361903", "--input", "moved.csv"]
    assert main(arguments) == 0


def test_back_to_nobody(capsys: Capture) -> None:
    assert main(["batch", "census.csv", "--out", "out", "--engine", "rules", *ONE]) == 0
    assert main(["explain", "--from", "out", "Z", "NCT04361903"]) == 2
    assert capsys.readouterr().err.endswith('census.csv: there is no case "Z"\n')
