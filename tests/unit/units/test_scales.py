"""One unit to another: the vocabulary's table, the UCUM library, and that they agree."""

from fractions import Fraction

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Concept, Kind
from screen.model.quantity import Scale
from screen.units.library import library_scale
from screen.units.scales import scale_for

VOCABULARY = load_vocabulary(default_rules_dir())
FACTORS = [
    (concept.name, unit) for concept in VOCABULARY.concepts.values() for unit in concept.scales
]
# Where UCUM sees a bare number, the vocabulary says by itself what a unit stands for; the
# library cannot confirm these, so every one of them is written out.
BY_MEANING = {
    ("%", "1"): Fraction(100),
    ("%", "L/L"): Fraction(100),
    ("{score}", "1"): Fraction(1),
    ("{score}", "{points}"): Fraction(1),
}


def quantity(unit: str, molar_mass: str | None = None) -> Concept:
    mass = None if molar_mass is None else Fraction(molar_mass)
    return Concept("x", "X", Kind.QUANTITY, unit=unit, molar_mass=mass)


@pytest.mark.parametrize(("name", "unit"), FACTORS)
def test_every_factor_of_the_vocabulary_is_the_exact_one(name: str, unit: str) -> None:
    concept = VOCABULARY.concepts[name]
    assert concept.unit is not None
    if concept.unit in ("%", "{score}"):
        expected: Scale | None = Scale(BY_MEANING[concept.unit, unit])
    else:
        # An annotation has no size: the factor is that of the unit without it.
        expected = library_scale(bare(unit), bare(concept.unit), concept.molar_mass)
    assert concept.scales[unit] == expected


def bare(unit: str) -> str:
    while "{" in unit:
        unit = unit[: unit.index("{")] + unit[unit.index("}") + 1 :]
    return unit.removesuffix("/")


@pytest.mark.parametrize(
    ("canonical", "unit", "factor", "offset"),
    [
        ("10*9/L", "/uL", "1/1000", "0"),
        ("10*9/L", "10*9/L", "1", "0"),
        ("mm[Hg]", "kPa", "500000/66661", "0"),  # 1 mm[Hg] is 133.322 Pa
        ("Cel", "[degF]", "5/9", "-160/9"),
        ("Cel", "K", "1", "-273.15"),
        ("U/L", "ukat/L", "60", "0"),
        ("m[IU]/mL", "[iU]/L", "1", "0"),
        ("mL/min/{1.73_m2}", "L/min/{1.73_m2}", "1000", "0"),
    ],
)
def test_the_library_is_exact(canonical: str, unit: str, factor: str, offset: str) -> None:
    assert scale_for(quantity(canonical), unit) == Scale(Fraction(factor), Fraction(offset))


def test_mass_and_substance_need_the_molar_mass() -> None:
    # 1 umol/L of 113.12 g/mol is 113.12 ug/L, which is 0.011312 mg/dL.
    assert scale_for(quantity("mg/dL", "113.12"), "umol/L") == Scale(Fraction("0.011312"))
    assert scale_for(quantity("mmol/L", "100"), "g/L") == Scale(Fraction(10))
    assert scale_for(quantity("mg/dL"), "umol/L") is None


@pytest.mark.parametrize(
    ("canonical", "unit"),
    [
        ("10*9/L", "mg/dL"),
        ("10*9/L", "[IU]/L"),  # the library would take an international unit for a number
        ("%", "10*9"),
        ("%", "{score}"),
        ("%", "1"),  # only the vocabulary may say so
        ("%", "[ppth]"),
        ("{score}", "%"),
        ("{score}", "1"),
        ("mL/min", "mL/min/{1.73_m2}"),  # indexed to body surface is another quantity
        ("mL/min/{1.73_m2}", "mL/min"),
        ("ug/mL", "ug{DDU}/mL"),  # D-dimer units are about half as large as FEU
        ("U/L", "[IU]/L"),
        ("mm[Hg]", "nonsense"),
        ("mg/L", ""),
        ("mm[Hg]", "[in_i'Hg]"),  # the library's size of it is not UCUM's
    ],
)
def test_another_meaning_does_not_convert(canonical: str, unit: str) -> None:
    assert scale_for(quantity(canonical), unit) is None


def test_a_concept_without_a_unit_has_no_scale() -> None:
    assert scale_for(Concept("x", "X", Kind.FINDING), "%") is None


@pytest.mark.parametrize("unit", ["[degF]", "Cel"])
def test_a_temperature_is_no_amount_of_substance(unit: str) -> None:
    assert scale_for(VOCABULARY.concepts["creatinine"], unit) is None
