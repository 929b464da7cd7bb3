"""The cases of a table: when and where each is screened, and what is known of the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from screen.engine.columns.cells.texts import Column
from screen.engine.columns.cells.times import NO_OFFSET
from screen.engine.columns.cells.whole import Bools, Ints
from screen.intake.document import SEXES
from screen.model.moment import DAY

UNBORN = np.int64(2**40)
"""In `born`: the date of birth is not recorded."""

_SEX = {sex: place for place, sex in enumerate(SEXES)}


@dataclass(frozen=True, slots=True)
class People:
    """`at`: the time of the screening, `zone`: the offset of its clock (0 where none is
    written), both in microseconds. `day` and `born` are days since 1970 in that clock.

    `unsure` marks the cases that the plan does not decide; whoever meets something odd adds
    to it.
    """

    at: Ints
    zone: Ints
    has_offset: Bools
    day: Ints
    born: Ints
    male: Bools
    unsure: Bools

    def __len__(self) -> int:
        return len(self.at)

    def doubt(self, cases: Any) -> None:
        """Leave some cases to the reference evaluator."""
        self.unsure[cases] = True


def people_of(count: int, columns: Mapping[str, Column]) -> People:
    """The cases of a table from its columns `screened_at`, `sex` and `birth_date`."""
    rows = np.arange(count)
    unsure = np.zeros(count, dtype=bool)
    at = np.zeros(count, dtype=np.int64)
    zone, day = at.copy(), at.copy()
    has_offset = unsure.copy()
    screening = columns.get("screened_at")
    if screening is None:
        unsure[:] = True
    else:
        times = screening.times_at(rows)
        unsure |= ~times.read | ~screening.there(rows)
        has_offset = (times.offset != NO_OFFSET) & ~times.day
        zone = np.where(has_offset, times.offset, 0)
        # A whole day is screened at its end.
        at = np.where(times.day, times.local + DAY - 1, times.local - zone)
        day = times.local // DAY
    born = np.full(count, UNBORN, dtype=np.int64)
    birth = columns.get("birth_date")
    if birth is not None:
        times = birth.times_at(rows)
        there = birth.there(rows)
        unsure |= there & ~(times.read & times.day & (times.local // DAY <= day))
        born = np.where(there & times.read, times.local // DAY, UNBORN)
    male = np.zeros(count, dtype=bool)
    if "sex" in columns:
        sex = columns["sex"]
        named = sex.at(sex.words.named(_SEX, _SEX["unknown"]), rows)
        unsure |= named < 0
        male = named == _SEX["male"]
    return People(at, zone, has_offset, day, born, male, unsure)


def completed(born: Ints, day: Ints, unit: str) -> Ints:
    """Completed `a`, `mo`, `wk` or `d` (see `facts.age.completed`)."""
    if unit in ("d", "wk"):
        days: Ints = (day - born) // (7 if unit == "wk" else 1)
        return days
    (year, month, number), (on_year, on_month, on_number) = _parts(born), _parts(day)
    if unit == "a":
        before = (on_month < month) | ((on_month == month) & (on_number < number))
        years: Ints = on_year - year - before
        return years
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    last = (
        (months + np.timedelta64(1, "M")).astype("datetime64[D]") - months.astype("datetime64[D]")
    ).astype(np.int64)
    count: Ints = (on_year - year) * 12 + on_month - month
    months_lived: Ints = count - (on_number < np.minimum(number, last))
    return months_lived


def _parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of the month."""
    dates = days.astype("datetime64[D]")
    months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
    return (
        years.astype(np.int64),
        (months - years.astype("datetime64[M]")).astype(np.int64),
        (dates - months.astype("datetime64[D]")).astype(np.int64) + 1,
    )
