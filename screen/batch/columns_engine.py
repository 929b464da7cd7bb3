"""Deciding a part by the column plan; what the plan does not take goes the long way.

The long way reads a row as a case, or refuses it, and decides it by the reference evaluator, so
that whatever is odd means the same as everywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from screen.batch.by_case import OPEN
from screen.batch.by_case_engine import ByCaseEngine
from screen.batch.document import DocumentPart
from screen.batch.missing import Missing
from screen.batch.options import Options
from screen.batch.outcome import VERDICT_COLUMNS, MissingCounts, Outcome, encoded
from screen.batch.part import LongPart, Part, WidePart
from screen.batch.recorded import LongRecorded, Recorded, WideRecorded, known
from screen.batch.rules import Loaded
from screen.engine.columns.plan import ColumnPlan
from screen.engine.columns.records_long import OBSERVATIONS, PATIENTS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_ORDER = "order"


class _Planned(NamedTuple):
    """What the plan made of a part; `verdicts` have the `row` in the part, `unsure` are rows."""

    ids: "pa.Array"
    verdicts: "pa.Table"
    unsure: Sequence[int]
    recorded: Recorded


class ColumnsEngine:
    """Decides tables by the column plan, documents and odd rows by the reference."""

    def __init__(self, options: Options, loaded: Loaded, plan: ColumnPlan) -> None:
        self._plan = plan
        self._loaded = loaded
        self._screened_at = options.screened_at
        self._long_way = ByCaseEngine(
            options.rules, "reference", options.screened_at, options.workers
        )
        self._missing = Missing(loaded.vocabulary, loaded.protocols)

    def decide(
        self, part: Part, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part, in its order."""
        if isinstance(part, DocumentPart):
            return self._long_way.decide(part, duplicates, tick)
        import pyarrow as pa
        import pyarrow.compute as pc

        planned = self._wide(part) if isinstance(part, WidePart) else self._long(part)
        verdicts, unsure = planned.verdicts, set(planned.unsure)
        if duplicates:
            twice = pc.is_in(planned.ids, pa.array(list(duplicates), pa.string()))
            unsure.update(pc.indices_nonzero(twice).to_pylist())
            kept = pc.invert(pc.is_in(verdicts["row"], pa.array(sorted(unsure), pa.int64())))
            verdicts = verdicts.filter(kept)
        sure = len(part) - len(unsure)
        tick(sure)
        outcome = Outcome(
            planned.ids,
            encoded(verdicts),
            (),
            sure,
            self._missing_in(planned.recorded, verdicts),
            by_plan=sure,
        )
        if not unsure:
            return outcome
        positions = sorted(unsure)
        odd = self._long_way.decide(part.take(pa.array(positions, pa.int64())), duplicates, tick)
        return _merged(outcome, verdicts["row"], odd, positions)

    def close(self) -> None:
        """End the processes of the long way, and what the plan works in."""
        self._long_way.close()
        self._plan.backend.close()

    def _wide(self, part: WidePart) -> _Planned:
        table = self._at_the_time(part.table)
        decided = self._plan.decide_wide(table)
        ids = part.table["case"].combine_chunks()
        recorded = WideRecorded(table)
        return _Planned(ids, decided.verdicts, [int(at) for at in decided.unsure], recorded)

    def _long(self, part: LongPart) -> _Planned:
        import pyarrow as pa
        import pyarrow.compute as pc

        # The plan orders cases by their ids. Their positions, as texts of one length, keep our
        # order, and keep apart what has the same id.
        patients = self._at_the_time(_by_position(part.patients, PATIENTS))
        observations = _by_position(part.observations, OBSERVATIONS)
        decided = self._plan.decide_long(observations, patients)
        ids = part.patients["case"].combine_chunks()
        odd = pa.array(decided.unsure, pa.string())
        unsure = pc.index_in(odd, patients["case"].combine_chunks()).to_pylist()
        verdicts = decided.verdicts
        column = verdicts.column_names.index("case")
        verdicts = verdicts.set_column(column, "case", ids.take(verdicts["row"].combine_chunks()))
        return _Planned(ids, verdicts, unsure, LongRecorded(part))

    def _at_the_time(self, table: "pa.Table") -> "pa.Table":
        """The table with the time of screening that the command line gives, if it does."""
        if self._screened_at is None:
            return table
        import pyarrow as pa

        times = pa.array([self._screened_at] * len(table), pa.string())
        if "screened_at" in table.column_names:
            table = table.drop_columns(["screened_at"])
        return table.append_column("screened_at", times)

    def _missing_in(self, recorded: Recorded, verdicts: "pa.Table") -> MissingCounts:
        """Which data items the decided rows lack; the same counts as case by case."""
        import numpy as np

        counts = MissingCounts()
        protocols = self._loaded.protocols
        if not len(verdicts):
            return counts
        rows = verdicts["row"].to_numpy()[:: len(protocols)]
        unknown = {
            protocol.id: _unknown(verdicts, place, len(protocols))
            for place, protocol in enumerate(protocols)
        }
        for concept, readers in self._missing.readers.items():
            waiting = np.zeros(len(rows), dtype=np.int64)
            for protocol, position in readers:
                waiting += unknown[protocol][:, position]
            waiting[known(concept, recorded, self._loaded.vocabulary)[rows]] = 0
            lacking = int(np.count_nonzero(waiting))
            if lacking:
                counts.cases[concept] = lacking
                counts.criteria[concept] = int(waiting.sum())
        return counts


def _by_position(table: "pa.Table", known_columns: Sequence[str]) -> "pa.Table":
    """The columns that the plan knows, with the position of the case instead of its id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = [name for name in table.column_names if name in known_columns and name != "case"]
    keys = pc.utf8_lpad(pc.cast(table["position"], pa.string()), 12, "0")
    return table.select(kept).append_column("case", keys)


def _unknown(verdicts: "pa.Table", place: int, count: int) -> "np.ndarray[Any, Any]":
    """For each row and criterion of one protocol: is it unknown, and the protocol not decided."""
    import numpy as np

    criteria = verdicts["criteria"].combine_chunks()
    texts, index = criteria.dictionary.to_pylist(), criteria.indices.to_numpy()[place::count]
    verdict = verdicts["verdict"].combine_chunks()
    is_open = np.array([word in OPEN for word in verdict.dictionary.to_pylist()], dtype=bool)
    used = np.unique(index)
    width = len(texts[used[0]])
    letters = np.frombuffer("".join(texts[i] for i in used).encode(), dtype=np.uint8)
    matrix = letters.reshape(len(used), width)[np.searchsorted(used, index)] == ord("U")
    opened = is_open[verdict.indices.to_numpy()[place::count]]
    found: np.ndarray[Any, Any] = matrix & opened[:, None]
    return found


def _merged(
    outcome: Outcome, rows: "pa.ChunkedArray", odd: Outcome, positions: Sequence[int]
) -> Outcome:
    """Both outcomes together, in the order of the rows."""
    import pyarrow as pa

    place = dict(zip(odd.ids.to_pylist(), positions, strict=True))
    odd_rows = pa.array([place[case] for case in odd.verdicts["case"].to_pylist()], pa.int64())
    texts = pa.schema([(name, pa.string()) for name in VERDICT_COLUMNS])
    both = pa.concat_tables(
        [
            outcome.verdicts.cast(texts).append_column(_ORDER, rows.cast(pa.int64())),
            odd.verdicts.cast(texts).append_column(_ORDER, odd_rows),
        ]
    )
    line = pa.array(range(len(both)), pa.int64())
    ordered = both.append_column("line", line).sort_by(
        [(_ORDER, "ascending"), ("line", "ascending")]
    )
    outcome.missing.update(odd.missing)
    return replace(
        outcome,
        verdicts=encoded(ordered),
        rejects=odd.rejects,
        screened=outcome.screened + odd.screened,
    )
