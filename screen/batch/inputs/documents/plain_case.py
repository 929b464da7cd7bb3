"""Plain cases in documents: every key known, one text where one text belongs.

All else is *odd*, and is read with positions, where every mistake has its place and its words.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import Decoder, Encoder

from screen.batch.inputs.documents.document_files import Document, Source, documents_of
from screen.documents.tree import Items, Node, Pairs, Text

# Where a key is not there; null in a file is something else, and no text.
_ABSENT: Any = None


class Record(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One record of a concept."""

    value: str
    at: str = _ABSENT
    on: str = _ABSENT
    assay: str = _ABSENT
    specimen: str = _ABSENT
    upper_limit: str = _ABSENT
    lower_limit: str = _ABSENT
    status: str = _ABSENT
    source: str = _ABSENT
    sample: str = _ABSENT
    formula: str = _ABSENT


class PlainPatient(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What is said of the person."""

    sex: str = _ABSENT
    birth_date: str = _ABSENT
    age: str | Record = _ABSENT


class PlainCase(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A case in which everything has the shape that `docs/formats.md` gives it."""

    case: str
    screened_at: str = _ABSENT
    patient: PlainPatient = _ABSENT
    observations: dict[str, str | Record | list[str | Record]] = _ABSENT


class _Odd(Exception):
    """A document that is not plain."""


_decode = Decoder(PlainCase).decode
_encode = Encoder().encode
_PARTS = frozenset(PlainCase.__struct_fields__)
RECORD_FIELDS = tuple(Record.__struct_fields__)


def cases_in(source: Source) -> "Iterator[tuple[str, PlainCase | None]]":
    """The id of each case in a file or line, and the case if it is plain."""
    if source.row is not None and (case := _quick(source.data)) is not None:
        yield case.case.strip(), case
        return
    for document in documents_of(source):
        try:
            yield document.case, _plain(document)
        except _Odd:
            yield document.case, None


def _quick(line: bytes) -> PlainCase | None:
    """A plain case in one line of JSON; None where the slow reader has to look."""
    try:
        case = _decode(line)
    except (DecodeError, ValidationError, UnicodeDecodeError):
        return None
    # Of a key that is there twice the decoder shows one. Texts hold as many `":` on both sides,
    # and keys one each, but for what is spelled unusually.
    once = line.count(b'":') == _encode(case).count(b'":')
    return case if once and not _is_unusual(line) else None


def _is_unusual(line: bytes) -> bool:
    """Whether a blank stands before a colon, perhaps, or a number spells a quote or a colon.

    Most lines hold no backslash, tab or carriage return at all, which is seen soonest.
    """
    if b"\t" in line or b"\r" in line.rstrip(b"\r\n") or b" :" in line:
        return True
    return b"\\" in line and b"\\u00" in line


def _plain(document: Document) -> PlainCase:
    """The same from a tree that was read with positions. Raises _Odd."""
    if document.tree is None or document.problems.found:
        raise _Odd
    top = _known(document.tree, _PARTS)
    if "case" not in top:
        raise _Odd
    case = PlainCase(_text(top["case"]))
    if "screened_at" in top:
        case.screened_at = _text(top["screened_at"])
    if "patient" in top:
        body = _known(top["patient"], frozenset(PlainPatient.__struct_fields__))
        case.patient = PlainPatient(
            **{key: _text(node) for key, node in body.items() if key != "age"}
        )
        if "age" in body:
            case.patient.age = _record(body["age"])
    if "observations" in top:
        body = _known(top["observations"], None)
        case.observations = {
            name: [_record(item) for item in node.items]
            if isinstance(node, Items)
            else _record(node)
            for name, node in body.items()
        }
    return case


def _record(node: Node) -> str | Record:
    if isinstance(node, Text):
        return _text(node)
    body = _known(node, frozenset(RECORD_FIELDS))
    if "value" not in body:
        raise _Odd
    return Record(**{key: _text(value) for key, value in body.items()})


def _known(node: Node, keys: frozenset[str] | None) -> dict[str, Node]:
    """What a mapping holds, if all its keys are among `keys` (None: any)."""
    if not isinstance(node, Pairs):
        raise _Odd
    body = {name.value: value for name, value in node.pairs}
    if keys is not None and not body.keys() <= keys:
        raise _Odd
    return body


def _text(node: Node) -> str:
    if not isinstance(node, Text) or node.empty or "\0" in node.value:
        raise _Odd
    try:
        node.value.encode()
    except UnicodeEncodeError:  # half a character, which JSON can spell
        raise _Odd from None
    return node.value
