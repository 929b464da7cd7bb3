"""Deciding a part by the column plan; what the plan does not take goes the long way.

The long way reads a row as a case, or refuses it, and decides it by the reference evaluator, so
that whatever is odd means the same as everywhere else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from screen.batch.by_case_engine import ByCaseEngine
from screen.batch.document import DocumentPart
from screen.batch.flattened import flattened
from screen.batch.lacking import Lacking
from screen.batch.options import Options
from screen.batch.outcome import Outcome, encoded
from screen.batch.part import LongPart, Part, WidePart
from screen.batch.pivot import Pivot
from screen.batch.recorded import LongRecorded, Recorded, WideRecorded
from screen.batch.rules import Loaded
from screen.engine.columns.cells import PRINTED
from screen.engine.columns.outcome import Decided
from screen.engine.columns.plan import ColumnPlan
from screen.engine.columns.records_long import OBSERVATIONS, PATIENTS
from screen.engine.columns.tidy import tidied
from screen.intake.document import LONGEST_ID

if TYPE_CHECKING:
    import pyarrow as pa


class _Planned(NamedTuple):
    """What the plan made of a part; rows are those of the part."""

    part: Part
    ids: "pa.Array"
    decided: Decided
    unsure: Sequence[int]
    recorded: Recorded


class ColumnsEngine:
    """Decides by the column plan, and what is odd by the reference.

    Up to `lanes` threads decide at once; each takes a plan of its own from `make_plan`.
    """

    def __init__(
        self,
        options: Options,
        loaded: Loaded,
        make_plan: Callable[[], ColumnPlan],
        lanes: int = 1,
    ) -> None:
        self.lanes = lanes
        self._make_plan = make_plan
        self._idle = [make_plan()]
        self._one_at_a_time = Lock()
        self._screened_at = options.screened_at
        self._long_way = ByCaseEngine(
            options.rules, "reference", options.screened_at, options.workers
        )
        self._pivot = Pivot()
        self._lacking = Lacking(loaded.vocabulary, loaded.protocols)

    def decide(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part, in its order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        with self._plan() as plan:
            match part:
                case WidePart():
                    planned = self._wide(plan, part)
                case LongPart():
                    planned = self._long(plan, part)
                case DocumentPart():
                    planned = self._documents(plan, part)
        decided, unsure = planned.decided, set(planned.unsure)
        if duplicates:
            twice = pc.is_in(planned.ids, pa.array(list(duplicates), pa.string()))
            unsure.update(pc.indices_nonzero(twice).to_pylist())
            decided = decided.without(sorted(unsure))
        sure = len(planned.ids) - len(unsure)
        tick(sure)
        outcome = Outcome(
            planned.ids,
            encoded(decided.verdicts),
            (),
            sure,
            self._lacking.counts(planned.recorded, decided),
            by_plan=sure,
        )
        if not unsure:
            return outcome
        positions = sorted(unsure)
        odd = self._the_long_way(
            planned.part.take(pa.array(positions, pa.int64())), duplicates, tick
        )
        return _merged(outcome, decided.verdicts["row"], odd, positions)

    def close(self) -> None:
        """End the processes of the long way, and what the plan works in."""
        self._long_way.close()
        for plan in self._idle:
            plan.backend.close()

    @contextmanager
    def _plan(self) -> Iterator[ColumnPlan]:
        """A plan that no other thread uses meanwhile."""
        try:
            plan = self._idle.pop()
        except IndexError:
            plan = self._make_plan()
        yield plan
        self._idle.append(plan)

    def _the_long_way(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        with self._one_at_a_time:
            return self._long_way.decide(part, duplicates, tick)

    def _wide(self, plan: ColumnPlan, part: WidePart) -> _Planned:
        table = tidied(self._at_the_time(part.table))
        decided = plan.decide_wide(table)
        ids = table["case"].combine_chunks().fill_null("")
        recorded = WideRecorded(table)
        return _Planned(part, ids, decided, [int(at) for at in decided.unsure], recorded)

    def _long(self, plan: ColumnPlan, part: LongPart) -> _Planned:
        import pyarrow as pa

        ids = part.patients["case"].combine_chunks().fill_null("")
        once, several = self._pivot.split(part)
        decided = [
            decide(plan, part.take(pa.array(places))).at_rows(places)
            for places, decide in ((once, self._once), (several, self._several))
            if len(places)
        ]
        together = decided[0] if len(decided) == 1 else decided[0].together(decided[1])
        odd = _not_plain(ids)
        together = together.without(odd)
        rows = together.verdicts["row"].combine_chunks().cast(pa.int32())
        named = pa.DictionaryArray.from_arrays(rows, ids)
        column = together.verdicts.column_names.index("case")
        verdicts = together.verdicts.set_column(column, "case", named)
        unsure = sorted({*together.unsure, *odd})
        return _Planned(part, ids, replace(together, verdicts=verdicts), unsure, LongRecorded(part))

    def _once(self, plan: ColumnPlan, part: LongPart) -> Decided:
        """Decide cases with one record of each concept."""
        return plan.decide_wide(self._at_the_time(_with_place(self._pivot.wide(part))))

    def _several(self, plan: ColumnPlan, part: LongPart) -> Decided:
        """Decide cases with several records of a concept."""
        import pyarrow as pa
        import pyarrow.compute as pc

        # The plan orders cases by their ids. Their positions, as texts of one length, keep our
        # order, and keep apart what has the same id.
        patients = self._at_the_time(_by_position(part.patients, PATIENTS))
        observations = _by_position(part.observations, OBSERVATIONS)
        decided = plan.decide_long(observations, patients)
        odd = pa.array(decided.unsure, pa.string())
        unsure = pc.index_in(odd, patients["case"].combine_chunks()).to_pylist()
        return replace(decided, unsure=unsure)

    def _documents(self, plan: ColumnPlan, part: DocumentPart) -> _Planned:
        flat, odd, counts = flattened(part, plan.vocabulary)
        planned = self._long(plan, flat)
        return planned._replace(
            part=replace(part, counts=counts),
            decided=planned.decided.without(odd),
            unsure=sorted({*planned.unsure, *odd}),
        )

    def _at_the_time(self, table: "pa.Table") -> "pa.Table":
        """The table with the time of screening that the command line gives, if it does."""
        if self._screened_at is None:
            return table
        import pyarrow as pa

        times = pa.repeat(pa.scalar(self._screened_at, pa.string()), len(table))
        if "screened_at" in table.column_names:
            table = table.drop_columns(["screened_at"])
        return table.append_column("screened_at", times)


def _not_plain(ids: "pa.StringArray") -> list[int]:
    """Where an id stands of which the plan cannot tell whether intake takes it."""
    import pyarrow.compute as pc

    plain = pc.and_(
        pc.match_substring_regex(ids, PRINTED), pc.less_equal(pc.utf8_length(ids), LONGEST_ID)
    )
    positions: list[int] = pc.indices_nonzero(pc.invert(plain)).to_pylist()
    return positions


def _with_place(table: "pa.Table") -> "pa.Table":
    """The table with the place of a case instead of its id, which need not be its own."""
    import pyarrow as pa

    places = pa.array(map(str, range(len(table))), pa.string())
    return table.set_column(table.column_names.index("case"), "case", places)


def _by_position(table: "pa.Table", known_columns: Sequence[str]) -> "pa.Table":
    """The columns that the plan knows, with the position of the case instead of its id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = [name for name in table.column_names if name in known_columns and name != "case"]
    keys = pc.utf8_lpad(pc.cast(table["position"], pa.string()), 12, "0")
    return table.select(kept).append_column("case", keys)


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
