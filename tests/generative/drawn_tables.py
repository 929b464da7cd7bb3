"""A drawn case, which is text, as a `Case`, a row of a wide table or rows of a long one; and what
the reference evaluator makes of it.
"""

from collections.abc import Iterator, Sequence
from random import Random

import pyarrow as pa

from screen.documents.tree import Items, Node, Pairs, Text
from screen.engine.reference import judge
from screen.facts.gather import Facts
from screen.intake.document import case_from_tree
from screen.intake.keys import RECORD_KEYS
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, verdict_of
from screen.problems import ProblemsFound
from tests.generative.columns_draw import DrawnCase, Record


def case_of(drawn: DrawnCase, vocabulary: Vocabulary) -> Case:
    """Through the program's own intake. Raises ProblemsFound."""

    def text(value: str) -> Text:
        return Text(value, 1, 1)

    def pairs(items: Iterator[tuple[str, Node]] | list[tuple[str, Node]]) -> Pairs:
        return Pairs(tuple((text(key), node) for key, node in items), 1, 1)

    by_concept: dict[str, list[Node]] = {}
    for concept, record in drawn.records:
        by_concept.setdefault(concept, []).append(
            pairs([(key, text(value)) for key, value in record.items()])
        )
    patient = [(k, text(drawn.patient[k])) for k in ("sex", "birth_date") if k in drawn.patient]
    tree = pairs(
        [
            ("case", text(drawn.patient["case"])),
            ("screened_at", text(drawn.patient["screened_at"])),
            ("patient", pairs(list(patient))),
            ("observations", pairs([(c, Items(tuple(n), 1, 1)) for c, n in by_concept.items()])),
        ]
    )
    return case_from_tree(tree, "drawn", vocabulary)


def _table(rows: list[Record], columns: Sequence[str]) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns}
    )


def wide_table(cases: Sequence[DrawnCase]) -> pa.Table:
    rows, columns = [], ["case", "screened_at", "sex", "birth_date"]
    for drawn in cases:
        row = dict(drawn.patient)
        for concept, record in drawn.records:
            for key, value in record.items():
                row[concept if key == "value" else f"{concept}.{key}"] = value
        rows.append(row)
        columns += [name for name in row if name not in columns]
    return _table(rows, columns)


LONG = ("case", "concept", "value", "unit", *RECORD_KEYS)


def long_tables(cases: Sequence[DrawnCase], rng: Random) -> tuple[pa.Table, pa.Table]:
    """(observations, patients); now and then the unit stands in its own column."""
    rows = []
    for drawn in cases:
        for concept, record in drawn.records:
            row = {"case": drawn.id, "concept": concept, **record}
            number, space, unit = record["value"].partition(" ")
            if space and number[-1].isdigit() and rng.random() < 0.5:
                row |= {"value": number, "unit": unit}
            rows.append(row)
    rng.shuffle(rows)
    patients = [drawn.patient for drawn in cases]
    return _table(rows, LONG), _table(patients, ("case", "screened_at", "sex", "birth_date", "age"))


Line = tuple[str, str, str, str, tuple[str, ...]]


def expected(
    drawn: DrawnCase,
    vocabulary: Vocabulary,
    protocols: Sequence[Protocol],
    staleness: dict[str, int],
) -> dict[str, Line] | None:
    """By protocol: verdict, fails, unknown, letters, reasons; None where intake refuses."""
    try:
        case = case_of(drawn, vocabulary)
    except ProblemsFound:
        return None
    facts = Facts(case, vocabulary, staleness)
    lines = {}
    for protocol in protocols:
        results = tuple(
            CriterionResult(c, judge(c.when, facts, vocabulary)) for c in protocol.criteria
        )
        by_effect: dict[str, list[str]] = {"fails": [], "unknown": [], "satisfied": []}
        for result in results:
            by_effect[result.effect.value].append(result.criterion.id)
        lines[protocol.id] = (
            verdict_of(protocol, results).value,
            " ".join(by_effect["fails"]),
            " ".join(by_effect["unknown"]),
            "".join(result.truth.letter for result in results),
            tuple(" ".join(r.value for r in result.reasons) for result in results),
        )
    return lines
