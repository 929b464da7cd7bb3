"""A part of a batch: some cases in the order of the input, as tables of `docs/formats.md`."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from screen.batch.columns.answer_columns import answers_tree, is_answer
from screen.batch.columns.contract_columns import Columns, split_column
from screen.batch.columns.places import (
    Among,
    Cell,
    Place,
    cell_of,
    file_and_row,
    observation_columns,
    patient_columns,
)
from screen.batch.inputs.documents.document_files import Document, DocumentPart
from screen.batch.tables.block import as_texts
from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.engine.columns.cells.texts import trimmed
from screen.intake.keys import PATIENT_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa


_WHOLE_PATIENT = 1  # the column `position` of the patients, which no site has


class Part(Protocol):
    """Some cases of an input, in its order. Its length is how many rows, lines or files it has."""

    def __len__(self) -> int: ...

    def ids(self) -> "pa.StringArray | None":
        """The ids of its cases, blanks around them aside; None if they are not known before its
        documents are read.
        """

    def digest(self) -> str:
        """The SHA-256 of what it holds."""

    def slice(self, start: int, length: int) -> "Part":
        """A copy of `length` of its rows, lines or files from `start` on."""

    def take(self, positions: "pa.Int64Array") -> "Part":
        """A copy of the cases at `positions` (ascending) alone."""

    def of_case(self, case: str) -> "Part":
        """What may hold the case of this id, and little else."""

    def documents(self) -> Iterator[Document]:
        """Its cases as trees, each with what its reader found wrong."""

    def place(self, row: int | None, column: int | None) -> Place:
        """Where the site's file has what stands at a line and a column of one of the trees."""


@dataclass(frozen=True, slots=True)
class WidePart:
    """One row per case. `rows` are the rows in the file `input`."""

    input: str
    table: "pa.Table"
    rows: "pa.Int64Array"
    columns: Columns

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def ids(self) -> "pa.StringArray":
        """The ids of the cases, blanks around them aside."""
        return trimmed(self.table["case"].combine_chunks()).fill_null("")

    def digest(self) -> str:
        return _table_digest(self.table, self.rows)

    def slice(self, start: int, length: int) -> "WidePart":
        """A copy of some rows: a mere view would carry the whole table to another process."""
        import pyarrow as pa

        wanted = pa.array(range(start, min(start + length, len(self))), pa.int64())
        return self.take(wanted)

    def take(self, positions: "pa.Int64Array") -> "WidePart":
        """A copy of the rows at `positions`, without dictionaries that are larger than it."""
        table, rows = as_texts(self.table.take(positions)), self.rows.take(positions)
        return WidePart(self.input, table, rows, self.columns)

    def of_case(self, case: str) -> "WidePart":
        """The rows of one case."""
        return self.take(_positions_of(case, self.table))

    def documents(self) -> Iterator[Document]:
        """The cases as trees. A node's line is its row, its column counts from 1 in `table`."""
        names = self.table.column_names
        cells = [self.table[name].to_pylist() for name in names]
        for row, values in zip(self.rows.to_pylist(), zip(*cells, strict=True), strict=True):
            there = {
                name: Text(value, row, position)
                for position, (name, value) in enumerate(zip(names, values, strict=True), start=1)
                if value is not None and value.strip()
            }
            case = there["case"].value.strip() if "case" in there else ""
            problems = Problems(self.input)
            yield Document(self.input, row, case, _wide_tree(there, row), problems, table=True)

    def place(self, row: int | None, column: int | None) -> Place:
        """Where the site's file has what stands at a line and a column of one of the trees."""
        if not column:
            return Place(self.input, row)
        name = self.table.column_names[column - 1]
        return Place(self.input, row, self.columns.places.get(name), self.columns.of_site(name))


@dataclass(frozen=True, slots=True)
class LongPart:
    """`patients`: one row per case (`position`, `row` and patient columns). `observations`: one
    row each (`position` of the patient, `row`, the long columns, and `seq`: where the concept
    stands in `columns`, or -1), in the patients' order. `more` are further files of observations.
    """

    input: str
    patients: "pa.Table"
    observations: "pa.Table"
    columns: Columns
    patients_input: str
    patient_columns: Columns
    more: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.patients.num_rows)

    def ids(self) -> "pa.StringArray":
        """The ids of the cases."""
        return self.patients["case"].combine_chunks().fill_null("")

    def digest(self) -> str:
        return _table_digest(self.patients) + _table_digest(self.observations)

    def slice(self, start: int, length: int) -> "LongPart":
        """A copy of some patients with their observations."""
        import pyarrow as pa

        return self.take(pa.array(range(start, min(start + length, len(self))), pa.int64()))

    def take(self, positions: "pa.Int64Array") -> "LongPart":
        """A copy of the patients at `positions` (ascending), with their observations, and
        without dictionaries that are larger than it.
        """
        import numpy as np
        import pyarrow as pa

        patients = self.patients.take(positions)
        mine, all_ = patients["position"].to_numpy(), self.observations["position"].to_numpy()
        begins, ends = (np.searchsorted(all_, mine, side) for side in ("left", "right"))
        rows = [np.arange(begin, end) for begin, end in zip(begins, ends, strict=True)]
        taken = pa.array(np.concatenate([np.zeros(0, dtype=np.int64), *rows]))
        observations = as_texts(self.observations.take(taken))
        return replace(self, patients=patients, observations=observations)

    def of_case(self, case: str) -> "LongPart":
        """One case, with its observations."""
        return self.take(_positions_of(case, self.patients))

    def documents(self) -> Iterator[Document]:
        """The cases as trees. A node's column is that of a `places.Cell`."""
        records = self.observations.to_pylist()
        names = self.observations.column_names
        start = 0
        for patient in self.patients.to_pylist():
            file, row = file_and_row(patient["row"])
            there = {
                name: Text(value, row, column)
                for column, (name, value) in zip(
                    patient_columns(len(patient), file), patient.items(), strict=True
                )
                if isinstance(value, str) and value.strip()
            }
            found: dict[str, list[Node]] = {}
            while start < len(records) and records[start]["position"] == patient["position"]:
                record = records[start]
                found.setdefault(record["concept"], []).append(_record(record, names))
                start += 1
            age = there.pop("age", None)
            if age is not None:
                found.setdefault("age", []).insert(0, age)
            observations = tuple(
                (
                    Text(concept, nodes[0].line, nodes[0].column),
                    Items(tuple(nodes), nodes[0].line, nodes[0].column),
                )
                for concept, nodes in found.items()
            )
            whole = Cell(Among.PATIENTS, _WHOLE_PATIENT, file).packed()
            tree = _tree(there, observations, row, whole)
            problems = Problems(self.input)
            yield Document(self.input, row, patient["case"], tree, problems, table=True)

    def place(self, row: int | None, column: int | None) -> Place:
        """Where the site's file has what stands at a line and a column of one of the trees."""
        if not column:
            return Place(self.input, row)
        among, place, at = cell_of(column)
        file, columns = (self.input, *self.more)[at], self.columns
        match among:
            case Among.PATIENTS:
                file = file if self.patients_input == self.input else self.patients_input
                columns = self.patient_columns
                if place == _WHOLE_PATIENT:
                    return Place(file, row)
                name = self.patients.column_names[place - 1]
            case Among.SERIES:
                name = columns.names[place]
            case Among.OBSERVATIONS:
                name = self.observations.column_names[place - 1]
        return Place(file, row, columns.places.get(name), columns.of_site(name))


AnyPart = WidePart | LongPart | DocumentPart
"""Each kind of part, for who decides one kind in another way than the other."""


def _positions_of(case: str, table: "pa.Table") -> "pa.Int64Array":
    """Where the id of a case stands, blanks around it aside."""
    import pyarrow.compute as pc

    ids = trimmed(table["case"].combine_chunks())
    return pc.indices_nonzero(pc.fill_null(pc.equal(ids, case), False)).cast("int64")


def _table_digest(table: "pa.Table", rows: "pa.Int64Array | None" = None) -> str:
    """The SHA-256 of what a table holds."""
    import pyarrow as pa

    if rows is not None:
        table = table.append_column("", rows)
    sink = _HashSink()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.hashed.hexdigest()


class _HashSink:
    closed = False

    def __init__(self) -> None:
        self.hashed = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.hashed.update(data)
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def writable(self) -> bool:
        return True


def _wide_tree(there: dict[str, Text], row: int) -> Pairs:
    records: dict[str, list[tuple[Text, Node]]] = {}
    for name, cell in there.items():
        concept, key = split_column(name)
        if name not in PATIENT_COLUMNS and not is_answer(name):
            records.setdefault(concept, []).append((Text(key, row, cell.column), cell))
    observations = tuple(
        (pairs[0][0]._replace(value=concept), Pairs(tuple(pairs), row, pairs[0][0].column))
        for concept, pairs in records.items()
        # A time or a context without a value is no record.
        if any(key.value == "value" for key, _ in pairs)
    )
    return _tree(there, observations, row)


def _tree(
    there: dict[str, Text],
    observations: tuple[tuple[Text, Node], ...],
    row: int,
    column: int = 0,
) -> Pairs:
    top: list[tuple[Text, Node]] = [
        (there[key]._replace(value=key), there[key])
        for key in ("case", "screened_at")
        if key in there
    ]
    patient = tuple(
        (there[key]._replace(value=key), there[key])
        for key in ("sex", "birth_date")
        if key in there
    )
    if patient:
        top.append((Text("patient", row, 0), Pairs(patient, row, 0)))
    if observations:
        top.append((Text("observations", row, 0), Pairs(observations, row, 0)))
    top += answers_tree(there, row)
    return Pairs(tuple(top), row, column)


def _record(record: dict[str, object], names: list[str]) -> Pairs:
    whole_row = record["row"]
    assert isinstance(whole_row, int)
    file, row = file_and_row(whole_row)
    there = {
        name: Text(value.strip(), row, column)
        for column, name in zip(observation_columns(len(names), file), names, strict=True)
        if isinstance(value := record[name], str) and value.strip()
    }
    seq = record["seq"]
    if "value" in there and isinstance(seq, int) and seq >= 0:
        column = Cell(Among.SERIES, seq, file).packed()
        there["value"] = there["value"]._replace(column=column)
    return Pairs(
        tuple(
            (Text(name, cell.line, cell.column), cell)
            for name, cell in there.items()
            if name not in ("case", "concept")
        ),
        row,
        there["concept"].column if "concept" in there else 0,
    )
