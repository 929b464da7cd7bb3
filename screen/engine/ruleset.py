"""A protocol as forward-chaining rules: for every condition one side that holds, one that fails.

Two-sided facts make Kleene logic monotone: nothing is ever concluded from the absence of a
fact, so the order of firing cannot matter, and what neither side derives is unknown. A value
that decides nothing fires a rule that says so, from which nothing follows.
The rules are data (the dictionaries that durable-rules takes); this file runs nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any as Json

from msgspec import Struct, field

from screen.engine.grid import limit_position
from screen.model.concept import ValueTree, Vocabulary
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Comparison,
    Comparisons,
    Condition,
    CriterionKind,
    Leaf,
    Not,
    OneOf,
    Operator,
    Pick,
)
from screen.model.protocol import Protocol

HOLDS, FAILS, OPEN = "+", "-", "?"
JOINED_FACTS = 16
"""The library joins at most this many facts in one rule (error 304 beyond, measured)."""

_WORDS = {HOLDS: "holds", FAILS: "does not hold", OPEN: "cannot tell"}
SATISFIED, FAILED, COMPLETE, ELIGIBLE = "satisfied", "failed", "complete", "eligible"


class Match(Struct, frozen=True):
    """A fact whose "is" equals `key` and that fulfils `also` (patterns of durable-rules)."""

    key: str
    also: tuple[dict[str, Json], ...] = ()


class Rule(Struct, frozen=True):
    """If all of `when` match, the fact `then` follows.

    An `indexed` rule speaks about one of several values: what follows carries the index "i"
    of the fact that was matched last. `says` is the rule in words; `condition` is the path of
    the condition that it is about. A `step` is a part of a longer rule, not told on its own.
    """

    when: tuple[Match, ...]
    then: str
    condition: str
    says: str
    indexed: bool = False
    step: bool = False


class RuleBook(Struct):
    """The rules of one protocol, the key that stands for each distinct condition, and the path
    at which that condition first stands. `wanted`: what some rule asks for.

    `alike`: every leaf takes several values, of which each may be the one that is asked for.
    """

    rules: list[Rule] = field(default_factory=list)
    conditions: dict[Condition, str] = field(default_factory=dict)
    leaves: list[tuple[Leaf, str]] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    alike: bool = False

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)
        self.wanted.update(match.key for match in rule.when)


def compile_protocol(
    protocol: Protocol, vocabulary: Vocabulary, *, alike: bool = False
) -> RuleBook:
    """Equal conditions share their rules, wherever in the protocol they stand.

    Most cases have one value for a leaf. The rules for several (`alike`) are more, and are
    compiled for the cases that need them.
    """
    book = RuleBook(alike=alike)
    for criterion in protocol.criteria:
        _compile(criterion.when, criterion.id, book, vocabulary)
    _compile_verdict(protocol, book)
    return book


def comparison_key(leaf: str, position: int) -> str:
    """The key of the facts that carry a value's positions for one comparison of a leaf."""
    return f"{leaf}.{position}"


def state_key(leaf: str) -> str:
    return f"{leaf}="


def last_key(leaf: str) -> str:
    """The key of the fact that says which index is the last of a leaf's values.

    Its `certain` is how many of them, the first ones, the leaf has in any case.
    """
    return f"{leaf}#"


def takes_several(leaf: Leaf, book: RuleBook) -> bool:
    """Whether the facts about the values of a leaf carry an index."""
    return book.alike or leaf.selection.pick in (Pick.ANY, Pick.EVERY)


def _compile(condition: Condition, path: str, book: RuleBook, vocabulary: Vocabulary) -> str:
    """Add the rules of `condition`; the answer is its key, to which a side is appended."""
    if condition in book.conditions:
        return book.conditions[condition]
    key = book.conditions[condition] = str(len(book.conditions))
    book.paths[key] = path
    match condition:
        case Leaf():
            book.leaves.append((condition, key))
            _compile_leaf(condition, key, path, book, vocabulary)
        case Not(child):
            below = _compile(child, f"{path}/0", book, vocabulary)
            book.add(Rule((Match(below + FAILS),), key + HOLDS, path, "not: its part fails"))
            book.add(Rule((Match(below + HOLDS),), key + FAILS, path, "not: its part holds"))
        case All(children):
            parts = list(_compile_children(children, path, book, vocabulary))
            _all_of(parts, HOLDS, key + HOLDS, path, "all: every part holds", book)
            _any_of(parts, FAILS, key + FAILS, path, "all: a part fails", book)
        case Any(children):
            parts = list(_compile_children(children, path, book, vocabulary))
            _any_of(parts, HOLDS, key + HOLDS, path, "any: a part holds", book)
            _all_of(parts, FAILS, key + FAILS, path, "any: every part fails", book)
        case AtLeast(count, children):
            parts = list(_compile_children(children, path, book, vocabulary))
            most_failing = len(parts) - count + 1
            _counted(parts, HOLDS, count, key + HOLDS, path, "enough parts hold", book)
            _counted(parts, FAILS, most_failing, key + FAILS, path, "too many parts fail", book)
    return key


def _compile_children(
    children: Iterable[Condition], path: str, book: RuleBook, vocabulary: Vocabulary
) -> Iterator[str]:
    for position, child in enumerate(children):
        yield _compile(child, f"{path}/{position}", book, vocabulary)


def _any_of(
    parts: Iterable[str], side: str, then: str, path: str, says: str, book: RuleBook
) -> None:
    for part in dict.fromkeys(parts):
        book.add(Rule((Match(part + side),), then, path, says))


def _all_of(
    parts: Iterable[str], side: str, then: str, path: str, says: str, book: RuleBook
) -> None:
    """One rule; more parts than the library can join are taken some at a time."""
    keys = [part + side for part in dict.fromkeys(parts)]
    while len(keys) > JOINED_FACTS:
        first, keys = keys[:JOINED_FACTS], keys[JOINED_FACTS:]
        group = f"{then}&{len(keys)}"
        book.add(Rule(tuple(Match(key) for key in first), group, path, says, step=True))
        keys.insert(0, group)
    book.add(Rule(tuple(Match(key) for key in keys), then, path, says))


def _counted(
    parts: list[str], side: str, count: int, then: str, path: str, says: str, book: RuleBook
) -> None:
    """`count` of `parts` are on `side`: step by step, how many of the first parts are."""

    def reached(first: int, many: int) -> str:
        return f"{then}~{first},{many}"

    for index, part in enumerate(parts):
        for many in range(1, min(index + 1, count) + 1):
            goal = reached(index + 1, many)
            if many <= index:
                book.add(Rule((Match(reached(index, many)),), goal, path, says, step=True))
            before = () if many == 1 else (Match(reached(index, many - 1)),)
            book.add(Rule((*before, Match(part + side)), goal, path, says, step=True))
    book.add(Rule((Match(reached(len(parts), count)),), then, path, says))


def _compile_leaf(leaf: Leaf, key: str, path: str, book: RuleBook, vocabulary: Vocabulary) -> None:
    several = takes_several(leaf, book)
    match leaf.test:
        case OneOf() as test:
            tree = vocabulary.concepts[leaf.concept].tree
            assert tree is not None
            _state_rules(leaf, test, key, path, tree, several, book)
        case Comparisons() as test:
            _comparison_rules(leaf, test, key, path, several, book)
    if several:
        _quantify(leaf.selection.pick, key, path, book)


def _one_value_key(key: str, several: bool) -> str:
    """The key of "this one value passes the test", which is the leaf itself if it has one value."""
    return f"{key}v" if several else key


def _state_rules(
    leaf: Leaf,
    test: OneOf,
    key: str,
    path: str,
    tree: ValueTree,
    several: bool,
    book: RuleBook,
) -> None:
    goal = _one_value_key(key, several)
    for state in tree.values:
        side = _side_of(state, test, tree)
        says = f"{leaf.concept} {test.text}, recorded {state}: {_WORDS[side]}"
        when = Match(state_key(key), ({"state": state},))
        book.add(Rule((when,), goal + side, path, says, indexed=several))


def _side_of(state: str, test: OneOf, tree: ValueTree) -> str:
    """What a recorded state says about the test."""
    if any(asked in _lineage(state, tree) for asked in test.values):
        return HOLDS
    narrower = any(state in _lineage(asked, tree) for asked in test.values)
    return OPEN if narrower or state in tree.inconclusive else FAILS


def _lineage(state: str, tree: ValueTree) -> list[str]:
    """The state and everything that it is a kind of."""
    lineage = [state]
    while (parent := tree.parents[lineage[-1]]) is not None:
        lineage.append(parent)
    return lineage


def _comparison_rules(
    leaf: Leaf, test: Comparisons, key: str, path: str, several: bool, book: RuleBook
) -> None:
    goal = _one_value_key(key, several)
    single = len(test.parts) == 1
    parts = []
    for position, comparison in enumerate(test.parts):
        name = comparison_key(key, position)
        part_goal = goal if single else f"{name}p"
        parts.append(part_goal)
        says = f"{leaf.concept} {comparison.text}"
        for side, bounds in _bounds(comparison):
            words = f"{says}: {_WORDS[side]}"
            book.add(Rule((Match(name, bounds),), part_goal + side, path, words, indexed=several))
    if not single:
        _join_parts(parts, goal, path, several, book)


def _bounds(comparison: Comparison) -> Iterator[tuple[str, tuple[dict[str, Json], ...]]]:
    """Which lowest and highest positions of a value settle the comparison, or leave it open.

    The three are exclusive and leave nothing out: the library refuses a fact that no rule wants.
    """
    limit = limit_position(comparison.limit, comparison.text)
    match comparison.operator:
        case Operator.LT:
            yield HOLDS, ({"$lt": {"high": limit}},)
            yield FAILS, ({"$gte": {"low": limit}},)
            yield OPEN, ({"$lt": {"low": limit}}, {"$gte": {"high": limit}})
        case Operator.LE:
            yield HOLDS, ({"$lte": {"high": limit}},)
            yield FAILS, ({"$gt": {"low": limit}},)
            yield OPEN, ({"$lte": {"low": limit}}, {"$gt": {"high": limit}})
        case Operator.GT:
            yield HOLDS, ({"$gt": {"low": limit}},)
            yield FAILS, ({"$lte": {"high": limit}},)
            yield OPEN, ({"$lte": {"low": limit}}, {"$gt": {"high": limit}})
        case Operator.GE:
            yield HOLDS, ({"$gte": {"low": limit}},)
            yield FAILS, ({"$lt": {"high": limit}},)
            yield OPEN, ({"$lt": {"low": limit}}, {"$gte": {"high": limit}})
        case Operator.EQ:
            yield HOLDS, ({"low": limit}, {"high": limit})
            yield FAILS, ({"$gt": {"low": limit}},)
            yield FAILS, ({"$lt": {"high": limit}},)
            yield OPEN, ({"$lt": {"low": limit}}, {"$gte": {"high": limit}})
            yield OPEN, ({"low": limit}, {"$gt": {"high": limit}})


def _join_parts(parts: list[str], goal: str, path: str, several: bool, book: RuleBook) -> None:
    """All comparisons of one value hold, or one of them fails; index by index if several."""
    if not several:
        _all_of(parts, HOLDS, goal + HOLDS, path, "every comparison holds", book)
        _any_of(parts, FAILS, goal + FAILS, path, "a comparison fails", book)
        return
    first, *rest = parts
    when = [Match(first + HOLDS)]
    when += [Match(part + HOLDS, (_SAME_INDEX,)) for part in rest]
    book.add(Rule(tuple(when), goal + HOLDS, path, "every comparison holds", indexed=True))
    for part in parts:
        rule = Rule((Match(part + FAILS),), goal + FAILS, path, "a comparison fails", indexed=True)
        book.add(rule)


_FIRST_INDEX = {"i": 0}
_SAME_INDEX = {"i": {"c0": "i"}}
_NEXT_INDEX = {"i": {"$add": {"$l": {"c0": "i"}, "$r": 1}}}
_CERTAIN = {"$lt": {"i": {"c0": "certain"}}}
_PASSES = {HOLDS: "passes", FAILS: "does not pass"}


def _quantify(pick: Pick, key: str, path: str, book: RuleBook) -> None:
    """From "this value passes" to the leaf: one value settles one side, all of them the other.

    Where each value may be the one that is asked for, it takes all of them for either side.
    """
    if pick not in (Pick.ANY, Pick.EVERY):
        _each(HOLDS, key, path, book)
        _each(FAILS, key, path, book)
        return
    one, each = (HOLDS, FAILS) if pick is Pick.ANY else (FAILS, HOLDS)
    value = Match(_one_value_key(key, True) + one, (_CERTAIN,))
    book.add(Rule((Match(last_key(key)), value), key + one, path, f"a value {_PASSES[one]}"))
    _each(each, key, path, book)


def _each(side: str, key: str, path: str, book: RuleBook) -> None:
    """Every value is on `side`: the first, each that follows one, and so the last."""
    value, so_far = _one_value_key(key, True) + side, f"{key}s{side}"
    says = f"every value {_PASSES[side]}"
    first = Match(value, (_FIRST_INDEX,))
    book.add(Rule((first,), so_far, path, says, indexed=True, step=True))
    following = (Match(so_far), Match(value, (_NEXT_INDEX,)))
    book.add(Rule(following, so_far, path, says, indexed=True, step=True))
    through_the_last = (Match(last_key(key)), Match(so_far, (_SAME_INDEX,)))
    book.add(Rule(through_the_last, key + side, path, says))


def _compile_verdict(protocol: Protocol, book: RuleBook) -> None:
    """Ineligible once any criterion fails; eligible once all are satisfied, one after another."""
    previous: str | None = None
    for position, criterion in enumerate(protocol.criteria):
        inclusion = criterion.kind is CriterionKind.INCLUSION
        good, bad = (HOLDS, FAILS) if inclusion else (FAILS, HOLDS)
        key = book.conditions[criterion.when]
        book.add(Rule((Match(key + bad),), FAILED, "verdict", f"{criterion.id} fails"))
        reached = f"{SATISFIED}{position}"
        when = [Match(key + good)]
        if previous is not None:
            when.insert(0, Match(previous))
        says = f"satisfied up to {criterion.id}"
        book.add(Rule(tuple(when), reached, "verdict", says, step=True))
        previous = reached
    if previous is not None:
        all_satisfied = (Match(previous), Match(COMPLETE))
        book.add(Rule(all_satisfied, ELIGIBLE, "verdict", "every criterion is satisfied"))
