"""Tables of `docs/formats.md` as records: of each concept the cases, and the columns they stand in.

A wide table holds each concept in a column of its own, and a case has one record of it; a long
table holds all records in the same columns. From here on both are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.engine.columns.cells.texts import Column, SharedWords, column_of
from screen.engine.columns.facts.people import UNBORN, People, people_of
from screen.engine.columns.facts.usable import Records
from screen.intake.document import LONGEST_ID
from screen.intake.keys import PATIENT_COLUMNS, RECORD_KEYS, VALUE_KEYS
from screen.model.concept import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

BIRTH_DATE = "birth_date"


@dataclass(frozen=True, slots=True)
class Table:
    """The cases of a table and their records, by concept."""

    people: People
    records: Mapping[str, Sequence[Records]]

    def has(self, concept: str) -> Any:
        """Which cases have a record of a concept (or a birth date), whether it counts or not."""
        if concept == BIRTH_DATE:
            return self.people.born != UNBORN
        found = np.zeros(len(self.people), dtype=bool)
        for records in self.records.get(concept, ()):
            found[records.case] = True
        return found


def wide(table: "pa.Table", vocabulary: Vocabulary) -> Table:
    """A table with a row for each case. Raises ValueError for a column that nobody knows."""
    _check_wide(table.column_names, vocabulary)
    columns = {name: column_of(table[name]) for name in table.column_names}
    people = people_of(len(table), columns)
    _doubt_ids(people, columns["case"], np.arange(len(table)))
    records = {}
    for name, column in columns.items():
        if name in vocabulary.concepts:
            beside = {
                key: columns[f"{name}.{key}"] for key in RECORD_KEYS if f"{name}.{key}" in columns
            }
            there = np.flatnonzero(column.index >= 0)
            records[name] = [Records(there.astype(np.int32), there, {"value": column, **beside})]
    return Table(people, records)


def _check_wide(columns: Sequence[str], vocabulary: Vocabulary) -> None:
    for required in ("case", "screened_at"):
        if required not in columns:
            raise ValueError(f"the table has no column {required}")
    for column in columns:
        concept, _, key = column.partition(".")
        known = concept in vocabulary.concepts and (not key or key in RECORD_KEYS)
        if column not in PATIENT_COLUMNS and (not known or (key and concept not in columns)):
            raise ValueError(f"unknown column {column}")


def long(
    observations: "pa.Table",
    patients: "pa.Table",
    vocabulary: Vocabulary,
    case: Any = None,
    shared: SharedWords | None = None,
) -> Table:
    """A table of records and one of patients, who are the cases, in their order.

    `case` is the patient of each record, as a row of `patients`; without it the ids say so, and
    a record of nobody is no record. `shared` are the words of the parts
    before. Raises ValueError for a column that nobody knows.
    """
    for name in observations.column_names:
        if name not in ("case", "concept", *VALUE_KEYS):
            raise ValueError(f"unknown column {name} among the observations")
    of_patient = {
        n: column_of(patients[n]) for n in (*PATIENT_COLUMNS, "age") if n in patients.column_names
    }
    people = people_of(len(patients), of_patient)
    if "case" in of_patient:
        _doubt_ids(people, of_patient["case"], np.arange(len(patients)))
    if case is None:
        case = _patients_of(observations, patients, people)
    shared = shared or SharedWords()
    columns = {name: shared.column(name, observations[name]) for name in observations.column_names}
    names = {name: place for place, name in enumerate(vocabulary.concepts)}
    concepts = columns["concept"]
    concept = concepts.at(concepts.words.named(names, -1), slice(None))
    odd = (concept < 0) | (columns["value"].index < 0)
    people.doubt(case[odd & (case >= 0)])
    records = _by_concept(case, np.where(odd | (case < 0), -1, concept), list(names), columns)
    if "age" in of_patient and "age" in vocabulary.concepts:
        aged = np.flatnonzero(of_patient["age"].index >= 0)
        beside = Records(aged.astype(np.int32), aged, {"value": of_patient["age"]})
        records.setdefault("age", []).append(beside)
    return Table(people, records)


def _by_concept(
    case: Any, concept: Any, names: Sequence[str], columns: Mapping[str, Column]
) -> dict[str, list[Records]]:
    """The rows of each concept, in the order of the cases and within a case of the table.

    Two sorts by small numbers are counting sorts, which take a time that grows with the rows.
    """
    if (case[1:] >= case[:-1]).all():
        order = _counted(concept + 1)
    else:
        order = _counted(case)
        order = order[_counted(concept[order] + 1)]
    ends = np.cumsum(np.bincount(concept + 1, minlength=len(names) + 1))
    # One gather for each column; then the records of a concept are a slice of it.
    beside = {key: columns[key].ordered(order) for key in VALUE_KEYS if key in columns}
    case = case[order].astype(np.int32)
    found: dict[str, list[Records]] = {}
    for place, name in enumerate(names):
        if ends[place] < ends[place + 1]:
            rows = slice(int(ends[place]), int(ends[place + 1]))
            found[name] = [Records(case[rows], rows, beside)]
    return found


def _counted(numbers: Any) -> Any:
    """The order that sorts numbers and keeps equal ones as they stand."""
    largest = int(numbers.max()) if len(numbers) else 0
    kind = np.uint8 if largest < 1 << 8 else np.uint16 if largest < 1 << 16 else np.int64
    least = int(numbers.min()) if len(numbers) else 0
    return np.argsort(numbers if least < 0 else numbers.astype(kind), kind="stable")


def _patients_of(observations: "pa.Table", patients: "pa.Table", people: People) -> Any:
    """The row of the patient of each record by its id, -1 for nobody."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = column_of(patients["case"])
    rows = np.arange(len(patients))
    distinct = ids.texts.dictionary_encode()
    own = ids.of(distinct.indices.fill_null(-1).to_numpy().astype(np.int64), -1, rows)
    first = np.full(len(distinct.dictionary) + 1, -1, dtype=np.int64)
    first[own[::-1]] = rows[::-1]
    first[-1] = -1
    people.doubt((own >= 0) & (np.bincount(own[own >= 0], minlength=1)[own] > 1))
    named = column_of(observations["case"])
    places = pc.index_in(named.texts, pa.array(distinct.dictionary)).fill_null(-1)
    return named.of(first[places.to_numpy()], -1, np.arange(len(observations)))


def _doubt_ids(people: People, ids: Column, rows: Any) -> None:
    people.doubt(~ids.there(rows) | ~ids.at(ids.words.plain(LONGEST_ID), rows))
