"""A value in the unit of the limit that it is compared with, to be checked at the bedside."""

from collections.abc import Iterable
from fractions import Fraction

from screen.explain.words.amounts import amount_text
from screen.explain.words.background import Background
from screen.model.case import Measured
from screen.model.concept import Concept
from screen.model.criterion import Comparison
from screen.model.fact import Evidence, Value
from screen.model.quantity import Scale
from screen.units.text import NotMeasured, split_quantity
from screen.units.unit import UnknownUnit, unit_of

_SAME = Scale(Fraction(1))


def converted_text(
    value: Value, item: Evidence, comparisons: Iterable[Comparison], background: Background
) -> str:
    """` (90000 /mm3)` where the limit is in another unit than the value; "" where it is not.

    The unit is that of the protocol, or the canonical one where the vocabulary has no scale
    for it (and for multiples of a laboratory's limit, which are shown in it).
    """
    concept = background.concept(item.concept)
    if value.amount is None or concept.unit is None or item.unit:
        return ""
    written = _unit_as_shown(value, item, concept.unit)
    shown = []
    for comparison in comparisons:
        unit, scale = _unit_of_limit(comparison, concept, background)
        if _code(unit, concept, background) != written:
            amount = value.amount.scaled(1 / scale.factor, -scale.offset / scale.factor)
            shown.append(amount_text(amount, unit))
    return f" ({', '.join(dict.fromkeys(shown))})" if shown else ""


def _unit_as_shown(value: Value, item: Evidence, canonical: str) -> str | None:
    """The unit in which `recorded.value_text` shows the value."""
    record = item.observation
    if record is None or item.amount != value.amount or not isinstance(record.value, Measured):
        return canonical
    return record.value.unit


def _unit_of_limit(
    comparison: Comparison, concept: Concept, background: Background
) -> tuple[str, Scale]:
    """The unit of a limit as the protocol spells it, and how it becomes the canonical one.

    The UCUM library is not asked: a sentence is not worth the second that it takes to start.
    """
    assert concept.unit is not None
    if comparison.reference is None:
        try:
            limit = split_quantity(comparison.text.lstrip("<>= "))
        except NotMeasured:
            return concept.unit, _SAME
        unit = _code(limit.unit, concept, background)
        scale = _SAME if unit == concept.unit else concept.scales.get(unit)
        # A site may spell another unit that way; then the number would not be the limit.
        if scale and limit.number * scale.factor + scale.offset == comparison.limit:
            return limit.unit, scale
    return concept.unit, _SAME


def _code(unit: str, concept: Concept, background: Background) -> str:
    """The unit of a limit as a code; as it stands if it is none for this vocabulary."""
    try:
        return unit_of(concept, unit, background.vocabulary)
    except UnknownUnit:
        return unit
