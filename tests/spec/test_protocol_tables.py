"""The test tables beside the protocols that come with the program, on both engines at once.

How a table is written is said in `screen/language/protocol/protocol_tests.py`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from screen.engine.decide import Screener
from screen.explain.words.condition_words import kind_words
from screen.intake.document import case_from_tree
from screen.language.loading.own_folder import default_rules_dir
from screen.language.protocol.protocol_tests import TestRow, read_test_table
from screen.model.concept import Vocabulary
from screen.model.criterion import Condition, children_of
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Verdict
from screen.model.truth import Truth
from tests.spec.failing_row import Difference, fail_if_any, flow, truth_words, unequal

TABLES = sorted((default_rules_dir() / "protocols").glob("*/tests/*.yaml"))
ROWS = [row for path in TABLES for row in read_test_table(path)]


def shown(row: TestRow) -> str:
    table = Path(row.file)
    return f"{table.parent.parent.name}/{table.name}:{row.line} {row.name}"


@pytest.fixture(scope="module")
def screeners(vocabulary: Vocabulary, protocols: Mapping[str, Protocol]) -> dict[str, Screener]:
    return {name: Screener(vocabulary, [protocol]) for name, protocol in protocols.items()}


@pytest.mark.parametrize("row", ROWS, ids=shown)
def test_row(row: TestRow, screeners: Mapping[str, Screener], vocabulary: Vocabulary) -> None:
    case = case_from_tree(row.case, row.file, vocabulary)
    (screening,) = screeners[row.protocol].screen(case).screenings
    results = {result.criterion.id: result for result in screening.results}
    fail_if_any(differences(row, results, screening.verdict), "the program", asked(row, results))


def differences(
    row: TestRow, results: Mapping[str, CriterionResult], verdict: Verdict
) -> Iterator[Difference]:
    for name, expected in row.expected.items():
        said = truth_words(expected.truth, expected.reasons)
        yield from unequal(name, said, truth_words(results[name].truth, results[name].reasons))
    if row.verdict is not None:
        yield from unequal("verdict", row.verdict, verdict)


def asked(row: TestRow, results: Mapping[str, CriterionResult]) -> str:
    """The place of a row, its case, and the conditions of which it says something."""
    case = [f"    {key.value}: {flow(node)}" for key, node in row.case.pairs]
    conditions = [
        f"    {results[name].criterion.kind.value} {name}: "
        f"{condition_words(results[name].criterion.when)}"
        for name in row.expected
    ]
    return "\n".join([f"{row.place}: {row.name}", "  case", *case, "  asked", *conditions])


def condition_words(condition: Condition) -> str:
    parts = "; ".join(condition_words(child) for child in children_of(condition))
    return f"{kind_words(condition)} ({parts})" if parts else kind_words(condition)


def test_every_protocol_has_tables(protocols: Mapping[str, Protocol]) -> None:
    assert {row.protocol for row in ROWS} == set(protocols)


def test_every_criterion_has_a_row_for_each_truth(protocols: Mapping[str, Protocol]) -> None:
    there = Counter(
        (row.protocol, criterion, expected.truth)
        for row in ROWS
        for criterion, expected in row.expected.items()
    )
    wanted = {
        (protocol.id, criterion.id, truth)
        for protocol in protocols.values()
        for criterion in protocol.criteria
        for truth in Truth
    }
    assert sorted(str(one) for one in wanted - there.keys()) == []
    assert sorted(str(one) for one in there.keys() - wanted) == []


def test_every_verdict_that_a_protocol_can_give_has_a_row(
    protocols: Mapping[str, Protocol],
) -> None:
    there = {(row.protocol, row.verdict) for row in ROWS}
    for protocol in protocols.values():
        possible = {Verdict.INELIGIBLE, Verdict.UNDECIDED}
        if protocol.complete:
            possible |= {Verdict.ELIGIBLE, Verdict.PENDING}
        assert {verdict for name, verdict in there if name == protocol.id and verdict} == possible
