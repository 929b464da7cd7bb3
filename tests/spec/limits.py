"""Every limit of the protocols that come with the program, copied from their sources.

The sources are the registry records and one paper, not our protocol files, so that a slip in one
of those shows. What a criterion asks about can be recorded in several ways: an oxygen saturation by
oximeter or arterial, a ratio or a count by what it is computed from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

AT = "2020-05-11T08:00:00+02:00"
SCREENED_AT = "2020-05-11T09:00:00+02:00"


@dataclass(frozen=True)
class Limit:
    """One limit of one criterion, as the source states it of `asked`.

    A case records `recorded`, whose own `limit` differs from the stated one where the asked value
    is computed. `also` are further keys of that record, `beside` other records of the case (both
    as in a case file), chosen so that the criterion hangs on this limit alone; `age` is the
    patient's.
    """

    protocol: str
    criterion: str
    asked: str
    sign: str
    stated: str
    beside: Mapping[str, str] = field(default_factory=dict)
    also: str = ""
    age: str = "40 a"
    recorded: str = ""
    limit: str = ""

    def __str__(self) -> str:
        by = f" ({self.recorded})" if self.recorded else ""
        return f"{self.protocol} {self.criterion}: {self.asked}{by} {self.sign} {self.stated}"

    @property
    def concept(self) -> str:
        return self.recorded or self.asked

    @property
    def number(self) -> str:
        return (self.limit or self.stated).split()[0]

    @property
    def unit(self) -> str:
        return (self.limit or self.stated).split()[1]


def as_recorded(limit: Limit) -> Iterator[Limit]:
    """The limit in every way in which a case can record what it asks about."""
    yield limit
    if limit.asked == "clearance_or_schwartz":
        schwartz = ("egfr", f"{limit.number} mL/min/{{1.73_m2}}", "formula: schwartz_bedside")
        yield replace(limit, recorded=schwartz[0], limit=schwartz[1], also=schwartz[2])
    if limit.asked == "oxygen_saturation":
        yield replace(limit, recorded="spo2")
        yield replace(limit, recorded="sao2")
    if limit.asked == "pf_ratio":
        half = f"{int(limit.number) // 2} {limit.unit}"
        beside = {**limit.beside, "fio2": f"{{value: 50 %, at: {AT}}}"}
        yield replace(limit, recorded="pao2", limit=half, beside=beside, also=f"at: {AT}")
    if limit.asked == "neutrophils":
        double = f"{2 * int(limit.number)} {limit.unit}"
        shares = {"neutrophils_percent": "45 %", "bands_percent": "5 %"}
        yield replace(limit, recorded="leukocytes", limit=double, beside=shares)


ROOM_AIR = "on: room_air"
HIGH_RATIO = {"pf_ratio": "500 mm[Hg]"}
HIGH_SATURATION = {"spo2": "{value: 99 %, on: room_air}"}
BREATHING_WELL = {**HIGH_RATIO, **HIGH_SATURATION, "respiratory_rate": "18 /min"}
CHILD_SIGNS = (
    *("dyspnea", "cyanosis", "intermittent_apnea", "lethargy", "convulsions"),
    *("feeding_difficulty", "dehydration"),
)
WELL_CHILD = dict.fromkeys(CHILD_SIGNS, "absent") | {"work_of_breathing": "normal"}
PRINTED = f"upper_limit: 40 U/L, at: {AT}"
NORMAL = f"{{value: 20 U/L, {PRINTED}}}"


def adults_breathing(*without: str, infiltrates: str = "present") -> dict[str, str]:
    """A well-breathing patient with infiltrates, but for what is tried."""
    kept = {name: value for name, value in BREATHING_WELL.items() if name not in without}
    return kept | {"lung_infiltrates": infiltrates}


STATED = [
    # NCT04334044: platelets below 20 000 and neutrophils below 500 per cubic millimetre.
    Limit("NCT04334044", "adult", "age", ">=", "18 a"),
    Limit("NCT04334044", "thrombocytopenia", "platelets", "<", "20000 /mm3"),
    Limit("NCT04334044", "neutropenia", "neutrophils", "<", "500 /mm3"),
    # NCT04361903: 93 % or less in ambient air; a ratio below 250 but not below 100 mmHg; 1000
    # neutrophils and 100 000 platelets per cubic millimetre, or fewer.
    Limit("NCT04361903", "adult", "age", ">=", "18 a"),
    Limit("NCT04361903", "desaturation", "oxygen_saturation", "<=", "93 %", also=ROOM_AIR),
    Limit("NCT04361903", "moderate-hypoxemia", "pf_ratio", ">=", "100 mm[Hg]"),
    Limit("NCT04361903", "moderate-hypoxemia", "pf_ratio", "<", "250 mm[Hg]"),
    Limit("NCT04361903", "neutropenia", "neutrophils", "<=", "1000 /mm3"),
    Limit("NCT04361903", "thrombocytopenia", "platelets", "<=", "100000 /mm3"),
    # vannucchi-2020: 93 % or less in air, and/or a ratio of 300 mmHg or less.
    Limit(
        *("vannucchi-2020", "desaturation", "oxygen_saturation", "<=", "93 %"),
        beside=HIGH_RATIO,
        also=ROOM_AIR,
    ),
    Limit("vannucchi-2020", "desaturation", "pf_ratio", "<=", "300 mm[Hg]", HIGH_SATURATION),
    # NCT04337359: from 6 years. From 12 years a rate of 30 or more, 93 % or less on room air, or a
    # ratio below 300, with infiltrates; under 12 years a saturation below 92 % is one of the signs.
    # Creatinine above 2 mg/dL, or a clearance below 30 mL/min.
    Limit("NCT04337359", "minimum-age", "age", ">=", "6 a"),
    Limit(
        *("NCT04337359", "severe-disease", "respiratory_rate", ">=", "30 /min"),
        beside=adults_breathing("respiratory_rate"),
    ),
    Limit(
        *("NCT04337359", "severe-disease", "oxygen_saturation", "<=", "93 %"),
        beside=adults_breathing("spo2"),
        also=ROOM_AIR,
    ),
    Limit(
        *("NCT04337359", "severe-disease", "pf_ratio", "<", "300 mm[Hg]"),
        beside=adults_breathing("pf_ratio"),
    ),
    Limit(
        *("NCT04337359", "severe-disease", "oxygen_saturation", "<", "92 %"),
        beside=WELL_CHILD,
        also=ROOM_AIR,
        age="8 a",
    ),
    # A short-breathed child is severely ill from 6 years, and without infiltrates no longer from
    # 12; a fast-breathing child without a sign of the list is, with infiltrates, from 12 years.
    Limit(
        *("NCT04337359", "severe-disease", "age", ">=", "6 a"),
        beside=WELL_CHILD | {"dyspnea": "present"} | HIGH_SATURATION,
    ),
    Limit(
        *("NCT04337359", "severe-disease", "age", "<", "12 a"),
        beside=WELL_CHILD | {"dyspnea": "present"} | adults_breathing(infiltrates="absent"),
    ),
    Limit(
        *("NCT04337359", "severe-disease", "age", ">=", "12 a"),
        beside=WELL_CHILD | adults_breathing() | {"respiratory_rate": "30 /min"},
    ),
    Limit(
        *("NCT04337359", "renal-impairment", "creatinine", ">", "2 mg/dL"),
        beside={"creatinine_clearance": "90 mL/min"},
    ),
    Limit(
        *("NCT04337359", "renal-impairment", "clearance_or_schwartz", "<", "30 mL/min"),
        recorded="creatinine_clearance",
        beside={"creatinine": "1 mg/dL"},
    ),
    # NCT04338958: above 37.3 °C; SpO2 below 93 %; a score of 10 or more; transaminases above 5
    # times the upper limit, which is 40 U/L here; 500 neutrophils and 50 000 platelets per
    # microlitre, 6 g/dL of hemoglobin.
    Limit("NCT04338958", "adult", "age", ">=", "18 a"),
    Limit("NCT04338958", "fever", "body_temperature", ">", "37.3 Cel"),
    Limit(
        *("NCT04338958", "respiratory-symptoms-or-desaturation", "spo2", "<", "93 %"),
        beside={"respiratory_symptoms": "absent"},
    ),
    Limit("NCT04338958", "hyperinflammation", "covid_inflammation_score", ">=", "10 {score}"),
    Limit(
        *("NCT04338958", "raised-transaminases", "alt", ">", "5 xULN"),
        limit="200 U/L",
        beside={"ast": NORMAL},
        also=PRINTED,
    ),
    Limit(
        *("NCT04338958", "raised-transaminases", "ast", ">", "5 xULN"),
        limit="200 U/L",
        beside={"alt": NORMAL},
        also=PRINTED,
    ),
    Limit("NCT04338958", "neutropenia", "neutrophils", "<", "500 /uL"),
    Limit("NCT04338958", "thrombocytopenia", "platelets", "<", "50000 /uL"),
    Limit("NCT04338958", "anemia", "hemoglobin", "<", "6 g/dL"),
    # ChiCTR2000029580: 18 to 75 years. NCT04438629: 18 to 90 years.
    Limit("ChiCTR2000029580", "adult", "age", ">=", "18 a"),
    Limit("ChiCTR2000029580", "adult", "age", "<=", "75 a"),
    Limit("NCT04438629", "adult", "age", ">=", "18 a"),
    Limit("NCT04438629", "adult", "age", "<=", "90 a"),
]
