"""A condition in words, as a protocol asks it, whatever a case says about it."""

from screen.explain.words.plain_text import counted
from screen.explain.words.record_words import context_phrase
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Comparisons,
    Condition,
    Leaf,
    Not,
    OneOf,
    Pick,
    Test,
)


def kind_of(condition: Condition) -> str:
    """`leaf`, `all`, `any`, `not` or `at_least 2 of 3`."""
    match condition:
        case Leaf():
            return "leaf"
        case All():
            return "all"
        case Any():
            return "any"
        case Not():
            return "not"
        case AtLeast(count, children):
            return f"at_least {count} of {len(children)}"


def leaf_words(leaf: Leaf) -> str:
    """`oxygen_saturation <= 93 %, on room air`: by the names that a case file uses."""
    selection = leaf.selection
    told = f"{selection.concept} {_test_words(leaf.test)}"
    for name, value in selection.contexts:
        told += f",{context_phrase(name, value)}"
    if selection.within is not None:
        told += f", in the last {selection.within_text}"
    if selection.pick is not Pick.LATEST:
        told += f", {selection.pick.value} value"
    return f"{told}, no record counts as absent" if leaf.unrecorded_absent else told


def _test_words(test: Test) -> str:
    match test:
        case OneOf():
            return f"is {test.text}"
        case Comparisons():
            return test.text


def kind_words(condition: Condition) -> str:
    """`all of these`, `any of these`, `not`, `at least 2 of these 3`."""
    match condition:
        case Leaf():
            return leaf_words(condition)
        case All():
            return "all of these"
        case Any():
            return "any of these"
        case Not():
            return "not"
        case AtLeast(count, children):
            return f"at least {count} of these {counted(len(children), 'condition')}"
