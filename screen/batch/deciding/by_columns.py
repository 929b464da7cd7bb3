"""Deciding a part by the column plan; what the plan does not take goes the long way.

The long way reads a row as a case, or refuses it, and decides it by the reference evaluator, so
that whatever is odd means the same as everywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from screen.batch.deciding.by_case import ByCaseEngine
from screen.batch.deciding.part_outcome import Outcome
from screen.batch.deciding.planned import Planned, with_counts
from screen.batch.inputs.part import AnyPart
from screen.batch.options import Options

if TYPE_CHECKING:
    import pyarrow as pa


class ColumnsEngine:
    """Decides by the column plan, and what is odd by the reference; `lanes` threads at once.

    `plan` decides a part as far as the plan does, here or elsewhere; `stop` ends what it needs.
    """

    def __init__(
        self,
        options: Options,
        plan: Callable[[AnyPart, Mapping[str, int]], Planned],
        lanes: int = 1,
        stop: Callable[[], None] | None = None,
    ) -> None:
        self.lanes = lanes
        self._plan = plan
        self._stop = stop
        self._one_at_a_time = Lock()
        self._long_way = ByCaseEngine(
            options.rules, "reference", options.screened_at, options.workers
        )

    def decide(
        self, part: AnyPart, duplicates: Mapping[str, int], tick: Callable[[int], None]
    ) -> Outcome:
        """The outcome of one part, in its order."""
        import pyarrow as pa

        planned = self._plan(part, duplicates)
        sure = len(planned.ids) - len(planned.unsure)
        tick(sure)
        outcome = Outcome(
            planned.ids, planned.verdicts, (), sure, planned.missing, sure, planned.records
        )
        if not planned.unsure:
            return outcome
        odd_part = with_counts(part, planned).take(pa.array(planned.unsure, pa.int64()))
        with self._one_at_a_time:
            long_way = self._long_way.decide(odd_part, duplicates, tick)
        return _merged(outcome, planned.rows, long_way, planned.unsure)

    def close(self) -> None:
        """End the processes of the long way, and what the plan works in."""
        self._long_way.close()
        if self._stop is not None:
            self._stop()


def _merged(outcome: Outcome, rows: "pa.Array", odd: Outcome, positions: Sequence[int]) -> Outcome:
    """Both outcomes together, in the order of the rows."""
    import numpy as np
    import pyarrow as pa

    place = dict(zip(odd.ids.to_pylist(), positions, strict=True))
    odd_rows = [place[case] for case in odd.verdicts["case"].to_pylist()]
    both = pa.concat_tables([outcome.verdicts, odd.verdicts]).unify_dictionaries()
    order = np.argsort(np.concatenate([rows.to_numpy(), odd_rows]), kind="stable")
    outcome.missing.update(odd.missing)
    outcome.counts.update(odd.counts)
    return replace(
        outcome,
        verdicts=both.take(pa.array(order)).combine_chunks(),
        rejects=odd.rejects,
        screened=outcome.screened + odd.screened,
    )
