"""Documents as the two tables that the column plan reads: patients and observations.

Only what is plain is taken: known keys, known concepts, one text where one text belongs. All
else is *odd*, and is read case by case, where every mistake has its place and its words.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import Decoder
from msgspec.structs import astuple

from screen.batch.canonical import Columns
from screen.batch.document import Document, DocumentPart, Source, documents_of
from screen.batch.part import LongPart
from screen.engine.columns.tidy import trimmed
from screen.intake.document import LONGEST_ID
from screen.language.tree import Items, Node, Pairs, Text
from screen.model.concept import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_OF_PATIENT = ("case", "screened_at", "sex", "birth_date")


# Where a key is not there; null in a file is something else, and no text.
_ABSENT: Any = None


class Record(Struct, forbid_unknown_fields=True):
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


class PlainPatient(Struct, forbid_unknown_fields=True):
    """What is said of the person."""

    sex: str = _ABSENT
    birth_date: str = _ABSENT
    age: str | Record = _ABSENT


class PlainCase(Struct, forbid_unknown_fields=True):
    """A case in which everything has the shape that the contract gives it."""

    case: str
    screened_at: str = _ABSENT
    patient: PlainPatient = _ABSENT
    observations: dict[str, str | Record | list[str | Record]] = _ABSENT


class _Odd(Exception):
    """A document that is not plain."""


class Flat(NamedTuple):
    """The documents as tables, and the positions of those that the tables do not hold.

    `counts` is how many documents each file or line holds.
    """

    part: LongPart
    odd: list[int]
    counts: tuple[int, ...] = ()


_decode = Decoder(PlainCase).decode
_UNUSUAL = (b" :", b"\t:", b"\r:", b"\\u0000")
_PARTS = frozenset(PlainCase.__struct_fields__)
_KEYS = tuple(Record.__struct_fields__)


def flattened(part: DocumentPart, vocabulary: Vocabulary) -> Flat:
    """The tables of a part, its documents at the positions at which it holds them."""
    rows = _Rows(vocabulary)
    counts = []
    for source in part.sources:
        cases = list(_cases(source))
        counts.append(len(cases))
        for case_id, case in cases:
            rows.add(case_id, case)
    return rows.flat()._replace(counts=tuple(counts))


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
    once = line.count(b'":') == _count_keys(case)
    return case if once and not any(sign in line for sign in _UNUSUAL) else None


def _count_keys(case: PlainCase) -> int:
    count = _given(case)
    if case.patient is not None:
        count += _given(case.patient)
        if type(case.patient.age) is Record:
            count += _given(case.patient.age)
    if case.observations is not None:
        count += len(case.observations)
        for found in case.observations.values():
            for record in found if type(found) is list else (found,):
                if type(record) is Record:
                    count += _given(record)
    return count


def _given(struct: Struct) -> int:
    fields = astuple(struct)
    return len(fields) - fields.count(None)


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
    if not isinstance(node, Text) or node.empty or "\0" in node.value:
        raise _Odd
    try:
        node.value.encode()
    except UnicodeEncodeError:  # half a character, which JSON can spell
        raise _Odd from None
    return node.value


class _Rows:
    """The rows of both tables, column by column: millions of small objects would be slow.

    A record that is one text has a row among the `bare`, every other among the `full`, whose
    keys stand behind each other.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._concepts = frozenset(vocabulary.concepts)
        self._patients: list[tuple[str | None, ...]] = []
        self._bare = _Found([], [], [])
        self._full = _Found([], [], [])
        self._odd: set[int] = set()

    def add(self, case_id: str, case: PlainCase | None) -> None:
        """Add a document; one that is not plain has a place, and nothing in it."""
        position = len(self._patients)
        if case is not None and self._is_plain(case):
            self._take(position, case)
        else:
            self._patients.append((case_id, None, None, None))
            self._odd.add(position)

    def flat(self) -> Flat:
        """The tables, with no blanks around their texts."""
        import pyarrow as pa

        positions = pa.array(range(len(self._patients)), pa.int64())
        patients = self._texts(
            dict(zip(_OF_PATIENT, zip(*self._patients, strict=True), strict=True)), positions
        )
        bare, full = self._bare, self._full
        width = len(_KEYS)
        observations = pa.concat_tables(
            [
                self._texts(
                    {"concept": bare.concepts, "value": bare.texts}, pa.array(bare.positions)
                ),
                self._texts(
                    {"concept": full.concepts}
                    | {key: full.texts[at::width] for at, key in enumerate(_KEYS)},
                    pa.array(full.positions),
                ),
            ],
            promote_options="default",
        )
        empty = Columns((), {})
        part = LongPart("", patients, observations.combine_chunks(), empty, "", empty)
        return Flat(part, sorted(self._odd))

    def _is_plain(self, case: PlainCase) -> bool:
        case_id = case.case.strip()
        if not case_id or len(case_id) > LONGEST_ID or not case_id.isprintable():
            return False
        observations = case.observations or {}
        return self._concepts.issuperset(observations) and [] not in observations.values()

    def _take(self, position: int, case: PlainCase) -> None:
        sex = birth_date = None
        if case.patient is not None:
            sex, birth_date = case.patient.sex, case.patient.birth_date
            if case.patient.age is not None:
                self._add(position, "age", case.patient.age)
        self._patients.append((case.case.strip(), case.screened_at, sex, birth_date))
        for concept, found in (case.observations or {}).items():
            if type(found) is list:
                for record in found:
                    self._add(position, concept, record)
            else:
                self._add(position, concept, found)

    def _add(self, position: int, concept: str, record: Any) -> None:
        if type(record) is str:
            self._bare.positions.append(position)
            self._bare.concepts.append(concept)
            self._bare.texts.append(record)
        else:
            self._full.positions.append(position)
            self._full.concepts.append(concept)
            self._full.texts.extend(astuple(record))

    def _texts(self, columns: Mapping[str, Sequence[str | None]], positions: Any) -> "pa.Table":
        """The columns as texts; a case in which a text is blank is odd."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = {"position": positions.cast(pa.int64())}
        for name, texts in columns.items():
            column = pa.array(texts, pa.string())
            table[name] = trimmed(column)
            if table[name].null_count > column.null_count:
                blank = pc.and_(pc.is_valid(column), pc.is_null(table[name]))
                self._odd.update(positions.filter(blank).to_pylist())
        return pa.table(table)


class _Found(NamedTuple):
    positions: list[int]
    concepts: list[str]
    texts: list[str | None]
