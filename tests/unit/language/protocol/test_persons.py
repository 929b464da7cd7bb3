"""What a person is asked by a criterion, and what a case answers."""

from pathlib import Path

import pytest

from screen.engine.decide import Screener
from screen.explain.show.json_result import case_result
from screen.explain.show.outline import person_words
from screen.explain.words.background import Background
from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules import load_rules
from screen.model.screening import Screening, Verdict
from screen.problems import Kind, ProblemsFound

PROTOCOL = """\
protocol: X-1
title: A made-up protocol
version: 2020-05-04
complete: true
status: made up
drug: {name: none}
sources:
  registry: {title: A registry, id: X-1, date: 2020-05-04, lines: {inclusion: 1, exclusion: 1}}
inclusion:
  - id: dyspnea
    text: Has dyspnea
    source: {in: registry, at: inclusion 1}
    when: {dyspnea: present}
exclusion:
  - id: prophylaxis
    text: Cannot be kept on prophylaxis
    source: {in: registry, at: exclusion 1}
    when: WHEN
"""
ASKED = "{not: {person: can be kept on prophylaxis}}"
CASE = """\
case: P1
screened_at: 2020-03-21
observations: {dyspnea: present}
"""


def rules(folder: Path, when: str) -> Path:
    (folder / "vocabulary").symlink_to(default_rules_dir() / "vocabulary")
    protocol = folder / "protocols" / "x-1" / "protocol.yaml"
    protocol.parent.mkdir(parents=True)
    protocol.write_text(PROTOCOL.replace("WHEN", when), encoding="utf-8")
    return folder


def screened(folder: Path, answers: str = "", when: str = ASKED) -> Screening:
    loaded = load_rules(rules(folder, when))
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    file = folder / "case.yaml"
    file.write_text(CASE + answers, encoding="utf-8")
    (case,) = read_case_file(file, vocabulary)
    whole = Screener(vocabulary, protocols).screen(case)
    case_result(Background(whole, vocabulary))
    return whole.screenings[0]


def test_a_line_that_a_person_checks_waits(tmp_path: Path) -> None:
    screening = screened(tmp_path)
    assert screening.verdict is Verdict.PENDING
    assert screening.by_person == ("prophylaxis",)
    assert person_words(screening) == "1 line a person still checks"


@pytest.mark.parametrize(
    ("answer", "verdict"), [("confirmed", Verdict.ELIGIBLE), ("denied", Verdict.INELIGIBLE)]
)
def test_an_answer_decides(tmp_path: Path, answer: str, verdict: Verdict) -> None:
    screening = screened(tmp_path, f"answers: {{X-1: {{prophylaxis: {answer}}}}}\n")
    assert (screening.verdict, screening.by_person) == (verdict, ())


def test_an_answer_may_write_the_protocol_in_small_letters(tmp_path: Path) -> None:
    screening = screened(tmp_path, "answers: {x-1: {prophylaxis: confirmed}}\n")
    assert screening.verdict is Verdict.ELIGIBLE


def test_one_line_may_hold_a_person_beside_what_is_recorded(tmp_path: Path) -> None:
    when = "{all: [{pregnancy: present}, {person: cannot be kept on prophylaxis}]}"
    screening = screened(tmp_path, when=when)
    assert screening.by_person == ("prophylaxis",)


@pytest.mark.parametrize(
    ("answers", "kind", "value"),
    [
        ("{X-1: {dyspnea: confirmed}}", Kind.NO_PERSON, "dyspnea"),
        ("{X-1: {prophylaxi: confirmed}}", Kind.NO_PERSON, "prophylaxi"),
        ("{X-2: {prophylaxis: confirmed}}", Kind.UNKNOWN_PROTOCOL, "X-2"),
        ("{X-1: {prophylaxis: yes}}", Kind.UNKNOWN_VALUE, "yes"),
    ],
)
def test_an_answer_to_nothing_is_refused(
    tmp_path: Path, answers: str, kind: Kind, value: str
) -> None:
    with pytest.raises(ProblemsFound) as wrong:
        screened(tmp_path, f"answers: {answers}\n")
    assert [(p.kind, p.value, p.line) for p in wrong.value.problems] == [(kind, value, 4)]


def test_a_criterion_asks_a_person_once(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound) as wrong:
        load_rules(rules(tmp_path, "{any: [{person: one}, {person: two}]}"))
    assert [problem.kind for problem in wrong.value.problems] == [Kind.SEVERAL_PERSONS]


def test_a_line_that_tests_something_is_not_left_out(tmp_path: Path) -> None:
    folder = rules(tmp_path, ASKED)
    file = folder / "protocols" / "x-1" / "protocol.yaml"
    head, _, _ = file.read_text(encoding="utf-8").partition("exclusion:\n  -")
    skipped = "not_screened: [{at: exclusion 1, reason: no rule can say it}]\n"
    file.write_text(head + skipped, encoding="utf-8")
    with pytest.raises(ProblemsFound) as wrong:
        load_rules(folder)
    assert [(p.kind, p.value) for p in wrong.value.problems] == [(Kind.LEFT_OUT, "exclusion 1")]
