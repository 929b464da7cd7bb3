"""How a unit becomes the canonical unit of a concept."""

from fractions import Fraction

from screen.model.concept import Concept
from screen.model.quantity import Scale

_SAME = Scale(Fraction(1))


def scale_for(concept: Concept, unit: str) -> Scale | None:
    """The exact scale from `unit` (a UCUM code) to the concept's canonical unit.

    The vocabulary's own table comes first, the UCUM library second. None where the unit
    measures something else, and for concepts that are no quantities.
    """
    if concept.unit is None:
        return None
    if unit == concept.unit:
        return _SAME
    known = concept.scales.get(unit)
    if known is not None:
        return known
    from screen.units.library import library_scale

    return library_scale(unit, concept.unit, concept.molar_mass)
