"""The two formulas of derived values on positions (see `grid`), for both kinds of table.

Ends are brought to 64 bits first, because dividing 128-bit numbers is slow; an end that does
not fit is beyond every plausible range, and its case is unsure.
"""

from collections.abc import Sequence
from typing import NamedTuple

from screen.engine.columns.dialect import (
    NULL,
    TRUE,
    WIDEST,
    Dialect,
    both,
    either,
    is_null,
    not_null,
)
from screen.engine.columns.grid import (
    COARSE,
    PERCENT,
    Grid,
    NotPlannable,
    ratio_factor,
    share_divisor,
)
from screen.engine.columns.layers import Layers

_SMALL = 9 * 10**18
_MOST_PERCENT = 1000


class Ends(NamedTuple):
    """The two positions of an amount; NULL without limit."""

    low: str
    high: str


class Computed(NamedTuple):
    """A computed amount, and whether its numbers are beyond what can be computed here."""

    low: str
    high: str
    unsure: str


class _End(NamedTuple):
    """One end: its grid point and whether it is open (0 or 1), both 64 bits; `odd` if too big."""

    point: str
    is_open: str
    odd: str


def _end(position: str, outward: str, layers: Layers, dialect: Dialect) -> _End:
    """`outward` leads from an open end's position to its grid point."""
    if position == NULL:
        return _End(NULL, "0", "FALSE")
    limit = dialect.number(_SMALL)
    small = layers.column(
        f"CASE WHEN abs({position}) < {limit} THEN CAST({position} AS BIGINT) END"
    )
    is_open = layers.column(f"abs({small} % 2)")
    point = layers.column(dialect.divided_small(f"({small} {outward} {is_open})", 2))
    return _End(point, is_open, f"({not_null(position)} AND {is_null(small)})")


def _ends(amount: Ends, layers: Layers, dialect: Dialect) -> tuple[_End, _End]:
    return _end(amount.low, "-", layers, dialect), _end(amount.high, "+", layers, dialect)


def quotient(
    pressure: Ends,
    percent: Ends,
    grids: tuple[Grid, Grid, Grid],
    layers: Layers,
    dialect: Dialect,
) -> Computed:
    """Pressure over a share in per cent; `grids` of pressure, share and result."""
    top, bottom, result = grids
    factor = ratio_factor(top, bottom, result)
    most = WIDEST // factor * COARSE
    full = PERCENT * bottom.steps
    if full >= _SMALL or most < COARSE:
        raise NotPlannable("the grid of a ratio is too fine")
    most = min(most, _SMALL)

    def over(above: _End, below: _End, inward: str, where: str = TRUE) -> str:
        # Beyond these the numbers are NULL, so that nothing overflows and nothing is over zero.
        fits = layers.column(
            both(
                [
                    where,
                    f"{below.point} >= {COARSE}",
                    f"{below.point} <= {full}",
                    f"abs({above.point}) < {most}",
                ]
            )
        )
        units, parts = (
            layers.column(f"CASE WHEN {fits} THEN {dialect.divided_small(point, COARSE)} END")
            for point in (above.point, below.point)
        )
        points = _times_over(units, factor, parts, full // COARSE, layers, dialect)
        opened = f"({inward} * greatest({above.is_open}, {below.is_open}))"
        return layers.column(f"(2 * {points} + {opened})")

    p_low, p_high = _ends(pressure, layers, dialect)
    f_low, f_high = _ends(percent, layers, dialect)
    exact = layers.column(f"({pressure.low} = {pressure.high} AND {percent.low} = {percent.high})")
    low = over(p_low, f_high, "1")
    apart = layers.column(f"coalesce(NOT {exact}, TRUE)")
    high = layers.column(
        f"CASE WHEN {apart} THEN {over(p_high, f_low, '-1', apart)} ELSE {low} END"
    )
    odd = [
        *(end.odd for end in (p_low, p_high, f_low, f_high)),
        *(f"({end.point} % {COARSE} <> 0)" for end in (p_low, p_high, f_low, f_high)),
        *(f"(abs({end.point}) >= {most})" for end in (p_low, p_high)),
        *(f"({end.point} > {full})" for end in (f_low, f_high)),
        _endless(low, high),
    ]
    return Computed(low, high, f"coalesce({either(odd)}, FALSE)")


def _times_over(
    units: str, factor: int, parts: str, most_parts: int, layers: Layers, dialect: Dialect
) -> str:
    """The quotient units x factor / parts toward zero, of 64-bit numbers.

    None of the `parts` is above `most_parts`. A long division with `factor` in place of the
    tens: what is left over is always small, so that only the quotient is wider than 64 bits.
    Dividing wide numbers takes ten times as long.
    """
    digits = _digits_of(factor, _SMALL // most_parts)
    if digits is None:
        wide = f"(CAST({units} AS {dialect.big}) * {dialect.number(factor)})"
        return dialect.divided(wide, f"CAST({parts} AS {dialect.big})")
    quotient = f"CAST({dialect.divided_small(units, parts)} AS {dialect.big})"
    rest = layers.column(f"({units} % {parts})")
    for digit in digits:
        carried = layers.column(f"({rest} * CAST({digit} AS BIGINT))")
        below = dialect.divided_small(carried, parts)
        quotient = f"({quotient} * {dialect.number(digit)} + {below})"
        rest = layers.column(f"({carried} % {parts})")
    return quotient


def _digits_of(factor: int, most: int) -> list[int] | None:
    """Numbers up to `most` whose product is `factor`, if there are any."""
    digits = [1]
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23):
        while factor % prime == 0 and prime <= most:
            factor //= prime
            if digits[-1] * prime > most:
                digits.append(1)
            digits[-1] *= prime
    if factor > most:
        return None
    return [*digits, factor] if factor > 1 else digits


def portion(
    count: Ends,
    percents: Sequence[Ends],
    grids: tuple[Grid, Grid, Grid],
    layers: Layers,
    dialect: Dialect,
) -> Computed:
    """A count times the sum of percentages; `grids` of count, percentages and result."""
    whole, part, result = grids
    above, below = share_divisor(whole, part, result)
    limit = _MOST_PERCENT * part.steps
    most = min(WIDEST // (2 * limit * above), _SMALL)
    if below != 1 or limit >= _SMALL:
        raise NotPlannable("the grid of a share does not fit its inputs")

    def times(number: _End, parts: Sequence[_End], inward: str) -> str:
        total = f"({' + '.join(p.point for p in parts)})"
        points = (
            f"(CAST({number.point} AS {dialect.big}) * CAST({total} AS {dialect.big})"
            f" * {dialect.number(above)})"
        )
        sizes = [f"abs({number.point}) < {most}", *(f"abs({p.point}) < {limit}" for p in parts)]
        opened = ", ".join(end.is_open for end in (number, *parts))
        return layers.column(
            f"CASE WHEN {both(sizes)} THEN 2 * {points} + {inward} * greatest({opened}) END"
        )

    c_low, c_high = _ends(count, layers, dialect)
    lows, highs = zip(*(_ends(percent, layers, dialect) for percent in percents), strict=True)
    low, high = times(c_low, lows, "1"), times(c_high, highs, "-1")
    odd = [
        *(end.odd for end in (c_low, c_high, *lows, *highs)),
        *(f"(abs({end.point}) >= {most})" for end in (c_low, c_high)),
        *(f"(abs({end.point}) >= {limit})" for end in (*lows, *highs)),
        _endless(low, high),
    ]
    return Computed(low, high, f"coalesce({either(odd)}, FALSE)")


def _endless(low: str, high: str) -> str:
    """Amounts without any limit may still differ in their open ends, which no position shows."""
    return f"({low} IS NULL AND {high} IS NULL)"
