"""Evidence of one concept for many cases at once: a *pool* is columns, a row for each record.

Rows of one case stand together, cases in ascending order. Per case a pool has the reasons why
other records of the concept do not count, as bits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from screen.engine.columns.cells.whole import Bools, Ints
from screen.model.truth import Reason

NO_LIMIT = -1
"""In `upper` and `lower`: no limit was printed, or none that can be used."""

BIT = {reason: 1 << position for position, reason in enumerate(Reason)}


def mask(reasons: Iterable[Reason]) -> int:
    """A set of reasons as bits, in the order of `Reason`."""
    return sum(BIT[reason] for reason in set(reasons))


def reasons_of(bits: int) -> tuple[Reason, ...]:
    return tuple(reason for reason in Reason if bits & BIT[reason])


@dataclass(frozen=True, slots=True)
class Pool:
    """`case` of each row; `start` and `end` in microseconds. A quantity has positions `low` and
    `high`, `upper` and `lower` limits; a finding has a `state`, the place of its value in the
    tree. `contexts` are places in the trees of `on`, `assay`, `specimen`, -1 for none;
    `sample` is a number for each sample, -1 for none. `rough` marks amounts that are exact but
    of which only an enclosure is known here, from `low` to `high`; `raw` are two numbers that
    tell such amounts apart. A record that counts and gives no value has the bit of a reason as
    its `flaw`, every other 0; `perhaps` marks those that may lie in the window and may not. What
    is None is nowhere recorded.

    `bounds` are no values, but what newer inputs leave possible of an older value.

    `reasons` has one number of bits for each case of the table.
    """

    reasons: Any
    case: Any
    start: Ints
    end: Ints
    low: Ints | None = None
    high: Ints | None = None
    state: Any = None
    upper: Ints | None = None
    lower: Ints | None = None
    contexts: tuple[Any, ...] = (None,) * 4
    sample: Any = None
    rough: Any = None
    flaw: Any = None
    perhaps: Any = None
    bounds: "Pool | None" = None
    raw: tuple[Ints, Ints] | None = None

    def __len__(self) -> int:
        return len(self.case)

    @property
    def cases(self) -> int:
        return len(self.reasons)

    def take(self, rows: Any) -> "Pool":
        """Some rows, by places in ascending order of cases or by a mask."""
        if rows is ALL:
            return self
        if not isinstance(rows, slice) and rows.dtype == bool:
            rows = np.flatnonzero(rows)
        kept: dict[str, Any] = {}
        for name in _ROWS:
            column = getattr(self, name)
            kept[name] = None if column is None else column[rows]
        for name in ("contexts", "raw"):
            columns = getattr(self, name)
            if columns is not None:
                kept[name] = tuple(None if c is None else c[rows] for c in columns)
        return replace(self, **kept)

    def because(self, reasons: Any) -> "Pool":
        """The same rows, with further reasons for each case."""
        return replace(self, reasons=self.reasons | reasons)

    def has(self) -> Bools:
        """Which cases have a row."""
        found = np.zeros(self.cases, dtype=bool)
        found[self.case] = True
        return found

    def unrecorded(self) -> Bools:
        """Which cases have neither a row nor a reason."""
        lacking: Bools = (self.reasons == 0) & ~self.has()
        return lacking if self.bounds is None else lacking & ~self.bounds.has()

    def flawless(self) -> Any:
        """Which rows give a value."""
        return ALL if self.flaw is None else self.flaw == 0

    def flaws(self, otherwise: Reason | None = None) -> Any:
        """For each row the bit of its flaw, or of another reason."""
        bit = 0 if otherwise is None else BIT[otherwise]
        if self.flaw is None:
            return np.full(len(self), bit, dtype=np.uint32)
        return np.where(self.flaw == 0, np.uint32(bit), self.flaw)

    def by_time(self) -> "Pool":
        """The rows of each case in the order of their starts."""
        ordered = np.lexsort((self.start, self.case))
        return self.take(ordered)


ALL = object()
_ROWS = tuple(
    field.name
    for field in fields(Pool)
    if field.name not in ("reasons", "contexts", "raw", "bounds")
)


def nothing(cases: int) -> Pool:
    """A pool without a record."""
    none = np.zeros(0, dtype=np.int64)
    return Pool(np.zeros(cases, dtype=np.uint32), none.astype(np.int32), none, none)


def together(pools: list[Pool]) -> Pool:
    """The rows of several pools of the same cases, and all their reasons."""
    reasons = pools[0].reasons
    for pool in pools[1:]:
        reasons = reasons | pool.reasons
    there = [pool for pool in pools if len(pool)]
    bounds = next((pool.bounds for pool in pools if pool.bounds is not None), None)
    if len(there) < 2:
        return replace(there[0] if there else pools[0], reasons=reasons, bounds=bounds)
    joined: dict[str, Any] = {
        name: _joined([getattr(pool, name) for pool in there], there) for name in _ROWS
    }
    joined["contexts"] = tuple(_joined([p.contexts[i] for p in there], there) for i in range(4))
    if any(pool.raw is not None for pool in there):
        raws = [pool.raw or (0 * pool.case, 0 * pool.case) for pool in there]
        joined["raw"] = tuple(np.concatenate(part) for part in zip(*raws, strict=True))
    pool = Pool(reasons, bounds=bounds, **joined)
    return pool.take(np.argsort(pool.case, kind="stable"))


def _joined(columns: list[Any], pools: list[Pool]) -> Any:
    """Columns one after the other; -1 (or false) where one pool has nothing and another has."""
    known = next((column for column in columns if column is not None), None)
    if known is None:
        return None
    fill = known.dtype.type(0 if known.dtype in (bool, np.uint32) else -1)
    return np.concatenate(
        [
            np.full(len(pool), fill, dtype=fill.dtype) if column is None else column
            for column, pool in zip(columns, pools, strict=True)
        ]
    )


class Groups:
    """Runs of equal numbers in an ascending column: the rows of one case, or of one moment."""

    def __init__(self, *keys: Any) -> None:
        (first, *others) = keys
        self.count = len(first)
        begins = np.ones(self.count, dtype=bool)
        if self.count:
            begins[1:] = first[1:] != first[:-1]
            for key in others:
                begins[1:] |= key[1:] != key[:-1]
        self.starts = np.flatnonzero(begins)
        self.single = len(self.starts) == self.count
        self._begins = begins

    def __len__(self) -> int:
        return len(self.starts)

    def number(self) -> Any:
        """For each row the number of its group."""
        return np.cumsum(self._begins) - 1

    def reduced(self, operation: Any, values: Any) -> Any:
        """One value for each group."""
        return values if self.single else operation.reduceat(values, self.starts)

    def spread(self, values: Any) -> Any:
        """The value of its group for each row."""
        if self.single:
            return values
        return np.repeat(values, np.diff(np.append(self.starts, self.count)))


def per_case(pool: Pool, rows: Bools, reason: Reason) -> Any:
    """Bits for the cases of some rows: their flaws, or else `reason`."""
    bits = np.zeros(pool.cases, dtype=np.uint32)
    if pool.flaw is None:
        bits[pool.case[rows]] = BIT[reason]
    else:
        np.bitwise_or.at(bits, pool.case[rows], pool.flaws(reason)[rows])
    return bits
