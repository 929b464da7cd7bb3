"""A record that cannot be read blocks what it may have decided, whatever its reason is."""

import pytest
from msgspec.structs import replace

from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml
from screen.engine.decide import Screener
from screen.intake.document import case_from_tree
from screen.language.protocol.condition import condition_from_node
from screen.model.case import Case, Observation, Unreadable
from screen.model.concept import Vocabulary
from screen.model.criterion import Citation, Criterion, CriterionKind
from screen.model.protocol import Drug, Protocol
from screen.model.screening import CriterionResult
from screen.model.truth import Reason, Truth


def case_of(observations: str, vocabulary: Vocabulary) -> Case:
    problems = Problems("case")
    text = f"{{case: C, screened_at: 2020-03-21, observations: {observations}}}"
    tree = read_yaml(text, problems)
    assert tree is not None
    return case_from_tree(tree, "case", vocabulary)


def asked(case: Case, when: str, vocabulary: Vocabulary) -> CriterionResult:
    problems = Problems("rule")
    node = read_yaml(when, problems)
    assert node is not None
    condition = condition_from_node(node, vocabulary, problems)
    problems.check()
    assert condition is not None
    criterion = Criterion("c", CriterionKind.INCLUSION, "c", Citation("s", ()), condition)
    protocol = Protocol("P", "p", "1", True, "s", Drug("d"), {}, (criterion,))
    (result,) = Screener(vocabulary, [protocol]).screen(case).screenings[0].results
    return result


def unread(case: Case, number: int, reason: Reason, *, dated: bool = True) -> Case:
    """The case, in which nobody can read the value of one record (nor its time)."""
    records: list[Observation] = list(case.observations)
    blank = replace(records[number], value=Unreadable("two readings", reason))
    records[number] = blank if dated else replace(blank, at=None)
    return replace(case, observations=tuple(records))


TWO = "{platelets: [{value: 90 10*9/L, at: 2020-03-18}, {value: 18 10*9/L, at: 2020-03-20}]}"


@pytest.mark.parametrize("reason", [Reason.AMBIGUOUS, Reason.UNREADABLE])
def test_a_newer_one_blocks_with_its_own_reason(reason: Reason, vocabulary: Vocabulary) -> None:
    case = unread(case_of(TWO, vocabulary), 1, reason)
    result = asked(case, "{platelets: '< 50 10*9/L'}", vocabulary)
    assert (result.truth, result.reasons) == (Truth.UNKNOWN, (reason,))


def test_an_older_one_does_not(vocabulary: Vocabulary) -> None:
    case = unread(case_of(TWO, vocabulary), 0, Reason.UNREADABLE)
    assert asked(case, "{platelets: '< 50 10*9/L'}", vocabulary).truth is Truth.MET


@pytest.mark.parametrize("window", ["", ", within: 100 h"])
def test_one_whose_time_cannot_be_read_may_be_the_newest(
    window: str, vocabulary: Vocabulary
) -> None:
    case = unread(case_of(TWO, vocabulary), 0, Reason.UNREADABLE, dated=False)
    when = f"{{platelets: {{is: '< 50 10*9/L'{window}}}}}"
    result = asked(case, when, vocabulary)
    assert (result.truth, result.reasons) == (Truth.UNKNOWN, (Reason.UNREADABLE,))


def test_it_is_a_record_where_the_protocol_says_known(vocabulary: Vocabulary) -> None:
    case = unread(case_of("{dyspnea: present}", vocabulary), 0, Reason.UNREADABLE)
    result = asked(case, "{dyspnea: {is: present, unrecorded: absent}}", vocabulary)
    assert (result.truth, result.reasons) == (Truth.UNKNOWN, (Reason.UNREADABLE,))


def test_any_is_settled_by_what_can_be_read(vocabulary: Vocabulary) -> None:
    case = unread(case_of(TWO, vocabulary), 1, Reason.UNREADABLE)
    high = "{platelets: {is: '> 50 10*9/L', pick: any}}"
    low = "{platelets: {is: '< 50 10*9/L', pick: any}}"
    assert asked(case, high, vocabulary).truth is Truth.MET
    assert asked(case, low, vocabulary).reasons == (Reason.UNREADABLE,)
