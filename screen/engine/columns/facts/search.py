"""Finding rows of one pool by case and time: a binary search for many rows at once."""

from typing import Any

import numpy as np

from screen.engine.columns.cells.whole import Bools, Ints
from screen.engine.columns.facts.pool import Pool


def span_of(among: Pool, case: Any, first: Ints, last: Ints) -> tuple[Any, Any]:
    """For each (case, first, last) the rows of `among` that start in that time, both included.

    As a half-open range. `among` is in the order of cases and times.
    """
    return (
        _searched(among.case, among.start, case, first, after=False),
        _searched(among.case, among.start, case, last, after=True),
    )


def rows_of(cases: Any, case: Any) -> tuple[Any, Any]:
    """For each case its rows in a column of cases in ascending order, as a half-open range."""
    most = 1 + max(int(cases[-1]) if len(cases) else 0, int(case.max()) if len(case) else 0)
    ends = np.cumsum(np.bincount(cases, minlength=most))
    begins = np.append(0, ends)
    return begins[case], ends[case]


def _searched(cases: Any, times: Ints, case: Any, time: Ints, after: bool) -> Any:
    """How many rows lie before each (case, time), or not after it."""
    low, high = rows_of(cases, case)
    open_ = np.flatnonzero(low < high)
    while len(open_):
        middle = (low[open_] + high[open_]) >> 1
        seen = times[middle]
        goes = seen <= time[open_] if after else seen < time[open_]
        low[open_] = np.where(goes, middle + 1, low[open_])
        high[open_] = np.where(goes, high[open_], middle)
        open_ = open_[low[open_] < high[open_]]
    return low


def has_same_time(pool: Pool, others: Pool) -> Bools:
    """For each row whether some row of `others` in its case has the very same time."""
    count = len(pool)
    case = np.concatenate([pool.case, others.case])
    start = np.concatenate([pool.start, others.start])
    end = np.concatenate([pool.end, others.end])
    order = np.lexsort((end, start, case))
    changes = np.zeros(len(order), dtype=bool)
    for column in (case, start, end):
        ordered = column[order]
        changes[1:] |= ordered[1:] != ordered[:-1]
    group = np.cumsum(changes)
    of_others = np.zeros(int(group[-1]) + 1 if len(group) else 1, dtype=bool)
    of_others[group[order >= count]] = True
    found = np.empty(len(order), dtype=bool)
    found[order] = of_others[group]
    same: Bools = found[:count]
    return same
