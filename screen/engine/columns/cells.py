"""Cells as text to numbers, named values and times; a cell that is not plain is *unclean*.

What is plain here is a part of what `screen.units.text` and `screen.intake` accept, with the
same meaning. An unclean cell makes its whole case unsure: it is then read the long way, so that
what is odd has one meaning.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from screen.engine.columns.dialect import (
    FALSE,
    NULL,
    TRUE,
    Dialect,
    both,
    either,
    integer,
    is_null,
    negated,
    quoted,
    when,
)
from screen.engine.columns.layers import Layers
from screen.engine.columns.units import UnitTable
from screen.model.case import Status
from screen.model.concept import ValueTree

_SIGN = "(<=|>=|<|>|≤|≥|)"
# Alphabets of which Python's `isprintable` takes every sign: ASCII, Latin, Greek, Cyrillic, Han.
_SIGNS = "!-~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u04ff\u4e00-\u9ffc"
PRINTED = f"^[{_SIGNS}]([ {_SIGNS}]*[{_SIGNS}])?$"
_GONE = (Status.ENTERED_IN_ERROR.value, Status.CANCELLED.value)


class Number(NamedTuple):
    """A quantity in its cell. `low` and `high` are positions; both NULL without a known unit."""

    low: str = NULL
    high: str = NULL
    no_unit: str = FALSE
    wrong_unit: str = FALSE
    clean: str = "TRUE"


class Named(NamedTuple):
    """One of some known values, as a bit; NULL for none."""

    bit: str = NULL
    clean: str = "TRUE"


def quantity(cell: str, table: UnitTable, layers: Layers, dialect: Dialect) -> Number:
    """`182 10*9/L`, `<0.3 mg/L`, `91%`; `182` has no unit."""
    digits = f"-?[0-9]{{1,{table.grid.digits}}}([.][0-9]{{1,6}})?"
    # Most cells are a number, a space and a unit: those are cut without a regular expression.
    usual = layers.column(dialect.matches(cell, f"^{digits} [^ ]"))
    space = layers.column(f"instr({cell}, ' ')")
    other = dialect.matches(cell, f"^{_SIGN} ?{digits}( .*|[^-0-9.eE ].*|)$")
    plain = layers.column(when(usual, TRUE, other))
    sign = layers.column(when(usual, "''", f"regexp_extract({cell}, {quoted('^' + _SIGN)}, 1)"))
    number = when(
        usual,
        f"substr({cell}, 1, {space} - 1)",
        f"regexp_extract({cell}, {quoted(f'^{_SIGN} ?({digits})')}, 2)",
    )
    rest = quoted(f"^{_SIGN} ?{digits} ?(.*)$")
    unit = layers.column(
        when(usual, f"substr({cell}, {space} + 1)", f"regexp_extract({cell}, {rest}, 3)")
    )
    exact = _position(number, unit, table, layers, dialect)
    no_unit = layers.column(f"({unit} = '')")
    wrong = layers.column(f"({unit} IN ({_texts(table.wrong)}))") if table.wrong else FALSE
    understood = both([plain, either([not_null_of(exact), no_unit, wrong])])
    return Number(
        layers.column(
            f"CASE WHEN {sign} = '' OR {sign} IN ('>=', '≥') THEN {exact} WHEN {sign} = '>' "
            f"THEN {exact} + 1 END"
        ),
        layers.column(
            f"CASE WHEN {sign} = '' OR {sign} IN ('<=', '≤') THEN {exact} WHEN {sign} = '<' "
            f"THEN {exact} - 1 END"
        ),
        no_unit,
        wrong,
        layers.column(f"({is_null(cell)} OR coalesce({understood}, FALSE))"),
    )


def limit(cell: str, table: UnitTable, layers: Layers, dialect: Dialect) -> Named:
    """A reference limit in the canonical unit; NULL if it cannot be used (no or wrong unit).

    An upper limit of zero and limits below zero are refused where they are read, so they are
    unclean here.
    """
    digits = f"[0-9]{{1,{table.grid.digits}}}([.][0-9]{{1,6}})?"
    plain = layers.column(dialect.matches(cell, f"^{digits}( .*|[^-0-9.eE ].*|)$"))
    number = f"regexp_extract({cell}, {quoted(f'^({digits})')}, 1)"
    unit = layers.column(f"regexp_extract({cell}, {quoted(f'^{digits} ?(.*)$')}, 2)")
    value = _position(number, unit, table, layers, dialect)
    above_zero = f"(TRY_CAST({number} AS DECIMAL(18, 6)) > 0)"
    known = either(
        [
            not_null_of(value),
            f"({unit} = '')",
            f"({unit} IN ({_texts(table.wrong)}))" if table.wrong else FALSE,
        ]
    )
    return Named(
        layers.column(when(f"{value} > 0", value)),
        layers.column(f"({is_null(cell)} OR coalesce({both([plain, above_zero, known])}, FALSE))"),
    )


def _position(number: str, unit: str, table: UnitTable, layers: Layers, dialect: Dialect) -> str:
    """The exact position of the number in its unit; NULL for a unit that is not known."""
    millionths = layers.column(
        f"CAST(TRY_CAST({number} AS DECIMAL(18, 6)) * CAST(1000000 AS DECIMAL(19, 0)) "
        f"AS {dialect.big})"
    )
    slope = layers.column(_chosen(unit, {t: line[0] for t, line in table.lines.items()}, dialect))
    starts = {text: line[1] for text, line in table.lines.items()}
    if not any(starts.values()):
        return layers.column(f"({millionths} * {slope})")
    return layers.column(f"({millionths} * {slope} + {_chosen(unit, starts, dialect)})")


def _chosen(unit: str, numbers: Mapping[str, int], dialect: Dialect) -> str:
    branches = " ".join(
        f"WHEN {quoted(text)} THEN {dialect.number(number)}" for text, number in numbers.items()
    )
    return f"CASE {unit} {branches} END"


def named(cell: str, bits: Mapping[str, int], layers: Layers) -> Named:
    """A value by its text."""
    branches = " ".join(f"WHEN {quoted(text)} THEN {bit}" for text, bit in bits.items())
    found = layers.column(integer(f"CASE {cell} {branches} END"))
    return Named(found, layers.column(f"(({cell} IS NULL) OR ({found} IS NOT NULL))"))


def gone(cell: str, layers: Layers) -> tuple[str, str]:
    """Whether a status says that the result never was, and whether the status is known."""
    known = _texts(status.value for status in Status)
    return (
        layers.column(f"coalesce({cell} IN ({_texts(_GONE)}), FALSE)"),
        layers.column(f"(({cell} IS NULL) OR {cell} IN ({known}))"),
    )


def short_text(cell: str, longest: int, layers: Layers, dialect: Dialect) -> str:
    """Whether an id or a note is plain: of usual signs, without spaces at its ends."""
    plain = f"(length({cell}) <= {longest} AND {dialect.matches(cell, PRINTED)})"
    return layers.column(f"(({cell} IS NULL) OR {plain})")


def state_bits(tree: ValueTree) -> dict[str, int]:
    """A bit for each value of a tree."""
    return {value: 1 << position for position, value in enumerate(tree.parents)}


def text_bits(tree: ValueTree) -> dict[str, int]:
    """As `state_bits`, for every accepted spelling of a context."""
    bits = state_bits(tree)
    return {**bits, **{alias: bits[value] for alias, value in tree.aliases.items()}}


def within_mask(tree: ValueTree, asked: str) -> int:
    """The bits of `asked` and of all its kinds."""
    return sum(bit for value, bit in state_bits(tree).items() if tree.is_within(value, asked))


def not_null_of(expression: str) -> str:
    return negated(is_null(expression))


def _texts(values: Iterable[str]) -> str:
    return ", ".join(quoted(value) for value in sorted(values))
