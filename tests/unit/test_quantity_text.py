"""What sites write for a result, and what is made of it."""

from fractions import Fraction
from types import MappingProxyType

import pytest

from screen.model.concept import Concept, Kind, Vocabulary
from screen.model.quantity import Amount, Scale
from screen.units.text import Fault, NotMeasured, normal_unit, parse_limit, parse_measured

ALIASES = {"K/uL": "10*3/uL", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "109/L": "10*9/L"}
PLATELETS = Concept(
    "platelets",
    "Platelets",
    Kind.QUANTITY,
    unit="10*9/L",
    scales=MappingProxyType(
        {"10*3/uL": Scale(Fraction(1)), "/uL": Scale(Fraction(1, 1000)), "%": Scale(Fraction(1))}
    ),
)
PRESSURE = Concept("pao2", "PaO2", Kind.QUANTITY, unit="mm[Hg]")
VOCABULARY = Vocabulary(
    concepts=MappingProxyType({"platelets": PLATELETS, "pao2": PRESSURE}),
    contexts=MappingProxyType({}),
    unit_aliases=MappingProxyType(ALIASES),
    room_air=None,
)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("182 10*9/L", Amount.exactly(Fraction(182)), "10*9/L"),
        ("182 10^9/L", Amount.exactly(Fraction(182)), "10*9/L"),
        ("182 x 10^9/L", Amount.exactly(Fraction(182)), "10*9/L"),
        ("182 ×10⁹/L", Amount.exactly(Fraction(182)), "10*9/L"),  # noqa: RUF001
        ("182 109/L", Amount.exactly(Fraction(182)), "10*9/L"),
        ("182 K/uL", Amount.exactly(Fraction(182)), "10*3/uL"),
        ("182 K/µL", Amount.exactly(Fraction(182)), "10*3/uL"),
        ("91 %", Amount.exactly(Fraction(91)), "%"),
        ("91%", Amount.exactly(Fraction(91)), "%"),
        ("0.5", Amount.exactly(Fraction(1, 2)), None),
        ("-1 10*9/L", Amount.exactly(Fraction(-1)), "10*9/L"),
        ("1e3 /uL", Amount.exactly(Fraction(1000)), "/uL"),
        ("<0.3 10*9/L", Amount(None, Fraction(3, 10), high_open=True), "10*9/L"),
        ("<= 0.3 10*9/L", Amount(None, Fraction(3, 10)), "10*9/L"),
        ("> 3000 /uL", Amount(Fraction(3000), None, low_open=True), "/uL"),
        (">= 5 /uL", Amount(Fraction(5), None), "/uL"),
        ("≥5 /uL", Amount(Fraction(5), None), "/uL"),
        ("  76   mm   Hg ", Amount.exactly(Fraction(76)), "mm[Hg]"),
    ],
)
def test_a_result_is_read_exactly(text: str, amount: Amount, unit: str | None) -> None:
    measured = parse_measured(text, VOCABULARY)
    assert (measured.amount, measured.unit) == (amount, unit)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20,000 /uL", "thousands"),
        ("20 000 /uL", "thousands"),
        ("20'000 /uL", "thousands"),
        ("1.234,5 /uL", "thousands"),
        ("1.234.567 /uL", "thousands"),
        ("0,5 %", "thousands"),
        ("3-5 /uL", "range"),
        ("3 – 5 /uL", "range"),  # noqa: RUF001
        ("3 to 5 /uL", "range"),
        ("0x1F", "decimal"),
        ("NaN", "a number and a unit"),
        ("Infinity %", "a number and a unit"),
        ("٣ %", "0 to 9"),
        ("5٣ %", "0 to 9"),
        ("+5 %", "starts with a digit"),
        (".5 %", "starts with a digit"),
        ("~5 %", "bound"),
        ("positive", "a number and a unit"),
        ("", "nothing"),
        ("1e31 /uL", "exponent"),
        ("9" * 60, "40 characters"),
        ("9" * 10_000, "longer than"),
        ("5 %" + " " * 200, "longer than"),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(NotMeasured, match=reason) as caught:
        parse_measured(text, VOCABULARY)
    assert caught.value.fault is Fault.NOT_A_QUANTITY


@pytest.mark.parametrize("unit", ["foo", "10*9/Liter", "*9/L", "mm[Hgg]", "72/L"])
def test_an_unknown_unit_is_told_apart(unit: str) -> None:
    with pytest.raises(NotMeasured) as caught:
        parse_measured(f"5 {unit}", VOCABULARY)
    assert caught.value.fault is Fault.UNKNOWN_UNIT
    assert caught.value.unit == unit
    assert "10*9/L" in caught.value.known


def test_a_unit_outside_the_vocabulary_is_known_if_it_is_ucum() -> None:
    assert parse_measured("5 mmol/L", VOCABULARY).unit == "mmol/L"


def test_a_limit_is_one_number() -> None:
    limit = parse_limit("40 /uL", VOCABULARY)
    assert (limit.value, limit.unit, limit.text) == (Fraction(40), "/uL", "40 /uL")
    assert parse_limit("40", VOCABULARY).unit is None
    with pytest.raises(NotMeasured):
        parse_limit("<40 /uL", VOCABULARY)


@pytest.mark.parametrize(
    ("written", "unit"),
    [("m²", "m2"), ("μmol/L", "umol/L"), ("10³/μL", "10*3/uL"), ("X10^6/L", "10*6/L")],
)
def test_typography_is_folded(written: str, unit: str) -> None:
    assert normal_unit(written, {}) == unit
