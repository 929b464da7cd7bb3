"""Exit status, standard output and standard error of the commands."""

import gc
import json
import re
from pathlib import Path

import pytest

from screen.cli import output
from screen.cli.main import main
from screen.engine.decide import Disagreement, Screener
from screen.explain.words.plain_text import cells
from screen.program import NOTICE, PROGRAM

HERE = Path(__file__).parent
GOOD = "cases/eligible.yaml"
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    for name in ("TRIALSCREEN_LEDGER", "TRIALSCREEN_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """A case file with two mistakes."""
    path = tmp_path / "bad.yaml"
    path.write_text(
        "case: B\nscreened_at: 2020-03-21\npatient: {sex: male}\n"
        "observations: {plateletts: 90 10*9/L, dyspnea: perhaps}\n",
        encoding="utf-8",
    )
    return str(path)


def test_all_screened(capsys: Capture) -> None:
    assert main(["case", GOOD]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("Case E-01 ")
    assert " ".join(out.split()).endswith(f"{NOTICE} ({PROGRAM})")
    shown = re.findall(r"^(\S+): [A-Z]+$", out, re.MULTILINE)
    assert shown == sorted(shown)
    assert len(shown) == 7


@pytest.mark.parametrize("path", sorted((HERE / "cases").iterdir()), ids=lambda path: path.stem)
def test_every_protocol_fits_the_width(path: Path, capsys: Capture) -> None:
    assert main(["case", str(path)]) == 0
    assert max(map(cells, capsys.readouterr().out.splitlines())) <= 80


def test_a_refused_file_does_not_stop_the_others(bad: str, capsys: Capture) -> None:
    assert main(["case", bad, GOOD, "-p", "NCT04334044"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("Case E-01 ")
    lines = err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f'{bad}:4:16: unknown concept "plateletts"')
    assert "platelets" in lines[0].removeprefix(f"{bad}:4:16:")
    assert lines[1].startswith(f'{bad}:4:48: unknown value "perhaps"')
    assert lines[2] == "1 of 2 files refused"


def test_nothing_could_be_done(bad: str, capsys: Capture) -> None:
    assert main(["case", bad, "no-such-file.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no-such-file.yaml: there is no such file" in err


@pytest.mark.parametrize("shown", ["table", "json", "markdown"])
def test_no_format_shows_anything_of_a_refused_file(shown: str, bad: str, capsys: Capture) -> None:
    assert main(["case", bad, "--format", shown]) == 2
    assert capsys.readouterr().out == ""


def test_a_folder_is_for_batch(capsys: Capture) -> None:
    assert main(["case", "cases"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cases: is a folder")
    assert "trialscreen batch" in err


@pytest.mark.parametrize(
    "command", [["case", GOOD, "-p"], ["explain", GOOD], ["protocols", "show"]]
)
def test_an_unknown_protocol_names_the_nearest(command: list[str], capsys: Capture) -> None:
    assert main([*command, "NCT0433404"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == 'unknown protocol "NCT0433404"; did you mean "NCT04334044"?\n'


def test_every_unknown_protocol_is_named(capsys: Capture) -> None:
    assert main(["case", GOOD, "-p", "x1", "-p", "x2"]) == 2
    assert [line[:21] for line in capsys.readouterr().err.splitlines()] == [
        'unknown protocol "x1"',
        'unknown protocol "x2"',
    ]


def test_an_unknown_concept_names_the_nearest(capsys: Capture) -> None:
    assert main(["concepts", "plateletts"]) == 2
    assert 'did you mean "platelets"?' in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["case"],
        ["case", GOOD, "--format", "xml"],
        ["case", GOOD, "--nothing"],
        ["explain", GOOD],
        ["nothing"],
        [],
    ],
)
def test_a_wrong_command_line(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage: trialscreen" in err


def test_rules_that_are_not_there(tmp_path: Path, capsys: Capture) -> None:
    assert main(["case", GOOD, "--rules", str(tmp_path / "none")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no such file" in err


def test_a_time_that_is_none(capsys: Capture) -> None:
    assert main(["case", GOOD, "--screened-at", "yesterday"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "yesterday" in err


def test_another_time_of_screening(capsys: Capture) -> None:
    when = "2020-04-02T12:00:00+02:00"
    assert main(["case", GOOD, "-p", "NCT04334044", "--screened-at", when]) == 0
    assert f"screened at {when}" in capsys.readouterr().out


def test_a_protocol_given_twice_counts_once_and_the_order_is_kept(capsys: Capture) -> None:
    ids = ["NCT04438629", "NCT04334044", "nct04438629"]
    asked = [part for name in ids for part in ("-p", name)]
    assert main(["case", GOOD, *asked, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)["screenings"]
    assert [one["protocol"] for one in shown] == ["NCT04438629", "NCT04334044"]


def test_json_is_an_object_for_one_case_and_a_list_for_several_files(
    bad: str, capsys: Capture
) -> None:
    only = ["-p", "NCT04334044", "--format", "json"]
    assert main(["case", GOOD, *only]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one["case"] == "E-01"
    assert main(["case", GOOD, bad, *only]) == 1
    assert json.loads(capsys.readouterr().out) == [one]
    assert main(["explain", GOOD, "NCT04334044", "--format", "json"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert "conditions" in explained["screenings"][0]["criteria"][0]


def test_the_order_of_the_file_changes_no_byte_of_the_json(tmp_path: Path, capsys: Capture) -> None:
    head, _, records = (
        Path("cases/messy.yaml").read_text(encoding="utf-8").partition("observations:\n")
    )
    several = ("  platelets:", "    -")
    lines = [line for line in records.splitlines() if not line.startswith(several)]
    shown = set()
    for order in (lines, lines[::-1], sorted(lines)):
        path = tmp_path / "turned.yaml"
        path.write_text(f"{head}observations:\n" + "\n".join(order), encoding="utf-8")
        assert main(["case", str(path), "--format", "json"]) == 0
        shown.add(capsys.readouterr().out)
    assert len(shown) == 1


def test_a_file_of_several_cases(tmp_path: Path, capsys: Capture) -> None:
    one = {"screened_at": "2020-03-21", "patient": {"sex": "male"}, "observations": {}}
    path = tmp_path / "two.json"
    path.write_text(json.dumps([{"case": name, **one} for name in "AB"]), encoding="utf-8")
    assert main(["case", str(path), "-p", "vannucchi-2020", "--format", "json"]) == 0
    assert [case["case"] for case in json.loads(capsys.readouterr().out)] == ["A", "B"]
    assert main(["case", str(path), "-p", "vannucchi-2020"]) == 0
    assert capsys.readouterr().out.count(f"\n\n{'=' * 80}\n\nCase B") == 1


def test_several_files_are_shown_in_a_few_lines_each(bad: str, capsys: Capture) -> None:
    cases = [f"cases/{name}.yaml" for name in ("eligible", "messy", "pending")]
    assert main(["case", *cases]) == 0
    out = capsys.readouterr().out
    blocks = out.split("\n\n")
    assert [block.split()[:3] for block in blocks[:3]] == [
        ["Case", "E-01", "(cases/eligible.yaml)"],
        ["Case", "M-03", "(cases/messy.yaml)"],
        ["Case", "P-02", "(cases/pending.yaml)"],
    ]
    # The heading, seven protocols, what is needed, and the remarks about records.
    assert all(8 <= len(block.splitlines()) <= 10 for block in blocks[:3])
    assert blocks[3].startswith("trialscreen case FILE shows one case in full.\n")
    assert len(blocks) == 4
    assert max(map(cells, out.splitlines())) <= 80
    # Where only one of them can be screened, there is room for all of it.
    assert main(["case", GOOD, bad, "-p", "NCT04334044"]) == 1
    shown = capsys.readouterr().out
    assert main(["case", GOOD, "-p", "NCT04334044"]) == 0
    assert shown == capsys.readouterr().out


SITE_CASE = """\
case: S-1
screened_at: 2020-03-21T09:00:00+01:00
patient: {sex: female}
observations:
  platelets: {value: 18 mil/mm3, at: 2020-03-01T09:00:00+01:00}
"""


def test_a_site_has_its_own_spellings_and_limits_of_age(tmp_path: Path, capsys: Capture) -> None:
    case, site = tmp_path / "case.yaml", tmp_path / "site.yaml"
    case.write_text(SITE_CASE, encoding="utf-8")
    site.write_text("unit_aliases: {mil/mm3: 10*3/uL}\n", encoding="utf-8")
    asked = [str(case), "-p", "NCT04334044", "--format", "json", "--site", str(site)]
    assert main(["case", *asked[:-2]]) == 2
    assert 'unknown unit "mil/mm3": mil is a thousand' in capsys.readouterr().err

    def thrombocytopenia() -> dict[str, object]:
        assert main(["case", *asked]) == 0
        (screening,) = json.loads(capsys.readouterr().out)["screenings"]
        return next(one for one in screening["criteria"] if one["id"] == "thrombocytopenia")

    # 18 10*3/uL is 18000 /mm3, below the protocol's 20000: it sets no limit of age.
    told = thrombocytopenia()
    assert told["effect"] == "fails"
    assert "site_policy" not in told
    site.write_text(f"{site.read_text()}staleness: {{platelets: 72 h}}\n", encoding="utf-8")
    told = thrombocytopenia()
    assert (told["effect"], told["reasons"]) == ("unknown", ["stale"])
    assert told["site_policy"] is True
    assert "(site policy, not the protocol)" in str(told["because"])
    assert main(["explain", str(case), "NCT04334044", "--site", str(site)]) == 0
    assert "did not count (stale, by site policy)" in " ".join(capsys.readouterr().out.split())


def test_a_bad_site_file_stops_everything(tmp_path: Path, capsys: Capture) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("staleness: {plateletts: 72 h}\n", encoding="utf-8")
    assert main(["case", GOOD, "--site", str(site)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f'{site}:1:13: unknown concept "plateletts"; did you mean "platelets"?\n'
    assert main(["explain", "E-01", "NCT04334044", "--from", "x", "--site", str(site)]) == 2
    assert "--site" in capsys.readouterr().err


def test_a_run_within_another_process_leaves_its_garbage_collector_alone() -> None:
    assert main(["--version"]) == 0
    assert gc.isenabled()


def test_lists_as_json(capsys: Capture) -> None:
    assert main(["protocols", "list", "--format", "json"]) == 0
    protocols = json.loads(capsys.readouterr().out)
    assert "NCT04361903" in [one["protocol"] for one in protocols]
    assert main(["protocols", "show", "nct04361903", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["criteria"][0]["when"]["concept"] == "age"
    assert main(["concepts", "--format", "json"]) == 0
    names = [one["name"] for one in json.loads(capsys.readouterr().out)]
    assert names == sorted(names)
    assert main(["concepts", "platelets", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["unit"] == "10*9/L"


def test_all_concepts_fit_the_width(capsys: Capture) -> None:
    assert main(["concepts"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split() == ["platelets", "10*9/L"] for line in lines)


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{PROGRAM}\n"


def test_engines_that_differ_show_no_verdict(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differ(self: Screener, case: object) -> None:
        raise Disagreement("P1", "criterion adult", "met", "unknown")

    monkeypatch.setattr(Screener, "screen", differ)
    assert main(["case", GOOD]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "E-01: no verdict for P1: the two engines differ on criterion adult" in err


def test_a_fault_of_the_program_is_one_line(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Screener, case: object) -> None:
        raise ZeroDivisionError("a patient's value")

    monkeypatch.setattr(Screener, "screen", fail)
    assert main(["case", GOOD]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "ZeroDivisionError" in err
    assert "TRIALSCREEN_DEBUG=1" in err
    assert "patient's" not in err
    monkeypatch.setenv("TRIALSCREEN_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["case", GOOD])


def test_interrupted(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: Screener, case: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Screener, "screen", interrupt)
    assert main(["case", GOOD]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_messages_cannot_steer_the_terminal(capsys: Capture) -> None:
    output.message("bad \x1b[2J name")
    assert capsys.readouterr().err == "bad \\x1b[2J name\n"
