"""The one form of each kind of entry: its keys and their types, so that nothing else stands there.

An entry is sealed by whoever writes it; what is shown of it has been held to its form.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from screen.audit.canonical import Json

# `$` would let a line break pass at the end.
Digest = Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
Stamp = Annotated[str, Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=4096)]
Number = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
Ratio = Annotated[str, Meta(pattern=r"\A-?\d+(/\d+)?\Z")]
Words = list[str]
_DEEPEST = 100


class _Form(Struct, forbid_unknown_fields=True):
    pass


class Torn(_Form):
    """An unfinished write before the entry."""

    bytes: Count
    digest: Digest


class Named(_Form):
    """An entry that another one is about."""

    number: Number
    hash: Digest


class File(_Form):
    """A file; without its name where that is not to be told."""

    digest: Digest
    path: str | UnsetType = UNSET


class Ends(_Form):
    """An interval of amounts."""

    above: Ratio | UnsetType = UNSET
    below: Ratio | UnsetType = UNSET
    to: Ratio | UnsetType = UNSET
    low: Ratio | UnsetType = msgspec.field(default=UNSET, name="from")


class Value(_Form, kw_only=True):
    """What a test is applied to."""

    amount: Ratio | Ends | UnsetType = UNSET
    state: str | UnsetType = UNSET
    upper: Ratio | UnsetType = UNSET
    lower: Ratio | UnsetType = UNSET


class Evidence(Value, kw_only=True):
    """One piece of evidence."""

    concept: Name
    text: str
    at: str | UnsetType = UNSET
    start: int | UnsetType = UNSET
    end: int | UnsetType = UNSET
    inputs: "list[Evidence] | UnsetType" = UNSET
    formula: str | UnsetType = UNSET
    gap: int | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    flaw: str | UnsetType = UNSET
    perhaps: bool | UnsetType = UNSET
    bound: bool | UnsetType = UNSET
    on: str | UnsetType = UNSET
    assay: str | UnsetType = UNSET
    specimen: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    sample: str | UnsetType = UNSET
    by_formula: str | UnsetType = UNSET
    where: str | UnsetType = UNSET


class Fact(_Form):
    """What a case said about one selection."""

    values: list[Value] | UnsetType = UNSET
    quantifier: str | UnsetType = UNSET
    reasons: Words | UnsetType = UNSET
    evidence: list[Evidence] | UnsetType = UNSET
    unrecorded: bool | UnsetType = UNSET
    site_policy: bool | UnsetType = UNSET
    perhaps: int | UnsetType = UNSET
    hidden: Words | UnsetType = UNSET
    superseded: bool | UnsetType = UNSET


class Quality(_Form):
    """A remark about a record."""

    concept: Name
    quality: Name
    dropped: bool
    text: str
    where: str | UnsetType = UNSET


class Screening(_Form):
    """One protocol's verdict with its truths."""

    protocol: Name
    version: str
    digest: str
    conditions: Digest
    verdict: Literal["eligible", "pending", "undecided", "ineligible"]
    truths: dict[str, Literal["met", "not_met"] | Words]
    assumed: Words


class _Entry(_Form, kw_only=True):
    ledger: Literal[1, 2] = msgspec.field(name="_ledger")
    kind: str
    number: Number
    previous: Digest | None
    recorded_at: Stamp
    by: Name
    program: Annotated[str, Meta(pattern=r"\Atrialscreen \d[0-9A-Za-z.+-]*\Z")]
    shelf: dict[Digest, Number]
    account: Name | UnsetType = UNSET
    torn: Torn | UnsetType = UNSET


class _Case(_Entry, kw_only=True):
    case: str
    screened_at: Annotated[
        str, Meta(pattern=r"\A\d{4}-\d\d-\d\d[-+:.0-9TZ ]{0,40}\Z|\A\(redacted\)\Z")
    ]
    screened_us: tuple[int, int]
    rules: dict[str, Digest]
    screenings: list[Screening]
    decision: Digest
    input: File
    site: dict[Literal["policy", "mapping"], File]
    conditions: dict[Digest, dict[str, Any]]
    screened_at_given: str | UnsetType = UNSET
    result: Digest | UnsetType = UNSET


class Case(_Case, kw_only=True):
    """A case with the values that prove it."""

    facts: dict[str, Fact]
    unrecorded: dict[str, Words]
    quality: list[Quality]


class Redacted(_Case, kw_only=True):
    """A case without values."""

    redacted: bool


class Batch(_Entry, kw_only=True):
    """A batch."""

    class Input(_Form):
        """Where its input lies."""

        path: str
        patients: str | UnsetType = UNSET
        more: Words | UnsetType = UNSET

    engine: Name
    decided_by: Name
    rules: dict[str, Digest]
    protocols: Words
    inputs: list[File]
    site: dict[str, File]
    outputs: list[File]
    counts: dict[str, dict[str, Count]]
    cases: dict[str, Count]
    folder: str | UnsetType = UNSET
    input: Input | UnsetType = UNSET
    strict: bool | UnsetType = UNSET
    screened_at_given: str | UnsetType = UNSET
    redacted: bool | UnsetType = UNSET


class Note(_Entry, kw_only=True):
    """A person's finding."""

    about: Named
    protocol: Name
    criterion: Name
    program_said: Literal["met", "not_met"] | Words
    finding: Literal["met", "not_met"]
    reason: Name


class Signature(_Entry, kw_only=True):
    """A person's signature."""

    signs: Named
    name: Name
    meaning: Literal["reviewed", "approved"]
    signed_at: Stamp
    key: Annotated[str, Meta(max_length=100)]
    signature: Annotated[str, Meta(max_length=200)]


class Continues(_Entry, kw_only=True):
    """The head of an older ledger that this one goes on from."""

    continues: Named
    ledger_name: Name


_FORMS: dict[str, type[_Entry]] = {
    "batch": Batch,
    "note": Note,
    "signature": Signature,
    "continues": Continues,
}


def misfit(body: Json) -> str:
    """Why a sealed entry is not of the form of its kind, in words; "" if it is."""
    kind = body.get("kind")
    form = (Redacted if "redacted" in body else Case) if kind == "case" else _FORMS.get(str(kind))
    if form is None:
        return "this program knows no such kind of entry"
    try:
        found = msgspec.convert(body, type=form)
    except (msgspec.ValidationError, RecursionError) as error:
        return f"it is not what an entry of its kind holds: {str(error)[:200] or 'it is too deep'}"
    if body.get("redacted") is False:
        return "it is not what an entry of its kind holds: redacted is false"
    if (found.ledger > 1) != (found.account is not UNSET):
        return "it is not what an entry of its kind holds: the account does not fit its format"
    names = [found.by, found.account if isinstance(found.account, str) else ""]
    names += [found.name] if isinstance(found, Signature) else []
    if not all(name.isprintable() and (not name or name.strip()) for name in names):
        return "it names nobody: a name is not blank, and printable"
    return _too_deep(body)


def _too_deep(body: Json) -> str:
    """Only conditions have parts within parts without a form of their own."""
    parts: list[Any] = list(body.get("conditions", {}).values()) if "conditions" in body else []
    for _ in range(_DEEPEST):
        if not parts:
            return ""
        parts = [
            part
            for one in parts
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
    return f"its conditions are more than {_DEEPEST} levels deep"
