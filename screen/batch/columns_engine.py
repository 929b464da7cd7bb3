"""Deciding a part by the column plan; what the plan does not take goes the long way.

The long way reads a row as a case, or refuses it, and decides it by the reference evaluator, so
that whatever is odd means the same as everywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from screen.batch.by_case_engine import ByCaseEngine
from screen.batch.document import DocumentPart
from screen.batch.flattened import flattened
from screen.batch.lacking import Lacking
from screen.batch.options import Options
from screen.batch.outcome import Outcome, encoded
from screen.batch.part import LongPart, Part, WidePart
from screen.batch.rules import Loaded
from screen.engine.columns.outcome import Decided
from screen.engine.columns.plan import ColumnPlan
from screen.engine.columns.tables import KEYS, PATIENT
from screen.engine.columns.texts import trimmed

if TYPE_CHECKING:
    import pyarrow as pa


class ColumnsEngine:
    """Decides by the column plan, and what is odd by the reference; `lanes` threads at once."""

    def __init__(self, options: Options, loaded: Loaded, lanes: int = 1) -> None:
        self.lanes = lanes
        self._plan = ColumnPlan(loaded.vocabulary, loaded.protocols, loaded.staleness)
        self._one_at_a_time = Lock()
        self._screened_at = options.screened_at
        self._long_way = ByCaseEngine(
            options.rules, "reference", options.screened_at, options.workers
        )
        self._lacking = Lacking(loaded.vocabulary, loaded.protocols)

    def decide(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part, in its order."""
        import pyarrow as pa

        match part:
            case WidePart():
                ids = trimmed(part.table["case"].combine_chunks()).fill_null("")
                decided = self._wide(part, _twice(ids, duplicates))
            case LongPart():
                ids = part.patients["case"].combine_chunks().fill_null("")
                decided = self._long(part, ids, _twice(ids, duplicates))
            case DocumentPart():
                flat, odd, counts = flattened(part, self._plan.vocabulary)
                part = replace(part, counts=counts)
                ids = flat.patients["case"].combine_chunks().fill_null("")
                decided = self._long(flat, ids, [*odd, *_twice(ids, duplicates)])
        sure = len(ids) - len(decided.unsure)
        tick(sure)
        outcome = Outcome(
            ids,
            encoded(decided.verdicts),
            (),
            sure,
            self._lacking.counts(decided),
            by_plan=sure,
        )
        if not decided.unsure:
            return outcome
        odd_part = part.take(pa.array(decided.unsure, pa.int64()))
        with self._one_at_a_time:
            long_way = self._long_way.decide(odd_part, duplicates, tick)
        return _merged(outcome, decided.verdicts["row"], long_way, decided.unsure)

    def close(self) -> None:
        """End the processes of the long way."""
        self._long_way.close()

    def _wide(self, part: WidePart, without: Sequence[int]) -> Decided:
        return self._plan.decide_wide(self._at_the_time(part.table), without=without)

    def _long(self, part: LongPart, ids: "pa.StringArray", without: Sequence[int]) -> Decided:
        import numpy as np
        import pyarrow as pa

        there = [name for name in (*PATIENT, "age") if name in part.patients.column_names]
        patients = self._at_the_time(part.patients.select(there))
        patients = patients.set_column(patients.column_names.index("case"), "case", ids)
        known = [name for name in part.observations.column_names if name in ("concept", *KEYS)]
        case = np.searchsorted(
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


def _merged(
    outcome: Outcome, rows: "pa.ChunkedArray", odd: Outcome, positions: Sequence[int]
) -> Outcome:
    """Both outcomes together, in the order of the rows."""
    import numpy as np
    import pyarrow as pa

    place = dict(zip(odd.ids.to_pylist(), positions, strict=True))
    odd_rows = [place[case] for case in odd.verdicts["case"].to_pylist()]
    both = pa.concat_tables([outcome.verdicts, odd.verdicts]).unify_dictionaries()
    order = np.argsort(np.concatenate([rows.to_numpy(), odd_rows]), kind="stable")
    outcome.missing.update(odd.missing)
    return replace(
        outcome,
        verdicts=both.take(pa.array(order)).combine_chunks(),
        rejects=odd.rejects,
        screened=outcome.screened + odd.screened,
    )
