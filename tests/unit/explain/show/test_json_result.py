"""The JSON of `docs/formats.md`, and reports that a hostile record cannot spoil."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from screen.explain.show import markdown
from screen.explain.show.bedside_table import case_table
from screen.explain.show.json_result import case_result, explanation, json_text, screening_result
from screen.explain.show.markdown import case_markdown, literal, tree_markdown
from screen.explain.show.whole_tree import case_tree
from screen.explain.words.background import Background
from screen.model.case import Limit, Observation
from screen.model.criterion import CriterionKind
from screen.program import NOTICE, PROGRAM

Judged = Callable[..., Any]

TWO_COUNTS = (
    "{platelets: [{value: 90 10*9/L, at: 2020-03-21, source: lab, sample: s1},"
    " {value: -1 10*9/L, at: 2020-03-20}]}"
)


def test_a_case_has_the_keys_of_the_contract_in_their_order(judged: Judged) -> None:
    _, background = judged(TWO_COUNTS, "{platelets: '<= 100000 /mm3'}")
    told = case_result(background)
    assert list(told)[:5] == ["case", "screened_at", "program", "screenings", "data_quality"]
    assert list(told)[-1] == "notice"
    assert (told["case"], told["screened_at"]) == ("T", "2020-03-21T09:00:00+01:00")
    assert (told["program"], told["notice"]) == (PROGRAM, NOTICE)
    (screening,) = told["screenings"]
    assert list(screening)[:5] == ["protocol", "version", "digest", "verdict", "criteria"]
    assert screening["verdict"] == "eligible"
    (note,) = told["data_quality"]
    assert {key: note[key] for key in ("concept", "value", "reason", "at", "dropped")} == {
        "concept": "platelets",
        "value": "-1 10*9/L",
        "reason": "implausible",
        "at": "2020-03-20",
        "dropped": True,
    }


def test_a_criterion_has_its_truth_its_effect_and_its_evidence(judged: Judged) -> None:
    _, background = judged(
        TWO_COUNTS, "{platelets: '<= 100000 /mm3'}", kind=CriterionKind.EXCLUSION
    )
    (screening,) = case_result(background)["screenings"]
    (criterion,) = screening["criteria"]
    assert list(criterion)[:10] == [
        "id",
        "kind",
        "truth",
        "effect",
        "reasons",
        "text",
        "source",
        "because",
        "evidence",
        "assumed",
    ]
    assert (criterion["kind"], criterion["truth"], criterion["effect"]) == (
        "exclusion",
        "met",
        "fails",
    )
    assert criterion["source"] == {"in": "registry", "at": "inclusion 1"}
    assert criterion["because"] == (
        "platelets 90 10*9/L (90000 /mm3) on 2020-03-21 is <= 100000 /mm3"
    )
    assert criterion["evidence"] == [
        {
            "concept": "platelets",
            "value": "90 10*9/L",
            "canonical": "90 10*9/L",
            "at": "2020-03-21",
            "age": "9 h",
            "source": "lab",
            "sample": "s1",
        }
    ]
    assert (screening["verdict"], screening["decided_by"]) == ("ineligible", ["asked"])


def test_a_derived_value_shows_its_inputs_and_their_gap(judged: Judged) -> None:
    _, background = judged(
        "{pao2: {value: 10 kPa, at: 2020-03-21T08:05:00+01:00},"
        " fio2: {value: 50 %, at: 2020-03-21T07:50:00+01:00}}",
        "{pf_ratio: '< 300 mm[Hg]'}",
    )
    (criterion,) = case_result(background)["screenings"][0]["criteria"]
    (evidence,) = criterion["evidence"]
    assert evidence["gap"] == "15 min"
    assert [part["concept"] for part in evidence["inputs"]] == ["pao2", "fio2"]
    assert evidence["inputs"][0]["value"] == "10 kPa"
    assert evidence["inputs"][1]["age"] == "1 h 10 min"


def test_unknown_shows_what_was_set_aside_and_why(judged: Judged) -> None:
    _, background = judged(
        "{spo2: {value: 88 %, at: 2020-03-21T08:00:00+01:00, on: oxygen}}",
        "{oxygen_saturation: {is: '<= 93 %', on: room_air}}",
    )
    (criterion,) = case_result(background)["screenings"][0]["criteria"]
    assert (criterion["reasons"], criterion["evidence"]) == (["context"], [])
    (aside,) = criterion["set_aside"]
    assert (aside["concept"], aside["on"], aside["why"]) == ("spo2", "oxygen", "context")


def test_an_assumption_is_marked_and_listed(judged: Judged) -> None:
    _, background = judged(
        "{}",
        "{hepatitis_b: {is: present, unrecorded: absent}}",
        kind=CriterionKind.EXCLUSION,
    )
    (screening,) = case_result(background)["screenings"]
    assert screening["criteria"][0]["assumed"] is True
    assert screening["assumptions"] == [{"criterion": "asked", "concept": "hepatitis_b"}]


def test_the_order_of_the_records_changes_no_byte(judged: Judged) -> None:
    _, background = judged(TWO_COUNTS, "{platelets: {is: '< 95 10*9/L', within: 12 h}}")
    case = background.case
    turned = msgspec.structs.replace(case, observations=tuple(reversed(case.observations)))
    screened = msgspec.structs.replace(background.screened, case=turned)
    other = Background(screened, background.vocabulary)
    assert json_text(case_result(other)) == json_text(case_result(background))


def test_the_explanation_holds_the_whole_tree(judged: Judged) -> None:
    _, background = judged(
        "{dyspnea: present}", "{any: [{dyspnea: present}, {not: {cyanosis: present}}]}"
    )
    (screening,) = background.screened.screenings
    told = explanation(screening, background)
    conditions = told["screenings"][0]["criteria"][0]["conditions"]
    assert (conditions["kind"], conditions["truth"]) == ("any", "met")
    dyspnea, negated = conditions["children"]
    assert (dyspnea["kind"], dyspnea["concept"], dyspnea["test"]) == ("leaf", "dyspnea", "present")
    assert (negated["kind"], negated["truth"], negated["reasons"]) == (
        "not",
        "unknown",
        ["missing"],
    )
    assert negated["children"][0]["because"] == "not recorded: cyanosis"


def hostile(background: Background) -> Background:
    """The same case with a record and an id that try to steer a terminal and a viewer."""
    text = "\x1b[2J[bold]90[/bold] <script>|*x*\u202e\n# head"
    (record,) = background.case.observations
    bad = msgspec.structs.replace(
        record, source=text, where=text, upper_limit=Limit(Fraction(1), None, text)
    )
    case = msgspec.structs.replace(background.case, id=text, observations=(bad,))
    (screening,) = background.screened.screenings
    (result,) = screening.results
    assert result.judgement.fact is not None
    (evidence,) = result.judgement.fact.evidence
    evidence = msgspec.structs.replace(evidence, text=text, observation=bad)
    fact = msgspec.structs.replace(result.judgement.fact, evidence=(evidence,))
    judgement = msgspec.structs.replace(result.judgement, fact=fact)
    result = msgspec.structs.replace(result, judgement=judgement)
    screening = msgspec.structs.replace(screening, results=(result,))
    screened = msgspec.structs.replace(background.screened, case=case, screenings=(screening,))
    assert isinstance(bad, Observation)
    return Background(screened, background.vocabulary)


@pytest.mark.parametrize("show", ["table", "tree", "markdown", "tree markdown", "json"])
def test_a_record_cannot_steer_the_terminal(show: str, judged: Judged) -> None:
    _, background = judged("{platelets: 90 10*9/L}", "{platelets: '<= 100000 /mm3'}")
    background = hostile(background)
    (screening,) = background.screened.screenings
    shown = {
        "table": lambda: case_table(background),
        "tree": lambda: case_tree(screening, background),
        "markdown": lambda: case_markdown(background),
        "tree markdown": lambda: tree_markdown(screening, background),
        "json": lambda: json_text(screening_result(screening, background)),
    }[show]()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\n# head" not in shown
    if show == "json":
        (criterion,) = json.loads(shown)["criteria"]
        assert criterion["evidence"][0]["value"].startswith("\x1b[2J")
    elif "markdown" in show:
        assert "\\<script\\>" in shown
        assert "<script>" not in shown
    else:
        # Shown as it is written: no markup of ours is looked for in it.
        assert "\\x1b[2J[bold]90[/bold]" in shown


def test_literal_leaves_no_markdown_of_the_record() -> None:
    assert literal("a|b*c_d`e`[f](g)") == "a\\|b\\*c\\_d\\`e\\`\\[f\\](g)"
    assert literal("# a") == "\\# a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. a", "- 1\\. a"),
        ("- a", "- \\- a"),
        ("--- a", "- \\--- a"),
        ("-1 a", "- -1 a"),
        ("1.5 a - b", "- 1.5 a - b"),
        ("x" * 75 + " 2) b", "- " + "x" * 75 + "\n  2\\) b"),
    ],
)
def test_no_line_of_an_item_starts_a_list_of_its_own(text: str, shown: str) -> None:
    assert "\n".join(markdown._lines(literal(text), "- ")) == shown
