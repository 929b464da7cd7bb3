"""Why a criterion is met, not met or unknown: one plain sentence.

What value, of what date, compares how with which limit as the protocol writes it.
"""

from collections.abc import Iterator

from screen.engine.reference import try_value
from screen.explain.why.deciding import deciding
from screen.explain.why.unknown import NOT_RECORDED, Asked, limit_text, unknown_clauses
from screen.explain.words.amounts import when_text
from screen.explain.words.background import Background
from screen.explain.words.clauses import Clause, sentence
from screen.explain.words.conversion import converted_text
from screen.explain.words.plain_text import listed
from screen.explain.words.record_words import attributes, unit_of_amount, value_text, values_of
from screen.facts.derive import BY_POLICY
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Comparison,
    Comparisons,
    Leaf,
    Not,
    OneOf,
    Pick,
    Reference,
)
from screen.model.fact import Evidence, Fact, Value
from screen.model.screening import CriterionResult, Judgement
from screen.model.truth import Truth

_MOST_VALUES = 3
_PICKS = {Pick.EARLIEST: "earliest ", Pick.LOWEST: "lowest ", Pick.HIGHEST: "highest "}
ASSUMED = " (assumed absent, as the protocol asks for a known one; please confirm)"
POLICY = "site policy, not the protocol, set other records aside"


def because(result: CriterionResult, background: Background) -> str:
    """The sentence for one criterion, from the conditions that settle it."""
    judgement = result.judgement
    leaves = deciding(judgement)
    told = sentence(clause for leaf in leaves for clause in leaf_clauses(leaf, background))
    match judgement.condition:
        case Leaf() | All() | Any() | Not():
            return told
        case AtLeast(count, _):
            met = sum(child.truth is Truth.MET for child in judgement.children)
            return f"{met} of the {count} that are asked for are met: {told}"


def leaf_sentence(judgement: Judgement, background: Background) -> str:
    """The sentence for one judged leaf."""
    return sentence(leaf_clauses(judgement, background))


def leaf_clauses(judgement: Judgement, background: Background) -> Iterator[Clause]:
    """The clauses for one judged leaf, before those of several leaves are put together."""
    leaf, fact = judgement.condition, judgement.fact
    if not isinstance(leaf, Leaf) or fact is None:
        return
    if judgement.assumed:
        yield Clause(background.label(leaf.concept), NOT_RECORDED, ASSUMED)
    elif judgement.truth is Truth.UNKNOWN:
        yield from unknown_clauses(Asked(leaf, fact, background), judgement.reasons)
    else:
        yield from _tested(leaf, fact, judgement.truth, background)


def _tested(leaf: Leaf, fact: Fact, truth: Truth, background: Background) -> Iterator[Clause]:
    values = list(_tried(leaf, fact, truth, background))
    for value, item in values[:_MOST_VALUES]:
        yield Clause(_value_sentence(leaf, value, item, truth, background))
    left = len(values) - _MOST_VALUES
    if left > 0:
        yield Clause(f"and so for {left} more")
    for newer in fact.beside:
        yield Clause(f"the newer {newer.text}{when_text(newer.at)} does not rule it out")
    if any(item.formula == BY_POLICY for item in fact.evidence):
        yield Clause("by site policy, not the protocol")
    elif fact.site_policy:
        yield Clause(POLICY)


def _tried(
    leaf: Leaf, fact: Fact, truth: Truth, background: Background
) -> Iterator[tuple[Value, Evidence]]:
    """The values that settle the leaf: one, or those of several that have its truth."""
    tree = background.concept(leaf.concept).tree
    for value, item in values_of(fact):
        if try_value(leaf.test, value, tree)[0] is truth:
            yield value, item


def _value_sentence(
    leaf: Leaf, value: Value, item: Evidence, truth: Truth, background: Background
) -> str:
    name = _PICKS.get(leaf.selection.pick, "") + background.label(item.concept)
    more = attributes(item, leaf.selection)
    shown = value_text(value, item, background)
    match leaf.test:
        case OneOf() as test:
            return f"{name}: {shown}{more}{_finding_tail(test, value, truth)}"
        case Comparisons() as test:
            parts = _deciding_parts(test, value, truth)
            compared = " and ".join(
                _comparison_text(part, value, background, item) for part in parts
            )
            negated = "is" if truth is Truth.MET else "is not"
            shown += converted_text(value, item, parts, background)
            return f"{name} {shown}{more} {negated} {compared}"


def _finding_tail(test: OneOf, value: Value, truth: Truth) -> str:
    if truth is Truth.NOT_MET:
        return f", not {listed(test.values, 'or')}"
    if value.state in test.values:
        return ""
    return f", which counts as {listed(test.values, 'or')}"


def _deciding_parts(test: Comparisons, value: Value, truth: Truth) -> list[Comparison]:
    """All comparisons where they hold; only those that fail where the test does."""
    if truth is Truth.MET:
        return list(test.parts)
    return [part for part in test.parts if try_value(Comparisons((part,)), value, None)[0] is truth]


def _comparison_text(
    comparison: Comparison, value: Value, background: Background, item: Evidence
) -> str:
    if comparison.reference is None:
        return comparison.text
    side = "upper" if comparison.reference is Reference.UPPER else "lower"
    unit = unit_of_amount(item, background)
    return f"{comparison.text} ({limit_text(comparison, value, unit)}, by its {side} limit)"
