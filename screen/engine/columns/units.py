"""Unit texts, each resolved once by the program's own parser, for use as a table."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from screen.engine.columns.grid import Grid
from screen.model.concept import Concept, Vocabulary
from screen.units.scales import scale_for
from screen.units.text import NotMeasured, parse_measured

Line = tuple[int, int]
_MOST_LEARNED = 1000
_LONGEST = 60


@dataclass
class UnitTable:
    """For one concept: the line of every unit text that has been met.

    `wrong` holds texts of units that measure something else. What is in neither is not known
    yet; `learn` asks the parser. Only what occurs is in the table, because every text is a
    branch of the query.
    """

    concept: Concept
    vocabulary: Vocabulary
    grid: Grid
    lines: dict[str, Line] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.learn([self.concept.unit or ""])

    def learn(self, texts: Iterable[str]) -> bool:
        """Resolve texts that occur; whether anything is known now that was not before."""
        known = len(self.lines) + len(self.wrong)
        for text in texts:
            if len(self._asked) < _MOST_LEARNED:
                self._resolve(text)
        return len(self.lines) + len(self.wrong) > known

    def _resolve(self, text: str) -> None:
        if text in self._asked:
            return
        self._asked.add(text)
        if not text or len(text) > _LONGEST or not text.isprintable() or '"' in text:
            return
        if "\\" in text or text != text.strip():
            return
        try:
            # What follows the number may not depend on it, as in 0x10.
            units = {parse_measured(f"{number} {text}", self.vocabulary) for number in (0, 1)}
        except NotMeasured:
            return
        unit = units.pop().unit
        if unit is None:
            return
        scale = scale_for(self.concept, unit)
        line = None if scale is None else self.grid.line(scale)
        if scale is None:
            self.wrong.add(text)
        elif line is not None:
            self.lines[text] = line


def unit_tables(vocabulary: Vocabulary, grids: Mapping[str, Grid]) -> dict[str, UnitTable]:
    return {
        name: UnitTable(vocabulary.concepts[name], vocabulary, grid) for name, grid in grids.items()
    }


def unit_texts(cells: Sequence[str | None]) -> set[str]:
    """What follows the number in cells."""
    shape = re.compile(r"(?:<=|>=|<|>|≤|≥|) ?-?[0-9]+(?:[.][0-9]+)?(?![0-9.eE]) ?(.*)")
    found = (shape.fullmatch(cell) for cell in cells if cell)
    return {match[1] for match in found if match and match[1]}
