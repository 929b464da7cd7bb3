"""The wording of problems."""

import pickle

import pytest

from screen.problems import Kind, Problem, ProblemsFound, shown, worded


def test_a_problem_is_one_line_with_place_and_suggestion() -> None:
    problem = Problem(
        Kind.UNKNOWN_CONCEPT, "cases/x.yaml", 7, 3, value="platlets", nearest="platelets"
    )
    assert worded(problem) == (
        'cases/x.yaml:7:3: unknown concept "platlets"; did you mean "platelets"?'
    )


def test_few_accepted_names_are_listed_where_none_is_near() -> None:
    problem = Problem(Kind.UNKNOWN_VALUE, "x", 1, 1, "q", "patient.sex", ("male", "female"))
    assert worded(problem) == 'x:1:1: unknown value "q" for patient.sex; accepted: male, female'


def test_the_offending_token_is_cut_and_made_printable() -> None:
    assert shown("x" * 100) == "x" * 59 + "…"
    assert shown("a\x1b[31m\n\u202eb") == "a\\x1b[31m\\n\\u202eb"
    text = worded(Problem(Kind.UNKNOWN_KEY, "x\n", value="{value}\x00" + "y" * 500))
    assert text == 'x\\n: unknown key "{value}\\x00' + "y" * 51 + '…"'


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_worded(kind: Kind) -> None:
    text = worded(Problem(kind, "f", 1, 2, "V", "A", detail="D"))
    assert text.startswith("f:1:2: ")
    assert "{" not in text


def test_several_problems_are_one_message_of_several_lines() -> None:
    found = ProblemsFound([Problem(Kind.EMPTY, "a"), Problem(Kind.FOLDER, "b")])
    assert str(found) == "a: is empty\nb: is a folder where a file is expected"


def test_problems_found_in_another_process_arrive_as_they_were() -> None:
    found = ProblemsFound([Problem(Kind.UNREADABLE, "rules", 3, detail="changed")])
    arrived = pickle.loads(pickle.dumps(found))
    assert arrived.problems == found.problems
    assert str(arrived) == str(found)
