"""What sites write for units: a reviewed table of spellings, each with the value that is right.

`unit_spellings.tsv` holds a concept, a result as written, and its value in the concept's own unit
(a decimal or a fraction), or `refused` where no value may come of it: the unit is unknown, it
measures something else, or the value is implausible in it.
"""

import csv
import re
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.units import spelling
from screen.units.folding import plain_unit, spelled_out
from screen.units.number import exact_fraction
from screen.units.spelling import kind_of, readings
from screen.units.text import NotMeasured, is_ambiguous, known_unit, split_quantity
from screen.units.unit import UnknownUnit, unit_of, unit_scale

VOCABULARY = load_vocabulary(default_rules_dir())
TABLE = Path(__file__).with_name("unit_spellings.tsv")


def rows() -> list[tuple[str, str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        _, *found = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [(concept, written, right) for concept, written, right in found]


def value(name: str, text: str) -> Fraction | None:
    """The value in the canonical unit; None if the result cannot be used."""
    concept = VOCABULARY.concepts[name]
    try:
        parts = split_quantity(text)
        if not parts.unit:
            return None
        known_unit(parts, VOCABULARY, concept)
    except NotMeasured:
        return None
    _, scale = unit_scale(concept, parts.unit, VOCABULARY)
    if scale is None or is_ambiguous(parts, concept, scale):
        return None
    amount = scale.apply(parts.amount)
    plausible = amount.overlaps(concept.plausible_low, concept.plausible_high)
    return amount.low if plausible and amount.is_exact else None


@pytest.mark.parametrize(("concept", "written", "right"), rows())
def test_a_spelling_is_read_right_or_refused(concept: str, written: str, right: str) -> None:
    expected = None if right == "refused" else exact_fraction(right)
    assert value(concept, written) == expected


@pytest.mark.parametrize(("alias", "unit"), sorted(VOCABULARY.unit_aliases.items()))
def test_an_everyday_spelling_is_what_the_grammar_reads(alias: str, unit: str) -> None:
    mark = unit[unit.index("{FEU}") :] if "{FEU}" in unit else ""
    kind = kind_of(unit.removesuffix(mark) if mark else unit)
    read = {r.code for r in readings(spelled_out(plain_unit(alias)).unit, kind) if not r.noun}
    assert read == {unit}


@pytest.mark.parametrize(
    ("text", "concept", "unit"),
    [
        ("G/L", "platelets", "10*9/L"),
        ("G/L", "hemoglobin", "g/L"),
        ("u/L", "alt", "U/L"),
        ("MG/L", "crp", "mg/L"),
        ("C", "body_temperature", "Cel"),
        ("F", "body_temperature", "[degF]"),
        ("S", "aptt", "s"),
        ("a", "age", "a"),
        ("%", "spo2", "%"),
        ("1", "fio2", "1"),
    ],
)
def test_a_spelling_with_two_meanings_is_that_of_the_concept(
    text: str, concept: str, unit: str
) -> None:
    assert unit_of(VOCABULARY.concepts[concept], text, VOCABULARY) == unit


@pytest.mark.parametrize(
    ("concept", "text"),
    [
        ("ferritin", "u/L"),
        ("crp", "u/L"),
        ("platelets", "C"),
        ("platelets", "MG/L"),
        ("platelets", "%"),
        ("platelets", "rad/uL"),  # a number to the library
        ("platelets", "mol/L"),
        ("respiratory_rate", "rad/min"),
        ("creatinine", "F"),
        ("d_dimer", "ug/mL{DDU}"),
        ("d_dimer_ddu", "ug/mL{FEU}"),
        ("creatinine_clearance", "mL/min/1.73 m2"),
        ("egfr", "mL/min"),
    ],
)
def test_a_unit_of_something_else_has_no_scale(concept: str, text: str) -> None:
    assert unit_scale(VOCABULARY.concepts[concept], text, VOCABULARY).scale is None


@pytest.mark.parametrize(
    ("concept", "text"),
    [
        ("platelets", "10*9999999/L"),
        ("platelets", "10*31/L"),
        ("platelets", "10^99999999999999999999999/L"),
        ("platelets", "10*-9/L"),
        ("platelets", "10*9" * 9 + "/L"),
        ("platelets", "m999999/L"),
        ("platelets", "/ML"),
        ("platelets", "10*3/ML"),
        ("platelets", "k/mm"),
        ("platelets", "mil/mm3"),
        ("platelets", "{WBC}/uL"),
        ("platelets", "PMN/uL"),
        ("ferritin", "ng/Gl"),
        ("creatinine", "gr/L"),
        ("creatinine", "µg/dL".upper()),  # a capital Greek mu, which looks like MG/DL
        ("spo2", "%FiO2"),
        ("pao2", "MPa"),
        ("respiratory_rate", "beats/min"),
        ("aptt", "x" * 61),
        ("aptt", "{" * 30),
    ],
)
def test_what_nobody_means_is_no_unit(concept: str, text: str) -> None:
    with pytest.raises(UnknownUnit):
        unit_of(VOCABULARY.concepts[concept], text, VOCABULARY)


def test_what_the_vocabulary_spells_out_starts_no_parser() -> None:
    everyday = {
        "platelets": ("10*9/L", "K/uL", "/mm3", "10^9/L"),
        "pao2": ("mm[Hg]", "mmHg", "kPa"),
        "creatinine": ("mg/dL", "mg/dl", "umol/L"),
        "alt": ("U/L", "IU/L"),
        "body_temperature": ("Cel", "°C"),
    }
    code = (
        "import sys\n"
        "from screen.language.loading.own_folder import default_rules_dir\n"
        "from screen.language.loading.rules_folder import load_vocabulary\n"
        "from screen.units.unit import unit_scale\n"
        "vocabulary = load_vocabulary(default_rules_dir())\n"
        f"for name, units in {everyday!r}.items():\n"
        "    for unit in units:\n"
        "        assert unit_scale(vocabulary.concepts[name], unit, vocabulary).scale\n"
        "print([name for name in ('lark', 'pint', 'ucumvert') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_every_word_is_one_of_the_grammar_and_passes_the_quick_look() -> None:
    folder = Path(spelling.__file__).parent
    grammar = (folder / "spelling.lark").read_text(encoding="utf-8")
    words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
    for name, word in words.items():
        assert re.search(rf"\b{name}\b", grammar), name
        for text in (*word.get("words", ()), *word.get("as_written", ())):
            assert text == plain_unit(text), text
            assert spelling.may_be_spelled(text), text
            assert spelling.may_be_spelled(text.upper()), text


def test_a_remark_is_not_parsed() -> None:
    assert not spelling.may_be_spelled("hemolyzed")
    assert not spelling.may_be_spelled("WBC/uL")
    assert spelling.may_be_spelled("WBC/uL", "leukocytes wbc")
