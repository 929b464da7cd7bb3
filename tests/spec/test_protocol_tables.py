"""The test tables beside the protocols that come with the program, on both engines at once.

How a table is written is said in `rules/README.md`: a base case, and rows that change it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from screen.engine.decide import Screener
from screen.intake.document import case_from_tree
from screen.language.load import default_rules_dir
from screen.language.tree import Items, Node, Pairs, Problems, Text
from screen.language.yamltext import read_yaml
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from screen.model.truth import Truth
from tests.spec.rows import Expected

TABLES = sorted((default_rules_dir() / "protocols").glob("*/tests/*.yaml"))

_ROW_KEYS = {"name", "change", "drop", "patient", "expect"}
_TABLE_KEYS = {"protocol", "base", "base_verdict", "tests"}
_BASE_KEYS = {"screened_at", "patient", "observations"}


@dataclass(frozen=True)
class TableRow:
    """One row, or the base of a table without any change. `expected` is by criterion."""

    place: str
    name: str
    protocol: str
    base: Pairs
    change: Pairs
    patient: Pairs
    drop: tuple[str, ...]
    expected: Mapping[str, Expected]
    verdict: Verdict | None

    def case(self, vocabulary: Vocabulary) -> Case:
        base = {name.value: node for name, node in self.base.pairs}
        observations = merged(base.get("observations"), self.change)
        kept = tuple(pair for pair in observations.pairs if pair[0].value not in self.drop)
        keys: dict[str, Node] = {
            "case": Text("table", 1, 1),
            "screened_at": base["screened_at"],
            "patient": merged(base.get("patient"), self.patient),
            "observations": Pairs(kept, observations.line, observations.column),
        }
        pairs = tuple((Text(key, 1, 1), node) for key, node in keys.items())
        return case_from_tree(Pairs(pairs, 1, 1), self.place, vocabulary)


def rows_of(path: Path) -> Iterator[TableRow]:
    problems = Problems(str(path))
    table = as_pairs(read_yaml(path.read_text(encoding="utf-8"), problems))
    problems.check()
    keys = {name.value: node for name, node in table.pairs}
    file = f"{path.parent.parent.name}/{path.name}"
    assert keys.keys() == _TABLE_KEYS, file
    base = as_pairs(keys["base"])
    assert {name.value for name, _ in base.pairs} <= _BASE_KEYS, file
    protocol = scalar(keys["protocol"])
    nothing = Pairs((), 1, 1)
    verdict = Verdict(scalar(keys["base_verdict"]))
    yield TableRow(file, "base", protocol, base, nothing, nothing, (), {}, verdict)
    tests = keys["tests"]
    assert isinstance(tests, Items)
    for item in tests.items:
        row = {name.value: node for name, node in as_pairs(item).pairs}
        place = f"{file}:{item.line}"
        assert {"name", "expect"} <= row.keys() <= _ROW_KEYS, place
        outcomes = {n.value: scalar(node) for n, node in as_pairs(row["expect"]).pairs}
        expected_verdict = outcomes.pop("verdict", None)
        drop = row.get("drop", Items((), 1, 1))
        assert isinstance(drop, Items), place
        yield TableRow(
            place,
            scalar(row["name"]),
            protocol,
            base,
            as_pairs(row.get("change", nothing)),
            as_pairs(row.get("patient", nothing)),
            tuple(scalar(one) for one in drop.items),
            {criterion: Expected.of(text) for criterion, text in outcomes.items()},
            None if expected_verdict is None else Verdict(expected_verdict),
        )


def merged(first: Node | None, second: Pairs) -> Pairs:
    """The pairs of both, those of the second going first."""
    pairs = {
        name.value: (name, node)
        for part in (first, second)
        for name, node in (as_pairs(part).pairs if part else ())
    }
    return Pairs(tuple(pairs.values()), second.line, second.column)


def as_pairs(node: Node | None) -> Pairs:
    assert isinstance(node, Pairs), f"keys are expected, not {node}"
    return node


def scalar(node: Node) -> str:
    assert isinstance(node, Text), f"one value is expected, not {node}"
    return node.value


ROWS = [row for path in TABLES for row in rows_of(path)]


@pytest.fixture(scope="module")
def screeners(vocabulary: Vocabulary, protocols: Mapping[str, Protocol]) -> dict[str, Screener]:
    return {name: Screener(vocabulary, [protocol]) for name, protocol in protocols.items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.place} {row.name}")
def test_row(row: TableRow, screeners: Mapping[str, Screener], vocabulary: Vocabulary) -> None:
    (screening,) = screeners[row.protocol].screen(row.case(vocabulary)).screenings
    results = {result.criterion.id: result for result in screening.results}
    found = {name: Expected(results[name].truth, results[name].reasons) for name in row.expected}
    assert found == row.expected
    assert row.verdict in (None, screening.verdict)


def test_a_row_drops_only_what_its_base_records() -> None:
    for row in ROWS:
        (base,) = (as_pairs(node) for name, node in row.base.pairs if name.value == "observations")
        assert set(row.drop) <= {name.value for name, _ in base.pairs}, row.place
        assert not set(row.drop) & {name.value for name, _ in row.change.pairs}, row.place


def test_every_protocol_has_tables(protocols: Mapping[str, Protocol]) -> None:
    assert {row.protocol for row in ROWS} == set(protocols)


def test_every_criterion_has_a_row_for_each_truth(protocols: Mapping[str, Protocol]) -> None:
    shown = Counter(
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
    assert sorted(str(one) for one in wanted - shown.keys()) == []
    assert sorted(str(one) for one in shown.keys() - wanted) == []


def test_every_verdict_that_a_protocol_can_give_has_a_row(
    protocols: Mapping[str, Protocol],
) -> None:
    shown = {(row.protocol, row.verdict) for row in ROWS}
    for protocol in protocols.values():
        possible = {Verdict.INELIGIBLE, Verdict.UNDECIDED}
        if protocol.complete:
            possible |= {Verdict.ELIGIBLE, Verdict.PENDING}
        assert {verdict for name, verdict in shown if name == protocol.id and verdict} == possible


def test_no_two_rows_of_a_table_have_one_name() -> None:
    names = Counter((row.place.partition(":")[0], row.name) for row in ROWS)
    assert [one for one, count in names.items() if count > 1] == []
