"""The test tables beside a protocol (`tests/*.yaml`): a base case, and rows that change it.

    protocol: NCT04334044
    base: {screened_at: 2020-04-20T09:00, patient: {sex: male}, observations: {dyspnea: present}}
    base_verdict: eligible
    tests:
      - name: what the row shows
        patient: {age: 17 a}            changes what the base says of the patient
        change: {dyspnea: absent}       changes or adds observations of the base
        drop: [fever]                   leaves observations of the base out
        expect: {adult: not_met, fever: unknown missing, verdict: ineligible}

Nothing is screened here: a row is the tree of a case, and what has to come out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from screen.documents.text_files import read_document, shown_path
from screen.documents.tree import (
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    items_of,
    pairs_of,
    text_of,
)
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth, ordered
from screen.problems import Kind

BASE = "base"
TABLE_KEYS = ("protocol", "base", "base_verdict", "tests")
BASE_KEYS = ("screened_at", "patient", "observations")
ROW_KEYS = ("name", "expect", "patient", "change", "drop")
_VERDICT = "verdict"
_TRUTHS = tuple(truth.value for truth in Truth)
_REASONS = tuple(reason.value for reason in Reason)
_VERDICTS = tuple(verdict.value for verdict in Verdict)


class Expected(Struct, frozen=True):
    """A truth with all its reasons."""

    truth: Truth
    reasons: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Expected":
        """`unknown stale missing`. Raises ValueError."""
        truth, *reasons = text.split()
        return cls(Truth(truth), ordered(Reason(reason) for reason in reasons))


class TestRow(Struct, frozen=True):
    """One row, or the base of a table without any change.

    `case` is the tree of its case, with the places of `file`. `expected` is by criterion;
    `verdict` is None where the row says nothing about it.
    """

    __test__ = False  # for pytest, which takes every class of this name for a test

    file: str
    line: int
    name: str
    protocol: str
    case: Pairs
    expected: Mapping[str, Expected]
    verdict: Verdict | None

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


def read_test_table(path: Path) -> tuple[TestRow, ...]:
    """The base of a table and then its rows. Raises ProblemsFound with all that is wrong."""
    problems = Problems(shown_path(path))
    tree, _ = read_document(path, problems)
    top = pairs_of(tree, "a test table", problems) or _NOTHING
    check_keys(top, "the table", TABLE_KEYS, (), problems)
    base = pairs_of(top.get("base"), BASE, problems) or _NOTHING
    check_keys(base, BASE, BASE_KEYS[:1], BASE_KEYS[1:], problems)
    protocol = text_of(top.get("protocol"), "protocol", problems) or ""
    verdict = _verdict(top.get("base_verdict"), "base_verdict", problems)
    case = _case(base, _NOTHING, _NOTHING, (), problems)
    found = [TestRow(problems.file, base.line, BASE, protocol, case, {}, verdict)]
    for item in items_of(top.get("tests"), "tests", problems) or ():
        row = pairs_of(item, "a test", problems)
        if row is not None:
            found.append(_row(row, base, protocol, problems))
            _once(row.get("name"), found, problems)
    problems.check()
    return tuple(found)


_NOTHING = Pairs((), 1, 1)


def _row(row: Pairs, base: Pairs, protocol: str, problems: Problems) -> TestRow:
    check_keys(row, "a test", ROW_KEYS[:2], ROW_KEYS[2:], problems)
    expect = pairs_of(row.get("expect"), "expect", problems) or _NOTHING
    case = _case(
        base,
        pairs_of(row.get("patient"), "patient", problems) or _NOTHING,
        pairs_of(row.get("change"), "change", problems) or _NOTHING,
        items_of(row.get("drop"), "drop", problems) or (),
        problems,
    )
    return TestRow(
        problems.file,
        row.line,
        text_of(row.get("name"), "name", problems) or "",
        protocol,
        case,
        dict(_expected(expect, problems)),
        _verdict(expect.get(_VERDICT), _VERDICT, problems),
    )


def _case(
    base: Pairs, patient: Pairs, change: Pairs, drop: tuple[Node, ...], problems: Problems
) -> Pairs:
    """The base with what a row says instead."""
    recorded = pairs_of(base.get("observations"), "observations", problems) or _NOTHING
    dropped = set(_dropped(drop, recorded, change, problems))
    observations = _merged(recorded, change)
    kept = tuple(pair for pair in observations.pairs if pair[0].value not in dropped)
    keys: dict[str, Node | None] = {
        "case": Text("test", base.line, base.column),
        "screened_at": base.get("screened_at"),
        "patient": _merged(pairs_of(base.get("patient"), "patient", problems), patient),
        "observations": Pairs(kept, observations.line, observations.column),
    }
    pairs = ((Text(key, base.line, base.column), node) for key, node in keys.items() if node)
    return Pairs(tuple(pairs), base.line, base.column)


def _merged(first: Pairs | None, second: Pairs) -> Pairs:
    """The pairs of both, those of the second going first where both have them."""
    before = first.pairs if first else ()
    pairs = {name.value: (name, node) for name, node in (*before, *second.pairs)}
    return Pairs(tuple(pairs.values()), second.line, second.column)


def _dropped(
    drop: tuple[Node, ...], recorded: Pairs, change: Pairs, problems: Problems
) -> Iterator[str]:
    names = tuple(name.value for name, _ in recorded.pairs)
    for node in drop:
        name = text_of(node, "drop", problems)
        if name is None:
            continue
        if name not in names:
            problems.add(Kind.UNKNOWN_VALUE, node, value=name, about="drop", allowed=names)
        if change.get(name) is not None:
            detail = f"{name} is dropped and changed"
            problems.add(Kind.AGAINST_ITSELF, node, about="a test", detail=detail)
        yield name


def _expected(expect: Pairs, problems: Problems) -> Iterator[tuple[str, Expected]]:
    for criterion, node in expect.pairs:
        text = None if criterion.value == _VERDICT else text_of(node, criterion.value, problems)
        if text is None:
            continue
        truth, *reasons = text.split()
        wrong = [(truth, _TRUTHS)] if truth not in _TRUTHS else []
        wrong += [(reason, _REASONS) for reason in reasons if reason not in _REASONS]
        for word, allowed in wrong:
            problems.add(
                Kind.UNKNOWN_VALUE, node, value=word, about=criterion.value, allowed=allowed
            )
        if not wrong:
            yield criterion.value, Expected.of(text)


def _verdict(node: Node | None, about: str, problems: Problems) -> Verdict | None:
    text = text_of(node, about, problems)
    if text is None:
        return None
    if text not in _VERDICTS:
        problems.add(Kind.UNKNOWN_VALUE, node, value=text, about=about, allowed=_VERDICTS)
        return None
    return Verdict(text)


def _once(name: Node | None, found: list[TestRow], problems: Problems) -> None:
    """Note that the last row has the name of one before it."""
    *before, last = found
    if last.name and last.name in {row.name for row in before}:
        detail = f'two tests are called "{last.name}"'
        problems.add(Kind.AGAINST_ITSELF, name, about="the table", detail=detail)
