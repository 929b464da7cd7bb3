"""Units that the vocabulary does not list: UCUM through ucumvert, on exact fractions.

The library takes about a second to start, so nothing here runs for a unit that the
vocabulary knows, and every answer is kept for the life of the process.
"""

import re
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from screen.model.quantity import Scale

_LONGEST_UNIT = 40
# UCUM's millimetre of mercury is 133.322 Pa by definition; Pint's is 133.322387 Pa.
_MERCURY = "meter_Hg = 133.322 kilopascal = mHg = m_Hg"
# The library's sizes of these are not UCUM's, and nobody has needed them yet.
_NOT_AS_IN_UCUM = frozenset(("[in_i'Hg]", "[in_i'H2O]", "[Cal]", "[Btu]", "cal_[15]", "[LPF]"))
_PART = re.compile(r"\[[^\]]*\]|[A-Za-z]+")
_LARGEST_EXPONENT = 30
_EXPONENT = re.compile(r"(?<=[A-Za-z*^\]'])[+-]?([0-9]+)")
# A capital that a system made of `m`, `g` or `p` is no mega-, giga- or petalitre, and `u` is an
# enzyme unit, not the mass of an atom: nobody reports those of a patient, nor parts of a cell, nor
# minutes of arc.
_NEVER_MEANT = re.compile(
    r"(?<![A-Za-z\[_])([YZEPTGM](L|l|m|g|mol|s|eq|Pa|U|kat|\[[iI]U\])|[a-zA-Z]{0,2}u)(?![A-Za-z_\[])|10[*^]-|'"
)


@lru_cache(maxsize=1024)
def is_ucum(unit: str) -> bool:
    """Whether `unit` is a UCUM code that can be converted.

    A bare factor (`100/L`), an exponent beyond 30 and a megalitre are not.
    """
    return _units(unit) is not None


@lru_cache(maxsize=1024)
def library_scale(unit: str, canonical: str, molar_mass: Fraction | None) -> Scale | None:
    """How `unit` becomes `canonical`, exactly; None if it measures something else.

    `molar_mass` in g/mol opens the way between mass and amount of substance. Annotations
    (`{1.73_m2}`, `{FEU}`) and arbitrary units (`[IU]`) mean something that a dimension does
    not show, so both sides must carry the same. Dimensionless units (`%`, `1`, `{score}`)
    never convert here: only the vocabulary can say that they mean the same.
    """
    if _marks(unit) != _marks(canonical):
        return None
    source, target = _units(unit), _units(canonical)
    if source is None or target is None or target.dimensionless:
        return None
    if source.dimensionality == target.dimensionality:
        return _line(lambda x: _registry().Quantity(x, source).to(target).magnitude)
    if molar_mass is None or not _registry().Quantity(Fraction(1), source)._is_multiplicative:
        return None
    per_mole = _registry().Quantity(molar_mass, "gram / mole")
    for bridge in (per_mole, 1 / per_mole):
        if (_registry().Quantity(Fraction(1), source) * bridge).check(target.dimensionality):
            return _line(
                lambda x, b=bridge: (_registry().Quantity(x, source) * b).to(target).magnitude
            )
    return None


def _line(convert: Any) -> Scale | None:
    """The straight line through three exact points of a conversion; None if it is none."""
    zero, one, two = (convert(Fraction(x)) for x in (0, 1, 2))
    if not all(isinstance(x, int | Fraction) for x in (zero, one, two)):
        return None
    factor = Fraction(one) - zero
    if factor <= 0 or two - one != factor:
        return None
    return Scale(factor, Fraction(zero))


def _marks(unit: str) -> tuple[str, ...]:
    """What a dimension does not show, in alphabetical order.

    Annotations, arbitrary units such as `[IU]`, and what is a number to the library: a bel, a
    radian, a pH, a byte.
    """
    annotations = re.findall(r"\{[^}]*\}", unit)
    parts = _PART.findall(re.sub(r"\{[^}]*\}", "", unit))
    arbitrary = [name.upper() for name in parts if _is_arbitrary(name)]
    return tuple(sorted([*annotations, *arbitrary]))


@cache
def _is_arbitrary(name: str) -> bool:
    """Whether a part of a code such as `[IU]` or `B` has no dimension of its own."""
    units = _units(name)
    return units is not None and bool(units.dimensionless)


@lru_cache(maxsize=1024)
def _units(unit: str) -> Any:
    """The library's unit, or None for text that is no unit or carries a number of its own."""
    if not unit or len(unit) > _LONGEST_UNIT or not unit.isascii() or " " in unit:
        return None
    if any(name in unit for name in _NOT_AS_IN_UCUM) or _NEVER_MEANT.search(unit):
        return None
    if any(int(digits) > _LARGEST_EXPONENT for digits in _EXPONENT.findall(unit)):
        return None
    registry = _registry()  # a library that does not start is no unknown unit
    # Its parser raises many kinds of exception on text that is no unit.
    try:
        quantity = registry.from_ucum(unit)
        return quantity.units if quantity.magnitude == 1 else None
    except Exception:  # noqa: BLE001
        return None


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    registry = PintUcumRegistry(non_int_type=Fraction)
    registry.define(_MERCURY)
    return registry
