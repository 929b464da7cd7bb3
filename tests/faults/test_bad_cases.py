"""Case files with something wrong in them: what is said, and where."""

from pathlib import Path

import pytest

from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.problems import Kind, Problem, ProblemsFound, worded

VOCABULARY = load_vocabulary(default_rules_dir())
TEXT = """\
case: R-07
screened_at: 2020-03-21T09:00:00+01:00
patient: {sex: male, birth_date: 1957-08-02}
observations:
  spo2: {value: 91 %, at: 2020-03-21T08:10:00+01:00, on: room_air}
  alt: {value: 240 U/L, upper_limit: 40 U/L, lower_limit: 7 U/L}
  dyspnea: {value: present, status: final, source: nurse}
"""


def problems_in(folder: Path, text: str, screened_at: str | None = None) -> tuple[Problem, ...]:
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        read_case_file(path, VOCABULARY, screened_at)
    return caught.value.problems


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "value", "nearest"),
    [
        ("case: R-07", "case: R-07\nname: Ann", Kind.UNKNOWN_KEY, 2, "name", ""),
        ("case: R-07\n", "", Kind.MISSING_KEY, 1, "case", ""),
        ("case: R-07", "case: " + "x" * 65, Kind.TOO_LONG, 1, "", ""),
        ("case: R-07", 'case: "a\\tb"', Kind.CONTROL_CHARACTER, 1, "a\tb", ""),
        ("case: R-07", "case: [R-07]", Kind.WRONG_SHAPE, 1, "", ""),
        ("screened_at: 2020-03-21T09:00:00+01:00\n", "", Kind.MISSING_KEY, 1, "screened_at", ""),
        ("patient:", "patients:", Kind.UNKNOWN_KEY, 3, "patients", "patient"),
        ("sex: male", "sex: M", Kind.UNKNOWN_VALUE, 3, "M", ""),
        ("sex: male", "sex: Male", Kind.UNKNOWN_VALUE, 3, "Male", "male"),
        ("1957-08-02", "02/08/1957", Kind.NOT_A_TIME, 3, "02/08/1957", ""),
        ("1957-08-02", "1957-02-29", Kind.NOT_A_TIME, 3, "1957-02-29", ""),
        ("1957-08-02", "2020-03-22", Kind.AFTER_SCREENING, 3, "2020-03-22", ""),
        ("birth_date: 1957-08-02", "age: sixty", Kind.NOT_A_QUANTITY, 3, "sixty", ""),
        ("spo2:", "spo_2:", Kind.UNKNOWN_CONCEPT, 5, "spo_2", "spo2"),
        ("91 %", "91 percnt", Kind.UNKNOWN_UNIT, 5, "percnt", ""),
        ("91 %", '"91,5 %"', Kind.NOT_A_QUANTITY, 5, "91,5 %", ""),
        ("91 %", "normal", Kind.NOT_A_QUANTITY, 5, "normal", ""),
        ("91 %", "", Kind.NO_VALUE, 5, "", ""),
        ("value: 91 %", "vaule: 91 %", Kind.UNKNOWN_KEY, 5, "vaule", "value"),
        ("on: room_air", "on: rom_air", Kind.UNKNOWN_VALUE, 5, "rom_air", "room_air"),
        ("T08:10:00+01:00", "T25:10:00+01:00", Kind.NOT_A_TIME, 5, "2020-03-21T25:10:00+01:00", ""),
        ("T08:10:00+01:00", "T08:10:00", Kind.MIXED_OFFSETS, 5, "2020-03-21T08:10:00", ""),
        ("upper_limit: 40 U/L", "upper_limit: <40 U/L", Kind.NOT_A_QUANTITY, 6, "<40 U/L", ""),
        ("upper_limit: 40 U/L", "upper_limit: 0 U/L", Kind.NOT_ACCEPTED, 6, "0 U/L", ""),
        ("upper_limit: 40 U/L", "upper_limit: 5 U/L", Kind.AGAINST_ITSELF, 6, "", ""),
        ("upper_limit: 40 U/L", "upper_limit: 40 UL", Kind.UNKNOWN_UNIT, 6, "UL", ""),
        ("source: nurse", "upper_limit: 5 %", Kind.ONLY_FOR_QUANTITIES, 7, "upper_limit", ""),
        ("source: nurse", "source: " + "x" * 201, Kind.TOO_LONG, 7, "", ""),
        ("status: final", "status: finl", Kind.UNKNOWN_VALUE, 7, "finl", "final"),
        ("value: present", "value: presnt", Kind.UNKNOWN_VALUE, 7, "presnt", "present"),
        ("value: present", "value: yes", Kind.UNKNOWN_VALUE, 7, "yes", ""),
        ("value: present", "value: [present]", Kind.WRONG_SHAPE, 7, "", ""),
        ("{value: present, status: final, source: nurse}", "[]", Kind.NO_VALUE, 7, "", ""),
        (
            "{value: present, status: final, source: nurse}",
            "[[present]]",
            Kind.WRONG_SHAPE,
            7,
            "",
            "",
        ),
        ("{value: present, status: final, source: nurse}", "", Kind.NO_VALUE, 7, "", ""),
        ("  dyspnea:", "  alt: 5 U/L\n  dyspnea:", Kind.DUPLICATE_KEY, 7, "alt", ""),
    ],
)
def test_one_fault(
    tmp_path: Path, old: str, new: str, kind: Kind, line: int, value: str, nearest: str
) -> None:
    assert old in TEXT
    found = problems_in(tmp_path, TEXT.replace(old, new))
    assert (kind, line, value, nearest) in [(p.kind, p.line, p.value, p.nearest) for p in found]
    assert {p.line for p in found} <= {line, 1}


def test_several_faults_are_said_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("spo2", "spo_2").replace("sex: male", "sex: m").replace("final", "done")
    text = text.replace("240 U/L", "2,400 U/L").replace("case: R-07", "case:")
    found = problems_in(tmp_path, text)
    assert [(p.kind, p.line) for p in found] == [
        (Kind.NO_VALUE, 1),
        (Kind.UNKNOWN_VALUE, 3),
        (Kind.UNKNOWN_CONCEPT, 5),
        (Kind.UNKNOWN_KEY, 6),  # unquoted, the comma ends the value inside braces
        (Kind.UNKNOWN_VALUE, 7),
    ]


def test_mixed_offsets_name_both_places(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, TEXT.replace("T08:10:00+01:00", "T08:10:00"))
    assert worded(problem) == (
        f'{tmp_path / "x.yaml"}:5:27: "2020-03-21T08:10:00" carries no offset, screened_at in '
        "line 2 does; give every time of a case an offset, or none"
    )
    text = TEXT.replace("T09:00:00+01:00", "")
    (problem,) = problems_in(tmp_path, text)
    assert "carries an offset, screened_at in line 2 does not" in worded(problem)
    (problem,) = problems_in(tmp_path, TEXT, screened_at="2020-03-21T09:00")
    assert "carries an offset, --screened-at does not" in worded(problem)


def test_a_time_from_outside_that_fits_none_of_the_case_is_told_once(tmp_path: Path) -> None:
    text = TEXT.replace("source: nurse", "at: 2020-03-21T08:10:00+01:00")
    (problem,) = problems_in(tmp_path, text, screened_at="2020-03-21T09:00")
    assert (problem.kind, problem.line) == (Kind.MIXED_OFFSETS, 5)


def test_a_bad_time_from_outside_is_told_as_such(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, TEXT, screened_at="yesterday")
    assert (problem.kind, problem.value) == (Kind.NOT_A_TIME, "yesterday")
    assert "--screened-at" in problem.detail


def test_no_more_than_the_offending_token_is_repeated(tmp_path: Path) -> None:
    secret = "Ann Example, born in Springfield, has been coughing for eleven days now"
    (problem,) = problems_in(tmp_path, TEXT.replace("value: present", f'value: "{secret}"'))
    assert secret not in worded(problem)
    assert secret[:59] in worded(problem)


def test_the_list_of_problems_ends_somewhere(tmp_path: Path) -> None:
    lines = "".join(f"  nothing_{n}: present\n" for n in range(5000))
    found = problems_in(tmp_path, f"case: a\nscreened_at: 2020-03-21\nobservations:\n{lines}")
    assert len(found) == 101
    assert found[-1].kind is Kind.TOO_MANY


def test_every_bad_case_of_a_list_is_named(tmp_path: Path) -> None:
    found = problems_in(
        tmp_path,
        "- {case: a, screened_at: 2020-03-21}\n- {case: b}\n- text\n"
        "- {case: d, screened_at: 2020-03-32}\n",
    )
    assert [(p.kind, p.line) for p in found] == [
        (Kind.MISSING_KEY, 2),
        (Kind.WRONG_SHAPE, 3),
        (Kind.NOT_A_TIME, 4),
    ]
