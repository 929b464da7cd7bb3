"""Every row of the spec tables, on every engine; and that the tables leave nothing out."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from screen.documents.tree import Items, Node, Pairs, Text
from screen.engine.decide import Screener
from screen.explain.show.json_result import case_result, json_text
from screen.explain.words.background import Background
from screen.facts.gather import Facts
from screen.intake.casefile import read_case_file
from screen.model.concept import Vocabulary
from screen.model.criterion import Pick, leaves
from screen.model.fact import Quality
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth
from screen.problems import ProblemsFound
from tests.spec.engines import ENGINES
from tests.spec.failing_row import fail_if_any, hold, shown, unequal
from tests.spec.rows import Row, all_rows, tables

ROWS = all_rows()
DECIDED = [row for row in ROWS if row.refused is None]
REFUSED = [row for row in ROWS if row.refused is not None]
IN_ANY_ORDER = [row for row in ROWS if row.flag("any_order")]

# Nothing gives this remark: a conflict is a reason, and its records are shown as evidence.
NEVER_REMARKED = {Quality.CONFLICTING}
# A table's cells alone can be unreadable: in a case file, whatever cannot be read is refused.
NOT_IN_A_CASE_FILE = {Reason.UNREADABLE, Reason.AMBIGUOUS}
NOT_REMARKED_THERE = {Quality.UNREADABLE, Quality.AMBIGUOUS}


def name_of(row: Row) -> str:
    return f"{row.place} {row.says}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("row", DECIDED, ids=name_of)
def test_row(row: Row, engine: str, vocabulary: Vocabulary) -> None:
    case, protocol = row.case(vocabulary), row.protocol(vocabulary)
    extended = row.site.extend(vocabulary)
    answer = ENGINES[engine](extended, protocol, case, row.site.staleness)
    hold(row, engine, answer)


@pytest.mark.parametrize("row", DECIDED, ids=name_of)
def test_remarks_about_records(row: Row, vocabulary: Vocabulary) -> None:
    notes = Facts(row.case(vocabulary), vocabulary).quality
    found = [
        {"concept": note.observation.concept, "reason": note.quality.value}
        | ({"source": note.observation.source} if note.observation.source else {})
        for note in notes
    ]
    remarks = unequal("remarks", sorted(row.quality, key=str), sorted(found, key=str))
    fail_if_any(remarks, "facts", shown(row))
    kept = {Quality.PRELIMINARY, Quality.UNUSABLE_LIMIT}
    assert all(note.dropped is (note.quality not in kept) for note in notes)


@pytest.mark.parametrize("row", REFUSED, ids=name_of)
def test_refused(row: Row, vocabulary: Vocabulary) -> None:
    with pytest.raises(ProblemsFound) as wrong:
        (row.protocol(vocabulary), row.case(vocabulary))
    found = [problem.kind.name.lower() for problem in wrong.value.problems]
    fail_if_any(unequal("refused", [row.refused], found), "reading", shown(row))


@pytest.mark.parametrize("row", IN_ANY_ORDER, ids=name_of)
def test_the_same_bytes_in_any_order(row: Row, vocabulary: Vocabulary, tmp_path: Path) -> None:
    screener = Screener(vocabulary, [row.protocol(vocabulary)])
    file = tmp_path / "case.json"
    results = set()
    for document in reordered(row):
        file.write_text(json.dumps(document, indent=1), encoding="utf-8")
        (case,) = read_case_file(file, vocabulary)
        screened = screener.screen(case)
        results.add(json_text(case_result(Background(screened, vocabulary))))
    assert len(results) == 1


def reordered(row: Row) -> Iterator[dict[str, object]]:
    """The row's case, with its concepts in every order and their records there and back."""
    observations = plain(row.keys["observations"])
    assert isinstance(observations, dict)
    head = {"case": "spec", "screened_at": plain(row.keys["screened_at"])}
    for names in permutations(observations):
        for step in (1, -1):
            records = {
                name: value[::step] if isinstance(value := observations[name], list) else value
                for name in names
            }
            yield {**head, "observations": records}


def plain(node: Node) -> object:
    """A part of a table as it would be written in JSON."""
    match node:
        case Text(value):
            return value
        case Items(items):
            return [plain(item) for item in items]
        case Pairs(pairs):
            return {name.value: plain(value) for name, value in pairs}


# --- the tables themselves ---


def test_there_is_one_table_for_each_section() -> None:
    assert [path.stem[0] for path in tables()] == list("12345678")


def test_every_row_says_something_of_its_own() -> None:
    said = Counter((row.place.partition(":")[0], row.says) for row in ROWS)
    assert [one for one, count in said.items() if count > 1] == []


def test_the_tables_show_every_truth_reason_verdict_and_remark() -> None:
    expected = [one for row in DECIDED for one in row.expected.values()]
    assert {one.truth for one in expected} == set(Truth)
    reasons = {reason for one in expected for reason in one.reasons}
    assert reasons | NOT_IN_A_CASE_FILE == set(Reason)
    assert {row.verdict for row in DECIDED if row.verdict} == set(Verdict)
    remarks = {Quality(note["reason"]) for row in DECIDED for note in row.quality}
    assert remarks | NOT_REMARKED_THERE == set(Quality) - NEVER_REMARKED


def test_the_tables_ask_for_every_pick(vocabulary: Vocabulary) -> None:
    picks = {
        leaf.selection.pick
        for row in DECIDED
        for criterion in row.protocol(vocabulary).criteria
        for leaf in leaves(criterion.when)
    }
    assert picks == set(Pick)


def test_a_row_gives_reasons_exactly_for_what_is_unknown() -> None:
    for row in DECIDED:
        for expected in row.expected.values():
            assert bool(expected.reasons) is (expected.truth is Truth.UNKNOWN), row.place
