"""Times as text to microseconds, and where they lie against a window.

What is read here is part of what `screen.intake.times` reads: full dates, with or without a
time of day in hours and minutes or finer. Anything else is left to it.
"""

from typing import NamedTuple

from screen.engine.columns.dialect import NULL, Dialect, both, either, quoted, when
from screen.engine.columns.layers import Layers
from screen.model.moment import DAY

_DAY = "(19[0-9][0-9]|20[0-9][0-9])-[01][0-9]-[0-3][0-9]"
_CLOCK = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_ZONE = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
TIME = f"^{_DAY}({_CLOCK}{_ZONE}?)?$"
_DATE = f"^{_DAY}$"


class Screened(NamedTuple):
    """The time of the screening: microseconds, the offset's, whether there is one; its day."""

    at: str
    offset: str
    has_offset: str
    day: str
    clean: str


class Span(NamedTuple):
    """First and last microsecond, NULL where there is no time. `clean`: it can be used."""

    start: str = NULL
    end: str = NULL
    clean: str = "TRUE"


def screened(text: str, layers: Layers, dialect: Dialect) -> Screened:
    """A whole day is screened at its end."""
    micros = _micros(text, layers, dialect)
    whole = layers.column(f"(length({text}) = 10)")
    has_offset = layers.column(_has_offset(text))
    local = f"regexp_replace({text}, {quoted(_ZONE + '$')}, '')"
    offset = layers.column(
        when(
            both([has_offset, f"({micros} IS NOT NULL)"]),
            f"({dialect.micros(local)} - {micros})",
            "CAST(0 AS BIGINT)",
        )
    )
    return Screened(
        layers.column(when(whole, f"({micros} + {DAY - 1})", micros)),
        offset,
        has_offset,
        layers.column(f"substr({text}, 1, 10)"),
        layers.column(f"({micros} IS NOT NULL)"),
    )


def span(text: str, screening: Screened, layers: Layers, dialect: Dialect) -> Span:
    """A time on the case's time line; a whole day lies in the zone of the screening."""
    whole = layers.column(f"(length({text}) = 10)")
    micros = _micros(text, layers, dialect)
    start = layers.column(when(whole, f"({micros} - {screening.offset})", micros))
    same_habit = f"({layers.column(_has_offset(text))} = {screening.has_offset})"
    # What the text alone says stands apart, so that each different text is looked at once.
    has_instant = layers.column(f"({micros} IS NOT NULL)")
    is_empty = layers.column(f"({text} IS NULL)")
    clean = both([has_instant, either([whole, same_habit])])
    return Span(
        start,
        layers.column(when(whole, f"({start} + {DAY - 1})", start)),
        layers.column(f"({is_empty} OR coalesce({clean}, FALSE))"),
    )


def _micros(text: str, layers: Layers, dialect: Dialect) -> str:
    """NULL for anything but a time in the form that is read here."""
    return layers.column(when(dialect.matches(text, TIME), dialect.micros(text)))


def completed_years(
    birth: str, screening: Screened, layers: Layers, dialect: Dialect
) -> tuple[str, str]:
    """Years from the birth date to the day of the screening, and whether the date is clean."""
    day = screening.day
    screened_in, born_in = (
        layers.column(f"TRY_CAST(substr({date}, 1, 4) AS INT)") for date in (day, birth)
    )
    screened_on, born_on = (layers.column(f"substr({date}, 6, 5)") for date in (day, birth))
    years = layers.column(
        f"({screened_in} - {born_in} - CASE WHEN {screened_on} < {born_on} THEN 1 ELSE 0 END)"
    )
    is_date = layers.column(
        both([dialect.matches(birth, _DATE), f"(TRY_CAST({birth} AS DATE) IS NOT NULL)"])
    )
    is_empty = layers.column(f"({birth} IS NULL)")
    # Only a date is compared; texts of one length stand in the order of their days.
    born = layers.column(f"CASE WHEN {is_date} THEN {birth} END")
    return years, layers.column(f"({is_empty} OR coalesce({born} <= {day}, FALSE))")


def inside(start: str, end: str, screened_at: str, within: int) -> str:
    """Whether a time lies wholly in the window; unknown for no time."""
    return f"({start} >= {screened_at} - {within} AND {end} <= {screened_at})"


def outside(end: str, screened_at: str, within: int) -> str:
    """Whether a time that is not in the future lies wholly before the window."""
    return f"({end} < {screened_at} - {within})"


def _has_offset(text: str) -> str:
    return (
        f"(length({text}) > 10 AND "
        f"(substr({text}, -1, 1) = 'Z' OR substr({text}, -6, 1) IN ('+', '-')))"
    )
