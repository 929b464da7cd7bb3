"""When the chaining engine fails, or is made to err, there is an error and never a verdict."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any as Anything

import durable_rules_engine as rete
import pytest

from screen.engine import chaining, ruleset
from screen.engine.chaining import ChainingFailure
from screen.engine.decide import Disagreement, Screener
from screen.engine.ruleset import FAILS, HOLDS, OPEN, Match, Rule, RuleBook
from screen.intake.document import case_from_tree
from screen.language.condition import condition_from_node
from screen.language.tree import Problems
from screen.language.yamltext import read_yaml
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.criterion import (
    Comparison,
    Comparisons,
    CriterionKind,
    Leaf,
    Operator,
    Pick,
    Selection,
)
from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from tests.generative.drawing import protocol_of

Bounds = Iterator[tuple[str, tuple[dict[str, Anything], ...]]]


def case_of(vocabulary: Vocabulary, observations: str) -> Case:
    problems = Problems("case")
    text = f"case: x\nscreened_at: 2020-03-21T09:00\nobservations: {{{observations}}}\n"
    tree = read_yaml(text, problems)
    problems.check()
    assert tree is not None
    return case_from_tree(tree, "case", vocabulary)


def protocol_asking(vocabulary: Vocabulary, when: str) -> Protocol:
    problems = Problems("protocol")
    tree = read_yaml(when, problems)
    assert tree is not None
    condition = condition_from_node(tree, vocabulary, problems)
    problems.check()
    assert condition is not None
    return protocol_of((CriterionKind.INCLUSION, condition))


# --- failures of the library ---

LOW_PLATELETS = '{platelets: "< 20 10*9/L"}'


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


# --- one wrong rule ---


def inclusive(original: Callable[[Comparison], Bounds]) -> Callable[[Comparison], Bounds]:
    def bounds(comparison: Comparison) -> Bounds:
        wider = {Operator.LT: Operator.LE, Operator.GT: Operator.GE}
        operator = wider.get(comparison.operator, comparison.operator)
        return original(
            Comparison(operator, comparison.limit, comparison.reference, comparison.text)
        )

    return bounds


def too_sure(original: Callable[..., str]) -> Callable[..., str]:
    return lambda *given: original(*given).replace(OPEN, FAILS)


def one_part_less(original: Callable[..., None]) -> Callable[..., None]:
    return lambda parts, *given: original(list(parts)[:-1], *given)


def one_less(original: Callable[..., None]) -> Callable[..., None]:
    def counted(parts: list[str], side: str, count: int, *given: Anything) -> None:
        original(parts, side, count - 1 if side == HOLDS else count, *given)

    return counted


def any_for_every(original: Callable[..., None]) -> Callable[..., None]:
    return lambda pick, *given: original(Pick.ANY, *given)


def wrong_side_of_not(original: Callable[[RuleBook, Rule], None]) -> Callable[..., None]:
    def add(book: RuleBook, rule: Rule) -> None:
        if rule.says == "not: its part fails":
            (match,) = rule.when
            rule = Rule((Match(match.key[:-1] + HOLDS),), rule.then, rule.condition, rule.says)
        original(book, rule)

    return add


SABOTAGE = {
    "a strict limit made inclusive": (ruleset, "_bounds", inclusive, LOW_PLATELETS)
    + ("platelets: 20 10*9/L", "met by the rules, not met by the checker"),
    "too general a value made a no": (ruleset, "_side_of", too_sure, "{tuberculosis: active}")
    + ("tuberculosis: present", "not met by the rules, unknown by the checker"),
    "a part of all forgotten": (
        *(ruleset, "_all_of", one_part_less),
        "{all: [{dyspnea: present}, {cyanosis: present}]}",
        "dyspnea: present",
        "met by the rules, unknown by the checker",
    ),
    "a part of any forgotten": (
        *(ruleset, "_any_of", one_part_less),
        "{any: [{dyspnea: present}, {cyanosis: present}]}",
        "cyanosis: present",
        "unknown by the rules, met by the checker",
    ),
    "one too few counted": (
        *(ruleset, "_counted", one_less),
        "{at_least: {count: 2, of: [{dyspnea: present}, {cyanosis: present}]}}",
        "dyspnea: present",
        "met by the rules, unknown by the checker",
    ),
    "every made any": (
        *(ruleset, "_quantify", any_for_every),
        '{platelets: {is: "< 20 10*9/L", pick: every}}',
        "platelets: [18 10*9/L, 25 10*9/L]",
        "met by the rules, not met by the checker",
    ),
    "not made nothing": (
        *(RuleBook, "add", wrong_side_of_not),
        "{not: {dyspnea: present}}",
        "dyspnea: absent",
        "unknown by the rules, met by the checker",
    ),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_one_wrong_rule_is_noticed(
    name: str, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, sabotage, when, observations, message = SABOTAGE[name]
    protocol, case = protocol_asking(vocabulary, when), case_of(vocabulary, observations)
    assert Screener(vocabulary, [protocol]).screen(case).screenings
    monkeypatch.setattr(where, what, sabotage(getattr(where, what)))  # type: ignore[operator]
    with pytest.raises(Disagreement) as wrong:
        Screener(vocabulary, [protocol]).screen(case)
    assert wrong.value.protocol == "drawn"
    assert wrong.value.where.startswith("criterion c0")
    assert str(wrong.value).startswith("no verdict for drawn: the two engines differ on criterion")
    assert str(wrong.value).endswith(f"({message})")


def test_a_wrong_rule_of_the_verdict_is_noticed(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = RuleBook.add

    def add(book: RuleBook, rule: Rule) -> None:
        if rule.condition != "verdict" or rule.then != ruleset.FAILED:
            original(book, rule)

    monkeypatch.setattr(RuleBook, "add", add)
    screener = Screener(vocabulary, [protocol_asking(vocabulary, LOW_PLATELETS)])
    with pytest.raises(Disagreement, match="differ on the verdict"):
        screener.screen(case_of(vocabulary, "platelets: 25 10*9/L"))


def test_an_error_of_the_checker_is_noticed_as_well(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screen.engine import reference

    monkeypatch.setattr(reference, "negation", lambda truth: truth)
    screener = Screener(vocabulary, [protocol_asking(vocabulary, "{not: {dyspnea: present}}")])
    with pytest.raises(Disagreement, match="criterion c0"):
        screener.screen(case_of(vocabulary, "dyspnea: present"))


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
from screen.language.load import default_rules_dir, load_protocol, load_vocabulary
from screen.language.tree import Problems
from screen.language.yamltext import read_yaml

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
