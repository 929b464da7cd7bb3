"""Documents as the two tables that the column plan reads: patients and observations.

Only what is plain is taken: known keys, known concepts, one text where one text belongs. All
else is *odd*, and is read case by case, where every mistake has its place and its words.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET, DecodeError, Struct, UnsetType, ValidationError
from msgspec.json import Decoder

from screen.batch.canonical import Columns
from screen.batch.document import Document, DocumentPart, Source, documents_of
from screen.batch.part import LongPart
from screen.intake.document import LONGEST_ID
from screen.intake.observation import RECORD_KEYS
from screen.language.tree import Items, Node, Pairs, Text
from screen.model.concept import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_OBSERVED = ("concept", "value", *RECORD_KEYS)
_OF_PATIENT = ("case", "screened_at", "sex", "birth_date")


class Record(Struct, forbid_unknown_fields=True):
    """One record of a concept."""

    value: str
    at: str | UnsetType = UNSET
    on: str | UnsetType = UNSET
    assay: str | UnsetType = UNSET
    specimen: str | UnsetType = UNSET
    upper_limit: str | UnsetType = UNSET
    lower_limit: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    sample: str | UnsetType = UNSET


class PlainPatient(Struct, forbid_unknown_fields=True):
    """What is said of the person."""

    sex: str | UnsetType = UNSET
    birth_date: str | UnsetType = UNSET
    age: str | Record | UnsetType = UNSET


class PlainCase(Struct, forbid_unknown_fields=True):
    """A case in which everything has the shape that the contract gives it."""

    case: str
    screened_at: str | UnsetType = UNSET
    patient: PlainPatient | UnsetType = UNSET
    observations: dict[str, str | Record | list[str | Record]] | UnsetType = UNSET


class _Odd(Exception):
    """A document that is not plain."""


class Flat(NamedTuple):
    """The documents as tables, and the positions of those that the tables do not hold."""

    part: LongPart
    odd: list[int]


_decode = Decoder(PlainCase).decode
_PARTS = frozenset(PlainCase.__struct_fields__)
_KEYS = tuple(Record.__struct_fields__)


def flattened(part: DocumentPart, vocabulary: Vocabulary) -> Flat:
    """The tables of a part, its documents at the positions at which it holds them."""
    rows = _Rows(vocabulary)
    for source in part.sources:
        for case_id, case in _cases(source):
            rows.add(case_id, case)
    observations = rows.observations()
    empty = Columns((), {})
    return Flat(LongPart("", rows.patients(), observations, empty, "", empty), rows.odd)


def _cases(source: Source) -> "Iterator[tuple[str, PlainCase | None]]":
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
    # Of a key that is there twice the decoder shows one; and `"key" :` may be written so.
    written = line.count(b'":')
    return (
        case if written == _count_keys(case) and b" :" not in line and b"\t:" not in line else None
    )


def _count_keys(case: PlainCase) -> int:
    count = 1 + (case.screened_at is not UNSET)
    if case.patient is not UNSET:
        patient = case.patient
        count += 1 + (patient.sex is not UNSET) + (patient.birth_date is not UNSET)
        if patient.age is not UNSET:
            count += 1 + _keys_of(patient.age)
    if case.observations is not UNSET:
        count += 1 + len(case.observations)
        for records in case.observations.values():
            if isinstance(records, list):
                count += sum(map(_keys_of, records))
            else:
                count += _keys_of(records)
    return count


def _keys_of(record: str | Record) -> int:
    if isinstance(record, str):
        return 0
    return sum(getattr(record, key) is not UNSET for key in _KEYS)


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
    body = _known(node, frozenset(_KEYS))
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
    if not isinstance(node, Text) or node.empty:
        raise _Odd
    return node.value


class _Rows:
    """The rows of both tables, as lists of texts."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._concepts = frozenset(vocabulary.concepts)
        self._patients: dict[str, list[str | None]] = {name: [] for name in _OF_PATIENT}
        self._observed: dict[str, list[str | None]] = {name: [] for name in _OBSERVED}
        self._positions: list[int] = []
        self.odd: list[int] = []

    def add(self, case_id: str, case: PlainCase | None) -> None:
        """Add a document; one that is not plain has a place, and nothing in it."""
        position = len(self._patients["case"])
        try:
            if case is None:
                raise _Odd
            patient, records = self._of(case)
        except _Odd:
            self.odd.append(position)
            patient, records = (case_id, None, None, None), []
        for name, text in zip(_OF_PATIENT, patient, strict=True):
            self._patients[name].append(text)
        self._positions.extend([position] * len(records))
        for name, texts in (
            zip(_OBSERVED, zip(*records, strict=True), strict=True) if records else ()
        ):
            self._observed[name].extend(texts)

    def patients(self) -> "pa.Table":
        import pyarrow as pa

        columns = {name: pa.array(texts, pa.string()) for name, texts in self._patients.items()}
        positions = pa.array(range(len(self._patients["case"])), pa.int64())
        return pa.table({"position": positions, **columns})

    def observations(self) -> "pa.Table":
        import pyarrow as pa

        columns = {name: pa.array(texts, pa.string()) for name, texts in self._observed.items()}
        return pa.table({"position": pa.array(self._positions, pa.int64()), **columns})

    def _of(self, case: PlainCase) -> tuple[Sequence[str | None], list[tuple[str | None, ...]]]:
        case_id = _bare(case.case)
        if case_id is None or len(case_id) > LONGEST_ID or not case_id.isprintable():
            raise _Odd
        sex = birth_date = None
        records = []
        if case.patient is not UNSET:
            sex, birth_date = _bare(case.patient.sex), _bare(case.patient.birth_date)
            if case.patient.age is not UNSET:
                records.append(_row("age", case.patient.age))
        for concept, found in case.observations.items() if case.observations is not UNSET else ():
            if concept not in self._concepts or found == []:
                raise _Odd
            if isinstance(found, list):
                records.extend(_row(concept, record) for record in found)
            else:
                records.append(_row(concept, found))
        return (case_id, _bare(case.screened_at), sex, birth_date), records


def _row(concept: str, record: str | Record) -> tuple[str | None, ...]:
    if isinstance(record, str):
        return (concept, _bare(record), *_NO_KEYS)
    return (concept, *[_bare(getattr(record, key)) for key in _KEYS])


_NO_KEYS = (None,) * len(RECORD_KEYS)


def _bare(text: str | UnsetType) -> str | None:
    """The text without blanks around it; None if the key is not there. Raises _Odd."""
    if text is UNSET:
        return None
    bare = text.strip()
    if not bare or "\0" in bare:
        raise _Odd
    return bare
