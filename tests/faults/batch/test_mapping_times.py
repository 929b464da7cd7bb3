"""What a mapping can say of times: two columns, a number since another, shifted years, orders.

At most 100 platelets (10*9/L) exclude, so `ineligible` and `undecided` tell two readings apart.
"""

from collections.abc import Callable
from typing import Any

import pytest

Batch = Callable[..., Any]
Refused = Callable[..., str]

LOW, OPEN = "ineligible", "undecided"
LONG = "shape: long\nscreened_at: 2020-03-22\n"


def aside(ran: Any) -> dict[tuple[str, str], int]:
    return {(e["concept"], e["reason"]): e["records"] for e in ran.summary["set_aside"]}


def test_day_and_clock_in_two_columns(batch: Batch) -> None:
    """Of two counts of one day the later one decides, which the day alone cannot tell."""
    mapping = (
        "shape: long\nscreened_at: last\ncolumns: {d: {is: at_date, times: '%d/%m/%Y'},"
        " t: at_time}\n"
    )
    text = (
        "case,concept,value,unit,d,t\n"
        "A,platelets,200,10*9/L,21/03/2020,06:00\nA,platelets,10,10*9/L,21/03/2020,9:00\n"
        "B,platelets,10,10*9/L,21/03/2020,06:00\nB,platelets,200,10*9/L,21/03/2020,09:00:30.5\n"
    )
    assert batch(text, mapping=mapping).verdicts == {"A": LOW, "B": OPEN}


def test_a_clock_in_the_forms_of_the_site(batch: Batch) -> None:
    mapping = "columns: {pd: platelets.at_date, pt: {is: platelets.at_time, times: '%I:%M %p'}}\n"
    text = (
        "case,screened_at,platelets,pd,pt\n"
        "A,2020-03-21T12:00,90 10*9/L,2020-03-21,08:30 AM\n"
        "B,2020-03-21T12:00,90 10*9/L,2020-03-21,08:30 PM\n"  # after the screening
        "C,2020-03-21T12:00,90 10*9/L,2020-03-20,\n"
        "D,2020-03-21T12:00,90 10*9/L,,08:30 AM\n"  # no day
        "E,2020-03-21T12:00,90 10*9/L,,\n"
        "F,2020-03-21T12:00,90 10*9/L,2020-03-21,25:00\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW, "B": OPEN, "C": LOW, "D": OPEN, "E": LOW, "F": OPEN}
    assert aside(ran) == {("platelets", "future"): 1, ("platelets", "unreadable"): 2}


def test_a_clock_without_its_day(refused: Refused) -> None:
    said = refused("case,screened_at,t\n", mapping="columns: {t: spo2.at_time}\n")
    assert 'there is no column "spo2.at_date", which spo2.at_time belongs to' in said


@pytest.mark.parametrize(
    ("unit", "at", "verdict"),
    [
        ("min", "1207", LOW),  # 20 h 7 min after midnight
        ("min", "2161", OPEN),  # 12:01 on the next day, after the screening
        ("min", "-60", LOW),
        ("h", "36", LOW),
        ("h", "36.1", OPEN),
        ("s", "129600", LOW),
        ("s", "129601", OPEN),
        ("d", "1.5", LOW),
        ("d", "2", OPEN),
        ("min", "soon", OPEN),
    ],
)
def test_times_since_another(batch: Batch, unit: str, at: str, verdict: str) -> None:
    """Screened at noon of the 21st; admitted at midnight before the 20th."""
    mapping = (
        "shape: long\nscreened_at: 2020-03-21T12:00:00+01:00\noffset: '+01:00'\n"
        f"columns: {{t: {{is: at, since: admitted, unit: {unit}}}}}\n"
    )
    text = f"case,concept,value,unit,t,admitted\nA,platelets,81,10*9/L,{at},2020-03-20 00:00\n"
    assert batch(text, mapping=mapping).verdicts == {"A": verdict}


def test_days_since_a_day_are_days(batch: Batch) -> None:
    """Hours cannot be counted from a whole day."""
    for unit, verdict in (("d", LOW), ("h", OPEN)):
        mapping = (
            "shape: long\nscreened_at: 2020-03-21\n"
            f"columns: {{t: {{is: at, since: 2020-03-20, unit: {unit}}}}}\n"
        )
        text = "case,concept,value,unit,t\nA,platelets,81,10*9/L,1\n"
        ran = batch(text, mapping=mapping, overwrite=True)
        assert ran.verdicts == {"A": verdict}
        assert aside(ran) == ({} if unit == "d" else {("platelets", "unreadable"): 1})


def test_minutes_across_a_change_of_clocks(batch: Batch) -> None:
    """From 01:30 (+01:00) 60 minutes later it is 03:30 (+02:00), and not a minute more."""
    mapping = (
        "shape: long\nzone: Europe/Rome\nscreened_at: 2020-03-29T03:30\n"
        "columns: {t: {is: at, since: admitted, unit: min}}\n"
    )
    text = (
        "case,concept,value,unit,t,admitted\n"
        "A,platelets,81,10*9/L,60,2020-03-29 01:30\nB,platelets,81,10*9/L,61,2020-03-29 01:30\n"
    )
    assert batch(text, mapping=mapping).verdicts == {"A": LOW, "B": OPEN}


def test_times_since_a_time_of_the_patient(batch: Batch) -> None:
    """Admitted at 10:00 and 11:00 of the 20th, screened 26 hours after the first."""
    mapping = (
        "shape: long\ncolumns: {t: {is: at, since: admitted, unit: h}}\n"
        "patients: {columns: {}, ignore: {x: none}}\n"
    )
    text = (
        "case,concept,value,unit,t\nA,platelets,90,10*9/L,26\nB,platelets,90,10*9/L,26\n"
        "C,platelets,90,10*9/L,1\nA,platelets,190,10*9/L,1\nD,platelets,90,10*9/L,x\n"
    )
    patients = (
        "case,screened_at,admitted,x\nA,2020-03-21T12:00,2020-03-20T10:00,\n"
        "B,2020-03-21T12:00,2020-03-20T11:00,\nC,2020-03-21T12:00,,\n"
        "D,2020-03-21T12:00,2020-03-20T10:00,\n"
    )
    ran = batch(text, mapping=mapping, patients=patients)
    assert ran.verdicts == {"A": LOW, "B": OPEN, "C": OPEN, "D": OPEN}
    assert aside(ran) == {("platelets", "future"): 1, ("platelets", "unreadable"): 2}


def test_since_nothing_that_is_there(refused: Refused) -> None:
    mapping = LONG + "columns: {t: {is: at, since: admited, unit: min}}\n"
    said = refused("case,concept,value,t,admitted\n", mapping=mapping)
    assert 'there is no column "admited" in census.csv; did you mean "admitted"?' in said


def test_a_birth_date_in_three_columns(batch: Batch) -> None:
    """NCT04361903 asks for 18 years or more."""
    mapping = "columns: {y: birth_year, m: birth_month, d: birth_day}\n"
    text = (
        "case,screened_at,y,m,d\n"
        "A,2020-03-21,2002,3,21\nB,2020-03-21,2002,3,22\nC,2020-03-21,,,\n"
        "D,2020-03-21,2002,2,30\nE,2020-03-21,2002,,1\nF,2020-03-21,2002.0,03.0,22\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": OPEN, "B": LOW, "C": OPEN, "F": LOW}
    refused = sorted((line["case"], line["column"]) for line in ran.rejects)
    assert refused == [("D", "y"), ("E", "y")]


def test_years_that_were_shifted(batch: Batch) -> None:
    """De-identified: 2120 is 2020. 2104 had a 29 February, and so has 2004."""
    mapping = "shift_years: -100\ncolumns: {b: birth_date, w: platelets.at}\n"
    text = (
        "case,screened_at,b,platelets,w\n"
        "A,2120-03-21T09:00,2057-08-02,90 10*9/L,2120-03-21T08:00\n"
        "B,2120-03-21T09:00,2104-02-29,190 10*9/L,2120-03-21T08:00\n"  # 16 years old
        "C,2120-03-21T09:00,2057-08-02,90 10*9/L,2120-03-21T09:01\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW, "B": LOW, "C": OPEN}


def test_shifted_years_in_forms_and_zones(batch: Batch) -> None:
    mapping = (
        "shift_years: -100\nzone: Europe/Rome\ntimes: '%d/%m/%Y %H:%M'\n"
        "columns: {s: screened_at, w: platelets.at}\n"
    )
    text = (
        "case,s,platelets,w\nA,21/03/2120 09:00,90 10*9/L,21/03/2120 09:00\n"
        "B,21/03/2120 09:00,90 10*9/L,21/03/2120 09:01\n"
    )
    assert batch(text, mapping=mapping).verdicts == {"A": LOW, "B": OPEN}


@pytest.mark.parametrize(
    "forms",
    [
        '["%d/%m/%Y", "%m/%d/%Y"]',
        '["%m/%d/%Y %H:%M", "%d/%m/%Y"]',
        '["%Y-%m-%d", "%Y-%d-%m"]',
        '["%e.%m.%Y", "%m.%d.%Y"]',
    ],
)
def test_two_orders_of_a_date_are_refused(refused: Refused, forms: str) -> None:
    for mapping in (
        f"times: {forms}\ncolumns: {{}}\n",
        f"columns: {{s: {{is: screened_at, times: {forms}}}}}\n",
    ):
        assert "two date orders" in refused("case,s\n", mapping=mapping)


def test_two_separators_are_no_two_orders(batch: Batch) -> None:
    mapping = 'times: ["%d.%m.%Y", "%m/%d/%Y", "%d.%m.%Y %H:%M"]\ncolumns: {s: screened_at}\n'
    text = "case,s,platelets\nA,21.03.2020,90 10*9/L\nB,03/21/2020,90 10*9/L\n"
    assert batch(text, mapping=mapping).verdicts == {"A": LOW, "B": LOW}


def test_an_offset_in_a_form_is_refused_with_what_to_write(refused: Refused) -> None:
    said = refused("case\n", mapping='times: "%Y-%m-%d %H:%M:%S%z"\ncolumns: {}\n')
    assert "2020-03-21 09:00:00+0100 is read as it is, without a form" in said
