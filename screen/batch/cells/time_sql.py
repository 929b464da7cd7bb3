"""Times of a site in SQL: in its forms, in two columns, counted from another time, shifted."""

from collections.abc import Sequence

from screen.batch.cells.cell_sql import NAIVE_TIME, local_microseconds, time_form
from screen.batch.cells.zone_sql import OFFSET_IN_ZONE
from screen.batch.mapping.model import SINCE_UNITS, Mapping
from screen.quoting import literal

_DAY = r"\d{4}-\d{2}-\d{2}"
_MIDNIGHT = r"[T ]00:00(:00(\.0+)?)?"
_CLOCK = r"([0-9]|[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"


def shifted(time: str, years: int) -> str:
    """A time or date in ISO 8601 with another year; anything else unchanged."""
    if not years:
        return time
    year = f"CAST(CAST(substr({time}, 1, 4) AS INTEGER) + ({years}) AS VARCHAR)"
    return (
        rf"CASE WHEN regexp_full_match({time}, '\d{{4}}-.*')"
        f" THEN lpad({year}, 4, '0') || substr({time}, 5) ELSE {time} END"
    )


def with_offset(time: str, offset: str) -> str:
    """A time of day without an offset with this one."""
    if not offset:
        return time
    naive = f"regexp_full_match({time}, '{NAIVE_TIME}')"
    return f"CASE WHEN {naive} THEN {time} || {literal(offset)} ELSE {time} END"


def iso_time(cell: str, forms: Sequence[str], mapping: Mapping) -> str:
    """A time in ISO 8601, with the offset that the mapping or its zone gives it; or null."""
    time = shifted(time_form(cell, forms, "", is_day=False) if forms else cell, mapping.shift_years)
    if not mapping.zone:
        return with_offset(f"({time})", mapping.offset)
    return f"(({time}) || coalesce({OFFSET_IN_ZONE}({local_microseconds(f'({time})')}), ''))"


def day_and_clock(
    day: str, clock: str, day_forms: Sequence[str], clock_forms: Sequence[str]
) -> str:
    """One time of a date and a time of day; of a date alone the date; null where one is none."""
    date = (
        time_form(day, day_forms, "", is_day=True)
        if day_forms
        else f"CASE WHEN regexp_full_match({day}, '{_DAY}({_MIDNIGHT})?') THEN substr({day}, 1, 10)"
        " END"
    )
    if not clock:
        return date
    hour = f"CASE WHEN {clock}[2] = ':' THEN '0' || {clock} ELSE {clock} END"
    time = f"CASE WHEN regexp_full_match({clock}, '{_CLOCK}') THEN {hour} END"
    if clock_forms:
        branches = " ".join(
            f"WHEN try_strptime({clock}, {literal(form)}) IS NOT NULL"
            f" THEN strftime(try_strptime({clock}, {literal(form)}), '%H:%M:%S')"
            for form in clock_forms
        )
        time = f"CASE {branches} END"
    return f"CASE WHEN {clock} IS NULL THEN {date} ELSE ({date}) || 'T' || ({time}) END"


def counted(number: str, unit: str, since: str) -> str:
    """The time that lies a number of units after another, with its offset; null if there is none.

    From a whole day only whole days can be counted, and give a day.
    """
    exact = f"try_cast({number} AS DECIMAL(24, 6))"
    form = rf"^({NAIVE_TIME.replace('(', '(?:')})(|Z|[+-][0-9:]{{2,6}})$"
    naive, offset = (f"regexp_extract({since}, '{form}', {group})" for group in (1, 2))
    micro = f"CAST(round({exact} * {SINCE_UNITS[unit]}) AS BIGINT)"
    moment = f"try_cast({naive} AS TIMESTAMP) + to_microseconds({micro})"
    # Beyond all years that a case may name nothing is added up.
    bounded = f"abs({exact}) * {SINCE_UNITS[unit]} < 10000000000000000"
    branches = f"WHEN {naive} <> '' THEN strftime({moment}, '%Y-%m-%dT%H:%M:%S.%f') || {offset}"
    if unit == "d":
        day = f"try_cast({since} AS DATE) + CAST({exact} AS INTEGER)"
        branches += (
            f" WHEN regexp_full_match({since}, '{_DAY}') AND {exact} % 1 = 0"
            f" THEN strftime({day}, '%Y-%m-%d')"
        )
    return f"CASE WHEN {bounded} THEN CASE {branches} END END"


def birth_date(year: str, month: str, day: str) -> str:
    """A date of three columns; null where one of them is none."""
    parts = [
        f"regexp_extract({cell}, '^([0-9]{{1,4}})(\\.0*)?$', 1)" for cell in (year, month, day)
    ]
    whole = " AND ".join(f"{part} <> ''" for part in parts)
    text = f"{parts[0]} || '-' || lpad({parts[1]}, 2, '0') || '-' || lpad({parts[2]}, 2, '0')"
    return (
        f"CASE WHEN {whole} AND length({parts[0]}) = 4 AND length({parts[1]}) < 3"
        f" AND length({parts[2]}) < 3 THEN {text} END"
    )
