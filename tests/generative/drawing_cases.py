"""Draws cases: what sites write, good and odd, around the limits of drawn protocols."""

from datetime import date, datetime
from fractions import Fraction
from functools import cache
from itertools import product

from hypothesis import strategies as st

from screen.model.case import (
    Case,
    Limit,
    Measured,
    Observation,
    Patient,
    Stated,
    Status,
    Unreadable,
)
from screen.model.concept import Concept, Vocabulary
from screen.model.moment import DAY, HOUR, MICROSECOND, Moment, instant, whole_day
from screen.model.quantity import Amount, Scale
from screen.units.number import decimal_text
from tests.generative.drawing import AMOUNTS, CONTEXTS, REAL, of_concept

_SCREENED = datetime(2020, 3, 21, 9)  # noqa: DTZ001  (a case without offsets)
SCREENED_AT = instant("2020-03-21T09:00:00", _SCREENED)
SCREENED_ON = _SCREENED.date()

INPUTS = {
    "pf_ratio": ("pao2", "fio2"),
    "neutrophils": (
        "leukocytes",
        "neutrophils_total_percent",
        "neutrophils_percent",
        "bands_percent",
        "lymphocytes_percent",
    ),
    "respiratory_symptoms": ("dyspnea",),
    "other_infection": ("tuberculosis",),
    "oxygen_saturation": ("sao2", "spo2"),
    "spo2": ("fio2",),
}

_SIGNS = ("",) * 4 + ("<", "<=", ">", ">=")
_LIMITS: tuple[str | None, ...] = (None, None, "10", "40", "100/3")
_NO_LIMITS: tuple[Limit | None, Limit | None] = (None, None)


@cache
def quantities(name: str) -> st.SearchStrategy[tuple[Measured, str]]:
    """Quantities with their text: bounds too, and some without a unit or in a wrong one."""
    found = []
    for unit, scale in _scales(name).items():
        for sign in _SIGNS:
            for amount in AMOUNTS[name]:
                number = _in_unit(amount, scale)
                for written in [unit] * 18 + [None, "kat"]:
                    text = f"{sign}{decimal_text(number)} {written or ''}".strip()
                    found.append((Measured(_amount(sign, number), written), text))
    return st.sampled_from(found)


@cache
def limits(name: str) -> st.SearchStrategy[tuple[Limit | None, Limit | None]]:
    """Upper and lower limits as printed, in every unit, with and without one."""
    found: list[tuple[Limit | None, Limit | None]] = []
    for unit, scale in _scales(name).items():
        for written in (unit, unit, unit, None):
            printed = [None if one is None else _limit(one, scale, written) for one in _LIMITS]
            found += product(printed, printed)
    return st.sampled_from(found)


def _limit(amount: str, scale: Scale, written: str | None) -> Limit:
    number = _in_unit(amount, scale)
    return Limit(number, written, f"{decimal_text(number)} {written or ''}".strip())


def _scales(name: str) -> dict[str, Scale]:
    concept = REAL.concepts[name]
    assert concept.unit is not None
    return {concept.unit: Scale(Fraction(1)), **concept.scales}


def _in_unit(amount: str, scale: Scale) -> Fraction:
    """The number that stands for a canonical amount in a unit of this scale."""
    return (Fraction(amount) - scale.offset) / scale.factor


def _amount(sign: str, number: Fraction) -> Amount:
    match sign:
        case "<" | "<=":
            return Amount(None, number, high_open=sign == "<")
        case ">" | ">=":
            return Amount(number, None, low_open=sign == ">")
        case _:
            return Amount.exactly(number)


def _moments() -> tuple[Moment, ...]:
    """Around the ends of the windows, and the days in which they lie."""
    ago = (0, HOUR, HOUR + 1, HOUR // 2, DAY, DAY + 1, 2 * DAY, 40 * DAY, -1, -HOUR)
    times = [_SCREENED - past * MICROSECOND for past in ago]
    hours = [instant(time.isoformat(), time) for time in times]
    again = instant("2020-03-21 08:00", datetime(2020, 3, 21, 8))  # noqa: DTZ001
    days = [date(2020, 3, day) for day in (18, 19, 20, 21, 22)]
    return (*hours, again, *(whole_day(day.isoformat(), day, _SCREENED) for day in days))


TIMES = st.sampled_from((None, *_moments()))

# What surrounds a value: context, standing, source and sample.
_SURROUNDINGS = [
    {"on": on, "assay": assay, "specimen": specimen, "status": status}
    | {"source": source, "sample": sample}
    for status in (Status.FINAL,) * 6 + tuple(Status)
    for source in ("", "ward")
    for sample in ("", "", "A")
    for on in (None, None, *CONTEXTS["on"])
    for assay in (None, *CONTEXTS["assay"])
    for specimen in (None, *CONTEXTS["specimen"])
]
SURROUNDINGS = st.sampled_from(range(len(_SURROUNDINGS))).map(_SURROUNDINGS.__getitem__)


_BLOOD = (*(None,) * 6, "arterial_blood", "arterial_blood", "blood", "venous_blood", "urine")


@st.composite
def observations(draw: st.DrawFn, concept: Concept) -> Observation:
    value: Measured | Stated | Unreadable
    upper, lower = _NO_LIMITS
    if concept.tree is not None:
        text = draw(st.sampled_from(concept.tree.values))
        value = Stated(text)
    else:
        value, text = draw(quantities(concept.name))
        upper, lower = draw(limits(concept.name))
    value = draw(st.sampled_from([value] * 29 + [Unreadable("drawn")]))
    around = draw(SURROUNDINGS)
    if concept.specimens:
        around = {**around, "specimen": draw(st.sampled_from(_BLOOD))}
    return Observation(
        concept.name,
        value,
        text,
        at=draw(TIMES),
        upper_limit=upper,
        lower_limit=lower,
        **around,  # type: ignore[arg-type]
    )


PATIENTS = st.sampled_from(
    [
        Patient(sex, birth)
        for sex in (None, "male", "female")
        for birth in (None, date(2002, 3, 21), date(2002, 3, 22), date(1957, 8, 2))
    ]
)


@st.composite
def cases(draw: st.DrawFn, vocabulary: Vocabulary, names: list[str]) -> Case:
    """A case that records some of `names`, and what they are derived from."""
    asked = [*names, *(part for name in names for part in INPUTS.get(name, ()))]
    recorded = st.one_of([of_concept(observations, vocabulary, name) for name in asked])
    records = tuple(draw(st.lists(recorded, max_size=8)))
    return Case("drawn", SCREENED_AT, SCREENED_ON, draw(PATIENTS), records)
