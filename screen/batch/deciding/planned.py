"""A part decided by the column plan, as far as the plan decides it: the same here and in a task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from screen.batch.columns.answer_columns import answer_columns, answered
from screen.batch.counts.set_aside_counts import RecordCounts
from screen.batch.deciding.missing_in_columns import Lacking
from screen.batch.deciding.part_outcome import MissingCounts, encoded
from screen.batch.inputs.documents.document_files import DocumentPart
from screen.batch.inputs.documents.flattened import flattened
from screen.batch.inputs.part import AnyPart, LongPart, WidePart
from screen.engine.columns.decided import Decided
from screen.engine.columns.plan import ColumnPlan
from screen.intake.keys import PATIENT_COLUMNS, VALUE_KEYS
from screen.language.loading.rules import Rules
from screen.problems import shown

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Planned:
    """`verdicts` are those of the decided cases, whose `rows` are places in `ids`; the cases at
    the places `unsure` go the long way. `counts` (of a part of documents) says how many
    documents each file or line holds.
    """

    ids: "pa.StringArray"
    verdicts: "pa.Table"
    rows: "pa.Array"
    unsure: Sequence[int]
    missing: MissingCounts
    records: RecordCounts
    counts: tuple[int, ...] | None = None


class Planner:
    """Decides parts by one plan; `screened_at` is the time of the command line, if it has one."""

    def __init__(self, loaded: Rules, screened_at: str | None) -> None:
        self._plan = ColumnPlan(loaded.vocabulary, loaded.protocols, loaded.staleness)
        self._lacking = Lacking(loaded.vocabulary, loaded.protocols)
        self._screened_at = screened_at

    def decide(self, part: AnyPart, duplicates: Mapping[str, int]) -> Planned:
        """What the plan makes of a part. Cases in `duplicates` are left alone."""
        counts = None
        match part:
            case WidePart():
                ids = part.ids()
                decided = self._wide(part, ids, _twice(ids, duplicates))
            case LongPart():
                ids = part.ids()
                decided = self._long(part, ids, _twice(ids, duplicates))
            case DocumentPart():
                flat, odd, counts = flattened(part, self._plan.vocabulary)
                ids = flat.ids()
                decided = self._long(flat, ids, [*odd, *_twice(ids, duplicates)])
        return Planned(
            ids,
            encoded(decided.verdicts),
            decided.verdicts["row"].combine_chunks(),
            decided.unsure,
            self._lacking.counts(decided),
            _record_counts(decided),
            counts,
        )

    def _wide(self, part: WidePart, ids: "pa.StringArray", without: Sequence[int]) -> Decided:
        table = part.table.set_column(part.table.column_names.index("case"), "case", ids)
        left_alone = [*answered(table), *without]
        table = table.drop_columns(answer_columns(table.column_names))
        return self._plan.decide_wide(self._at_the_time(table), without=left_alone)

    def _long(self, part: LongPart, ids: "pa.StringArray", without: Sequence[int]) -> Decided:
        import pyarrow as pa

        without = [*answered(part.patients), *without]
        there = [name for name in (*PATIENT_COLUMNS, "age") if name in part.patients.column_names]
        patients = self._at_the_time(part.patients.select(there))
        patients = patients.set_column(patients.column_names.index("case"), "case", ids)
        known = [
            name for name in part.observations.column_names if name in ("concept", *VALUE_KEYS)
        ]
        case = _places(
            part.patients["position"].to_numpy(), part.observations["position"].to_numpy()
        )
        observations: pa.Table = part.observations.select(known)
        return self._plan.decide_long(observations, patients, case=case, without=without)

    def _at_the_time(self, table: "pa.Table") -> "pa.Table":
        """The table with the time of screening that the command line gives, if it does."""
        if self._screened_at is None:
            return table
        import pyarrow as pa

        times = pa.repeat(pa.scalar(self._screened_at, pa.string()), len(table))
        if "screened_at" in table.column_names:
            table = table.drop_columns(["screened_at"])
        return table.append_column("screened_at", times)


def with_counts(part: AnyPart, planned: Planned) -> AnyPart:
    """The part, with what was found out about its documents."""
    if isinstance(part, DocumentPart) and planned.counts is not None:
        return replace(part, counts=planned.counts)
    return part


def _places(patients: Any, positions: Any) -> Any:
    """Which of the patients, whose own positions ascend, has each of some positions."""
    import numpy as np

    if not len(positions):
        return positions
    first = patients[0]
    place = np.zeros(patients[-1] - first + 1, dtype=np.int64)
    place[patients - first] = np.arange(len(patients))
    return place[positions - first]


def _twice(ids: "pa.StringArray", duplicates: Mapping[str, int]) -> list[int]:
    """Where ids stand that are there more than once."""
    if not duplicates:
        return []
    import pyarrow as pa
    import pyarrow.compute as pc

    found: list[int] = pc.indices_nonzero(
        pc.is_in(ids, pa.array(list(duplicates), pa.string()))
    ).to_pylist()
    return found


def _record_counts(decided: Decided) -> RecordCounts:
    """The records of the decided cases, and those that were set aside, by their texts."""
    import numpy as np
    import pyarrow as pa

    unsure = decided.table.people.unsure
    counts = RecordCounts()
    left_alone = np.flatnonzero(unsure)
    for concept, recorded in decided.table.records.items():
        total = sum(len(records.case) for records in recorded)
        if len(left_alone):
            total -= sum(int(unsure[records.case].sum()) for records in recorded)
        if total:
            counts.records[concept] += total
    for concept, quality, records, which in decided.dropped:
        rows = np.flatnonzero(which)
        rows = rows[~unsure[records.case[rows]]]
        value, unit = records.columns["value"], records.column("unit")
        index = value.index[records.rows][rows].astype(np.int64)
        behind = [f" {text}" for text in unit.texts.to_pylist()] if unit else []
        behind.append("")
        beside = unit.index[records.rows][rows] if unit else np.int64(0)
        # The last place, for no unit, is -1 from behind.
        pairs, times = np.unique(index * len(behind) + beside % len(behind), return_counts=True)
        texts = value.texts.take(pa.array(pairs // len(behind))).to_pylist()
        for text, place, count in zip(
            texts, (pairs % len(behind)).tolist(), times.tolist(), strict=True
        ):
            counts.set_aside[concept, quality.value, shown(text + behind[place])] += count
    return counts
