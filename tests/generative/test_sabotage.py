"""One wrong rule on either side is noticed: the engines differ, and there is no verdict."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from screen.engine import reference, ruleset
from screen.engine.decide import Disagreement, Screener
from screen.engine.ruleset import FAILS, HOLDS, OPEN, Match, Rule, RuleBook
from screen.model.concept import Vocabulary
from screen.model.criterion import Comparison, Operator, Pick
from tests.generative.asking import LOW_PLATELETS, case_of, protocol_asking

Bounds = Iterator[tuple[str, tuple[dict[str, Any], ...]]]


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
    def counted(parts: list[str], side: str, count: int, *given: Any) -> None:
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
    "a strict limit made inclusive": (
        *(ruleset, "_bounds", inclusive),
        LOW_PLATELETS,
        "platelets: 20 10*9/L",
        "met by the rules, not met by the checker",
    ),
    "too general a value made a no": (
        *(ruleset, "_side_of", too_sure),
        "{tuberculosis: active}",
        "tuberculosis: present",
        "not met by the rules, unknown by the checker",
    ),
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
    monkeypatch.setattr(reference, "negation", lambda truth: truth)
    screener = Screener(vocabulary, [protocol_asking(vocabulary, "{not: {dyspnea: present}}")])
    with pytest.raises(Disagreement, match="criterion c0"):
        screener.screen(case_of(vocabulary, "dyspnea: present"))
