"""When the chaining engine fails, there is an error and no verdict, and nothing stays behind."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import durable_rules_engine as rete
import pytest

from screen.engine import chaining, ruleset
from screen.engine.chaining import ChainingFailure
from screen.engine.decide import Screener
from screen.engine.ruleset import FAILS, HOLDS, OPEN
from screen.model.concept import Vocabulary
from screen.model.criterion import (
    Comparison,
    Comparisons,
    CriterionKind,
    Leaf,
    Operator,
    Selection,
)
from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from tests.generative.asking import LOW_PLATELETS, case_of, protocol_asking
from tests.generative.drawing_protocols import protocol_of

Bounds = Iterator[tuple[str, tuple[dict[str, Any], ...]]]


# --- failures of the library ---


def test_a_failure_while_rules_fire(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    screener = Screener(vocabulary, [protocol_asking(vocabulary, LOW_PLATELETS)])
    case = case_of(vocabulary, "platelets: 18 10*9/L")

    def fail(*_: object) -> None:
        raise ValueError("a rule went wrong")

    with monkeypatch.context() as sabotaged:
        sabotaged.setattr(chaining._Derivation, "conclude", fail)
        with pytest.raises(ChainingFailure, match="drawn: ValueError"):
            screener.screen(case)
    assert screener.screen(case).screenings[0].verdict is Verdict.ELIGIBLE


def test_a_value_that_no_rule_wants(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ruleset._bounds

    def without_open(comparison: Comparison) -> Bounds:
        return (bound for bound in original(comparison) if bound[0] != OPEN)

    monkeypatch.setattr(ruleset, "_bounds", without_open)
    screener = Screener(vocabulary, [protocol_asking(vocabulary, LOW_PLATELETS)])
    with pytest.raises(ChainingFailure, match="refused"):
        screener.screen(case_of(vocabulary, 'platelets: "< 50 10*9/L"'))


def test_more_than_64_different_tests_of_one_fact(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(comparison: Comparison) -> Bounds:
        return ((HOLDS, ({"$lt": {"high": 1000 + n}},)) for n in range(65))

    monkeypatch.setattr(ruleset, "_bounds", many)
    screener = Screener(vocabulary, [protocol_asking(vocabulary, LOW_PLATELETS)])
    with pytest.raises(ChainingFailure, match="drawn: error"):
        screener.screen(case_of(vocabulary, "platelets: 18 10*9/L"))


def test_more_conditions_than_the_library_can_compile(vocabulary: Vocabulary) -> None:
    """The library would hang; we refuse before that."""

    def below(limit: int) -> Leaf:
        comparison = Comparison(Operator.LT, Fraction(limit), None, f"< {limit} 10*9/L")
        return Leaf(Selection("platelets"), Comparisons((comparison,)))

    protocol = protocol_of(*((CriterionKind.EXCLUSION, below(limit)) for limit in range(200)))
    with pytest.raises(ChainingFailure, match="too many conditions"):
        Screener(vocabulary, [protocol]).screen(case_of(vocabulary, "platelets: 500 10*9/L"))


def test_both_sides_of_a_condition(vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(comparison: Comparison) -> Bounds:
        yield HOLDS, ({"$lt": {"high": 10**9}},)
        yield FAILS, ({"$lt": {"high": 10**9}},)

    monkeypatch.setattr(ruleset, "_bounds", both)
    screener = Screener(vocabulary, [protocol_asking(vocabulary, LOW_PLATELETS)])
    with pytest.raises(ChainingFailure, match="both sides"):
        screener.screen(case_of(vocabulary, "platelets: 18 10*9/L"))


# --- nothing stays behind ---


def test_no_state_stays_behind(vocabulary: Vocabulary, protocols: Mapping[str, Protocol]) -> None:
    screener = Screener(vocabulary, [protocols["NCT04334044"]])
    for count in ("18", "20", "25"):
        screener.screen(case_of(vocabulary, f"platelets: {count} 10*9/L"))
    (compiled,) = screener._engine._compiled.values()
    for sid in range(4):
        with pytest.raises(rete.error, match="309"):  # there is no state of that name
            rete.delete_state(compiled._handle, str(sid))


def test_a_failure_leaves_no_state_behind(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    screener = Screener(vocabulary, [protocol_asking(vocabulary, LOW_PLATELETS)])
    monkeypatch.setattr(chaining._Derivation, "conclude", fail)
    with pytest.raises(ChainingFailure):
        screener.screen(case_of(vocabulary, "platelets: 18 10*9/L"))
    (compiled,) = screener._engine._compiled.values()
    with pytest.raises(rete.error, match="309"):
        rete.delete_state(compiled._handle, "0")


MEMORY = """
import os
from screen.engine.decide import Screener
from screen.intake.document import case_from_tree
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary
from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml

def resident_mb():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

rules = default_rules_dir()
vocabulary = load_vocabulary(rules)
screener = Screener(vocabulary, [load_protocol(rules, "NCT04334044", vocabulary)])
text = '''
case: x
screened_at: 2020-03-21T09:00
patient: {sex: female, birth_date: 1957-08-02}
observations: {sars_cov_2_test: positive, dyspnea: present, platelets: 18 10*9/L, pregnancy: absent}
'''
case = case_from_tree(read_yaml(text, Problems("x")), "x", vocabulary)
for number in range(3000):
    if number == 300:
        start = resident_mb()
    screener.screen(case)
print(resident_mb() - start)
"""


def test_memory_stays_flat_over_3000_cases() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, timeout=120, check=True
    )
    assert float(done.stdout) < 8
