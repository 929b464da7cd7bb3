"""Writes a long table of made-up results, one row each, and a file of the patients.

    python -m tests.benchmarks.long_table N OBSERVATIONS.csv|parquet PATIENTS.csv [options]

N cases with 60 records each on average: repeated counts, blood gases, saturations on room air
or oxygen, temperatures, enzymes with the laboratory's upper limit, findings, tests, consent.
Values are plain decimals with their unit in a column, all times have one offset. Some records
share a time (with the same value or another), some are later than the screening, some are too
old for their window, some are missing. The same options write the same bytes.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator
from numpy.typing import NDArray
from pyarrow import csv, parquet

OFFSET = "+01:00"
FIRST_DAY = np.datetime64("2020-04-10T08:00", "ms")
_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_BLOCK_CASES, _BLOCK_ROWS = 20_000, 500_000
_MISSING, _LATER, _SAME_TIME = 1 / 16, 0.02, 0.06

_TENTHS = [f"{n // 10}.{n % 10}" for n in range(8_000)]
_WHOLES = [str(n) for n in range(1_001)]
_TENS = [str(10 * n) for n in range(40_001)]
_STATES = ["absent", "present", "positive", "negative", "pending", "active", "latent",
           "unilateral", "bilateral", "mild", "moderate", "severe", "critical", "I", "II", "III",
           "given", "refused", "withdrawn"]  # fmt: skip
_TEXTS = [*_TENTHS, *_WHOLES, *_TENS, *_STATES]
_WHOLE, _TEN, _STATE = np.cumsum([len(_TENTHS), len(_WHOLES), len(_TENS)]).tolist()
_UNITS = [None, "%", "mm[Hg]", "kPa", "/min", "Cel", "10*9/L", "/uL", "g/dL", "mg/dL", "umol/L",
          "U/L", "{score}"]  # fmt: skip
_ON = [None, "room_air", "nasal_cannula"]
_ASSAYS = [None, "pcr", "antigen"]
_SPECIMENS = [None, "respiratory", "nasopharyngeal", "saliva"]
_LIMITS = [None, "40 U/L", "35 U/L"]


class _Quantity(NamedTuple):
    """Results of one unit: texts `low` to `high` of the table that begins at `table`."""

    unit: str
    table: int
    low: int
    high: int


# A concept, how many records of it, how many hours back, and what is recorded: results of the
# usual unit and perhaps of another, or words.
_QUANTITIES: list[tuple[str, int, int, _Quantity, _Quantity | None]] = [
    ("platelets", 4, 240, _Quantity("10*9/L", 0, 0, 4000), _Quantity("/uL", _TEN, 0, 40_000)),
    ("neutrophils", 5, 240, _Quantity("10*9/L", 0, 0, 120), _Quantity("/uL", _TEN, 0, 1200)),
    ("hemoglobin", 4, 240, _Quantity("g/dL", 0, 45, 180), None),
    ("creatinine", 4, 240, _Quantity("mg/dL", 0, 4, 40), _Quantity("umol/L", _WHOLE, 40, 300)),
    ("respiratory_rate", 3, 72, _Quantity("/min", _WHOLE, 10, 45), None),
    ("body_temperature", 4, 72, _Quantity("Cel", 0, 350, 410), None),
    ("pao2", 3, 48, _Quantity("mm[Hg]", 0, 400, 1200), _Quantity("kPa", 0, 60, 160)),
    ("fio2", 3, 48, _Quantity("%", _WHOLE, 21, 100), None),
    ("spo2", 5, 48, _Quantity("%", _WHOLE, 80, 100), None),
    ("alt", 3, 48, _Quantity("U/L", _WHOLE, 8, 600), None),
    ("ast", 3, 48, _Quantity("U/L", _WHOLE, 8, 600), None),
    ("covid_inflammation_score", 1, 72, _Quantity("{score}", _WHOLE, 0, 16), None),
]
_INFECTION = ("absent", "absent", "absent", "present", "active", "latent")
_SEEN = ("present", "absent")
_FINDINGS: list[tuple[str, int, int, tuple[str, ...]]] = [
    ("sars_cov_2_test", 2, 240, ("positive", "positive", "positive", "negative", "pending")),
    ("dyspnea", 2, 72, _SEEN),
    ("respiratory_worsening", 1, 24, _SEEN),
    ("covid_lung_changes", 1, 240, _SEEN),
    ("pneumonia_on_imaging", 1, 240, _SEEN),
    ("lung_infiltrates", 2, 240, ("absent", "present", "bilateral", "unilateral")),
    ("pregnancy", 1, 240, ("absent", "absent", "absent", "present")),
    ("breastfeeding", 1, 240, ("absent", "absent", "absent", "present")),
    ("hiv_infection", 1, 240, _INFECTION),
    ("hepatitis_b", 1, 240, _INFECTION),
    ("hepatitis_c", 1, 240, _INFECTION),
    ("tuberculosis", 2, 240, _INFECTION),
    ("malignancy", 1, 240, ("absent", "absent", "present", "active")),
    ("invasive_ventilation", 1, 72, ("absent", "absent", "present")),
    ("hospitalized", 1, 240, _SEEN),
    ("covid_severity", 1, 72, ("mild", "moderate", "severe", "critical")),
    ("covid_stage", 1, 72, ("I", "II", "III")),
    ("informed_consent", 1, 72, ("given", "given", "given", "refused", "withdrawn")),
]
_CONCEPTS = [name for name, _, _, _, _ in _QUANTITIES] + [name for name, _, _, _ in _FINDINGS]

Numbers = NDArray[np.int64]


class Rows(NamedTuple):
    """Records as codes: one array a column, one element a record; `at` in milliseconds."""

    case: Numbers
    concept: Numbers
    value: Numbers
    unit: Numbers
    at: Numbers
    on: Numbers
    assay: Numbers
    specimen: Numbers
    limit: Numbers

    def taken(self, places: Numbers | NDArray[np.bool_] | slice) -> "Rows":
        return Rows(*(column[places] for column in self))


def _joined(parts: list[Rows]) -> Rows:
    return Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _quantity(
    rng: Generator, size: int, usual: _Quantity, other: _Quantity | None
) -> list[Numbers]:
    """Codes of values and units; a sixth in the other unit."""
    value = usual.table + rng.integers(usual.low, usual.high, size, endpoint=True)
    unit = np.full(size, _UNITS.index(usual.unit))
    if other is not None:
        there = rng.random(size) < 1 / 6
        value[there] = other.table + rng.integers(other.low, other.high, there.sum(), endpoint=True)
        unit[there] = _UNITS.index(other.unit)
    return [value, unit]


def _finding(rng: Generator, size: int, values: tuple[str, ...]) -> list[Numbers]:
    codes = np.array([_STATE + _STATES.index(value) for value in values])
    return [rng.choice(codes, size), np.zeros(size, np.int64)]


def _times(rng: Generator, screened: Numbers, hours: int, exact: bool) -> Numbers:
    """A time for each of `screened`, up to `hours` before it; a few after it."""
    ages = rng.integers(0, hours * _HOUR, len(screened))
    ages = np.where(rng.random(len(screened)) < _LATER, -ages // 10, ages)
    at: Numbers = screened - ages
    return at if exact else at - at % _MINUTE


def drawn(rng: Generator, cases: Numbers, screened: Numbers, exact: bool) -> Rows:
    """The records of some cases, case by case."""
    size, none = len(cases), np.zeros(len(cases), np.int64)
    slots: list[Rows] = []
    fio2_at = none
    kinds: list[tuple[str, int, int, partial[list[Numbers]]]] = [
        *(
            (name, n, back, partial(_quantity, rng, size, a, b))
            for name, n, back, a, b in _QUANTITIES
        ),
        *(
            (name, n, back, partial(_finding, rng, size, words))
            for name, n, back, words in _FINDINGS
        ),
    ]
    for code, (name, count, hours, draw) in enumerate(kinds):
        for number in range(count):
            value, unit = draw()
            at, on = _times(rng, screened, hours, exact), none
            assay, specimen, limit = none, none, none
            match name:
                case "fio2":
                    # Up to an hour and a half beside a pressure, and often room air.
                    near = rng.integers(-90, 90, size) * _MINUTE
                    at = np.where(rng.random(size) < 0.8, slots[-3].at + near, at)
                    value = np.where(rng.random(size) < 0.15, _WHOLE + 21, value)
                    fio2_at = at
                case "spo2":
                    on = rng.choice([0, 1, 1, 2], size)
                    if number == 0:
                        at = np.where(rng.random(size) < 0.2, fio2_at, at)
                case "sars_cov_2_test":
                    assay, specimen = rng.choice([0, 1, 1, 2], size), rng.integers(0, 4, size)
                case "alt" | "ast":
                    limit = rng.choice([0, 1, 1, 2], size)
                case _:
                    pass
            if number:
                # The time of the record before it, with the same value or another.
                same = rng.random(size) < _SAME_TIME
                at = np.where(same, slots[-1].at, at)
                same &= rng.random(size) < 0.5
                value = np.where(same, slots[-1].value, value)
                unit = np.where(same, slots[-1].unit, unit)
            concept = np.full(size, code)
            slots.append(Rows(cases, concept, value, unit, at, on, assay, specimen, limit))
    by_case = np.arange(len(slots) * size).reshape(len(slots), size).T.ravel()
    rows = _joined(slots).taken(by_case)
    return rows.taken(rng.random(len(by_case)) >= _MISSING)


def patients(seed: int, cases: int) -> tuple[pa.Table, Numbers]:
    """The patients, and the times of their screenings in milliseconds."""
    rng = np.random.default_rng([seed, 1])
    screened = FIRST_DAY.astype(np.int64) + rng.integers(0, 15, cases) * _DAY
    screened += rng.integers(0, 12 * 60, cases) * _MINUTE
    birth = np.datetime64("1930-01-01") + rng.integers(0, 30_000, cases).astype("timedelta64[D]")
    columns = {
        "case": ids(np.arange(cases)),
        "screened_at": _time_texts(screened),
        "sex": pa.array(["male", "female", None]).take(rng.choice([0, 0, 0, 1, 1, 1, 2], cases)),
        "birth_date": pa.array(np.datetime_as_string(birth)),
    }
    return pa.table(columns), screened


def ids(cases: Numbers) -> pa.Array:
    """The names of cases by their numbers, `R-00000012`."""
    return pc.binary_join_element_wise(
        "R-", pc.utf8_lpad(pa.array(cases).cast(pa.string()), 8, "0"), ""
    )


def _time_texts(at: Numbers) -> pa.Array:
    distinct, codes = np.unique(at, return_inverse=True)
    whole = not (distinct % 1_000).any()
    texts = np.datetime_as_string(distinct.astype("datetime64[ms]"), unit="s" if whole else "ms")
    return pc.binary_join_element_wise(pa.array(texts), OFFSET, "").take(pa.array(codes))


def table(rows: Rows) -> pa.Table:
    """The rows as the texts that a site would export."""

    def texts(words: Sequence[str | None], codes: Numbers) -> pa.Array:
        return pa.array(words).take(pa.array(codes))

    cases, places = np.unique(rows.case, return_inverse=True)
    return pa.table({
        "case": ids(cases).take(pa.array(places)),
        "concept": texts(_CONCEPTS, rows.concept),
        "value": texts(_TEXTS, rows.value),
        "unit": texts(_UNITS, rows.unit),
        "at": _time_texts(rows.at),
        "on": texts(_ON, rows.on),
        "assay": texts(_ASSAYS, rows.assay),
        "specimen": texts(_SPECIMENS, rows.specimen),
        "upper_limit": texts(_LIMITS, rows.limit),
    })  # fmt: skip


def blocks(seed: int, screened: Numbers, exact: bool, shuffled: bool, skew: int) -> Iterator[Rows]:
    """The records in blocks; in one random order over the whole table if `shuffled`.

    `skew` more records are those of one case in the middle, spread over a year.
    """
    parts = []
    for first in range(0, len(screened), _BLOCK_CASES):
        cases = np.arange(first, min(first + _BLOCK_CASES, len(screened)))
        parts.append(drawn(np.random.default_rng([seed, 2, first]), cases, screened[cases], exact))
    if skew:
        rng, middle = np.random.default_rng([seed, 3]), len(screened) // 2
        times = screened[middle] - rng.integers(0, 365 * 24 * 60, skew // 60 + 1) * _MINUTE
        parts.append(drawn(rng, np.full(len(times), middle), times, exact).taken(slice(skew)))
    if shuffled:
        rows = _joined(parts)
        parts = [rows.taken(np.random.default_rng([seed, 4]).permutation(len(rows.case)))]
    for part in parts:
        for first in range(0, len(part.case), _BLOCK_ROWS):
            yield part.taken(slice(first, first + _BLOCK_ROWS))


def write(
    cases: int, observations: Path, beside: Path, *, seed: int = 0, exact: bool = False,
    shuffled: bool = False, skew: int = 0,
) -> int:  # fmt: skip
    """Write both files; gives the number of records."""
    people, screened = patients(seed, cases)
    plain = csv.WriteOptions(quoting_style="none")
    csv.write_csv(people, beside, plain)
    writer, count = None, 0
    for rows in blocks(seed, screened, exact, shuffled, skew):
        block = table(rows)
        if writer is None:
            writer = (
                parquet.ParquetWriter(observations, block.schema)
                if observations.suffix == ".parquet"
                else csv.CSVWriter(observations, block.schema, write_options=plain)
            )
        writer.write_table(block)
        count += len(block)
    if writer is not None:
        writer.close()
    return count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int)
    parser.add_argument("observations", type=Path)
    parser.add_argument("patients", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shuffled", action="store_true", help="rows in random order")
    parser.add_argument("--milliseconds", action="store_true", help="nearly all times differ")
    parser.add_argument("--skew", action="store_true", help="one case has a million records")
    given = parser.parse_args()
    records = write(
        given.cases, given.observations, given.patients, seed=given.seed,
        exact=given.milliseconds, shuffled=given.shuffled, skew=1_000_000 if given.skew else 0,
    )  # fmt: skip
    print(f"{records:,} records")


if __name__ == "__main__":
    main()
