"""What sites write for a result, and what is made of it."""

from fractions import Fraction
from types import MappingProxyType

import pytest

from screen.model.concept import Concept, Kind, Vocabulary
from screen.model.quantity import Amount, Scale
from screen.units.scales import scale_for
from screen.units.text import (
    Fault,
    NotMeasured,
    Split,
    is_ambiguous,
    known_unit,
    parse_limit,
    parse_measured,
    split_quantity,
)

ALIASES = {"K/uL": "10*3/uL", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "109/L": "10*9/L"}
PLATELETS = Concept(
    "platelets",
    "Platelets",
    Kind.QUANTITY,
    unit="10*9/L",
    scales=MappingProxyType(
        {
            "10*3/uL": Scale(Fraction(1)),
            "/uL": Scale(Fraction(1, 1000)),
            "/mm3": Scale(Fraction(1, 1000)),
        }
    ),
    plausible_low=Fraction(0),
    plausible_high=Fraction(5000),
)
PRESSURE = Concept("pao2", "PaO2", Kind.QUANTITY, unit="mm[Hg]")
SHARE = Concept("spo2", "SpO2", Kind.QUANTITY, unit="%")
CONCEPTS = {concept.name: concept for concept in (PLATELETS, PRESSURE, SHARE)}
VOCABULARY = Vocabulary(
    concepts=MappingProxyType(CONCEPTS),
    contexts=MappingProxyType({}),
    unit_aliases=MappingProxyType(ALIASES),
    room_air=None,
    refused_units=MappingProxyType({"mil": "a thousand or a million"}),
)


def wide(text: str) -> str:
    """The text in the full-width characters of East Asian typography."""
    return "".join("\u3000" if c == " " else chr(ord(c) + 0xFEE0) for c in text)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "concept"),
    [
        ("182 10*9/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),
        ("182 10^9/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),
        ("182 x 10^9/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),
        ("182 ×10⁹/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),  # noqa: RUF001
        ("182·10⁹/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),
        ("182 109/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),
        ("182 K/uL", Amount.exactly(Fraction(182)), "10*3/uL", PLATELETS),
        ("182 K/µL", Amount.exactly(Fraction(182)), "10*3/uL", PLATELETS),
        ("182 K/μL", Amount.exactly(Fraction(182)), "10*3/uL", PLATELETS),
        ("182\u00a0K/uL", Amount.exactly(Fraction(182)), "10*3/uL", PLATELETS),
        ("182\u202f10⁹/L", Amount.exactly(Fraction(182)), "10*9/L", PLATELETS),
        (wide("182.5 10^9/L"), Amount.exactly(Fraction(365, 2)), "10*9/L", PLATELETS),
        ("91 %", Amount.exactly(Fraction(91)), "%", SHARE),
        ("91%", Amount.exactly(Fraction(91)), "%", SHARE),
        (wide("91%"), Amount.exactly(Fraction(91)), "%", SHARE),
        ("0.5", Amount.exactly(Fraction(1, 2)), None, SHARE),
        ("-1 10*9/L", Amount.exactly(Fraction(-1)), "10*9/L", PLATELETS),
        ("−1 10*9/L", Amount.exactly(Fraction(-1)), "10*9/L", PLATELETS),  # noqa: RUF001
        ("1e3 /uL", Amount.exactly(Fraction(1000)), "/uL", PLATELETS),
        ("= 5 /uL", Amount.exactly(Fraction(5)), "/uL", PLATELETS),
        ("<0.3 10*9/L", Amount(None, Fraction(3, 10), high_open=True), "10*9/L", PLATELETS),
        (
            wide("<0.3") + " 10*9/L",
            Amount(None, Fraction(3, 10), high_open=True),
            "10*9/L",
            PLATELETS,
        ),
        ("<= 0.3 10*9/L", Amount(None, Fraction(3, 10)), "10*9/L", PLATELETS),
        ("< = 0.3 10*9/L", Amount(None, Fraction(3, 10)), "10*9/L", PLATELETS),
        ("> 3000 /uL", Amount(Fraction(3000), None, low_open=True), "/uL", PLATELETS),
        (">= 5 /uL", Amount(Fraction(5), None), "/uL", PLATELETS),
        ("=> 5 /uL", Amount(Fraction(5), None), "/uL", PLATELETS),
        ("≥5 /uL", Amount(Fraction(5), None), "/uL", PLATELETS),
        ("LESS THAN 5 K/uL", Amount(None, Fraction(5), high_open=True), "10*3/uL", PLATELETS),
        ("less  than 5 K/uL", Amount(None, Fraction(5), high_open=True), "10*3/uL", PLATELETS),
        ("Under 5 K/uL", Amount(None, Fraction(5), high_open=True), "10*3/uL", PLATELETS),
        ("menor que 5 K/uL", Amount(None, Fraction(5), high_open=True), "10*3/uL", PLATELETS),
        ("小于5 K/uL", Amount(None, Fraction(5), high_open=True), "10*3/uL", PLATELETS),
        ("less than or equal to 5 /uL", Amount(None, Fraction(5)), "/uL", PLATELETS),
        ("GREATER THAN 400 K/uL", Amount(Fraction(400), None, True), "10*3/uL", PLATELETS),
        ("above 30 /uL", Amount(Fraction(30), None, low_open=True), "/uL", PLATELETS),
        ("at least 30 /uL", Amount(Fraction(30), None), "/uL", PLATELETS),
        ("größer als 30 /uL", Amount(Fraction(30), None, low_open=True), "/uL", PLATELETS),
        ("  76   mm   Hg ", Amount.exactly(Fraction(76)), "mm[Hg]", PRESSURE),
    ],
)
def test_a_result_is_read_exactly(
    text: str, amount: Amount, unit: str | None, concept: Concept
) -> None:
    measured = parse_measured(text, VOCABULARY, concept)
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
        (wide("3,5") + " %", "thousands"),
        ("3-5 /uL", "range"),
        ("3 – 5 /uL", "range"),  # noqa: RUF001
        ("3 to 5 /uL", "range"),
        ("0x1F", "decimal"),
        ("NaN", "a number and a unit"),
        ("Infinity %", "a number and a unit"),
        ("less than", "a number and a unit"),
        ("less than < 5 /uL", "a number and a unit"),
        ("less than or 5 /uL", "a number and a unit"),
        ("<> 5 /uL", "a number and a unit"),
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
        parse_measured(text, VOCABULARY, PLATELETS)
    assert caught.value.fault is Fault.NOT_A_QUANTITY


@pytest.mark.parametrize("unit", ["foo", "*9/L", "mm[Hgg]", "72/L", "10*9999999/L", "µ" * 80])
def test_an_unknown_unit_is_told_apart_and_no_other_is_offered_for_it(unit: str) -> None:
    with pytest.raises(NotMeasured) as caught:
        parse_measured(f"5 {unit}", VOCABULARY, PLATELETS)
    assert caught.value.fault is Fault.UNKNOWN_UNIT
    assert caught.value.unit == unit
    assert caught.value.reason == "; platelets can be in 10*9/L, 10*3/uL, /uL, /mm3"


def test_a_word_with_two_meanings_is_refused_with_both() -> None:
    with pytest.raises(NotMeasured) as caught:
        parse_measured("181 mil/mm3", VOCABULARY, PLATELETS)
    assert caught.value.reason == ": a thousand or a million"


def test_a_unit_outside_the_vocabulary_is_known_if_it_is_ucum() -> None:
    assert parse_measured("5 mmol/L", VOCABULARY, PLATELETS).unit == "mmol/L"


def test_a_limit_is_one_number() -> None:
    limit = parse_limit("40 /uL", VOCABULARY, PLATELETS)
    assert (limit.value, limit.unit, limit.text) == (Fraction(40), "/uL", "40 /uL")
    assert parse_limit("40", VOCABULARY, PLATELETS).unit is None
    with pytest.raises(NotMeasured):
        parse_limit("<40 /uL", VOCABULARY, PLATELETS)


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [
        ("231.000 /mmc", True),
        ("231.000 /uL", True),
        ("231.000 cells/mm3", True),
        ("<20.000 /mm3", True),
        ("less than 20.000 /mm3", True),
        ("4.100 /mm3", True),
        ("0.231 /mm3", True),
        (wide("5.000") + " /mm3", True),
        ("5000.000 /mm3", True),  # 5 000 000 /mm3 is still plausible: the highest is so
        ("5000.001 /mm3", False),  # a thousand times as much is not
        ("231.00 /mm3", False),
        ("231.0000 /mm3", False),
        ("231 /mm3", False),
        ("231000 /mm3", False),
        ("2.310e2 /mm3", False),
        ("231.000 10*9/L", False),
        ("240.000 K/uL", False),
    ],
)
def test_a_point_in_a_count_of_single_cells_may_mark_thousands(text: str, ambiguous: bool) -> None:
    parts = split_quantity(text)
    scale = scale_for(PLATELETS, known_unit(parts, VOCABULARY, PLATELETS))
    assert scale is not None
    assert is_ambiguous(parts, PLATELETS, scale) is ambiguous


def test_an_ambiguous_result_is_told_apart_with_both_readings() -> None:
    with pytest.raises(
        NotMeasured, match=r"decimal \(231\) or mark thousands \(231000\)"
    ) as caught:
        parse_measured("231.000 /mmc", VOCABULARY, PLATELETS)
    assert caught.value.fault is Fault.AMBIGUOUS
    literal = parse_measured("231 /mm3", VOCABULARY, PLATELETS)
    assert caught.value.literal == literal
    settled = parse_measured("231.000 /mmc", VOCABULARY, PLATELETS, settled=True)
    assert settled == literal


def test_an_ambiguous_limit_has_no_unit_and_limits_nothing() -> None:
    limit = parse_limit("400.000 /mm3", VOCABULARY, PLATELETS)
    assert (limit.unit, limit.text) == (None, "400.000 /mm3")
    assert parse_limit("400.000 /mm3", VOCABULARY, PLATELETS, settled=True).unit == "/mm3"


def test_other_quantities_keep_their_decimals() -> None:
    scale = scale_for(PRESSURE, "mm[Hg]")
    assert scale is not None
    assert not is_ambiguous(split_quantity("76.125 mm[Hg]"), PRESSURE, scale)


def test_a_quantity_is_taken_apart() -> None:
    assert split_quantity("<= 0.30  mg / L") == Split("<=", Fraction(3, 10), "mg / L", "0.30")
