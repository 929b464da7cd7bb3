"""What the number format of a spreadsheet cell shows."""

from decimal import Decimal

import pytest

from screen.batch.tables.number_format import section_for


@pytest.mark.parametrize(
    ("form", "day", "clock"),
    [
        ("yyyy-mm-dd", True, False),
        ("yyyy-mm-dd hh:mm", True, True),
        ("d/m/yy h:mm AM/PM", True, True),
        # The locale "zh-CN" holds an h, and is none; nor are the letters of a colour.
        ("[$-zh-CN]yyyy/m/d", True, False),
        ("[$-th-TH,107]d mmmm yyyy;@", True, False),
        ("[White]dd.mm.yyyy", True, False),
        ('yyyy"h"mm"s"dd', True, False),
        (r"yyyy\hmm\sdd", True, False),
        ("[$-F800]dddd, mmmm dd, yyyy", True, False),
        ("mmm-yy", True, False),
        ("mmmm", True, False),
        ("h:mm", False, True),
        ("mm:ss.000", False, True),
        ("General", False, False),
        ("0.00E+00", False, False),
        ('#,##0.0" mg/dL"', False, False),
        ("0.0 mg", False, False),
        ("@", False, False),
        ('"yyyy-mm-dd"', False, False),
        ("[Red][>=100]0;[Blue]0.0", False, False),
        ('_-* #,##0.00\\ "d"_-', False, False),
    ],
)
def test_days_and_clocks(form: str, day: bool, clock: bool) -> None:
    section = section_for(form, Decimal(43927))
    assert (section.day, section.clock) == (day, clock)


@pytest.mark.parametrize(
    ("form", "percents", "per_cent"),
    [
        ("0.0%", 1, False),
        ("0.0 %;[Red]-0.0 %", 1, False),
        (r"0.0\%", 0, True),
        ('0.0"%"', 0, True),
        ('0.0" % of cells"', 0, True),
        ("[$%-409]0.0", 0, True),
        ("0%%", 2, False),
        ("0.0_%", 0, False),
        ("0.0*%", 0, False),
    ],
)
def test_only_a_plain_sign_multiplies(form: str, percents: int, per_cent: bool) -> None:
    section = section_for(form, Decimal("0.8"))
    assert (section.percents, section.per_cent) == (percents, per_cent)


@pytest.mark.parametrize(
    ("form", "number", "percents"),
    [
        ("0%;0", "1", 1),
        ("0%;0", "-1", 0),
        ("0%;0", "0", 1),
        ("0;0;0%", "0", 1),
        ("0;0;0%", "2", 0),
        ("[<1]0%;0", "0.5", 1),
        ("[<1]0%;0", "1", 0),
        ("[>=10]0;[>=1]0.0;0%", "0.5", 1),
        ("[>=10]0;[>=1]0.0;0%", "5", 0),
        ('0" ; %";0%', "1", 0),
    ],
)
def test_the_section_goes_by_the_number(form: str, number: str, percents: int) -> None:
    assert section_for(form, Decimal(number)).percents == percents


@pytest.mark.parametrize(
    ("form", "scaled"),
    [
        ("0.0,", True),
        ('#,##0,,"M"', True),
        ("#,##0", False),
        ("#,##0.00", False),
        ("d, yyyy", False),
    ],
)
def test_numbers_shown_in_thousands(form: str, scaled: bool) -> None:
    assert section_for(form, Decimal(1)).scaled == scaled


def test_hours_in_all() -> None:
    assert section_for("[h]:mm:ss", Decimal(1)).elapsed
    assert not section_for("[Red]h:mm", Decimal(1)).elapsed
