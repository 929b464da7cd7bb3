"""Unit texts of a concept, each resolved once by the program's own reader."""

from typing import NamedTuple

from screen.model.concept import Concept, Vocabulary
from screen.model.quantity import Scale
from screen.units.scales import scale_for
from screen.units.text import NotMeasured, counts_single_cells, parse_measured

_LONGEST = 60


class Unit(NamedTuple):
    """`scale` is None where the text measures something else. `single_cells`: a point and three
    digits before it may mark thousands.
    """

    scale: Scale | None
    single_cells: bool = False


class Units:
    """What a text behind a number means for a concept; None where the program's own reader has
    to look at the whole cell.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[tuple[str, str], Unit | None] = {}

    def meaning(self, concept: Concept, text: str) -> Unit | None:
        key = (concept.name, text)
        if key not in self._known:
            self._known[key] = self._resolved(concept, text)
        return self._known[key]

    def _resolved(self, concept: Concept, text: str) -> Unit | None:
        if not text or len(text) > _LONGEST or not text.isprintable():
            return None
        try:
            # What follows the number may not depend on it, as in 0x10.
            units = {
                parse_measured(f"{number} {text}", self._vocabulary, concept).unit
                for number in (0, 1)
            }
        except NotMeasured:
            return None
        (unit, *others) = units
        if unit is None or others:
            return None
        scale = scale_for(concept, unit)
        return Unit(scale, scale is not None and counts_single_cells(concept, scale))
