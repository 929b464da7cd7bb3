"""Documents as the two tables that the column plan reads: patients and observations."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import astuple

from screen.batch.columns.contract_columns import Columns
from screen.batch.inputs.documents.document_files import DocumentPart
from screen.batch.inputs.documents.plain_case import RECORD_FIELDS, PlainCase, cases_in
from screen.batch.inputs.part import LongPart
from screen.engine.columns.cells.texts import trimmed
from screen.intake.document import LONGEST_ID
from screen.intake.keys import PATIENT_COLUMNS
from screen.model.concept import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa


class Flat(NamedTuple):
    """The documents as tables, and the positions of those that the tables do not hold.

    `counts` is how many documents each file or line holds.
    """

    part: LongPart
    odd: list[int]
    counts: tuple[int, ...] = ()


def flattened(part: DocumentPart, vocabulary: Vocabulary) -> Flat:
    """The tables of a part, its documents at the positions at which it holds them."""
    rows = _Rows(vocabulary)
    counts = []
    for source in part.sources:
        cases = list(cases_in(source))
        counts.append(len(cases))
        for case_id, case in cases:
            rows.add(case_id, case)
    return rows.flat()._replace(counts=tuple(counts))


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
            dict(zip(PATIENT_COLUMNS, zip(*self._patients, strict=True), strict=True)), positions
        )
        bare, full = self._bare, self._full
        width = len(RECORD_FIELDS)
        observations = pa.concat_tables(
            [
                self._texts(
                    {"concept": bare.concepts, "value": bare.texts}, pa.array(bare.positions)
                ),
                self._texts(
                    {"concept": full.concepts}
                    | {key: full.texts[at::width] for at, key in enumerate(RECORD_FIELDS)},
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
