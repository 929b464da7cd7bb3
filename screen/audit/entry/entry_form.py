"""The one form of each kind of entry: its keys, their types, and what its texts look like.

Anybody can seal an entry, so its hash says nothing about what it holds. Whatever is shown,
proved or replayed has been held to its form. Formats 1 and 2 have one form: what came later is
optional in it, but for the account.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from screen.audit.entry.canonical_json import Json, canonical_bytes
from screen.audit.entry.criteria_json import conditions_from
from screen.audit.entry.fact_form import Fact, Form, Texts
from screen.digests import digest_of
from screen.intake.times import is_time
from screen.model.fact import Quality
from screen.model.screening import Verdict
from screen.model.truth import Reason

LEFT_OUT = "(redacted)"
"""What may stand for the identifier and the time of a case that are kept out."""

DEEPEST = 200
"""Levels of JSON in an entry; no rule file is nested so deep."""

Digest = Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
Stamp = Annotated[str, Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")]
Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Name = Annotated[str, Meta(min_length=1, max_length=1000)]
Program = Annotated[str, Meta(pattern=r"\Atrialscreen \d[0-9A-Za-z.+-]{0,40}\Z")]
Number = Annotated[int, Meta(ge=1, le=1 << 53)]
Count = Annotated[int, Meta(ge=0, le=1 << 53)]
Truth = Literal["met", "not_met"] | Annotated[list[Reason], Meta(min_length=1)]


class Torn(Form):
    """An unfinished write before the entry."""

    bytes: Count
    digest: Digest


class Named(Form):
    """An entry that another one is about."""

    number: Number
    hash: Digest


class File(Form, kw_only=True):
    """A file; without its name where that is not to be told."""

    digest: Digest
    path: Text | UnsetType = UNSET


class QualityNote(Form, kw_only=True):
    """A remark about a record."""

    concept: Name
    quality: Quality
    dropped: bool
    text: str
    where: Text | UnsetType = UNSET


class Screening(Form):
    """One protocol's verdict with its truths."""

    protocol: Name
    version: str
    digest: str
    conditions: Digest
    verdict: Verdict
    truths: dict[Name, Truth]
    assumed: Texts


class Input(Form, kw_only=True):
    """Where the input of a batch lies."""

    path: Text
    patients: Text | UnsetType = UNSET
    more: Annotated[list[Text], Meta(min_length=1)] | UnsetType = UNSET


class Entry(Form, kw_only=True):
    """What every entry holds; `account` is who ran the program, `by` the name that was given."""

    ledger: Literal[1, 2] = msgspec.field(name="_ledger")
    kind: str
    number: Number
    previous: Digest | None
    recorded_at: Stamp
    by: Name
    program: Program
    shelf: dict[Digest, Number]
    account: Name | UnsetType = UNSET
    torn: Torn | UnsetType = UNSET

    def __post_init__(self) -> None:
        _check_stamp(self.recorded_at)
        _check_name(self.by)
        if (self.ledger > 1) != isinstance(self.account, str):
            raise ValueError("the account does not fit the format of the entry")
        if isinstance(self.account, str):
            _check_name(self.account)


class _Case(Entry, kw_only=True):
    case: Text
    screened_at: Text
    screened_us: Annotated[list[int], Meta(min_length=2, max_length=2)]
    rules: dict[Text, Digest]
    screenings: Annotated[list[Screening], Meta(min_length=1)]
    decision: Digest
    input: File
    site: dict[Literal["policy", "mapping"], File]
    conditions: dict[Digest, dict[str, Any]]
    screened_at_given: Text | UnsetType = UNSET
    result: Digest | UnsetType = UNSET


class Case(_Case, kw_only=True):
    """A case with the values that prove it."""

    facts: dict[Text, Fact]
    unrecorded: dict[Reason, Annotated[list[Text], Meta(min_length=1)]]
    quality: list[QualityNote]

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_time(self.screened_at)


class Redacted(_Case, kw_only=True):
    """A case without values: not one fact, text or remark of it."""

    redacted: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.screened_at != LEFT_OUT:
            _check_time(self.screened_at)
        if not self.redacted:
            raise ValueError("redacted is false")


class Batch(Entry, kw_only=True):
    """A batch."""

    engine: Literal["columns", "rules", "spark"]
    decided_by: Program
    rules: dict[Text, Digest]
    protocols: list[Text]
    inputs: list[File]
    site: dict[Literal["policy", "mapping"], File]
    outputs: list[File]
    counts: dict[Text, dict[Verdict, Count]]
    cases: dict[Name, Count]
    folder: Text | UnsetType = UNSET
    input: Input | UnsetType = UNSET
    strict: bool = False
    screened_at_given: Text | UnsetType = UNSET
    redacted: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.folder is UNSET) != (self.input is UNSET):
            raise ValueError("folder and input stand together")
        if "screened" not in self.cases:
            raise ValueError("cases does not say how many were screened")


class Note(Entry, kw_only=True):
    """A person's finding."""

    about: Named
    protocol: Name
    criterion: Name
    program_said: Truth
    finding: Literal["met", "not_met"]
    reason: Annotated[str, Meta(min_length=1, max_length=4096)]

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_said(self.reason)


class Signature(Entry, kw_only=True):
    """A person's signature."""

    signs: Named
    name: Name
    meaning: Literal["reviewed", "approved"]
    signed_at: Stamp
    key: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{43}=\Z")]
    signature: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{86}==\Z")]

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_stamp(self.signed_at)
        _check_name(self.name)


class Continues(Entry, kw_only=True):
    """The head of an older ledger that this one goes on from."""

    continues: Named
    ledger_name: Text

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.number != 1:
            raise ValueError("only a first entry goes on from another ledger")


_FORMS: dict[str, type[Entry]] = {
    "batch": Batch,
    "note": Note,
    "signature": Signature,
    "continues": Continues,
}


def misfit(body: Json) -> str:
    """Why a sealed entry has not the form of its kind, in words; "" if it has."""
    kind = body.get("kind")
    form = (Redacted if "redacted" in body else Case) if kind == "case" else _FORMS.get(str(kind))
    if form is None:
        return "this program knows no such kind of entry"
    if _is_too_deep(body):
        return f"it is nested more than {DEEPEST} levels deep"
    try:
        found = msgspec.convert(body, type=form)
        if msgspec.to_builtins(found) != body:
            return "something stands there that is left out where it says nothing"
    except (msgspec.ValidationError, RecursionError) as error:
        return _worded(error)
    return _of_conditions(body) if kind == "case" else ""


def _worded(error: Exception) -> str:
    """The library's own words, without a pattern that nobody can read."""
    words, _, place = str(error)[:300].replace("`", "").partition(" - at ")
    if "matching regex" in words:
        words = "a text is not of its form"
    return f"{words}, at {place}" if place else words


def _of_conditions(body: Json) -> str:
    """What is wrong with what was asked: it has to be as this program writes it."""
    for digest, recorded in body["conditions"].items():
        if digest_of(canonical_bytes(recorded)) != digest:
            return "the conditions that it holds are not those of their digest"
        try:
            if conditions_from(recorded).json != recorded:
                raise ValueError(digest)
        except (KeyError, ValueError, TypeError, AttributeError, ZeroDivisionError):
            return "the conditions that it holds are none"
    return ""


def _is_too_deep(body: Json) -> bool:
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def _check_stamp(text: str) -> None:
    datetime.fromisoformat(text)


def _check_time(text: str) -> None:
    if not is_time(text):
        raise ValueError(f"{text[:40]} is no time")


def _check_name(text: str) -> None:
    if not text.isprintable() or not text.strip():
        raise ValueError("a name is printable, and not blank")


def _check_said(text: str) -> None:
    if not text.strip() or not all(c.isprintable() or c in "\n\t" for c in text):
        raise ValueError("a reason is printable, and not blank")
