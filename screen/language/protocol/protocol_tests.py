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
from typing import Annotated, ClassVar

from msgspec import Struct
from pydantic import Field

from screen.documents.form_reader import fitted
from screen.documents.text_files import read_document, shown_path
from screen.documents.tree import Items, Node, Pairs, Problems, Text, pairs_of
from screen.documents.written import Form, OneOf, Texts, Tree, Value, Written
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth, ordered
from screen.problems import Kind

BASE = "base"
_VERDICT = "verdict"
_TRUTHS = tuple(truth.value for truth in Truth)
_REASONS = tuple(reason.value for reason in Reason)
_VERDICTS = tuple(verdict.value for verdict in Verdict)
_NOTHING = Pairs((), 1, 1)


class BaseForm(Form):
    """The case that every row changes, without its name."""

    called: ClassVar[str] = BASE

    screened_at: Value
    patient: Tree = Field(default_factory=lambda: _NOTHING)
    observations: Tree = Field(default_factory=lambda: _NOTHING)


class TestForm(Form):
    """A row: what it changes, and what has to come out, by criterion and as `verdict`."""

    __test__: ClassVar[bool] = False  # for pytest, which takes every class of this name for a test
    called: ClassVar[str] = "a test"

    name: Value
    expect: Texts
    patient: Tree = Field(default_factory=lambda: _NOTHING)
    change: Tree = Field(default_factory=lambda: _NOTHING)
    drop: tuple[Value, ...] = ()


class TableForm(Form):
    """A test table of a protocol: a base case, and rows that change it."""

    called: ClassVar[str] = "the table"

    protocol: Value
    base: BaseForm
    base_verdict: Annotated[Written, OneOf(*_VERDICTS)]
    tests: tuple[TestForm, ...]


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
    top = pairs_of(tree, "a test table", problems)
    form = fitted(TableForm, top, problems) if top else None
    problems.check()
    assert top is not None
    assert form is not None
    base, items = top.get(BASE), top.get("tests")
    assert base is not None
    assert isinstance(items, Items)
    file, protocol = problems.file, str(form.protocol)
    case = _case(form.base, base, _NOTHING, _NOTHING, ())
    verdict = Verdict(form.base_verdict)
    found = [TestRow(file, base.line, BASE, protocol, case, {}, verdict)]
    for row, item in zip(form.tests, items.items, strict=True):
        expected = {str(name): text for name, text in row.expect.items() if name != _VERDICT}
        found.append(
            TestRow(
                file,
                item.line,
                str(row.name),
                protocol,
                _case(form.base, base, row.patient, row.change, _dropped(row, form.base, problems)),
                dict(_expected(expected, problems)),
                _verdict(row.expect.get(Written(_VERDICT)), problems),
            )
        )
        _once(row.name, found, problems)
    problems.check()
    return tuple(found)


def _case(
    form: BaseForm, base: Node, patient: Pairs, change: Pairs, dropped: tuple[str, ...]
) -> Pairs:
    """The base with what a row says instead."""
    observations = _merged(form.observations, change)
    kept = tuple(pair for pair in observations.pairs if pair[0].value not in dropped)
    keys: dict[str, Node] = {
        "case": Text("test", base.line, base.column),
        "screened_at": form.screened_at.node,
        "patient": _merged(form.patient, patient),
        "observations": Pairs(kept, observations.line, observations.column),
    }
    pairs = ((Text(key, base.line, base.column), node) for key, node in keys.items())
    return Pairs(tuple(pairs), base.line, base.column)


def _merged(first: Pairs, second: Pairs) -> Pairs:
    """The pairs of both, those of the second going first where both have them."""
    pairs = {name.value: (name, node) for name, node in (*first.pairs, *second.pairs)}
    return Pairs(tuple(pairs.values()), second.line, second.column)


def _dropped(row: TestForm, base: BaseForm, problems: Problems) -> tuple[str, ...]:
    names = tuple(name.value for name, _ in base.observations.pairs)
    for name in row.drop:
        if name not in names:
            problems.add(Kind.UNKNOWN_VALUE, name.node, value=name, about="drop", allowed=names)
        if row.change.get(name) is not None:
            detail = f"{name} is dropped and changed"
            problems.add(Kind.AGAINST_ITSELF, name.node, about="a test", detail=detail)
    return tuple(str(name) for name in row.drop)


def _expected(expect: Mapping[str, Written], problems: Problems) -> Iterator[tuple[str, Expected]]:
    for criterion, text in expect.items():
        truth, *reasons = text.split()
        wrong = [(truth, _TRUTHS)] if truth not in _TRUTHS else []
        wrong += [(reason, _REASONS) for reason in reasons if reason not in _REASONS]
        for word, allowed in wrong:
            problems.add(
                Kind.UNKNOWN_VALUE, text.node, value=word, about=criterion, allowed=allowed
            )
        if not wrong:
            yield criterion, Expected.of(text)


def _verdict(text: Written | None, problems: Problems) -> Verdict | None:
    if text is None:
        return None
    if text not in _VERDICTS:
        problems.add(Kind.UNKNOWN_VALUE, text.node, value=text, about=_VERDICT, allowed=_VERDICTS)
        return None
    return Verdict(text)


def _once(name: Written, found: list[TestRow], problems: Problems) -> None:
    """Note that the last row has the name of one before it."""
    *before, last = found
    if last.name in {row.name for row in before}:
        detail = f'two tests are called "{last.name}"'
        problems.add(Kind.AGAINST_ITSELF, name.node, about="the table", detail=detail)
