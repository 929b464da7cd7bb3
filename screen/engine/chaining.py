"""The chaining engine: durable-rules fires a protocol's rules over the facts of a case.

Everything that the library asks for is kept behind this file: rules as data, integers within its
exact range, strings of our own vocabulary and nothing of a patient, a state of its own for every
case that is deleted afterwards. It talks to the library's core (`durable_rules_engine`), not to
its host, which fires rules from threads of its own and swallows exceptions into a state.
Not thread-safe: use processes.
"""

from collections import Counter
from collections.abc import Container, Iterator
from fractions import Fraction
from itertools import count
from typing import Any

import durable_rules_engine as rete
from msgspec import Struct, field, json

from screen.engine.grid import positions
from screen.engine.ruleset import (
    COMPLETE,
    ELIGIBLE,
    FAILED,
    FAILS,
    HOLDS,
    OPEN,
    Rule,
    RuleBook,
    comparison_key,
    compile_protocol,
    last_key,
    state_key,
    takes_several,
)
from screen.facts.gather import Facts
from screen.model.concept import Vocabulary
from screen.model.criterion import (
    Comparison,
    Comparisons,
    Condition,
    Leaf,
    OneOf,
    Pick,
    Reference,
    leaves,
)
from screen.model.fact import Fact, Quantifier, Value
from screen.model.protocol import Protocol
from screen.model.quantity import Amount
from screen.model.screening import Firing
from screen.model.truth import Truth

FIRST_TESTS = 500
"""The library hangs while compiling more than 511 different first tests (measured)."""

RULES_PER_TEST = 250
"""The library writes out of bounds beyond 255 rules that ask for the same fact (measured)."""

_CASE = "case"
"""A fact of every case, with a rule that does nothing: the library crashes when it deletes a
state in which facts wait for each other and no rule has fired (measured)."""


class ChainingFailure(Exception):
    """The library failed, or both sides of a condition were derived: a bug, never a verdict."""


class Inference(Struct, frozen=True):
    """What the rules derived for one protocol and case, and the firings in their order."""

    book: RuleBook
    derived: frozenset[str]
    firings: tuple[Firing, ...]

    def truth_of(self, condition: Condition) -> Truth:
        key = self.book.conditions[condition]
        holds, fails = key + HOLDS in self.derived, key + FAILS in self.derived
        if holds and fails:
            raise ChainingFailure(f"both sides of condition {key} were derived")
        if holds:
            return Truth.MET
        return Truth.NOT_MET if fails else Truth.UNKNOWN

    @property
    def fails(self) -> bool:
        return FAILED in self.derived

    @property
    def satisfies(self) -> bool:
        return ELIGIBLE in self.derived


class ChainingEngine:
    """Compiles each protocol once and infers the truths of its conditions for one case a call."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._compiled: dict[str, _Compiled] = {}
        self._sids = count()

    def infer(self, protocol: Protocol, facts: Facts) -> Inference:
        """Fire the rules of `protocol`. Raises `ChainingFailure` if the library fails."""
        alike = _needs_alike(protocol, facts)
        name = f"{protocol.id} alike" if alike else protocol.id
        compiled = self._compiled.get(name)
        if compiled is None or compiled.protocol != protocol:
            compiled = _Compiled(protocol, self._vocabulary, name, alike=alike)
            self._compiled[name] = compiled
        return compiled.infer(facts, str(next(self._sids)))


def _needs_alike(protocol: Protocol, facts: Facts) -> bool:
    """Whether a leaf has several values of which each may be the one that is asked for."""
    return any(
        facts.fact(leaf.selection).quantifier is Quantifier.ALIKE
        for criterion in protocol.criteria
        for leaf in leaves(criterion.when)
    )


class _Compiled:
    """One protocol's rules inside the library."""

    def __init__(
        self, protocol: Protocol, vocabulary: Vocabulary, name: str, *, alike: bool
    ) -> None:
        self.protocol = protocol
        self._book = compile_protocol(protocol, vocabulary, alike=alike)
        tests = Counter(match.key for rule in self._book.rules for match in rule.when)
        if len(tests) >= FIRST_TESTS or max(tests.values()) > RULES_PER_TEST:
            raise ChainingFailure(f"{protocol.id} has too many conditions for one set of rules")
        self._conclusions = {
            f"r{number}": _Conclusion.of(rule, self._book.wanted)
            for number, rule in enumerate(self._book.rules)
        }
        try:
            self._handle = rete.create_ruleset(name, _text(self._definition()))
        except Exception as error:
            raise ChainingFailure(f"the rules of {protocol.id} cannot be compiled") from error

    def infer(self, facts: Facts, sid: str) -> Inference:
        derivation = _Derivation()
        asserted = [{"is": _CASE}, *self._facts(facts, derivation)]
        try:
            self._fire(asserted, sid, derivation)
        except ChainingFailure:
            raise
        except Exception as error:
            raise ChainingFailure(f"{self.protocol.id}: {type(error).__name__}") from error
        derived = frozenset(key for key, index in derivation.derived if index is None)
        return Inference(self._book, derived, tuple(derivation.firings))

    def _fire(self, agenda: list[dict[str, Any]], sid: str, derivation: "_Derivation") -> None:
        """Assert facts and fire the rules until nothing new follows; leave no state behind."""
        opened = False
        try:
            while agenda:
                for fact in agenda:
                    code, state = rete.assert_fact(self._handle, _text({"sid": sid, **fact}))
                    if code:
                        raise ChainingFailure(f"{self.protocol.id}: fact {fact['is']} was refused")
                    if not opened:
                        rete.start_action_for_state(self._handle, state)
                        opened = True
                        rete.complete_and_start_action(self._handle, state)
                agenda = []
                started = rete.start_action_for_state(self._handle, state)
                action = started[1] if started else None
                while action:
                    ((name, matched),) = json.decode(action).items()
                    agenda += derivation.conclude(self._conclusions[name], matched)
                    action = rete.complete_and_start_action(self._handle, state)
        finally:
            if opened:
                rete.delete_state(self._handle, sid)

    def _definition(self) -> dict[str, Any]:
        definition: dict[str, Any] = {_CASE: {"all": [{"c0": {"is": _CASE}}]}}
        for number, rule in enumerate(self._book.rules):
            patterns = [
                {f"c{position}": {"$and": [{"is": match.key}, *match.also]}}
                if match.also
                else {f"c{position}": {"is": match.key}}
                for position, match in enumerate(rule.when)
            ]
            definition[f"r{number}"] = {"all": patterns}
        return definition

    def _facts(self, facts: Facts, derivation: "_Derivation") -> Iterator[dict[str, Any]]:
        for leaf, key in self._book.leaves:
            fact = facts.fact(leaf.selection)
            if leaf.unrecorded_absent and fact.unrecorded:
                yield from derivation.conclude(self._assumed_absent(key), {})
            else:
                yield from self._leaf_facts(leaf, key, fact)
        if self.protocol.complete and COMPLETE in self._book.wanted:
            yield {"is": COMPLETE}

    def _leaf_facts(self, leaf: Leaf, key: str, fact: Fact) -> Iterator[dict[str, Any]]:
        several = takes_several(leaf, self._book)
        for index, value in enumerate(fact.values):
            for asserted in _value_facts(leaf, key, value):
                if asserted["is"] in self._book.wanted:
                    yield {**asserted, "i": index} if several else asserted
        if several and fact.values:
            # One more value than there are facts of: nothing follows from all of them then.
            hidden = bool(fact.hidden) and leaf.selection.pick in (Pick.ANY, Pick.EVERY)
            last = len(fact.values) - 1 + hidden
            yield {"is": last_key(key), "i": last, "certain": fact.certain}

    def _assumed_absent(self, key: str) -> "_Conclusion":
        """Nothing recorded where the protocol says "known": the leaf fails, by declaration."""
        then = key + FAILS
        firing = Firing(self._book.paths[key], False, "nothing recorded: assumed absent")
        return _Conclusion(then, firing, then in self._book.wanted)


class _Conclusion(Struct, frozen=True):
    """What follows when a rule fires. `indexed_by` names the match whose index is passed on.

    A step of a longer rule has no `firing` of its own to tell.
    """

    then: str
    firing: Firing | None
    wanted: bool
    indexed_by: str | None = None

    @classmethod
    def of(cls, rule: Rule, wanted: Container[str]) -> "_Conclusion":
        last = f"c{len(rule.when) - 1}"
        firing = None if rule.step else Firing(rule.condition, _side(rule.then), rule.says)
        return cls(rule.then, firing, rule.then in wanted, last if rule.indexed else None)


class _Derivation(Struct):
    """What has followed so far for one case, each conclusion once, and the firings in order."""

    derived: set[tuple[str, int | None]] = field(default_factory=set)
    firings: list[Firing] = field(default_factory=list)

    def conclude(self, conclusion: _Conclusion, matched: dict[str, Any]) -> list[dict[str, Any]]:
        """Note a firing; the answer is the fact that follows, if it is new and a rule asks."""
        by = conclusion.indexed_by
        index = None if by is None else matched[by]["i"]
        if (conclusion.then, index) in self.derived:
            return []
        self.derived.add((conclusion.then, index))
        if conclusion.firing is not None:
            self.firings.append(conclusion.firing)
        if not conclusion.wanted:
            return []
        follows = {"is": conclusion.then}
        return [follows if index is None else {**follows, "i": index}]


def _text(data: dict[str, Any]) -> str:
    return json.encode(data).decode()


def _side(then: str) -> bool | None:
    if then.endswith(OPEN):
        return None
    return not (then.endswith(FAILS) or then == FAILED)


def _value_facts(leaf: Leaf, key: str, value: Value) -> Iterator[dict[str, Any]]:
    """What is asserted about one value: its state, or its positions for each comparison."""
    match leaf.test:
        case OneOf():
            yield {"is": state_key(key), "state": value.state}
        case Comparisons() as test:
            for position, comparison in enumerate(test.parts):
                amount = _measured_against(comparison, value)
                if amount is not None:
                    low, high = positions(amount, comparison.limit.denominator)
                    yield {"is": comparison_key(key, position), "low": low, "high": high}


def _measured_against(comparison: Comparison, value: Value) -> Amount | None:
    """The amount, or how many times the printed reference limit it is; None without a limit."""
    if comparison.reference is None or value.amount is None:
        return value.amount
    printed = value.upper if comparison.reference is Reference.UPPER else value.lower
    return None if printed is None else value.amount.scaled(Fraction(1) / printed)
