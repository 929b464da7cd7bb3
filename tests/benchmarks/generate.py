"""Writes a wide CSV of made-up cases, as a stream.

    python -m tests.benchmarks.generate N FILE.csv [COLUMNS]

All 38 columns, or only 27 of them: without contexts, rare tests and what few protocols ask.

Values and units stand in the cells, in several spellings; some cells are empty, some results
are bounded, some saturations are on oxygen. Every number comes from its row's own seed.
"""

import csv
import sys
from pathlib import Path
from random import Random

HEADER = (
    "case", "screened_at", "sex", "birth_date", "sars_cov_2_test", "sars_cov_2_test.assay",
    "sars_cov_2_test.specimen", "dyspnea", "covid_lung_changes", "lung_infiltrates",
    "pneumonia_on_imaging", "spo2", "spo2.on", "pao2", "pao2.at", "fio2", "fio2.at",
    "respiratory_rate", "body_temperature", "platelets", "neutrophils", "hemoglobin", "creatinine",
    "alt", "alt.at", "alt.upper_limit", "pregnancy", "breastfeeding", "hiv_infection",
    "hepatitis_b", "hepatitis_c", "tuberculosis", "invasive_ventilation", "hospitalized",
    "covid_severity", "covid_stage", "covid_inflammation_score", "informed_consent",
)  # fmt: skip

_LESS = (
    "sars_cov_2_test.specimen", "covid_stage", "covid_inflammation_score", "pneumonia_on_imaging",
    "hepatitis_c", "tuberculosis", "invasive_ventilation", "alt.upper_limit", "alt.at", "alt",
    "breastfeeding",
)  # fmt: skip

_BLANK = 0.1


def row(number: int) -> list[str]:
    """One case: the cells of `HEADER`."""
    rng = Random(number)
    r = rng.random

    def maybe(text: str) -> str:
        return "" if r() < _BLANK else text

    def one(*values: str) -> str:
        return maybe(rng.choice(values))

    infection = ("absent", "absent", "absent", "present", "active", "latent")
    day = 10 + rng.randrange(15)
    hour = rng.randrange(8, 20)
    screened = f"2020-04-{day:02d}T{hour:02d}:{rng.randrange(60):02d}:00+01:00"
    gas = f"2020-04-{day:02d}T{hour - 2:02d}:{rng.randrange(60):02d}:00+01:00"
    oxygen = f"2020-04-{day:02d}T{hour - 2:02d}:{rng.randrange(60):02d}:00+01:00"
    sex = one("male", "female")
    nursing = ("absent",) if sex == "male" else ("absent", "absent", "present")
    liver = f"2020-04-{day - rng.randrange(3):02d}T06:00:00+01:00"
    return [
        f"R-{number:08d}",
        screened,
        sex,
        f"{rng.randrange(1930, 2012)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        one("positive", "positive", "positive", "negative", "pending"),
        one("pcr", "pcr", "antigen"),
        one("respiratory", "nasopharyngeal", "saliva"),
        one("present", "absent"),
        one("present", "absent"),
        one("absent", "present", "bilateral", "unilateral"),
        one("present", "absent"),
        maybe(f"{rng.randrange(80, 100)} %"),
        one("room_air", "room_air", "nasal_cannula"),
        maybe(
            f"{rng.randrange(400, 1200) / 10} mm[Hg]"
            if r() < 0.7
            else f"{rng.randrange(60, 160) / 10} kPa"
        ),
        gas,
        maybe(f"{rng.randrange(21, 101)} %"),
        oxygen,
        maybe(f"{rng.randrange(10, 45)} /min"),
        maybe(
            f"{rng.randrange(350, 410) / 10} Cel"
            if r() < 0.8
            else f"{rng.randrange(960, 1050) / 10} [degF]"
        ),
        maybe(_count(rng, 400, ("10*9/L", "10*3/uL", "G/L"))),
        maybe(_count(rng, 120, ("10*9/L", "K/uL")) if r() < 0.95 else "<0.5 10*9/L"),
        maybe(f"{rng.randrange(40, 180) / 10} g/dL"),
        maybe(
            f"{rng.randrange(4, 40) / 10} mg/dL"
            if r() < 0.6
            else f"{rng.randrange(40, 300)} umol/L"
        ),
        maybe(f"{rng.randrange(8, 600)} U/L"),
        liver,
        maybe("40 U/L"),
        one(*nursing),
        one(*nursing),
        one(*infection),
        one(*infection),
        one(*infection),
        one(*infection),
        one("absent", "absent", "present"),
        one("present", "absent"),
        one("mild", "moderate", "severe", "critical"),
        one("I", "II", "III"),
        maybe(f"{rng.randrange(17)} {{score}}"),
        one("given", "given", "refused", "withdrawn"),
    ]


def _count(rng: Random, most: int, units: tuple[str, ...]) -> str:
    if rng.random() < 0.15:
        return f"{rng.randrange(most * 100) * 10} /uL"
    return f"{rng.randrange(most * 10) / 10} {rng.choice(units)}"


def columns(count: int) -> list[int]:
    """The places of the `count` columns of `HEADER` that are written: those of `_LESS` go first."""
    left_out = set(_LESS[: len(HEADER) - count])
    kept = [place for place, name in enumerate(HEADER) if name not in left_out]
    if len(kept) != count:
        raise SystemExit(f"between {len(HEADER) - len(_LESS)} and {len(HEADER)} columns")
    return kept


def write(cases: int, path: Path, count: int = len(HEADER)) -> None:
    kept = columns(count)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([HEADER[place] for place in kept])
        for number in range(cases):
            cells = row(number)
            # A time or a context without its value is no record, and would be odd.
            for value, *beside in _TOGETHER:
                if not cells[value]:
                    for place in beside:
                        cells[place] = ""
            writer.writerow([cells[place] for place in kept])


_TOGETHER = [
    [HEADER.index(name), *(i for i, other in enumerate(HEADER) if other.startswith(f"{name}."))]
    for name in HEADER
    if any(other.startswith(f"{name}.") for other in HEADER)
]

if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]), *(int(count) for count in sys.argv[3:]))
