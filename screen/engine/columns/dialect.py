"""The few words in which DuckDB and Spark differ. Everything else is SQL that both understand.

No regular expression here uses a backslash, because the two read them differently in text.
"""

import re
from collections.abc import Iterable

WIDEST = 10**37
"""Whole numbers stay below this: they fit a HUGEINT of DuckDB and a DECIMAL(38, 0) of Spark."""

_BASE = 2**63


class DuckDBDialect:
    """SQL for DuckDB: 128-bit whole numbers, exact decimals."""

    name = "duckdb"
    big = "HUGEINT"

    def number(self, value: int) -> str:
        """A whole number of any size up to `WIDEST`."""
        return f"CAST({value} AS HUGEINT)"

    def micros(self, text: str) -> str:
        """Microseconds since 1970 of an ISO time, NULL if the calendar has no such day."""
        return f"epoch_us(TRY_CAST({text} AS TIMESTAMPTZ))"

    def matches(self, text: str, pattern: str) -> str:
        return f"regexp_matches({text}, {quoted(pattern)})"

    def divided(self, above: str, below: str) -> str:
        """Whole division of whole numbers, toward zero."""
        return f"({above} // {below})"

    def divided_small(self, above: str, below: int | str) -> str:
        """As `divided`, of 64-bit numbers."""
        return f"({above} // {below})"

    def entered(self, column: str, arrow_type: str) -> str:
        """A column that comes back from Arrow, where a HUGEINT is a decimal."""
        if arrow_type.startswith("decimal"):
            return f"CAST({column} AS {self.big}) AS {column}"
        return column


class SparkDialect(DuckDBDialect):
    """SQL for Spark 4 with ANSI mode, UTC, double-quoted names and exact decimals."""

    name = "spark"
    big = "DECIMAL(38, 0)"

    def number(self, value: int) -> str:
        return f"CAST('{value}' AS DECIMAL(38, 0))"

    def micros(self, text: str) -> str:
        # Spark does not read a zone after minutes.
        full = f"regexp_replace({text}, '^(.{{16}})([Z+-].*)?$', '$1:00$2')"
        return f"unix_micros(TRY_CAST({full} AS TIMESTAMP))"

    def matches(self, text: str, pattern: str) -> str:
        return f"({text} RLIKE {quoted(pattern)})"

    def divided_small(self, above: str, below: int | str) -> str:
        return f"({above} div {below})"

    def divided(self, above: str, below: str) -> str:
        # `/` keeps 18 of 38 digits for a fraction, and `div` gives a BIGINT; so a long division
        # in base 2^63, of which each digit is a BIGINT.
        base = self.number(_BASE)
        first = f"({above} div {base})"
        rest = f"(CAST({first} % {below} AS {self.big}) * {base} + {above} % {base})"
        return (
            f"CAST(CAST({first} div {below} AS {self.big}) * {base} + {rest} div {below}"
            f" AS {self.big})"
        )


Dialect = DuckDBDialect


def quoted(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """A column's name, quoted; what no column can be called is refused."""
    if '"' in column or "`" in column or "\\" in column:
        raise ValueError(f"no column can have this name: {column!r}")
    return f'"{column}"'


TRUE, FALSE, NULL, NOTHING = "TRUE", "FALSE", "NULL", "0"


def both(parts: Iterable[str]) -> str:
    """Three-valued `and` of booleans."""
    kept = list(dict.fromkeys(part for part in parts if part != TRUE))
    if FALSE in kept:
        return FALSE
    return _joined(kept, " AND ", TRUE)


def either(parts: Iterable[str]) -> str:
    """Three-valued `or` of booleans."""
    kept = list(dict.fromkeys(part for part in parts if part != FALSE))
    if TRUE in kept:
        return TRUE
    return _joined(kept, " OR ", FALSE)


def _joined(parts: list[str], word: str, nothing: str) -> str:
    if len(parts) < 2:
        return parts[0] if parts else nothing
    return f"({word.join(parts)})"


def negated(part: str) -> str:
    """Three-valued `not`."""
    return {TRUE: FALSE, FALSE: TRUE, NULL: NULL}.get(part, f"(NOT {part})")


def is_null(part: str) -> str:
    if part == NULL:
        return TRUE
    if part in (TRUE, FALSE) or re.fullmatch("-?[0-9]+", part):
        return FALSE
    return f"({part} IS NULL)"


def not_null(part: str) -> str:
    return negated(is_null(part)) if is_null(part) in (TRUE, FALSE) else f"({part} IS NOT NULL)"


def when(condition: str, then: str, otherwise: str = NULL) -> str:
    """`then` where `condition` is true, `otherwise` where it is false or unknown."""
    if condition == TRUE or then == otherwise:
        return then
    if condition in (FALSE, NULL):
        return otherwise
    if otherwise == NULL:
        return f"CASE WHEN {condition} THEN {then} END"
    return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"


def union(masks: Iterable[str]) -> str:
    """The union of sets of reasons, each a bit mask."""
    kept = list(dict.fromkeys(mask for mask in masks if mask != NOTHING))
    return _joined(kept, " | ", NOTHING)


def is_nothing(mask: str) -> str:
    """Whether a set of reasons is empty."""
    if mask == NOTHING:
        return TRUE
    return FALSE if mask.isdigit() else f"({mask} = 0)"


def integer(value: str) -> str:
    """Reasons and states are small bit masks."""
    return f"CAST({value} AS BIGINT)"


def first_set(parts: list[str]) -> str:
    """The first of `parts` that is not NULL."""
    kept = [part for part in parts if part != NULL]
    if not kept:
        return NULL
    return kept[0] if len(kept) == 1 else f"coalesce({', '.join(kept)})"
