"""Exact numbers from text, and back."""

from fractions import Fraction

import pytest

from screen.units.number import NotANumber, decimal_text, exact_fraction, exact_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("182", Fraction(182)),
        ("0.1", Fraction(1, 10)),
        ("19.999", Fraction(19999, 1000)),
        ("-1", Fraction(-1)),
        ("1e3", Fraction(1000)),
        ("2.5E-3", Fraction(1, 400)),
        ("007.50", Fraction(15, 2)),
        ("9007199254740993", Fraction(9007199254740993)),  # a float would lose the last digit
    ],
)
def test_text_becomes_the_exact_number(text: str, value: Fraction) -> None:
    assert exact_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", ".5", "5.", "+5", "1_000", "20,000", "1.234,5", "1 000", "nan", "NaN"),
        *("Infinity", "-inf", "0x10", "1e", "e5", "1e31", "1e999999999", "٣", "5²", "--1"),
        "9" * 41,
        "9" * 10_000,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        exact_number(text)


def test_a_fraction_is_read_exactly() -> None:
    assert exact_fraction("5/9") == Fraction(5, 9)
    assert exact_fraction("-160/9") == Fraction(-160, 9)
    with pytest.raises(NotANumber):
        exact_fraction("1/0")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(90), "90"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-3, 2), "-1.5"),
        (Fraction(0), "0"),
        (Fraction(20000), "20000"),
        (Fraction(1, 3), "~0.333333"),
        (Fraction(2, 3), "~0.666667"),
        (Fraction(-2000, 3), "~-666.667"),
        (Fraction(1, 3000), "~0.000333333"),
        (Fraction(10_000_000, 3), "~3333333"),
        (Fraction(2999999999, 3000), "~1000000"),
    ],
)
def test_a_number_is_shown_exactly_or_marked_as_rounded(number: Fraction, text: str) -> None:
    assert decimal_text(number) == text
