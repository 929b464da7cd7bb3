"""A first draft of a mapping from a sample of a site's table; a person has to confirm it."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from screen.batch.mapping.draft_columns import (
    EITHER,
    Guess,
    guess,
    guess_long,
    names_of,
    plain,
    time_column,
)
from screen.batch.mapping.draft_sample import Sample, marks_of, sample_of, time_forms
from screen.intake.keys import PATIENT_COLUMNS, TIME_KEYS
from screen.intake.times import is_time
from screen.model.concept import Concept, Vocabulary
from screen.model.concept import Kind as ConceptKind
from screen.quoting import one_line, yaml_text
from screen.units.unit import UnknownUnit, unit_scale

_SEXES = {
    "male": ("m", "male", "man", "mann", "männlich", "maschio", "maschile", "hombre", "varón"),
    "female": ("f", "w", "female", "woman", "frau", "weiblich", "femmina", "femminile", "mujer"),
}
_ANSWERS = {
    "positive": ("pos", "positive", "detected", "reactive", "positivo", "positiv", "+"),
    "negative": ("neg", "negative", "not detected", "nonreactive", "negativo", "negativ", "-"),
    "present": ("yes", "y", "true", "ja", "si", "sí", "oui", "present"),
    "absent": ("no", "n", "false", "nein", "non", "absent"),
}
_MOST_CODES = 12


def template(table: Path, vocabulary: Vocabulary) -> str:
    """The draft as YAML. Raises ProblemsFound if the table has no header that can be read."""
    return "\n".join(_Draft(table.name, sample_of(table), vocabulary).lines()) + "\n"


class _Draft:
    def __init__(self, name: str, sample: Sample, vocabulary: Vocabulary) -> None:
        self._name = name
        self._sample = sample
        self._vocabulary = vocabulary
        self._others: dict[str, str] = {}
        long = guess_long(sample.header)
        self._guesses: Mapping[str, Guess] = (
            {column: Guess(target) for column, target in long.items()}
            if long
            else guess(sample.header, vocabulary)
        )
        for column in sample.header:
            finding, _ = EITHER.get(plain(column), ("", ""))
            words = [cell for cell in sample.cells[column] if not re.search(r"\d", cell)]
            if finding and words and finding not in {g.target for g in self._guesses.values()}:
                self._guesses = {**self._guesses, column: Guess(finding)}
        self._columns = {guessed.target: column for column, guessed in self._guesses.items()}
        for column, guessed in list(self._guesses.items()):
            concept = vocabulary.concepts.get(guessed.target)
            if guessed.unit and concept is not None and self._is_other(concept, guessed.unit):
                self._guesses = {c: g for c, g in self._guesses.items() if c != column}
                self._others[column] = (
                    f"seems to be {concept.name}, but in {one_line(guessed.unit)}"
                )
        self._fill_down = self._is_sparse(self._columns.get("case", ""))
        self._shape = "long" if long else self._rows_of_a_case(sample)
        if self._shape == "series" and (at := time_column(sample.header, self._guesses)):
            self._guesses = {**self._guesses, at: Guess("at")}

    def _rows_of_a_case(self, sample: Sample) -> str:
        """A row is a case, unless cases have several."""
        column = self._columns.get("case")
        several = column is not None and max(sample.counts(column).values(), default=0) > 1
        return "series" if several or self._fill_down else "wide"

    def _is_sparse(self, column: str) -> bool:
        """Whether a column stands in some rows only, as one that belongs to those below, too."""
        there = [column in row for row in self._sample.rows]
        return bool(there) and there[0] and sum(there) * 2 <= len(there)

    def lines(self) -> Iterator[str]:
        unknown = [column for column in self._sample.header if column not in self._guesses]
        rows = len(self._sample.rows)
        name = one_line(self._name)
        yield f"# A first draft for {name}, guessed from its header and {rows} rows:"
        yield "# confirm every line. A wrong guess gives wrong verdicts. Units come from names of"
        yield "# columns alone: a number without a unit decides nothing until it has one here."
        yield ""
        yield f"shape: {self._shape}   # confirm: wide (a row is a case), series (a sampling), long"
        yield from self._opened()
        if self._fill_down:
            case = yaml_text(self._columns["case"])
            yield f"fill_down: {case}   # confirm: it stands in some rows only"
        if "screened_at" not in self._columns:
            yield "# screened_at: 2020-03-21T09:00:00+01:00   # no column says it: one for all, or"
            yield "# screened_at: last                        # (series, long) the last of a case"
        yield '# offset: "+01:00"            # if the times carry none'
        yield "# zone: Europe/Rome           # instead of offset, where clocks are moved"
        yield '# not_recorded: ["-1", NA]    # cells that stand for nothing'
        yield from self._marks()
        yield ""
        yield "columns:" if self._guesses else "columns: {}"
        for column, guessed in self._guesses.items():
            yield f"  {yaml_text(column)}: {self._rule(column, guessed)}"
        yield ""
        yield "ignore:" if unknown else "ignore: {}"
        for column in unknown:
            yield f"  {yaml_text(column)}: {self._unknown(column)}; say why it is not used"

    def _unknown(self, column: str) -> str:
        """Why a column is not mapped."""
        if column in self._others:
            return self._others[column]
        cells = self._sample.cells[column]
        if cells and (time_forms(cells) or all(is_time(cell) for cell in cells)):
            return "holds times, and may be at or screened_at"
        if plain(column) in EITHER:
            return f"may be {' or '.join(EITHER[plain(column)])}"
        seems = names_of(self._vocabulary).get(plain(column))
        taken = self._columns.get(seems or "")
        if taken is not None:
            return f"seems to be {seems}, which {one_line(taken)} is already"
        return "no concept has a name like this"

    def _opened(self) -> Iterator[str]:
        reading = self._sample.reading
        if reading.encoding != "utf-8":
            yield f"encoding: {reading.encoding}   # confirm: the file is no UTF-8"
        if reading.delimiter != ",":
            yield f"delimiter: {json.dumps(reading.delimiter)}   # confirm"
        if reading.header_row > 1:
            yield f"header_row: {reading.header_row}   # confirm: what stands above is a title"
        if self._sample.sheets:
            others = ", ".join(one_line(name) for name in self._sample.sheets[1:])
            yield f"sheet: {yaml_text(reading.sheet)}   # confirm; the others are {others}"

    def _marks(self) -> Iterator[str]:
        numbers = [
            cell
            for column, guessed in self._guesses.items()
            if guessed.target == "value" or guessed.target not in (*PATIENT_COLUMNS, "at")
            for cell in self._sample.cells[column]
        ]
        decimal, thousands = marks_of(numbers)
        if decimal == ",":
            yield 'decimal: ","   # confirm: numbers are written with a comma'
        else:
            yield '# decimal: ","                # if numbers are written so'
        if thousands:
            yield f'thousands: "{thousands}"   # confirm'
        else:
            yield '# thousands: "."              # if 231.000 is 231 thousand'

    def _rule(self, column: str, guessed: Guess) -> str:
        target = guessed.target
        if target == "sex":
            return self._sex(column)
        if target in TIME_KEYS or target.endswith(".at"):
            return self._time(column, target)
        if target == "concept":
            return self._tests(column)
        if target == "value":
            return self._values(column)
        concept = self._vocabulary.concepts.get(target)
        if concept is None:
            return f"{target}   # confirm"
        if concept.kind is ConceptKind.QUANTITY:
            return self._quantity(concept, guessed.unit)
        return self._finding(column, concept)

    def _sex(self, column: str) -> str:
        counts = self._sample.counts(column)
        codes = _meanings(counts, _SEXES)
        asked = "" if codes or not counts else ", and say what the codes mean"
        said = f"   # confirm the codes{asked}{_occurring(counts)}"
        # Of few rows one sex may be all.
        for cell in [*codes] or ([] if counts else ["M"]):
            if cell in ("m", "M", "f", "F"):
                pair = {"m": "male", "f": "female", "w": "female"}
                more = pair if cell.islower() else {key.upper(): v for key, v in pair.items()}
                codes = {**more, **codes}
        return (f"{{is: sex, codes: {_flow(codes)}}}" if codes else "sex") + said

    def _time(self, column: str, target: str) -> str:
        cells = self._sample.cells[column]
        forms = time_forms(cells)
        if not forms:
            return f"{target}   # confirm"
        unsure = f"; {', '.join(forms[1:])} reads every cell as well" if len(forms) > 1 else ""
        return f'{{is: {target}, times: "{forms[0]}"}}   # confirm{unsure}'

    def _quantity(self, concept: Concept, unit: str) -> str:
        if unit and self._measures(concept, unit):
            return f"{{is: {concept.name}, unit: {yaml_text(unit)}}}   # confirm"
        units = ", ".join((concept.unit or "", *concept.scales))
        said = f"the name says {one_line(unit)}, which is not known; " if unit else ""
        confirm = "# confirm, and add unit: if numbers stand alone"
        return f"{{is: {concept.name}}}   {confirm} ({said}{units})"

    def _is_other(self, concept: Concept, unit: str) -> bool:
        """Whether a unit is known, and measures something else."""
        try:
            return unit_scale(concept, unit, self._vocabulary).scale is None
        except UnknownUnit:
            return False

    def _measures(self, concept: Concept, unit: str) -> bool:
        try:
            return unit_scale(concept, unit, self._vocabulary).scale is not None
        except UnknownUnit:
            return False

    def _finding(self, column: str, concept: Concept) -> str:
        values = concept.tree.values if concept.tree else ()
        counts = self._sample.counts(column)
        said = f"   # confirm; values: {', '.join(values)}{_occurring(counts)}"
        if all(cell in values for cell in counts):
            return f"{concept.name}{said}"
        known = {value: _ANSWERS.get(value, ()) for value in values}
        codes = {cell: cell for cell in counts if cell in values} | _meanings(counts, known)
        return (f"{{is: {concept.name}, codes: {_flow(codes)}}}" if codes else concept.name) + said

    def _tests(self, column: str) -> str:
        """The tests of a long table, by the names that occur most often."""
        names, counts = names_of(self._vocabulary), self._sample.counts(column)
        concepts = self._vocabulary.concepts
        codes = {
            test: names[plain(test)]
            for test, _ in counts.most_common()
            if names.get(plain(test)) in concepts and test not in concepts
        }
        said = f"   # confirm{_occurring(counts)}; a test that is no concept is not used"
        return (f"{{is: concept, codes: {_flow(codes)}}}" if codes else "concept") + said

    def _values(self, column: str) -> str:
        words = Counter(cell for cell in self._sample.cells[column] if not re.search(r"\d", cell))
        codes = _meanings(words, {value: _ANSWERS[value] for value in ("positive", "negative")})
        codes = {cell: meaning for cell, meaning in codes.items() if cell != meaning}
        said = f"   # confirm{_occurring(words)}"
        return (f"{{is: value, codes: {_flow(codes)}}}" if codes else "value") + said


def _meanings(counts: Counter[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The cells whose meaning their words show."""
    return {
        cell: meaning
        for cell, _ in counts.most_common(_MOST_CODES)
        for meaning, words in known.items()
        if cell.casefold() in words
    }


def _occurring(counts: Counter[str]) -> str:
    """`; M 188, F 187`: what occurs, most frequent first."""
    told = [f"{one_line(cell)[:30]} {count}" for cell, count in counts.most_common(_MOST_CODES)]
    more = len(counts) - len(told)
    if more > 0:
        told.append(f"and {more} more")
    return f"; occurring: {', '.join(told)}" if told else ""


def _flow(codes: Mapping[str, str]) -> str:
    pairs = (f"{yaml_text(cell)}: {yaml_text(text)}" for cell, text in codes.items())
    return f"{{{', '.join(pairs)}}}"
