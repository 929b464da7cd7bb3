"""Which records can count at all (`docs/semantics.md`, section 2, step 1).

A record becomes a row of the pool of its concept, a reason, or nothing; what is not plain
leaves its case to the reference evaluator.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from screen.engine.columns.cells.numbers import ABOVE, AT_LEAST, AT_MOST, BELOW, EXACT
from screen.engine.columns.cells.positions import NO_HIGH, NO_LOW, position, positions
from screen.engine.columns.cells.texts import Column
from screen.engine.columns.cells.times import UNDATED
from screen.engine.columns.cells.units import Units
from screen.engine.columns.cells.whole import Bools, Ints
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pool import BIT, NO_LIMIT, Pool, nothing, together
from screen.intake.keys import LIMITS
from screen.model.case import CONTEXTS, Status
from screen.model.concept import Concept, Method, Vocabulary
from screen.model.fact import Quality
from screen.model.moment import DAY
from screen.model.quantity import Scale
from screen.model.truth import Reason

_STATUS = {status.value: place for place, status in enumerate(Status)}
_NEVER_WAS = {
    _STATUS[Status.ENTERED_IN_ERROR.value]: Quality.ENTERED_IN_ERROR,
    _STATUS[Status.CANCELLED.value]: Quality.CANCELLED,
}
_CORRECTIONS = [_STATUS[status.value] for status in (Status.CORRECTED, Status.AMENDED)]
_LONGEST_NOTE = 200


class Records(NamedTuple):
    """Records of one concept: the `case` of each in ascending order, and the row of `columns`
    in which it stands (numbers, or a slice). The columns are those of a record: `value`, ...
    """

    case: Any
    rows: Any
    columns: Mapping[str, Column]

    def column(self, key: str) -> Column | None:
        return self.columns.get(key)


class Dropped(NamedTuple):
    """Records that do not count, of one concept and for one reason: `which` of some records."""

    concept: str
    quality: Quality
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
        out = self._gone(concept, records)
        start, end = self._times(records)
        contexts = tuple(self._context(records, key) for key in CONTEXTS)
        read = self._states if concept.tree is not None else self._amounts
        values, flaws = read(concept, records)
        reasons = np.zeros(len(self._people), dtype=np.uint32)
        future = start > self._people.at[records.case]
        for reason, which in [(Reason.FUTURE, future), *self._other_specimens(concept, contexts)]:
            mine = which & ~out
            if mine.any():
                reasons[records.case[mine]] |= BIT[reason]
                self.dropped.append(Dropped(concept.name, Quality(reason.value), records, mine))
                out |= mine
        flaw = None
        for reason, which in flaws:
            mine = which & ~out if flaw is None else which & ~out & (flaw == 0)
            if mine.any():
                flaw = np.zeros(len(records.case), dtype=np.uint32) if flaw is None else flaw
                flaw[mine] = BIT[reason]
                self.dropped.append(Dropped(concept.name, Quality(reason.value), records, mine))
        pool = Pool(
            reasons,
            records.case,
            start,
            end,
            contexts=contexts,
            sample=self._sample(records),
            flaw=flaw,
            **values,
        )
        self._note(records, "source")
        return pool.take(~out) if out.any() else pool

    def _other_specimens(self, concept: Concept, contexts: tuple[Any, ...]) -> "_Why":
        """The records whose specimen is none in which the concept is measured, or may be none."""
        recorded = contexts[CONTEXTS.index("specimen")]
        if not concept.specimens or recorded is None:
            return []
        tree = self._vocabulary.contexts["specimen"]
        accepted = [
            any(tree.is_within(value, one) for one in concept.specimens) for value in tree.parents
        ]
        general = [
            any(tree.is_within(one, value) for one in concept.specimens) for value in tree.parents
        ]
        # A record that names no specimen (the last place) is taken for one of the concept's own.
        own, kind = np.array([*accepted, True])[recorded], np.array([*general, False])[recorded]
        return [(Reason.UNSPECIFIC, ~own & kind), (Reason.CONTEXT, ~own & ~kind)]

    def _doubt(self, records: Records, which: Bools) -> None:
        if which.any():
            self._people.doubt(records.case[which])

    def _gone(self, concept: Concept, records: Records) -> Bools:
        """Which records never were."""
        gone = np.zeros(len(records.case), dtype=bool)
        column = records.column("status")
        if column is None:
            return gone
        status = column.at(column.words.named(_STATUS, 0), records.rows)
        self._doubt(records, status < 0)
        # What a correction takes the place of is found out elsewhere.
        several = np.zeros(len(gone), dtype=bool)
        several[1:] = records.case[1:] == records.case[:-1]
        several[:-1] |= several[1:]
        self._doubt(records, several & np.isin(status, _CORRECTIONS))
        for number, quality in _NEVER_WAS.items():
            which = status == number
            if which.any():
                self.dropped.append(Dropped(concept.name, quality, records, which))
                gone |= which
        return gone

    def _times(self, records: Records) -> tuple[Ints, Ints]:
        """First and last microsecond of each record on its case's time line."""
        column = records.column("at")
        if column is None:
            undated = np.full(len(records.case), UNDATED, dtype=np.int64)
            return undated, undated
        found, case, people = column.words.moments(), records.case, self._people
        start = column.at(found.start, records.rows)
        if not found.all_read:
            self._doubt(records, ~column.at(found.read, records.rows))
        if found.any_day or not (found.all_zoned and people.has_offset.all()):
            there, day = start != UNDATED, column.at(found.day, records.rows)
            habit = column.at(found.zoned, records.rows) == people.has_offset[case]
            self._doubt(records, there & ~day & ~habit)
        if not found.any_day:
            return start, start
        start = np.where(day, start - people.zone[case], start)
        return start, np.where(day, start + (DAY - 1), start)

    def _context(self, records: Records, key: str) -> Any:
        column = records.column(key)
        if column is None or not column.there(records.rows).any():
            return None
        if key not in self.trees:
            self._doubt(records, column.there(records.rows))
            return None
        # A tree that the vocabulary does not have takes no value.
        found = column.at(column.words.named(self.trees[key], -2), records.rows)
        self._doubt(records, found == -1)
        return np.where(found == -2, -1, found)

    def _sample(self, records: Records) -> Any:
        self._note(records, "sample")
        column = records.column("sample")
        if column is None or not column.there(records.rows).any():
            return None
        numbers = self._samples
        same = [numbers.setdefault(text, len(numbers)) for text in column.texts.to_pylist()]
        return column.of(np.array(same, dtype=np.int64), -1, records.rows)

    def _note(self, records: Records, key: str) -> None:
        column = records.column(key)
        if column is not None:
            plain = column.words.plain(_LONGEST_NOTE)
            if not plain.all():
                self._doubt(records, ~column.at(plain, records.rows))

    def _states(self, concept: Concept, records: Records) -> tuple[dict[str, Any], "_Why"]:
        assert concept.tree is not None
        names = self._state_names(concept)
        column = records.columns["value"]
        state = column.at(column.words.named(names, -1), records.rows)
        self._doubt(records, state < 0)
        for key in ("unit", *LIMITS):
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
        numbers = value.words.numbers()
        rows = records.rows
        if not numbers.read.all():
            self._doubt(records, ~value.at(numbers.read, rows))
        amounts = self._in_units(concept, records, value)
        below = above = amounts.place
        if numbers.sign.any():
            below, above = _ends(value.at(numbers.sign, rows), amounts)
        unlikely = np.zeros(len(records.case), dtype=bool)
        if concept.plausible_low is not None:
            unlikely |= above < position(concept.plausible_low)
        if concept.plausible_high is not None:
            unlikely |= below > position(concept.plausible_high)
        if concept.least is not None:
            unlikely |= (below > position(Fraction(0))) & (above < position(concept.least))
        upper, lower = (self._limit(concept, records, key) for key in LIMITS)
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
            "rough": amounts.rough,
            "raw": None if amounts.rough is None else (amounts.millionths, amounts.unit),
        }
        why = (
            []
            if amounts.all_usable
            else [
                (Reason.NO_UNIT, amounts.unit == _NO_UNIT),
                (Reason.WRONG_UNIT, amounts.unit == _WRONG_UNIT),
            ]
        )
        why.append((Reason.IMPLAUSIBLE, unlikely & (amounts.unit >= 0)))
        return columns, why

    def _in_units(self, concept: Concept, records: Records, value: Column) -> "_Amounts":
        """The numbers of a column in the units behind or beside them."""
        rows, numbers = records.rows, value.words.numbers()
        millionths = value.at(numbers.millionths, rows)
        unit, texts = self._units_of(records, value)
        place = np.zeros(len(millionths), dtype=np.int64)
        rough = None
        present = np.flatnonzero(np.bincount(unit)).tolist()
        all_usable = True
        for number in present:
            mine = slice(None) if len(present) == 1 else unit == number
            meaning = self._units.meaning(concept, texts[number])
            if not texts[number] or meaning is None or meaning.scale is None:
                all_usable = False
                if texts[number] and meaning is None:
                    self._people.doubt(records.case[mine])
                else:
                    unit[mine] = _WRONG_UNIT if texts[number] else _NO_UNIT
                continue
            place[mine], odd, large = positions(millionths[mine], meaning.scale, numbers.largest)
            if odd is not None:
                rough = np.zeros(len(place), dtype=bool) if rough is None else rough
                rough[mine] = odd
            if large is not None:
                self._people.doubt(records.case[mine][large])
            if scale_is_other_age(concept, meaning.scale):
                self._people.doubt(records.case[mine])
            if meaning.single_cells:
                # A point before three digits may mark thousands.
                three = value.at(numbers.decimals, rows)[mine] == 3
                self._people.doubt(records.case[mine][three])
        return _Amounts(place, rough, millionths, unit, all_usable)

    def _units_of(self, records: Records, value: Column) -> tuple[Ints, list[str]]:
        """For each record its unit, behind or beside its number, as a place in some texts."""
        numbers = value.words.numbers()
        texts = list(numbers.units)
        beside = records.column("unit")
        if beside is None:
            return value.at(numbers.unit, records.rows).astype(np.int64), texts
        first = len(texts)
        texts += [text or "" for text in beside.texts.to_pylist()]
        index = beside.index[records.rows]
        other = np.where(index < 0, 0, index + np.int64(first))
        if first == 1:
            return other, texts
        own = value.at(numbers.unit, records.rows)
        self._doubt(records, (index >= 0) & (own > 0))
        return np.where(own > 0, own, other), texts

    def _limit(self, concept: Concept, records: Records, key: str) -> tuple[Ints, Bools] | None:
        """A printed limit's positions (NO_LIMIT where none can be used), and where one stands."""
        column = records.column(key)
        if column is None or not column.there(records.rows).any():
            return None
        rows, numbers = records.rows, column.words.numbers()
        there = column.there(rows)
        fine = numbers.read & (numbers.sign == EXACT) & (numbers.millionths > 0)
        fine[-1] = True
        self._doubt(records, ~column.at(fine, rows))
        amounts = self._in_units(concept, records._replace(columns={"value": column}), column)
        usable = there & (amounts.unit >= 0) & (amounts.place > 0)
        return np.where(usable, amounts.place, NO_LIMIT), there


def scale_is_other_age(concept: Concept, scale: Scale) -> bool:
    """Whether an age is not in years: what it means in years hangs on the calendar."""
    derivation = concept.derivation
    return derivation is not None and derivation.method is Method.COMPLETED_YEARS and scale != _SAME


_SAME = Scale(Fraction(1))


class _Amounts(NamedTuple):
    """Positions, which of them are rough (None: none), what they were made of; a `unit` that is
    none or a wrong one is below zero.
    """

    place: Ints
    rough: Any
    millionths: Ints
    unit: Ints
    all_usable: bool


def _ends(sign: Any, amounts: _Amounts) -> tuple[Ints, Ints]:
    """The low and the high end: an open one is one off its point, a rough one is off it already."""
    exact = np.int64(1) if amounts.rough is None else ~amounts.rough
    below = np.where((sign == BELOW) | (sign == AT_MOST), NO_LOW, amounts.place)
    above = np.where((sign == ABOVE) | (sign == AT_LEAST), NO_HIGH, amounts.place)
    return below + (sign == ABOVE) * exact, above - (sign == BELOW) * exact


_NO_UNIT, _WRONG_UNIT = -1, -2
_Why = list[tuple[Reason, Bools]]
_Read = Callable[[Concept, Records], tuple[dict[str, Any], _Why]]
