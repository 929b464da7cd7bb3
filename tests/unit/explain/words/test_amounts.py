"""Amounts, ages and names in words."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from screen.explain.words.amounts import age_text, amount_text, span_text, when_text
from screen.explain.words.concept_names import spoken
from screen.model.concept import Kind
from screen.model.moment import DAY, HOUR, MINUTE, instant, whole_day
from screen.model.quantity import Amount

SCREENED = instant("2020-03-21T09:00", datetime(2020, 3, 21, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Amount.exactly(Fraction(90)), "90 x"),
        (Amount.exactly(Fraction(1, 3)), "~0.333333 x"),
        (Amount(None, Fraction(3, 10), high_open=True), "<0.3 x"),
        (Amount(Fraction(3), None), ">=3 x"),
        (Amount(Fraction(1), Fraction(2), low_open=True), ">1 and <=2 x"),
        (Amount(None, None), "any number of x"),
    ],
)
def test_amount_text(amount: Amount, expected: str) -> None:
    assert amount_text(amount, "x") == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (25 * MINUTE, "25 min"),
        (9 * HOUR, "9 h"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (3 * DAY + 4 * MINUTE, "3 d"),
        (2 * HOUR + 5 * MINUTE + 1, "2 h 5 min"),
        (MINUTE - 1, "0 min"),
    ],
)
def test_span_text(span: int, expected: str) -> None:
    assert span_text(span) == expected


def test_a_day_counts_from_its_beginning() -> None:
    day = whole_day("2020-03-21", date(2020, 3, 21), datetime(2020, 3, 21, tzinfo=UTC))
    assert age_text(day, SCREENED) == "9 h"
    assert when_text(day) == " on 2020-03-21"
    assert when_text(SCREENED) == " at 2020-03-21T09:00"


def test_no_age_without_a_time_or_after_the_screening() -> None:
    later = instant("later", datetime(2020, 3, 21, 9, 1, tzinfo=UTC))
    assert age_text(None, SCREENED) is None
    assert age_text(later, SCREENED) is None
    assert when_text(None) == ""


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("platelets", "Platelet count", "platelets"),
        ("hepatitis_b", "Hepatitis B", "hepatitis B"),
        ("sars_cov_2_test", "Test for SARS-CoV-2", "SARS-CoV-2 test"),
        ("crp", "C-reactive protein", "C-reactive protein"),
        ("pf_ratio", "PaO2/FiO2 ratio (Horowitz index)", "PaO2/FiO2 ratio"),
        ("quantiferon", "QuantiFERON test for tuberculosis", "QuantiFERON"),
        ("spo2", "Oxygen saturation by pulse oximeter", "oxygen saturation by pulse oximeter"),
    ],
)
def test_what_a_concept_is_called(name: str, label: str, expected: str) -> None:
    assert spoken(name, label, Kind.QUANTITY) == expected


def test_an_attestation_is_called_by_its_whole_label() -> None:
    label = "Cannot follow, and nobody consents"
    assert spoken("x_y", label, Kind.ATTESTATION) == "cannot follow, and nobody consents"
    assert spoken("consent", "Consent (or assent)", Kind.ATTESTATION) == "consent"
