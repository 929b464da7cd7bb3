"""What became of the cases of one part, whichever engine decided them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screen.batch.counts.set_aside_counts import RecordCounts
from screen.batch.deciding.case_decider import Decision
from screen.batch.tables.block import Reject
from screen.problems import Kind, Problem, message, shown

if TYPE_CHECKING:
    import pyarrow as pa

VERDICT_COLUMNS = ("case", "protocol", "verdict", "fails", "unknown", "criteria", "by_person")


@dataclass(frozen=True, slots=True)
class MissingCounts:
    """By data item: how many cases lack it, and how many of their criteria wait for it."""

    cases: Counter[str] = field(default_factory=Counter)
    criteria: Counter[str] = field(default_factory=Counter)

    def update(self, other: "MissingCounts") -> None:
        """Add other counts to these."""
        self.cases.update(other.cases)
        self.criteria.update(other.criteria)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ids` holds every case of the part in its order, also those that were refused.

    `verdicts` has the columns of `docs/formats.md`, one row per screened case and protocol, the
    protocols of a case together and always in the same order. `by_plan` is how many of the
    screened cases the column plan decided. `counts` are the records of the screened cases.
    """

    ids: "pa.Array"
    verdicts: "pa.Table"
    rejects: tuple[Reject, ...]
    screened: int
    missing: MissingCounts = field(default_factory=MissingCounts)
    by_plan: int = 0
    counts: RecordCounts = field(default_factory=RecordCounts)


def outcome_of(decisions: Sequence[Decision], duplicates: Mapping[str, int]) -> Outcome:
    """The outcome of cases that were decided one by one."""
    import pyarrow as pa

    columns: dict[str, list[str]] = {name: [] for name in VERDICT_COLUMNS}
    rejects: list[Reject] = []
    missing = MissingCounts()
    counts = RecordCounts()
    screened = 0
    for decision in decisions:
        rejects.extend(decision.rejects)
        if decision.case in duplicates:
            if not decision.rejects:
                rejects.append(duplicate(decision, duplicates[decision.case]))
            continue
        if decision.rejects:
            continue
        screened += 1
        for concept, criteria in decision.missing:
            missing.cases[concept] += 1
            missing.criteria[concept] += criteria
        counts.update(decision.counts)
        for line in decision.lines:
            columns["case"].append(decision.case)
            for name, value in zip(VERDICT_COLUMNS[1:], line, strict=True):
                columns[name].append(value)
    return Outcome(
        pa.array([decision.case for decision in decisions], pa.string()),
        verdict_table(columns),
        tuple(rejects),
        screened,
        missing,
        counts=counts,
    )


def duplicate(decision: Decision, times: int) -> Reject:
    """Why a case that is there more than once is not screened."""
    value = shown(decision.case)
    reason = message(Problem(Kind.DUPLICATE_CASE, value=decision.case, detail=str(times)))
    return Reject(decision.input, decision.row, value, decision.column, value, reason)


def verdict_table(columns: Mapping[str, Iterable[str]]) -> "pa.Table":
    """The verdicts as `verdict_schema` has them."""
    import pyarrow as pa

    return encoded(
        pa.table({name: pa.array(columns[name], pa.string()) for name in VERDICT_COLUMNS})
    )


def verdict_schema() -> "pa.Schema":
    """Every column as numbers of its different texts: a case has a line for each protocol."""
    import pyarrow as pa

    repeated = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([(name, repeated) for name in VERDICT_COLUMNS])


def encoded(table: "pa.Table") -> "pa.Table":
    """`table` in the form of `verdict_schema`, in one chunk."""
    return table.select(list(VERDICT_COLUMNS)).cast(verdict_schema()).combine_chunks()
