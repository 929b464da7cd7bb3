"""Text as sites write it, `182 10*9/L` or `<0.3 mg/L`, to an exact amount and a UCUM unit."""

import re
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from screen.model.case import Limit, Measured
from screen.model.concept import Concept, Vocabulary
from screen.model.quantity import Amount
from screen.units.number import NotANumber, exact_number

LONGEST_QUANTITY = 100

_FOLDED = str.maketrans("µμ×·−⁻", "uux.--") | {ord("℃"): "Cel", ord("°"): "deg"}  # noqa: RUF001
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "−": "-"})  # noqa: RUF001


class Fault(Enum):
    """What kept a text from being a quantity."""

    NOT_A_QUANTITY = "not_a_quantity"
    UNKNOWN_UNIT = "unknown_unit"


class NotMeasured(ValueError):
    """Text that is no quantity. `fault` says which part, `reason` why, in words.

    For an unknown unit, `unit` is the unit as it was understood and `known` holds the units
    and aliases of the vocabulary.
    """

    def __init__(
        self, fault: Fault, reason: str, unit: str = "", known: tuple[str, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.fault = fault
        self.reason = reason
        self.unit = unit
        self.known = known


class Split(NamedTuple):
    """A quantity taken apart: `sign` is one of `< <= > >= =` or empty, `unit` as written."""

    sign: str
    number: Fraction
    unit: str


def parse_measured(text: str, vocabulary: Vocabulary) -> Measured:
    """`91 %`, `<0.3 10*9/L`, `>= 5 mg/L`, `0.5` (unit None): exact, in the unit as recorded.

    Raises NotMeasured for anything else: thousands separators, decimal commas, ranges,
    signs of approximation, digits other than 0 to 9, units that nobody knows.
    """
    parts = split_quantity(text, vocabulary.unit_aliases)
    number = parts.number
    match parts.sign:
        case "<" | "<=":
            amount = Amount(None, number, high_open=parts.sign == "<")
        case ">" | ">=":
            amount = Amount(number, None, low_open=parts.sign == ">")
        case _:
            amount = Amount.exactly(number)
    return Measured(amount, known_unit(parts.unit, vocabulary) if parts.unit else None)


def parse_limit(text: str, vocabulary: Vocabulary) -> Limit:
    """A reference limit such as `40 U/L`. Raises NotMeasured, also for `<40 U/L`."""
    measured = parse_measured(text, vocabulary)
    if measured.amount.low is None or not measured.amount.is_exact:
        raise NotMeasured(Fault.NOT_A_QUANTITY, "a limit is one number, without < or >")
    return Limit(measured.amount.low, measured.unit, text.strip())


def split_quantity(text: str, aliases: Mapping[str, str]) -> Split:
    """The sign, the number and the unit of a quantity. Raises NotMeasured.

    A unit of the alias table is a unit, even where it starts with digits (`109/L`).
    """
    if len(text) > LONGEST_QUANTITY:
        raise NotMeasured(Fault.NOT_A_QUANTITY, f"longer than {LONGEST_QUANTITY} characters")
    match = _shape().fullmatch(text.translate(_SIGNS).strip())
    if match is None:
        raise NotMeasured(Fault.NOT_A_QUANTITY, _why_no_number(text))
    sign, number, rest = match.groups()
    unit = " ".join(rest.split())
    reason = "" if unit in aliases else _why_no_unit(number, rest)
    if reason:
        raise NotMeasured(Fault.NOT_A_QUANTITY, reason)
    try:
        return Split(sign, exact_number(number), unit)
    except NotANumber as error:
        raise NotMeasured(Fault.NOT_A_QUANTITY, str(error)) from None


def known_unit(text: str, vocabulary: Vocabulary) -> str:
    """The UCUM code for a unit as written. Raises NotMeasured if it is none that is known."""
    unit = normal_unit(text, vocabulary.unit_aliases)
    if unit in units_of(vocabulary) or _is_ucum(unit):
        return unit
    known = (*sorted(units_of(vocabulary)), *vocabulary.unit_aliases)
    raise NotMeasured(Fault.UNKNOWN_UNIT, "unknown unit", text.strip(), known)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return re.sub(
        "(10)?([⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
        lambda m: (f"{m[1]}*" if m[1] else "") + m[2].translate(_SUPERSCRIPTS),
        " ".join(text.split()).translate(_FOLDED),
    )


@lru_cache(maxsize=4096)
def _powers_folded(unit: str) -> str:
    """`x 10^9/L` to `10*9/L`: a multiplication sign before a power of ten is of the number."""
    return re.sub(
        r"^(?:[xX*] ?)(?=10\*[0-9])", "", re.sub(r"(?<![0-9])10\^(?=-?[0-9])", "10*", unit)
    )


def normal_unit(text: str, aliases: Mapping[str, str]) -> str:
    """A unit as written to the code that it stands for; unchanged if nothing is known of it.

    Spaces are collapsed, micro signs become `u`, superscript digits plain ones (`10⁹` is
    `10*9`), then the alias table applies.
    """
    for form in (text.strip(), _folded(text), _powers_folded(_folded(text))):
        if form in aliases:
            return aliases[form]
    return _powers_folded(_folded(text))


def units_of(vocabulary: Vocabulary) -> frozenset[str]:
    """Every unit that the vocabulary itself can convert."""
    return _units_in(_Identity(vocabulary.concepts))


class _Identity:
    """A table as the key of a cache, compared by being the same object.

    A column of a million cells asks for the same table every time; its contents cannot be hashed.
    """

    def __init__(self, concepts: Mapping[str, Concept]) -> None:
        self.concepts = concepts

    def __hash__(self) -> int:
        return id(self.concepts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.concepts is other.concepts


@lru_cache(maxsize=4)
def _units_in(table: _Identity) -> frozenset[str]:
    return frozenset(
        unit
        for concept in table.concepts.values()
        for unit in (concept.unit, *concept.scales)
        if unit is not None
    )


def _is_ucum(unit: str) -> bool:
    from screen.units.library import is_ucum

    return is_ucum(unit)


@lru_cache(maxsize=1)
def _shape() -> re.Pattern[str]:
    return re.compile(
        r"(<=|>=|<|>|)\s*(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(.*)", re.DOTALL
    )


def _why_no_number(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        return "nothing is written"
    if any(c.isdigit() and c not in "0123456789" for c in stripped):
        return "only the digits 0 to 9 are read"
    if stripped[0] in "+.":
        return "a number starts with a digit, such as 0.5"
    if stripped[0] in "~≈=":
        return "write the number itself, or a bound with < <= > >="
    return "a quantity is a number and a unit, such as 91 %"


def _why_no_unit(number: str, rest: str) -> str:
    """Why what follows the number cannot be a unit, where it looks like part of the number."""
    if not rest:
        return ""
    first = rest[0]
    if first in ",.'’_" or re.match(r"\d{3}(?!\d)(?!\*)", rest):  # noqa: RUF001
        return "write no thousands separators, and a decimal point: 1250.5"
    if re.match(r"(-|–|—|to\b|\.\.|bis\b)\s*\d", rest):  # noqa: RUF001
        return "a range is not one result"
    if number in ("0", "-0") and re.match(r"[xXbBoO][0-9a-fA-F]*$", rest):
        return "write a decimal number"
    if any(c.isdigit() and c not in "0123456789⁰¹²³⁴⁵⁶⁷⁸⁹" for c in rest):
        return "only the digits 0 to 9 are read"
    return ""
