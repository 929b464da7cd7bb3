"""The reference evaluator: what a criterion means, small enough to read in a sitting.

Its sentences are those of `docs/semantics.md`.

Clarity first, no speed. It shares nothing with the chaining engine but the model and is the
definition that every other engine is held to.
"""

from fractions import Fraction
from typing import Protocol

from screen.model.concept import ValueTree, Vocabulary
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Comparison,
    Comparisons,
    Condition,
    Leaf,
    Not,
    OneOf,
    Operator,
    Reference,
    Selection,
    Test,
)
from screen.model.fact import Fact, Quantifier, Value
from screen.model.quantity import Amount
from screen.model.screening import Judgement
from screen.model.truth import (
    Reason,
    Truth,
    at_least,
    conjunction,
    disjunction,
    negation,
    ordered,
)

Verdict = tuple[Truth, frozenset[Reason]]

_NO_REASON = frozenset[Reason]()


class Facts(Protocol):
    """What is asked for facts: the records of a case, or what a ledger holds of them."""

    def fact(self, selection: Selection) -> Fact: ...


def judge(condition: Condition, facts: Facts, vocabulary: Vocabulary) -> Judgement:
    """The truth of `condition` and of everything below it; nothing is left out as settled.

    An unknown has the reasons of its own unknown parts, and of no others.
    """
    match condition:
        case Leaf():
            return _judge_leaf(condition, facts, vocabulary)
        case All(children):
            judged = tuple(judge(child, facts, vocabulary) for child in children)
            truth = conjunction(child.truth for child in judged)
        case Any(children):
            judged = tuple(judge(child, facts, vocabulary) for child in children)
            truth = disjunction(child.truth for child in judged)
        case AtLeast(count, children):
            judged = tuple(judge(child, facts, vocabulary) for child in children)
            truth = at_least(count, [child.truth for child in judged])
        case Not(child):
            judged = (judge(child, facts, vocabulary),)
            truth = negation(judged[0].truth)
    reasons = [reason for child in judged for reason in child.reasons]
    return Judgement(
        condition,
        truth,
        ordered(reasons) if truth is Truth.UNKNOWN else (),
        judged,
        assumed=any(child.assumed for child in judged),
    )


def _judge_leaf(leaf: Leaf, facts: Facts, vocabulary: Vocabulary) -> Judgement:
    fact = facts.fact(leaf.selection)
    if leaf.unrecorded_absent and fact.unrecorded:
        return Judgement(leaf, Truth.NOT_MET, (), fact=fact, assumed=True)
    if not fact.values:
        return Judgement(leaf, Truth.UNKNOWN, fact.reasons, fact=fact)
    tree = vocabulary.concepts[leaf.concept].tree
    tried = [try_value(leaf.test, value, tree) for value in fact.values]
    match fact.quantifier:
        case Quantifier.ONE | Quantifier.ALIKE:
            truth, reasons = _alike(tried, fact)
        case Quantifier.ANY:
            truth, reasons = _one_by_one(tried, fact, Truth.MET)
        case Quantifier.EVERY:
            truth, reasons = _one_by_one(tried, fact, Truth.NOT_MET)
    return Judgement(leaf, truth, ordered(reasons) if truth is Truth.UNKNOWN else (), fact=fact)


def _alike(tried: list[Verdict], fact: Fact) -> Verdict:
    """Each value may be the one that is asked for: the answer on which all of them agree."""
    truths = {truth for truth, _ in tried}
    if len(truths) == 1 and Truth.UNKNOWN not in truths:
        return truths.pop(), _NO_REASON
    if fact.hidden:
        return Truth.UNKNOWN, frozenset(fact.hidden)
    reasons = set(_NO_REASON.union(*(why for _, why in tried)))
    if {Truth.MET, Truth.NOT_MET} <= {truth for truth, _ in tried[: fact.certain]}:
        reasons.add(Reason.CONFLICTING)
    elif {Truth.MET, Truth.NOT_MET} <= truths:
        reasons.add(Reason.UNDATED)
    if fact.superseded:
        reasons = {Reason.SUPERSEDED if why is Reason.BOUNDED else why for why in reasons}
    return Truth.UNKNOWN, frozenset(reasons)


def _one_by_one(tried: list[Verdict], fact: Fact, settles: Truth) -> Verdict:
    """One value that is `settles` settles it; else every value has to be the opposite.

    A value that may lie outside the window settles nothing, and one that nobody knows is open.
    """
    tried = [
        (Truth.UNKNOWN, frozenset({Reason.UNDATED}))
        if position >= fact.certain and truth is settles
        else (truth, why)
        for position, (truth, why) in enumerate(tried)
    ]
    tried += [(Truth.UNKNOWN, frozenset({why})) for why in fact.hidden]
    combine = disjunction if settles is Truth.MET else conjunction
    return combine(truth for truth, _ in tried), _NO_REASON.union(*(why for _, why in tried))


def try_value(test: Test, value: Value, tree: ValueTree | None) -> Verdict:
    """Apply a test to one value."""
    match test:
        case OneOf():
            if tree is None or value.state is None:
                raise TypeError("a test for named values on something that is measured")
            tried = [_is_value(value.state, asked, tree) for asked in test.values]
            truth = disjunction(truth for truth, _ in tried)
        case Comparisons():
            tried = [_compare(part, value) for part in test.parts]
            truth = conjunction(truth for truth, _ in tried)
    reasons = _NO_REASON.union(*(why for _, why in tried))
    return truth, reasons if truth is Truth.UNKNOWN else _NO_REASON


def _is_value(recorded: str, asked: str, tree: ValueTree) -> Verdict:
    if tree.is_within(recorded, asked):
        return Truth.MET, _NO_REASON
    if recorded in tree.inconclusive:
        return Truth.UNKNOWN, frozenset({Reason.INCONCLUSIVE})
    if tree.is_within(asked, recorded):
        return Truth.UNKNOWN, frozenset({Reason.UNSPECIFIC})
    return Truth.NOT_MET, _NO_REASON


def _compare(comparison: Comparison, value: Value) -> Verdict:
    limit = comparison.limit
    if comparison.reference is not None:
        printed = value.upper if comparison.reference is Reference.UPPER else value.lower
        if printed is None:
            return Truth.UNKNOWN, frozenset({Reason.NO_REFERENCE})
        limit = comparison.limit * printed
    if value.amount is None:
        raise TypeError("a comparison with something that is not measured")
    truth = compare(value.amount, comparison.operator, limit)
    return truth, frozenset({Reason.BOUNDED}) if truth is Truth.UNKNOWN else _NO_REASON


def compare(amount: Amount, operator: Operator, limit: Fraction) -> Truth:
    """Met or not met only if every value that `amount` leaves open says so."""
    match operator:
        case Operator.LT:
            return negation(compare(amount, Operator.GE, limit))
        case Operator.LE:
            return negation(compare(amount, Operator.GT, limit))
        case Operator.GT:
            if amount.low is not None and (
                amount.low > limit or (amount.low == limit and amount.low_open)
            ):
                return Truth.MET
            if amount.high is not None and amount.high <= limit:
                return Truth.NOT_MET
            return Truth.UNKNOWN
        case Operator.GE:
            if amount.low is not None and amount.low >= limit:
                return Truth.MET
            if amount.high is not None and (
                amount.high < limit or (amount.high == limit and amount.high_open)
            ):
                return Truth.NOT_MET
            return Truth.UNKNOWN
        case Operator.EQ:
            if amount.is_exact:
                return Truth.MET if amount.low == limit else Truth.NOT_MET
            return Truth.UNKNOWN if amount.overlaps(limit, limit) else Truth.NOT_MET
