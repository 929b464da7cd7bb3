"""Text as sites write it, `182 10*9/L` or `<0.3 mg/L`, to an exact amount and a UCUM unit.

What is exact, and what is refused or ambiguous: `docs/semantics.md`, section 3.
"""

import re
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from screen.model.case import Limit, Measured
from screen.model.concept import Concept, Vocabulary
from screen.model.quantity import Amount, Scale
from screen.units.folding import plain_number
from screen.units.number import NotANumber, exact_number
from screen.units.scales import scale_for
from screen.units.signs import PATTERN, leading_words, sign_of
from screen.units.unit import UnknownUnit, accepted_units, unit_of

LONGEST_QUANTITY = 100
_MOST_UNITS_SHOWN = 4


class Fault(Enum):
    """What kept a text from being a quantity."""

    NOT_A_QUANTITY = "not_a_quantity"
    UNKNOWN_UNIT = "unknown_unit"
    AMBIGUOUS = "ambiguous"


class NotMeasured(ValueError):
    """Text that is no quantity. `fault` says which part, `reason` why, in words.

    For an unknown unit, `unit` is the unit as it was written, and `reason` is what to say behind
    "unknown unit": why nobody can tell, or which units are known for the concept. It never names
    one unit as the nearest, which could be of another size. For an ambiguous number, `literal` is
    what it is if its point is a decimal point.
    """

    def __init__(
        self, fault: Fault, reason: str, unit: str = "", literal: Measured | None = None
    ) -> None:
        super().__init__(reason)
        self.fault = fault
        self.reason = reason
        self.unit = unit
        self.literal = literal


class Split(NamedTuple):
    """A quantity taken apart: `sign` is one of `< <= > >= =` or empty, `unit` as written.

    `written` is the number as written, which `is_ambiguous` asks for.
    """

    sign: str
    number: Fraction
    unit: str
    written: str

    @property
    def amount(self) -> Amount:
        """The number, or the interval that its sign makes of it."""
        if self.sign in ("<", "<="):
            return Amount(None, self.number, high_open=self.sign == "<")
        if self.sign in (">", ">="):
            return Amount(self.number, None, low_open=self.sign == ">")
        return Amount.exactly(self.number)


def parse_measured(
    text: str, vocabulary: Vocabulary, concept: Concept | None = None, *, settled: bool = False
) -> Measured:
    """`91 %`, `<0.3 10*9/L`, `less than 5 mg/L`, `0.5` (unit None): exact, in the unit recorded.

    The unit is read as one of `concept`. Raises NotMeasured for anything else: thousands
    separators, decimal commas, ranges, signs of approximation, digits other than 0 to 9, units
    that nobody knows, and a point that may mark thousands (`is_ambiguous`) unless the file says
    what its points mean: then `settled` is true.
    """
    parts = split_quantity(text)
    unit = known_unit(parts, vocabulary, concept) if parts.unit else None
    measured = Measured(parts.amount, unit)
    if concept is not None and unit is not None and not settled and _has_three_places(parts):
        scale = scale_for(concept, unit)
        if scale is not None and is_ambiguous(parts, concept, scale):
            raise NotMeasured(Fault.AMBIGUOUS, two_readings(parts), literal=measured)
    return measured


def parse_limit(
    text: str, vocabulary: Vocabulary, concept: Concept | None = None, *, settled: bool = False
) -> Limit:
    """A reference limit such as `40 U/L`. Raises NotMeasured, also for `<40 U/L`.

    A limit that is ambiguous has no unit, so that nothing is compared with it and its result
    still counts.
    """
    try:
        measured = parse_measured(text, vocabulary, concept, settled=settled)
    except NotMeasured as error:
        if error.literal is None:
            raise
        measured = Measured(error.literal.amount, None)
    if measured.amount.low is None or not measured.amount.is_exact:
        raise NotMeasured(Fault.NOT_A_QUANTITY, "a limit is one number, without < or >")
    return Limit(measured.amount.low, measured.unit, text.strip())


@lru_cache(maxsize=16384)
def split_quantity(text: str) -> Split:
    """The sign, the number and the unit of a quantity. Raises NotMeasured."""
    if len(text) > LONGEST_QUANTITY:
        raise NotMeasured(Fault.NOT_A_QUANTITY, f"longer than {LONGEST_QUANTITY} characters")
    match = _shape().fullmatch(plain_number(text).strip())
    worded = ""
    if match is None:
        worded, rest = leading_words(plain_number(text))
        match = _shape().fullmatch(rest.strip()) if worded else None
    if match is None or (worded and match[1]) or (match[1] and not sign_of(match[1])):
        raise NotMeasured(Fault.NOT_A_QUANTITY, _why_no_number(text))
    sign, number, unit = match.groups()
    try:
        exact = exact_number(number)
        return Split(worded or sign_of(sign) or "", exact, " ".join(unit.split()), number)
    except NotANumber as error:
        raise NotMeasured(Fault.NOT_A_QUANTITY, str(error)) from None


def known_unit(parts: Split, vocabulary: Vocabulary, concept: Concept | None) -> str:
    """The UCUM code of the unit behind a number. Raises NotMeasured if it is none.

    A unit may start with digits (`109/L`); what is no unit may be the rest of a number.
    """
    try:
        return unit_of(concept, parts.unit, vocabulary)
    except UnknownUnit as unknown:
        reason = _why_no_unit(parts.written, parts.unit)
        if reason:
            raise NotMeasured(Fault.NOT_A_QUANTITY, reason) from None
        detail = what_is_known(unknown, concept)
        raise NotMeasured(Fault.UNKNOWN_UNIT, detail, parts.unit) from None


def what_is_known(unknown: UnknownUnit, concept: Concept | None) -> str:
    """What to say behind `unknown unit "x"`: why nobody can tell, or some of the known ones."""
    if unknown.reason:
        return f": {unknown.reason}"
    known = accepted_units(concept) if concept else ()
    if concept is None or not known:
        return ""
    shown = ", ".join(known[:_MOST_UNITS_SHOWN])
    return f"; {concept.name} can be in {shown}{', ...' if len(known) > _MOST_UNITS_SHOWN else ''}"


def is_ambiguous(parts: Split, concept: Concept, scale: Scale) -> bool:
    """Whether the point of a count of single cells may mark thousands: `231.000 /mm3`.

    There is no fraction of a cell. A count per microlitre with a point and exactly three digits
    is ambiguous if a thousand times as much is plausible too. `scale` is that of its unit.
    """
    if not _has_three_places(parts) or not counts_single_cells(concept, scale):
        return False
    thousandfold = scale.apply(parts.amount.scaled(Fraction(1000)))
    return thousandfold.overlaps(concept.plausible_low, concept.plausible_high)


def counts_single_cells(concept: Concept, scale: Scale) -> bool:
    """Whether a unit of this scale is one cell per microlitre (`/mm3`, `cells/uL`, `10*6/L`).

    For a whole column: only numbers in such a unit can be ambiguous.
    """
    return scale == _per_microlitre(concept)


def _has_three_places(parts: Split) -> bool:
    whole, _, places = parts.written.partition(".")
    return len(places) == 3 and (whole.lstrip("-") + places).isdecimal()


def two_readings(parts: Split) -> str:
    """Both readings of `231.000 /mm3`, and what to do about it."""
    thousands, decimal = parts.written.replace(".", ""), parts.written.rstrip("0").rstrip(".")
    return (
        f"its point may be decimal ({decimal}) or mark thousands ({thousands}): write one of them"
    )


def _per_microlitre(concept: Concept) -> Scale | None:
    """The scale of one cell per microlitre; None for what is no count of cells."""
    if concept.unit in ("/uL", "/mm3"):
        return scale_for(concept, concept.unit)
    return concept.scales.get("/uL", concept.scales.get("/mm3"))


@lru_cache(maxsize=1)
def _shape() -> re.Pattern[str]:
    return re.compile(
        rf"({PATTERN}|)\s*(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(.*)", re.DOTALL
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
