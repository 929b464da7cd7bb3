"""The column plan against the reference evaluator: letter by letter and reason by reason.

Each seed draws a vocabulary, four protocols of eight criteria and 400 cases: 25 seeds, so
10,000 cases and about 320,000 truths with their reasons on DuckDB, and a few hundred on Spark.
"""

from random import Random

import pyarrow as pa
import pytest

from screen.engine.columns.decided import Decided
from screen.engine.columns.plan import ColumnPlan
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids
from screen.model.concept import Vocabulary
from screen.model.criterion import leaves
from screen.model.moment import DAY
from screen.model.protocol import Protocol
from tests.generative.columns_draw import Draw, DrawnCase, small_vocabulary
from tests.generative.drawn_tables import Line, expected, long_tables, wide_table

CASES = 400
PROTOCOLS = 4
CRITERIA = 8

REAL = (
    "age", "spo2", "sao2", "oxygen_saturation", "fio2", "pao2", "pf_ratio", "body_temperature",
    "platelets", "neutrophils", "leukocytes", "neutrophils_percent", "bands_percent", "alt",
    "creatinine", "hemoglobin", "pregnancy", "tuberculosis", "sars_cov_2_test", "quantiferon",
    "informed_consent",
)  # fmt: skip


def drawn_world(
    seed: int, most: int
) -> tuple[Vocabulary, list[Protocol], list[DrawnCase], dict[str, int]]:
    rng = Random(seed)
    vocabulary = small_vocabulary(rng) if seed % 2 else load_vocabulary(default_rules_dir())
    draw = Draw(seed, vocabulary, list(vocabulary.concepts) if seed % 2 else REAL)
    protocols = [draw.protocol(f"P{number}", CRITERIA) for number in range(PROTOCOLS)]
    cases = [draw.case(f"R-{number}", most) for number in range(CASES)]
    names = [concept.name for concept in draw.concepts]
    staleness = dict.fromkeys(rng.sample(names, 4), DAY) if rng.random() < 0.4 else {}
    return vocabulary, protocols, cases, staleness


def decided_lines(decided: Decided) -> dict[str, dict[str, Line]]:
    lines: dict[str, dict[str, Line]] = {}
    for row in decided.verdicts.to_pylist():
        line = (
            row["verdict"],
            row["fails"],
            row["unknown"],
            row["criteria"],
            tuple(row["reasons"]),
        )
        lines.setdefault(row["case"], {})[row["protocol"]] = line
    return lines


def first_difference(
    drawn: DrawnCase,
    protocols: list[Protocol],
    found: dict[str, Line],
    wanted: dict[str, Line],
) -> str:
    """What a person needs to see: the criterion, both answers, and the records it is about."""
    for protocol in protocols:
        one, other = found[protocol.id], wanted[protocol.id]
        for place, criterion in enumerate(protocol.criteria):
            pair = (one[3][place], one[4][place]), (other[3][place], other[4][place])
            if pair[0] != pair[1]:
                asked = {leaf.concept for leaf in leaves(criterion.when)}
                return (
                    f"columns {pair[0]}, reference {pair[1]}\n{criterion.when}\n"
                    f"{drawn.patient}\n{[r for r in drawn.records if r[0] in asked]}\n"
                    f"{drawn.records}"
                )
    return f"{found} differs from {wanted}"


def held_equal(
    vocabulary: Vocabulary,
    protocols: list[Protocol],
    cases: list[DrawnCase],
    staleness: dict[str, int],
    decided: Decided,
    unsure: set[str],
) -> None:
    lines = decided_lines(decided)
    assert lines.keys() | unsure == {drawn.id for drawn in cases}
    assert not lines.keys() & unsure
    needless = 0
    for drawn in cases:
        wanted = expected(drawn, vocabulary, protocols, staleness)
        if drawn.id in unsure:
            needless += wanted is not None
            continue
        assert wanted is not None, f"taken, though it cannot be read: {drawn}"
        if lines[drawn.id] != wanted:
            pytest.fail(first_difference(drawn, protocols, lines[drawn.id], wanted))
    # Ordinary cases have to be taken, or the plan would be right for want of an answer.
    assert needless < 0.8 * len(cases)


@pytest.mark.parametrize("seed", range(12))
def test_wide_tables_are_decided_as_by_the_reference(seed: int) -> None:
    vocabulary, protocols, cases, staleness = drawn_world(seed, most=1)
    plan = ColumnPlan(vocabulary, protocols, staleness)
    decided = plan.decide_wide(wide_table(cases), reasons=True)
    unsure = {cases[row].id for row in decided.unsure}
    held_equal(vocabulary, protocols, cases, staleness, decided, unsure)
    assert in_blocks(plan, wide_table(cases)) == (decided.verdicts.to_pylist(), decided.unsure)


def in_blocks(plan: ColumnPlan, table: pa.Table) -> tuple[list[object], list[int]]:
    """The same cases a block at a time, each text read from a dictionary and remembered."""
    lines: list[object] = []
    unsure: list[int] = []
    for start in range(0, len(table), 90):
        block = table.slice(start, 90)
        texts = {
            name: block[name] if name == "case" else block[name].dictionary_encode()
            for name in block.column_names
        }
        decided = plan.decide_wide(pa.table(texts), start, reasons=True)
        lines += decided.verdicts.to_pylist()
        unsure += decided.unsure
    return lines, unsure


@pytest.mark.parametrize("seed", range(100, 112))
def test_long_tables_are_decided_as_by_the_reference(seed: int) -> None:
    vocabulary, protocols, cases, staleness = drawn_world(seed, most=3)
    plan = ColumnPlan(vocabulary, protocols, staleness)
    observations, patients = long_tables(cases, Random(seed))
    decided = plan.decide_long(observations, patients, reasons=True)
    held_equal(
        vocabulary, protocols, cases, staleness, decided, {cases[row].id for row in decided.unsure}
    )


def test_the_seven_protocols_are_decided_as_by_the_reference() -> None:
    rules = default_rules_dir()
    vocabulary = load_vocabulary(rules)
    protocols = [load_protocol(rules, name, vocabulary) for name in protocol_ids(rules)]
    draw = Draw(7, vocabulary, list(vocabulary.concepts), most=30)
    cases = [draw.case(f"R-{number}", 1) for number in range(CASES)]
    decided = ColumnPlan(vocabulary, protocols).decide_wide(wide_table(cases), reasons=True)
    unsure = {cases[row].id for row in decided.unsure}
    held_equal(vocabulary, protocols, cases, {}, decided, unsure)
