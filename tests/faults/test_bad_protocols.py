"""Protocol files that contradict the vocabulary, their sources or themselves."""

import sys
from pathlib import Path

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids
from screen.problems import Kind, Problem, ProblemsFound, worded

VOCABULARY = load_vocabulary(default_rules_dir())
TEXT = """\
protocol: X-1
title: A trial
version: 2020-05-04
complete: true
status: recruiting
drug: {name: ruxolitinib}
sources:
  registry: {title: A registry, id: X-1, date: 2020-05-04, lines: {inclusion: 2, exclusion: 1}}
inclusion:
  - id: one
    text: The first
    source: {in: registry, at: inclusion 1}
    when: {dyspnea: present}
  - id: two
    text: The second
    source: {in: registry, at: inclusion 2}
    when: WHEN
not_screened:
  - {at: exclusion 1, reason: nothing to ask, nothing_to_test: true}
"""


def problems_in(rules: Path, text: str) -> tuple[Problem, ...]:
    path = rules / "protocols" / "x-1" / "protocol.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        load_protocol(rules, "x-1", VOCABULARY)
    return caught.value.problems


def short(problems: tuple[Problem, ...]) -> list[tuple[Kind, int | None, str, str]]:
    return [(p.kind, p.line, p.value, p.nearest) for p in problems]


@pytest.mark.parametrize(
    ("when", "kind", "value", "nearest"),
    [
        ("{platlets: '< 5 /mm3'}", Kind.UNKNOWN_CONCEPT, "platlets", "platelets"),
        ("{anny: [{dyspnea: present}]}", Kind.UNKNOWN_CONCEPT, "anny", ""),
        ("{dyspnea: presnt}", Kind.UNKNOWN_VALUE, "presnt", "present"),
        ("{dyspnea: [present, actve]}", Kind.UNKNOWN_VALUE, "actve", ""),
        ("{dyspnea: [present, present]}", Kind.AGAINST_ITSELF, "", ""),
        ("{dyspnea: '> 5 %'}", Kind.COMPARISON_ON_FINDING, "> 5 %", ""),
        ("{dyspnea: '> 5 xULN'}", Kind.COMPARISON_ON_FINDING, "> 5 xULN", ""),
        ("{platelets: present}", Kind.VALUE_ON_QUANTITY, "present", ""),
        ("{platelets: [present]}", Kind.WRONG_SHAPE, "", ""),
        ("{platelets: '< 5'}", Kind.NO_UNIT, "5", ""),
        ("{platelets: '< 5 mg/dL'}", Kind.WRONG_DIMENSION, "mg/dL", ""),
        ("{platelets: '< 5 /mmm3'}", Kind.UNKNOWN_UNIT, "/mmm3", ""),
        ("{alt: '> 5 ULN'}", Kind.UNKNOWN_UNIT, "ULN", ""),
        ("{alt: '> 0 xULN'}", Kind.NOT_A_COMPARISON, "> 0 xULN", ""),
        ("{platelets: '=< 5 /mm3'}", Kind.UNKNOWN_OPERATOR, "=<", ""),
        ("{platelets: '!= 5 /mm3'}", Kind.UNKNOWN_OPERATOR, "!=", ""),
        ("{platelets: '< 20.000,5 /mm3'}", Kind.NO_UNIT, "20", ""),
        ("{platelets: '< 20.000 /mm3'}", Kind.NOT_A_COMPARISON, "20.000 /mm3", ""),
        ("{platelets: '< less than 5 /mm3'}", Kind.NOT_A_COMPARISON, "< less than 5 /mm3", ""),
        ("{platelets: '< 20 mil/mm3'}", Kind.UNKNOWN_UNIT, "mil/mm3", ""),
        ("{PLT: '< 20 /mm3'}", Kind.UNKNOWN_CONCEPT, "PLT", "platelets"),
        ("{ALP: '< 20 U/L'}", Kind.UNKNOWN_CONCEPT, "ALP", ""),
        ("{platelets: '< 3-5 /mm3'}", Kind.NOT_A_COMPARISON, "3 -5 /mm3", ""),
        ("{platelets: '> 5 /mm3, < 3 /mm3'}", Kind.IMPOSSIBLE, "> 5 /mm3, < 3 /mm3", ""),
        ("{platelets: '> 5 /mm3, <= 5 /mm3'}", Kind.IMPOSSIBLE, "> 5 /mm3, <= 5 /mm3", ""),
        # The units differ, the contradiction does not: 1 10*9/L is 1000 /mm3.
        ("{platelets: '> 1 10*9/L, < 999 /mm3'}", Kind.IMPOSSIBLE, "> 1 10*9/L, < 999 /mm3", ""),
        ("{platelets: '= 5 /mm3, = 6 /mm3'}", Kind.IMPOSSIBLE, "= 5 /mm3, = 6 /mm3", ""),
        ("{all: []}", Kind.NO_VALUE, "", ""),
        ("{any: {dyspnea: present}}", Kind.WRONG_SHAPE, "", ""),
        ("{not: [{dyspnea: present}]}", Kind.WRONG_SHAPE, "", ""),
        ("{dyspnea: present, pregnancy: present}", Kind.WRONG_SHAPE, "", ""),
        ("{}", Kind.WRONG_SHAPE, "", ""),
        ("present", Kind.WRONG_SHAPE, "", ""),
        ("{at_least: {count: 2, of: [{dyspnea: present}]}}", Kind.COUNT_OUT_OF_RANGE, "2", ""),
        ("{at_least: {count: 0, of: [{dyspnea: present}]}}", Kind.COUNT_OUT_OF_RANGE, "0", ""),
        ("{at_least: {of: [{dyspnea: present}]}}", Kind.MISSING_KEY, "count", ""),
        ("{dyspnea: {within: 12 h}}", Kind.MISSING_KEY, "is", ""),
        ("{dyspnea: {is: present, wihtin: 12 h}}", Kind.UNKNOWN_KEY, "wihtin", "within"),
        ("{dyspnea: {is: present, within: 1 mo}}", Kind.NOT_A_DURATION, "1 mo", ""),
        ("{dyspnea: {is: present, within: 12}}", Kind.NOT_A_DURATION, "12", ""),
        ("{dyspnea: {is: present, within: 0 h}}", Kind.NOT_A_DURATION, "0 h", ""),
        ("{dyspnea: {is: present, within: -1 h}}", Kind.NOT_A_DURATION, "-1 h", ""),
        ("{spo2: {is: '< 93 %', on: room_ar}}", Kind.UNKNOWN_VALUE, "room_ar", "room_air"),
        ("{spo2: {is: '< 93 %', pick: worst}}", Kind.UNKNOWN_VALUE, "worst", ""),
        ("{dyspnea: {is: present, pick: lowest}}", Kind.ONLY_FOR_QUANTITIES, "lowest", ""),
        ("{dyspnea: {is: present, unrecorded: present}}", Kind.UNRECORDED, "", ""),
        ("{dyspnea: {is: absent, unrecorded: absent}}", Kind.UNRECORDED, "", ""),
        ("{spo2: {is: '< 93 %', unrecorded: absent}}", Kind.UNRECORDED, "", ""),
        ("{informed_consent: {is: given, unrecorded: absent}}", Kind.UNRECORDED, "", ""),
        ("{dyspnea: }", Kind.NO_VALUE, "", ""),
    ],
)
def test_a_condition_that_cannot_be_meant(
    tmp_path: Path, when: str, kind: Kind, value: str, nearest: str
) -> None:
    problems = problems_in(tmp_path, TEXT.replace("WHEN", when))
    assert (kind, 17, value, nearest) in short(problems)
    assert {p.line for p in problems} == {17}


GOOD = TEXT.replace("WHEN", "{pregnancy: absent}")


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "value"),
    [
        ("title: A trial", "titel: A trial", Kind.UNKNOWN_KEY, 2, "titel"),
        ("title: A trial\n", "", Kind.MISSING_KEY, 1, "title"),
        ("title: A trial", "title:", Kind.NO_VALUE, 2, ""),
        ("complete: true", "complete: yes", Kind.NOT_ACCEPTED, 4, "yes"),
        ("protocol: X-1", "protocol: X-2", Kind.WRONG_FOLDER, 1, "X-2"),
        ("id: two", "id: one", Kind.DUPLICATE_ID, 14, "one"),
        ("id: two", "id: The_Second", Kind.NOT_A_NAME, 14, "The_Second"),
        (
            "in: registry, at: inclusion 2",
            "in: registy, at: inclusion 2",
            Kind.UNKNOWN_SOURCE,
            16,
            "registy",
        ),
        ("at: inclusion 2}", "at: inclusion 3}", Kind.UNKNOWN_LINE, 16, "inclusion 3"),
        ("at: inclusion 2}", "at: inclusion 1}", Kind.UNCITED_LINE, 8, "inclusion 2"),
        ("at: inclusion 2}", "at: []}", Kind.NO_VALUE, 16, ""),
        ("at: exclusion 1", "at: inclusion 2", Kind.CITED_AND_NOT_SCREENED, 19, "inclusion 2"),
        ("exclusion: 1}", "exclusion: 2}", Kind.UNCITED_LINE, 8, "exclusion 2"),
        ("inclusion: 2,", "inclusion: many,", Kind.NOT_ACCEPTED, 8, "many"),
        ("when: {pregnancy", "whenn: {pregnancy", Kind.UNKNOWN_KEY, 17, "whenn"),
        ("  - id: two", "  - idd: two", Kind.UNKNOWN_KEY, 14, "idd"),
        ("  - id: two", "  - two\n  - id: two", Kind.WRONG_SHAPE, 14, ""),
    ],
)
def test_a_file_that_cannot_be_meant(
    tmp_path: Path, old: str, new: str, kind: Kind, line: int, value: str
) -> None:
    assert old in GOOD
    problems = problems_in(tmp_path, GOOD.replace(old, new))
    assert (kind, line, value) in [(p.kind, p.line, p.value) for p in problems]


def test_a_protocol_without_criteria(tmp_path: Path) -> None:
    head = GOOD[: GOOD.index("inclusion:\n")].replace("inclusion: 2, exclusion: 1", "")
    assert [p.kind for p in problems_in(tmp_path, head)] == [Kind.NO_CRITERIA]


def test_everything_is_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("{dyspnea: present}", "{dyspnia: present}").replace(
        "{pregnancy: absent}", "{all: [{spo2: '< 93'}, {platelets: '< 5 mg/dL'}]}"
    )
    text = text.replace("status:", "statsu:")
    assert short(problems_in(tmp_path, text)) == [
        (Kind.MISSING_KEY, 1, "status", ""),
        (Kind.UNKNOWN_KEY, 5, "statsu", "status"),
        (Kind.UNKNOWN_CONCEPT, 13, "dyspnia", "dyspnea"),
        (Kind.NO_UNIT, 17, "93", ""),
        (Kind.WRONG_DIMENSION, 17, "mg/dL", ""),
    ]


def test_an_unknown_protocol_names_the_nearest() -> None:
    with pytest.raises(ProblemsFound) as caught:
        load_protocol(default_rules_dir(), "NCT04334004", VOCABULARY)
    (problem,) = caught.value.problems
    assert worded(problem) == ('unknown protocol "NCT04334004"; did you mean "NCT04334044"?')


@pytest.mark.parametrize("name", ["", "..", "../vocabulary", "/etc", "x\0y", "x" * 5000])
def test_an_id_is_never_a_path(name: str) -> None:
    with pytest.raises(ProblemsFound) as caught:
        load_protocol(default_rules_dir(), name, VOCABULARY)
    assert [p.kind for p in caught.value.problems] == [Kind.UNKNOWN_PROTOCOL]


def test_a_rules_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound) as caught:
        load_protocol(tmp_path / "nowhere", "x-1", VOCABULARY)
    assert [p.kind for p in caught.value.problems] == [Kind.MISSING_FILE]
    with pytest.raises(ProblemsFound) as caught:
        load_vocabulary(tmp_path)
    assert [p.kind for p in caught.value.problems] == [Kind.MISSING_FILE]


def test_a_rules_folder_that_is_not_there_is_named_itself(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound) as caught:
        load_vocabulary(tmp_path / "nowhere")
    assert [p.file for p in caught.value.problems] == [str(tmp_path / "nowhere")]


def test_a_rules_folder_without_any_protocol_screens_nothing(tmp_path: Path) -> None:
    (tmp_path / "protocols" / "notes").mkdir(parents=True)
    with pytest.raises(ProblemsFound) as caught:
        protocol_ids(tmp_path)
    assert [(p.kind, p.file) for p in caught.value.problems] == [
        (Kind.EMPTY, str(tmp_path / "protocols"))
    ]
    with pytest.raises(ProblemsFound) as caught:
        load_protocol(tmp_path, "x-1", VOCABULARY)
    assert [p.kind for p in caught.value.problems] == [Kind.EMPTY]


def test_a_protocol_in_the_wrong_folder_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "protocols" / "x-2" / "protocol.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, encoding="utf-8")
    assert protocol_ids(tmp_path) == ("X-1",)
    for name in ("X-1", "x-2"):
        with pytest.raises(ProblemsFound) as caught:
            load_protocol(tmp_path, name, VOCABULARY)
        assert [(p.kind, p.value) for p in caught.value.problems] == [(Kind.WRONG_FOLDER, "X-1")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_protocol_whose_link_is_broken_is_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "protocols" / "x-1").mkdir(parents=True)
    (tmp_path / "protocols" / "x-1" / "protocol.yaml").symlink_to("nowhere.yaml")
    with pytest.raises(ProblemsFound) as caught:
        protocol_ids(tmp_path)
    assert [p.kind for p in caught.value.problems] == [Kind.MISSING_FILE]
