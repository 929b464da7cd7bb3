"""SQL for single cells, in the dialect of DuckDB. Every value here comes from a mapping file."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from screen.batch.mapping.model import EXCEL, EXCEL_1904
from screen.quoting import literal, quoted

NAIVE_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
# A sign or words such as "less than" before a number; what they mean says the reader of numbers.
_SIGN = r"(?:<=|>=|<|>|≤|≥|[A-Za-z]+(?:\s+[A-Za-z]+)*\s)?"
BARE = _SIGN + r"\s*[-−]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"  # noqa: RUF001
_SIGNS = {
    "<": ("<", "lt", "less than", "below", "under"),
    "<=": ("<=", "≤", "le", "at most", "less than or equal to", "up to"),
    ">": (">", "gt", "greater than", "more than", "above", "over"),
    ">=": (">=", "≥", "ge", "at least", "greater than or equal to"),
    "=": ("=", "eq", "equal", "equals", "equal to"),
}
# From which day, and which numbers lie before 2101.
_COUNTED_FROM = {EXCEL: ("1899-12-30", 61, 73415), EXCEL_1904: ("1904-01-01", 0, 71953)}
_MOST_DIGITS = 40
_CLOCK = ("%H", "%I")


def trimmed_cell(column: str) -> str:
    """A cell without the blanks around it, those that break no line included."""
    return rf"trim({quoted(column)}, E' \t\r\n' || chr(160))"


def is_any(cell: str, texts: Iterable[str]) -> str:
    """Whether a cell is one of `texts`; a number is also recognized as `1.0` or `01`."""
    exact, patterns = [], []
    for text in texts:
        exact.append(literal(text))
        pattern = _number_pattern(text)
        if pattern:
            patterns.append(f"regexp_full_match({cell}, {literal(pattern)})")
    tests = [f"{cell} IN ({', '.join(exact)})", *patterns]
    return f"coalesce({' OR '.join(tests)}, false)"


def _number_pattern(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ""
    # Written out, 1E999999999 would fill the machine.
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return ""
    sign, digits = ("-" if number < 0 else ""), format(abs(number), "f")
    whole, _, places = digits.partition(".")
    places = places.rstrip("0")
    fraction = rf"\.{places}0*" if places else r"(\.0*)?"
    return rf"{sign}0*{whole.lstrip('0') or '0'}{fraction}"


def number_form(cell: str, decimal: str, thousands: str) -> str:
    """A quantity with the site's marks as one with a decimal point; null if it is not in form."""
    whole = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
    form = (
        rf"({_SIGN}\s*[-−]?)"  # noqa: RUF001
        rf"({whole})(?:{re.escape(decimal)}([0-9]+))?(\s*(?:[^0-9.,'\s].*)?|\s+.*)"
    )
    whole_form = literal(f"^{form}$")
    sign, number, places, rest = (
        f"regexp_extract({cell}, {whole_form}, {group})" for group in (1, 2, 3, 4)
    )
    if thousands:
        number = f"replace({number}, {literal(thousands)}, '')"
    # The marks are declared, so three decimals are no thousands: a fourth one says so.
    ending = f"CASE WHEN length({places}) = 3 THEN {places} || '0' ELSE {places} END"
    point = f"CASE WHEN {places} = '' THEN '' ELSE '.' || {ending} END"
    matches = f"regexp_full_match({cell}, {literal(form)})"
    return f"CASE WHEN {matches} THEN {sign} || {number} || {point} || {rest} END"


def looks_like_number(cell: str) -> str:
    """Whether a cell begins like a number, so that the marks of numbers have a meaning in it."""
    form = rf"^{_SIGN}\s*[-−+]?[.,]?[0-9]"  # noqa: RUF001
    return f"regexp_matches({cell}, {literal(form)})"


def signed(cell: str) -> str:
    """A sign of comparison of its own column as one of `< <= > >= =`; null for anything else."""
    branches = " ".join(
        f"WHEN lower({cell}) IN ({', '.join(map(literal, words))}) THEN {literal(sign)}"
        for sign, words in _SIGNS.items()
    )
    return f"CASE {branches} END"


def is_bare(value: str) -> str:
    """Whether a quantity is a number alone."""
    return f"regexp_full_match({value}, {literal(BARE)})"


def with_unit(value: str, unit: str) -> str:
    """A bare number with a unit behind it; anything else unchanged."""
    bare = f"{is_bare(value)} AND ({unit}) IS NOT NULL"
    return f"CASE WHEN {bare} THEN ({value}) || ' ' || {unit} ELSE {value} END"


def time_form(cell: str, forms: Iterable[str], offset: str, is_day: bool) -> str:
    """A time in the first of `forms` that fits, in ISO 8601; null if none does.

    A form without hours gives a whole day; `is_day` leaves the clock away.
    """
    branches = " ".join(
        f"WHEN ({parsed}) IS NOT NULL THEN {text}"
        for parsed, text in (_parsed(cell, form, offset, is_day) for form in forms)
    )
    return f"CASE {branches} END"


def local_microseconds(text: str) -> str:
    """A time without offset, in ISO 8601, as microseconds since 1970; null for anything else."""
    naive = f"regexp_full_match({text}, {literal(NAIVE_TIME)})"
    return f"CASE WHEN {naive} THEN epoch_us(try_cast({text} AS TIMESTAMP)) END"


def _parsed(cell: str, form: str, offset: str, is_day: bool) -> tuple[str, str]:
    day, clock = literal("%Y-%m-%d"), literal("%Y-%m-%dT%H:%M:%S")
    if form in _COUNTED_FROM:
        # Days, exact to the second; the leap year of 1900 that Excel believes in lies before.
        start, first, last = _COUNTED_FROM[form]
        serial = f"try_cast({cell} AS DECIMAL(28, 10))"
        serial = f"CASE WHEN {serial} BETWEEN {first} AND {last} THEN {serial} END"
        moment = f"(TIMESTAMP '{start}' + to_seconds(CAST(round(({serial}) * 86400) AS BIGINT)))"
        with_clock = f"strftime({moment}, {clock}) || {literal(offset)}"
        text = f"CASE WHEN ({serial}) % 1 = 0 THEN strftime({moment}, {day}) ELSE {with_clock} END"
        return serial, f"strftime({moment}, {day})" if is_day else text
    parsed = f"try_strptime({cell}, {literal(form)})"
    if is_day or not any(mark in form for mark in _CLOCK):
        return parsed, f"strftime({parsed}, {day})"
    return parsed, f"strftime({parsed}, {clock}) || {literal(offset)}"
