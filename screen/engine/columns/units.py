"""Unit texts, each resolved once by the program's own parser."""

from screen.model.concept import Concept, Vocabulary
from screen.model.quantity import Scale
from screen.units.scales import scale_for
from screen.units.text import NotMeasured, parse_measured

_LONGEST = 60
WRONG = "wrong"


class Units:
    """What a text behind a number means for a concept.

    A `Scale`, `WRONG` where it measures something else, None where the program's own reader has
    to look at the whole cell.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[tuple[str, str], Scale | str | None] = {}

    def meaning(self, concept: Concept, text: str) -> Scale | str | None:
        key = (concept.name, text)
        if key not in self._known:
            self._known[key] = self._resolved(concept, text)
        return self._known[key]

    def _resolved(self, concept: Concept, text: str) -> Scale | str | None:
        if not text or len(text) > _LONGEST or not text.isprintable():
            return None
        try:
            # What follows the number may not depend on it, as in 0x10.
            units = {parse_measured(f"{number} {text}", self._vocabulary) for number in (0, 1)}
        except NotMeasured:
            return None
        unit = units.pop().unit
        if unit is None:
            return None
        return scale_for(concept, unit) or WRONG
