"""How a unit becomes the canonical unit of a concept."""

from fractions import Fraction

from screen.model.concept import Concept
from screen.model.quantity import Scale

_SAME = Scale(Fraction(1))


def scale_for(concept: Concept, unit: str) -> Scale | None:
    """The exact scale from `unit` (a UCUM code) to the concept's canonical unit.

    The vocabulary's own table comes first, the UCUM library second. None where the unit
    measures something else, and for concepts that are no quantities. For a unit as somebody
    wrote it ask `unit.unit_scale`.
    """
    if concept.unit is None:
        return None
    if unit == concept.unit:
        return _SAME
    known = concept.scales.get(unit)
    if known is not None:
        return known
    from screen.units.spelling import kind_of

    kinds = (kind_of(unit), kind_of(concept.unit))
    if all(kinds) and kinds[0] != kinds[1]:
        # The library, which takes a second to start, would find another dimension.
        return None
    from screen.units.library import library_scale

    return library_scale(unit, concept.unit, concept.molar_mass)
