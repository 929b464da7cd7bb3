"""Spellings of units, put together from parts, against the UCUM library's own arithmetic.

The parts and what they mean are written here once more, as UCUM codes: nothing of the grammar is
used to say what is right.
"""

from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ucumvert import PintUcumRegistry

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Concept
from screen.model.quantity import Scale
from screen.units.text import NotMeasured, known_unit, split_quantity
from screen.units.unit import UnknownUnit, unit_of, unit_scale

VOCABULARY = load_vocabulary(default_rules_dir())

CUBIC_MM = {
    "mm3": "mm3",
    "mm^3": "mm3",
    "mm³": "mm3",
    "mmc": "mm3",
    "cmm": "mm3",
    "cumm": "mm3",
    "cu mm": "mm3",
    "cubic mm": "mm3",
    "uL": "uL",
    "µL": "uL",
    "μl": "uL",
    "mcL": "uL",
    "microL": "uL",
    "microliter": "uL",
    "微升": "uL",
}
LITRES = {"L": "L", "l": "L", "Lt": "L", "liter": "L", "litre": "L", "litro": "L", "升": "L"}
POWERS = ("10^{}", "10*{}", "10**{}", "10E{}", "10e{}", "10e+{}", "10({})", "10~{}", "10x{}", "E{}")
SIGNS = ("", "x", "x ", "X", "X ", "×", "× ", "*", "·", "1x")  # noqa: RUF001
CELLS = ("", " cells", " cell", " cel", " células", " Zellen", " cellule", " #")
PER = ("/", " /", "/ ", " / ", " per ")
SMALL = {"K": "10*3", "k": "10*3", "Thou": "10*3", "thousand": "10*3", "Tsd.": "10*3"} | {
    "mila": "10*3",
    "miles": "10*3",
    "milhares": "10*3",
    "千": "10*3",
    "万": "10*4",
    "lakh": "10*5",
    "Mio": "10*6",
    "million": "10*6",
}
LARGE = {"G": "10*9", "Giga": "10*9", "Gpt": "10*9", "Mrd.": "10*9", "billion": "10*9"} | {
    "Tpt": "10*12"
}
MASSES = {"g": "g", "gm": "g", "gram": "g", "mg": "mg", "milligram": "mg", "ug": "ug"} | {
    "µg": "ug",
    "mcg": "ug",
    "ng": "ng",
    "pg": "pg",
    "毫克": "mg",
}
AMOUNTS = {"mmol": "mmol", "umol": "umol", "µmol": "umol", "micromol": "umol", "nmol": "nmol"}
VOLUMES = LITRES | {"dL": "dL", "dl": "dL", "100 mL": "dL", "mL": "mL", "ml": "mL", "cc": "mL"}
UNITS = {"U": "U", "u": "U", "IU": "U", "UI": "U", "Units": "U", "[iU]": "U", "kU": "kU"} | {
    "mU": "mU",
    "µkat": "ukat",
    "ukat": "ukat",
    "nkat": "nkat",
}

Spelling = tuple[str, str]


def one_of(words: dict[str, str]) -> st.SearchStrategy[Spelling]:
    return st.sampled_from(sorted(words.items()))


@st.composite
def counts(draw: st.DrawFn) -> Spelling:
    """A spelling of a count, and its UCUM code."""
    cells, per = draw(st.sampled_from(CELLS)), draw(st.sampled_from(PER))
    form = draw(st.sampled_from(("power", "small", "large", "single")))
    if form == "power":
        exponent = draw(st.integers(2, 12))
        power = draw(st.sampled_from(POWERS)).format(exponent)
        volume, unit = draw(one_of(CUBIC_MM | LITRES))
        sign = draw(st.sampled_from(SIGNS))
        return f"{sign}{power}{cells}{per}{volume}", f"10*{exponent}/{unit}"
    if form == "single":
        volume, unit = draw(one_of(CUBIC_MM | LITRES))
        return f"{cells}{per}{volume}".strip(), f"/{unit}"
    words, volumes = (SMALL, CUBIC_MM) if form == "small" else (LARGE, LITRES)
    (word, power), (volume, unit) = draw(one_of(words)), draw(one_of(volumes))
    return f"{word}{cells}{per}{volume}", f"{power}/{unit}"


@st.composite
def ratios(draw: st.DrawFn, above: dict[str, str], below: dict[str, str]) -> Spelling:
    (top, top_unit), (volume, unit) = draw(one_of(above)), draw(one_of(below))
    return f"{top}{draw(st.sampled_from(PER))}{volume}", f"{top_unit}/{unit}"


@st.composite
def dressed(draw: st.DrawFn, spelling: Spelling) -> Spelling:
    """The same spelling with blanks, a stray dot or brackets around it."""
    text, unit = spelling
    form = draw(st.sampled_from(("{}", " {} ", "{}.", "({})", "{} ", "\u00a0{}")))
    return form.format(text), unit


@cache
def registry() -> Any:
    return PintUcumRegistry(non_int_type=Fraction)


def right(code: str, concept: Concept) -> Scale:
    """The factor by the library alone, with the molar mass where an amount becomes a mass."""
    quantity = registry().Quantity(Fraction(1), registry().from_ucum(code).units)
    target = registry().from_ucum(concept.unit or "").units
    if concept.molar_mass is not None and not quantity.check(target.dimensionality):
        quantity *= registry().Quantity(concept.molar_mass, "gram / mole")
    return Scale(Fraction(quantity.to(target).magnitude))


def check(name: str, spelling: Spelling) -> None:
    text, code = spelling
    concept = VOCABULARY.concepts[name]
    # The number is there because what follows it decides where it ends.
    parts = split_quantity(f"182 {text}")
    known_unit(parts, VOCABULARY, concept)
    assert unit_scale(concept, parts.unit, VOCABULARY).scale == right(code, concept)


@given(counts().flatmap(dressed), st.sampled_from(("platelets", "leukocytes", "neutrophils")))
def test_counts(spelling: Spelling, concept: str) -> None:
    check(concept, spelling)


@given(ratios(MASSES, VOLUMES).flatmap(dressed), st.sampled_from(("crp", "hemoglobin", "il_6")))
def test_masses(spelling: Spelling, concept: str) -> None:
    check(concept, spelling)


PLAIN = {text: unit for text, unit in MASSES.items() if text.isascii()}


@given(ratios(PLAIN, VOLUMES), st.sampled_from(("crp", "hemoglobin", "fibrinogen")))
def test_masses_in_capitals_are_no_megagrams(spelling: Spelling, concept: str) -> None:
    text, code = spelling
    check(concept, (text.upper(), code))


@given(ratios(AMOUNTS, VOLUMES).flatmap(dressed), st.sampled_from(("creatinine", "bilirubin")))
def test_amounts_of_substance(spelling: Spelling, concept: str) -> None:
    check(concept, spelling)


@given(ratios(UNITS, LITRES | {"mL": "mL", "dL": "dL"}).flatmap(dressed))
def test_enzymes(spelling: Spelling) -> None:
    check("alt", spelling)


ALPHABET = "10^*xXEeKkMmGgTtUuLlIiCcFfPpNnDdBbRr/ .%{}[]()µμ³⁹·×-+千次"  # noqa: RUF001


@given(st.text(ALPHABET, max_size=14), st.sampled_from(sorted(VOCABULARY.concepts)))
def test_no_text_is_read_as_something_absurd(text: str, name: str) -> None:
    concept = VOCABULARY.concepts[name]
    if concept.unit is None or not text.strip():
        return
    try:
        unit = unit_of(concept, text, VOCABULARY)
    except UnknownUnit:
        return
    scale = unit_scale(concept, text, VOCABULARY).scale
    # No laboratory counts in pieces of cells or reports per megalitre.
    assert scale is None or Fraction(1, 10**30) < scale.factor < 10**30
    assert scale is None or not any(mega in unit for mega in ("ML", "Ml", "Mm3", "Mg"))


@given(st.text(max_size=30))
def test_any_text_is_a_quantity_or_is_refused(text: str) -> None:
    try:
        parts = split_quantity(text)
        if parts.unit:
            known_unit(parts, VOCABULARY, VOCABULARY.concepts["platelets"])
    except NotMeasured:
        return
