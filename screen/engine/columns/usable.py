"""Which records can count at all (step 1 of "from observations to one fact").

A record becomes a row of the pool of its concept, a reason, or nothing; what is not plain
leaves its case to the reference evaluator.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from screen.engine.columns.people import People
from screen.engine.columns.pool import BIT, NO_LIMIT, UNDATED, Pool, nothing, together
from screen.engine.columns.positions import NO_HIGH, NO_LOW, position, positions
from screen.engine.columns.texts import ABOVE, AT_LEAST, AT_MOST, BELOW, EXACT, Column
from screen.engine.columns.times import NO_OFFSET
from screen.engine.columns.units import WRONG, Units
from screen.engine.columns.whole import Bools, Ints
from screen.model.case import Status
from screen.model.concept import Concept, Vocabulary
from screen.model.moment import DAY
from screen.model.quantity import Scale
from screen.model.truth import Reason

CONTEXTS = ("on", "assay", "specimen")
_STATUS = {status.value: place for place, status in enumerate(Status)}
_NEVER_WAS = tuple(_STATUS[s.value] for s in (Status.ENTERED_IN_ERROR, Status.CANCELLED))
_LONGEST_NOTE = 200


class Records(NamedTuple):
    """Records of one concept: the `case` of each in ascending order, and the row of `columns`
    in which it stands. The columns are those of a record: `value`, `unit`, `at`, `on`, ...
    """

    case: Any
    rows: Any
    columns: Mapping[str, Column]

    def column(self, key: str) -> Column | None:
        return self.columns.get(key)


class Dropped(NamedTuple):
    """Records that do not count, of one concept and for one reason."""

    concept: str
    reason: Reason
    records: Records
    which: Bools


class Usable:
    """Pools of every concept. `dropped` collects what does not count."""

    def __init__(self, vocabulary: Vocabulary, units: Units, people: People) -> None:
        self._vocabulary = vocabulary
        self._units = units
        self._people = people
        self.dropped: list[Dropped] = []
        self._samples: dict[str | None, int] = {}
        self.trees = {
            key: {
                **{value: place for place, value in enumerate(tree.parents)},
                **{alias: list(tree.parents).index(v) for alias, v in tree.aliases.items()},
            }
            for key, tree in vocabulary.contexts.items()
        }

    def pool(self, concept: Concept, recorded: Sequence[Records]) -> Pool:
        """The evidence among some records of a concept."""
        pools = [self._pool(concept, records) for records in recorded if len(records.case)]
        if not pools:
            return nothing(len(self._people))
        return pools[0] if len(pools) == 1 else together(pools)

    def _pool(self, concept: Concept, records: Records) -> Pool:
        gone = self._status(records)
        start, end = self._times(records)
        future = ~gone & (start > self._people.at[records.case])
        read = self._states if concept.tree is not None else self._amounts
        values, why = read(concept, records)
        reasons = np.zeros(len(self._people), dtype=np.uint32)
        counts = ~gone & ~future
        for reason, which in [(Reason.FUTURE, future), *why]:
            mine = which if reason is Reason.FUTURE else which & counts
            if not mine.any():
                continue
            reasons[records.case[mine]] |= BIT[reason]
            self.dropped.append(Dropped(concept.name, reason, records, mine))
            counts &= ~mine
        pool = Pool(
            reasons,
            records.case,
            start,
            end,
            contexts=tuple(self._context(records, key) for key in CONTEXTS),  # type: ignore[arg-type]
            sample=self._sample(records),
            **values,
        )
        self._note(records, "source")
        return pool if counts.all() else pool.take(counts)

    def _doubt(self, records: Records, which: Bools) -> None:
        if which.any():
            self._people.doubt(records.case[which])

    def _status(self, records: Records) -> Bools:
        """Which records never were."""
        column = records.column("status")
        if column is None:
            return np.zeros(len(records.case), dtype=bool)
        status = column.of(column.named(_STATUS), 0, records.rows)
        self._doubt(records, status < 0)
        gone: Bools = np.isin(status, _NEVER_WAS)
        return gone

    def _times(self, records: Records) -> tuple[Ints, Ints]:
        """First and last microsecond of each record on its case's time line."""
        column = records.column("at")
        if column is None:
            undated = np.full(len(records.case), UNDATED, dtype=np.int64)
            return undated, undated
        times = column.times(records.rows)
        case, people = records.case, self._people
        other_habit = ~times.day & ((times.offset != NO_OFFSET) != people.has_offset[case])
        there = column.there(records.rows)
        self._doubt(records, ~times.read | (there & other_habit))
        offset = np.where(times.offset == NO_OFFSET, 0, times.offset)
        start = times.local - np.where(times.day, people.zone[case], offset)
        end = start + np.where(times.day, DAY - 1, 0)
        return np.where(there, start, UNDATED), np.where(there, end, UNDATED)

    def _context(self, records: Records, key: str) -> Any:
        column = records.column(key)
        if column is None:
            return None
        # A tree that the vocabulary does not have takes no value.
        found = column.of(column.named(self.trees[key]), -2, records.rows)
        self._doubt(records, found == -1)
        return np.where(found == -2, -1, found)

    def _sample(self, records: Records) -> Any:
        self._note(records, "sample")
        column = records.column("sample")
        if column is None:
            return None
        numbers = self._samples
        same = [numbers.setdefault(text, len(numbers)) for text in column.texts.to_pylist()]
        return column.of(np.array(same, dtype=np.int64), -1, records.rows)

    def _note(self, records: Records, key: str) -> None:
        column = records.column(key)
        if column is not None:
            self._doubt(records, ~column.of(column.plain(_LONGEST_NOTE), True, records.rows))

    def _states(self, concept: Concept, records: Records) -> tuple[dict[str, Any], "_Why"]:
        assert concept.tree is not None
        names = self._state_names(concept)
        column = records.columns["value"]
        state = column.of(column.named(names), -1, records.rows)
        self._doubt(records, state < 0)
        for key in ("unit", "upper_limit", "lower_limit"):
            beside = records.column(key)
            if beside is not None:
                self._doubt(records, beside.there(records.rows))
        return {"state": np.maximum(state, 0)}, []

    def _state_names(self, concept: Concept) -> Mapping[str, int]:
        assert concept.tree is not None
        if concept.name not in self.trees:
            self.trees[concept.name] = {v: n for n, v in enumerate(concept.tree.parents)}
        return self.trees[concept.name]

    def _amounts(self, concept: Concept, records: Records) -> tuple[dict[str, Any], "_Why"]:
        value = records.columns["value"]
        numbers = value.numbers()
        rows = records.rows
        self._doubt(records, ~value.of(numbers.read, True, rows))
        sign = value.of(numbers.sign, EXACT, rows)
        millionths = value.of(numbers.millionths, 0, rows)
        at, unit = self._in_units(concept, records, value, millionths)
        below, above = at.place, at.place
        if sign.any():
            # An end that is open is one off its point; a rough one is off it already.
            exact = ~at.rough
            ends_below = (sign == ABOVE) | (sign == AT_LEAST)
            below = np.where((sign == BELOW) | (sign == AT_MOST), NO_LOW, at.place)
            below = below + ((sign == ABOVE) & exact)
            above = np.where(ends_below, NO_HIGH, at.place) - ((sign == BELOW) & exact)
        unlikely = np.zeros(len(rows), dtype=bool)
        if concept.plausible_low is not None:
            unlikely |= above < position(concept.plausible_low)
        if concept.plausible_high is not None:
            unlikely |= below > position(concept.plausible_high)
        upper, lower = (self._limit(concept, records, key) for key in ("upper_limit", "lower_limit"))
        if upper is not None and lower is not None:
            # Intake refuses limits of one unit that contradict each other.
            usable, usable_too = upper[0] != NO_LIMIT, lower[0] != NO_LIMIT
            against = usable & usable_too & (lower[0] > upper[0])
            self._doubt(records, upper[1] & lower[1] & (against | ~(usable | usable_too)))
        columns = {
            "low": below,
            "high": above,
            "upper": None if upper is None else upper[0],
            "lower": None if lower is None else lower[0],
            "raw": (millionths, unit) if at.rough.any() else None,
        }
        why = [
            (Reason.NO_UNIT, unit == _NO_UNIT),
            (Reason.WRONG_UNIT, unit == _WRONG_UNIT),
            (Reason.IMPLAUSIBLE, unlikely & (unit >= 0)),
        ]
        return columns, why

    def _in_units(
        self, concept: Concept, records: Records, value: Column, millionths: Ints
    ) -> tuple["_Places", Ints]:
        """Positions of numbers in the units beside them, and a number for each unit."""
        rows = records.rows
        numbers = value.numbers()
        own = value.of(numbers.unit, 0, rows)
        texts = list(numbers.units)
        beside = records.column("unit")
        if beside is not None:
            there = beside.there(rows)
            self._doubt(records, there & (own > 0))
            places = [len(texts) + place for place in range(len(beside.texts))]
            texts += beside.texts.to_pylist()
            other = beside.of(np.array(places, dtype=np.int64), 0, rows)
            own = np.where(own > 0, own, other)
        found = _Places(
            np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
        )
        unit = own.astype(np.int64)
        present = np.flatnonzero(np.bincount(own)).tolist() if len(own) else []
        for number in present:
            mine = slice(None) if len(present) == 1 else own == number
            meaning = self._units.meaning(concept, texts[number] or "")
            if number == 0 or not texts[number]:
                unit[mine] = _NO_UNIT
            elif meaning == WRONG:
                unit[mine] = _WRONG_UNIT
            elif isinstance(meaning, Scale):
                place, rough, fits = positions(millionths[mine], meaning)
                found.place[mine], found.rough[mine] = place, rough
                if not fits.all():
                    self._people.doubt(records.case[mine][~fits])
            else:
                self._people.doubt(records.case[mine])
        return found, unit

    def _limit(self, concept: Concept, records: Records, key: str) -> tuple[Ints, Bools] | None:
        """A printed limit's positions (NO_LIMIT where none can be used), and where one stands."""
        column = records.column(key)
        if column is None or not column.there(records.rows).any():
            return None
        rows, numbers = records.rows, column.numbers()
        there = column.there(rows)
        fine = column.of(numbers.read & (numbers.sign == EXACT) & (numbers.millionths > 0), True, rows)
        self._doubt(records, ~fine)
        alone = records._replace(columns={"value": column})
        millionths = column.of(numbers.millionths, 0, rows)
        at, unit = self._in_units(concept, alone._replace(), column, millionths)
        usable = there & (unit >= 0) & (at.place > 0)
        return np.where(usable, at.place, NO_LIMIT), there


class _Places(NamedTuple):
    place: Ints
    rough: Bools


_NO_UNIT, _WRONG_UNIT = -1, -2
_Why = list[tuple[Reason, Bools]]
_Read = Callable[[Concept, Records], tuple[dict[str, Any], _Why]]
