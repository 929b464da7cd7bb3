"""What is printed of a row that fails: its case, its conditions, and both answers.

A bare assertion shows two members of an enum and leaves the reader to look the row up. Here the
row is shown as a table has it, with every difference at once.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple

import pytest

from screen.documents.tree import Items, Node, Pairs, Text
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth
from tests.spec.engines import Answer
from tests.spec.rows import THE_CRITERION, Row

_PLAIN = re.compile(r"\w[\w ./+*^%()-]*")
_CASE = ("screened_at", "patient", "observations", "site", "complete")
_THE_ROW = "the row says"


class Difference(NamedTuple):
    """One thing of which the row says something else than what came out."""

    about: str
    expected: str
    found: str


def hold(row: Row, engine: str, answer: Answer) -> None:
    """Fail unless the engine says all that the row says.

    What an engine has no answer for (None) is not asked of it.
    """
    fail_if_any(differences(row, answer), engine, shown(row))


def fail_if_any(found: Iterable[Difference], engine: str, asked: str) -> None:
    """Fail if there is a difference, under what was asked."""
    if told := list(found):
        pytest.fail("\n".join([asked, *_both_answers(told, engine)]), pytrace=False)


def differences(row: Row, answer: Answer) -> Iterator[Difference]:
    for criterion, expected in row.expected.items():
        said = truth_words(expected.truth, () if answer.reasons is None else expected.reasons)
        reasons = () if answer.reasons is None else answer.reasons[criterion]
        yield from unequal(criterion, said, truth_words(answer.truths[criterion], reasons))
    yield from _verdicts(row.verdict, answer)
    if row.leaves is not None and answer.leaves is not None:
        yield from unequal("leaves", row.leaves, answer.leaves[THE_CRITERION])
    if row.uses is not None and answer.used is not None:
        yield from unequal("uses", row.uses, answer.used[THE_CRITERION])
    yield from _flags("assumed", row, answer.assumed)
    yield from _flags("by_policy", row, answer.by_policy)


def unequal(about: str, expected: object, found: object) -> Iterator[Difference]:
    """The difference of two values, if there is one."""
    if expected != found:
        yield Difference(about, _words(expected), _words(found))


def truth_words(truth: Truth, reasons: Iterable[Reason]) -> str:
    """A truth with its reasons, as a protocol's own tests write it: `unknown stale missing`."""
    return " ".join([truth.value, *(reason.value for reason in reasons)])


def shown(row: Row) -> str:
    """The place of a row, its case, and what it asks."""
    case = [f"    {key}: {flow(row.keys[key])}" for key in _CASE if key in row.keys]
    asked = [
        f"    {kind.value} {criterion}: {flow(node)}" for kind, criterion, node in row.conditions()
    ]
    return "\n".join([f"tests/spec/{row.place}: {row.says}", "  case", *case, "  asked", *asked])


def flow(node: Node) -> str:
    """A part of a document as YAML on one line."""
    match node:
        case Text(value):
            return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case Items(items):
            return f"[{', '.join(flow(item) for item in items)}]"
        case Pairs(pairs):
            return f"{{{', '.join(f'{name.value}: {flow(value)}' for name, value in pairs)}}}"


def _verdicts(expected: Verdict | None, answer: Answer) -> Iterator[Difference]:
    """The verdict, and what is proved of it."""
    if expected is None:
        return
    if answer.verdict is not None:
        yield from unequal("verdict", expected, answer.verdict)
    if answer.ineligible is not None:
        yield from unequal("proved ineligible", expected is Verdict.INELIGIBLE, answer.ineligible)
    if answer.eligible is not None:
        yield from unequal("proved eligible", expected is Verdict.ELIGIBLE, answer.eligible)


def _flags(name: str, row: Row, answers: Mapping[str, bool] | None) -> Iterator[Difference]:
    if answers is not None:
        yield from unequal(name, row.flag(name), any(answers.values()))


def _words(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case tuple() | list():
            return f"[{', '.join(_words(one) for one in value)}]"
        case _:
            return str(value)


def _both_answers(found: Iterable[Difference], engine: str) -> Iterator[str]:
    width = len(max(_THE_ROW, f"{engine} says", key=len))
    for about, expected, there in found:
        yield f"  {about}"
        yield f"    {_THE_ROW:{width}}  {expected}"
        yield f"    {f'{engine} says':{width}}  {there}"
