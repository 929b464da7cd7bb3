"""What somebody would write by hand in DuckDB SQL for the seven protocols, and its price.

It reads the wide CSV of `generate` (a column that is not there is empty) and writes one line per
case and protocol with verdict, failing and unknown criteria and one letter per criterion, as the
program does. It knows the file: its units, its spellings, its times; it has no windows for
anything but the liver enzymes, no contexts but room air, no reasons, no data quality, refuses
nothing, takes `<0.5` for 0.5 and rounds its kPa.
"""

import sys
import time
from pathlib import Path

from tests.benchmarks.generate import HEADER

_QUANTITIES = {
    "spo2": {"%": "1"},
    "fio2": {"%": "1"},
    "pao2": {"mm[Hg]": "1", "kPa": "7.50063"},
    "respiratory_rate": {"/min": "1"},
    "body_temperature": {"Cel": "1", "[degF]": "0.5555556"},
    "platelets": {"10*9/L": "1", "10*3/uL": "1", "G/L": "1", "/uL": "0.001"},
    "neutrophils": {"10*9/L": "1", "K/uL": "1", "/uL": "0.001"},
    "hemoglobin": {"g/dL": "1"},
    "creatinine": {"mg/dL": "1", "umol/L": "0.011312"},
    "alt": {"U/L": "1"},
    "alt.upper_limit": {"U/L": "1"},
    "covid_inflammation_score": {"{score}": "1"},
}
_RANGES = {
    "spo2": (30, 100), "fio2": (21, 100), "pao2": (15, 750), "respiratory_rate": (0, 120),
    "body_temperature": (11, 47), "platelets": (0, 5000), "neutrophils": (0, 1500),
    "hemoglobin": (0.5, 30), "creatinine": (0, 80), "alt": (0, 100000),
    "alt.upper_limit": (0, 100000), "covid_inflammation_score": (0, 16),
}  # fmt: skip

_HYPERSENSITIVE = "NULL::BOOLEAN"
_NURSING = "CASE WHEN male THEN FALSE ELSE pregnancy = 'present' OR breastfeeding = 'present' END"
_ACTIVE = "({0} = 'active' OR (CASE WHEN {0} = 'present' THEN NULL ELSE FALSE END))"
_AIR = "(CASE WHEN \"spo2.on\" = 'room_air' THEN spo2_v END)"
_TEST = (
    "CASE WHEN sars_cov_2_test = 'positive' THEN TRUE "
    "WHEN sars_cov_2_test = 'negative' THEN FALSE END"
)
# Of the tests that one record names, a census that holds one test never rules out the others.
_NAMED = (
    "(sars_cov_2_test = 'positive' AND \"sars_cov_2_test.assay\" IN "
    "('pcr', 'antibody', 'igm', 'igg')) OR NULL"
)
_PCR = (
    'CASE WHEN "sars_cov_2_test.assay" = \'pcr\' AND "sars_cov_2_test.specimen" IN '
    f"('respiratory', 'nasopharyngeal') THEN {_TEST} END"
)
_ANY_VIRUS = " OR ".join(
    f"({virus} <> 'absent')" for virus in ("hepatitis_b", "hepatitis_c", "hiv_infection")
)
_KNOWN_VIRUS = " OR ".join(
    f"coalesce({virus} <> 'absent', FALSE)"
    for virus in ("hepatitis_b", "hepatitis_c", "hiv_infection")
)
_KNOWN_ACTIVE = " OR ".join(
    f"coalesce({_ACTIVE.format(virus)}, CASE WHEN {virus} IS NULL THEN FALSE END)"
    for virus in ("hiv_infection", "hepatitis_b", "hepatitis_c", "tuberculosis")
)
_ANOTHER = "NULL OR " + " OR ".join(
    f"{infection} = 'active'"
    for infection in ("hepatitis_b", "hepatitis_c", "hiv_infection", "tuberculosis")
)
_CONSENT = "informed_consent = 'given'"
_INFILTRATES = "lung_infiltrates <> 'absent'"

Protocols = dict[str, tuple[bool, list[tuple[str, bool, str, bool | str]]]]

# For each protocol: is it complete, then (id, inclusion?, condition, waits for a person?).
PROTOCOLS: Protocols = {
    "NCT04334044": (True, [
        ("adult", True, "years >= 18", False),
        ("confirmed-infection", True, _TEST, False),
        ("respiratory-distress", True, "dyspnea = 'present' OR NULL", False),
        ("lung-changes", True, "covid_lung_changes = 'present'", False),
        ("informed-consent", True, _CONSENT, True),
        ("pregnancy-or-breastfeeding", False, _NURSING, False),
        ("thrombocytopenia", False, "platelets_v < 20", False),
        ("neutropenia", False, "neutrophils_v < 0.5", False),
        ("known-active-infection", False, _KNOWN_ACTIVE, False),
    ]),
    "NCT04361903": (True, [
        ("adult", True, "years >= 18", False),
        ("confirmed-infection", True, _PCR, False),
        ("pneumonia-on-imaging", True, "pneumonia_on_imaging = 'present'", False),
        ("desaturation", True, f"{_AIR} <= 93", False),
        ("moderate-hypoxemia", True, "pf >= 100 AND pf < 250", False),
        ("rapid-worsening", True, "NULL::BOOLEAN", False),
        ("informed-consent", True, _CONSENT, True),
        ("pregnancy-or-breastfeeding", False, _NURSING, False),
        ("tracheal-ventilation", False, "invasive_ventilation = 'present'", False),
        ("uncompensated-illness", False, "NULL::BOOLEAN", False),
        ("ruxolitinib-hypersensitivity", False, "FALSE", False),
        ("renal-insufficiency", False, "NULL::BOOLEAN", False),
        ("positive-quantiferon", False, "NULL::BOOLEAN", False),
        ("uncontrolled-sepsis", False, "FALSE", False),
        ("neutropenia", False, "neutrophils_v <= 1", False),
        ("thrombocytopenia", False, "platelets_v <= 100", False),
        ("viral-hepatitis-or-hiv", False, _ANY_VIRUS, False),
    ]),
    "vannucchi-2020": (False, [
        ("confirmed-infection", True, _TEST, False),
        ("lung-infiltrates", True, _INFILTRATES, False),
        ("desaturation", True, f"{_AIR} <= 93 OR pf <= 300", False),
    ]),
    "NCT04337359": (True, [
        ("informed-consent", True, _CONSENT, True),
        ("minimum-age", True, "years >= 6", False),
        ("confirmed-infection", True,
         f"({_TEST}) OR (sars_cov_2_test = 'pending' AND NULL)", False),
        ("severe-disease", True,
         (f"(years >= 12 AND (respiratory_rate_v >= 30 OR {_AIR} <= 93 OR pf < 300) AND "
         f"{_INFILTRATES}) OR (years >= 6 AND years < 12 AND (dyspnea = 'present' OR "
         f"{_AIR} < 92 OR NULL))"), False),
        ("ruxolitinib-hypersensitivity", False, _HYPERSENSITIVE, False),
        ("renal-impairment", False, "creatinine_v > 2 OR NULL", False),
        ("pregnancy-or-breastfeeding", False, _NURSING, False),
        ("unable-to-comply", False, "NULL::BOOLEAN", True),
    ]),
    "NCT04338958": (True, [
        ("informed-consent", True, _CONSENT, True),
        ("adult", True, "years >= 18", False),
        ("fever", True, "body_temperature_v > 37.3", False),
        ("respiratory-symptoms-or-desaturation", True,
         "spo2_v < 93 OR dyspnea = 'present' OR NULL", False),
        ("covid-stage", True, "covid_stage IN ('II', 'III')", False),
        ("bilateral-infiltrates", True,
         "CASE WHEN lung_infiltrates = 'present' THEN NULL ELSE lung_infiltrates = 'bilateral' END",
         False),
        ("hyperinflammation", True, "covid_inflammation_score_v >= 10", False),
        ("ruxolitinib-hypersensitivity", False, _HYPERSENSITIVE, False),
        ("uncontrolled-infection", False, "NULL::BOOLEAN", False),
        ("active-tuberculosis", False, _ACTIVE.format("tuberculosis"), False),
        ("viral-hepatitis-or-hiv", False, _KNOWN_VIRUS, False),
        ("long-term-immunomodulator", False, "NULL::BOOLEAN", False),
        ("other-covid-trial", False, "NULL::BOOLEAN", False),
        ("cytokine-directed-therapy", False, "NULL::BOOLEAN", False),
        ("raised-transaminases", False,
         ("(CASE WHEN alt_at >= screened - INTERVAL 24 HOUR AND alt_at <= screened "
         "THEN alt_v > 5 * \"alt.upper_limit_v\" END) OR NULL"), False),
        ("neutropenia", False, "neutrophils_v < 0.5", False),
        ("thrombocytopenia", False, "platelets_v < 50", False),
        ("anemia", False, "hemoglobin_v < 6", False),
        ("pregnancy-or-breastfeeding", False, _NURSING, False),
        ("contraception-not-agreed", False, "NULL::BOOLEAN", True),
    ]),
    "ChiCTR2000029580": (True, [
        ("adult", True, "years >= 18 AND years <= 75", False),
        ("confirmed-infection", True, _NAMED, False),
        ("severe-disease", True, "covid_severity IN ('severe', 'critical')", False),
        ("malignancy", False, "NULL::BOOLEAN", False),
        ("uncompensated-illness", False, "NULL::BOOLEAN", False),
        ("mental-state", False, "NULL::BOOLEAN", True),
        ("invasive-ventilation", False, "invasive_ventilation = 'present'", False),
        ("follow-up-doubtful", False, "NULL::BOOLEAN", True),
        ("pregnancy-or-breastfeeding", False, _NURSING, False),
        ("other-infection", False, _ANOTHER, False),
        ("other-safety-concern", False, "NULL::BOOLEAN", True),
    ]),
    "NCT04438629": (True, [
        ("adult", True, "years >= 18 AND years <= 90", False),
        ("confirmed-infection", True, f"hospitalized = 'present' AND ({_TEST})", False),
        ("consent-withdrawn", False, "informed_consent IN ('withdrawn', 'refused')", True),
    ]),
}  # fmt: skip


def _number(column: str) -> str:
    cell = f'"{column}"'
    bare = f"ltrim({cell}, '<>= ')"
    units = " ".join(f"WHEN '{unit}' THEN {f}" for unit, f in _QUANTITIES[column].items())
    value = (
        f"TRY_CAST(split_part({bare}, ' ', 1) AS DECIMAL(14, 4)) * "
        f"CASE split_part({bare}, ' ', 2) {units} END"
    )
    if column == "body_temperature":
        value = (
            f"CASE WHEN ends_with({cell}, '[degF]') THEN (TRY_CAST(split_part({cell}, ' ', 1) "
            f"AS DECIMAL(14, 4)) - 32) * 0.5555556 ELSE "
            f"TRY_CAST(split_part({cell}, ' ', 1) AS DECIMAL(14, 4)) END"
        )
    return f'{value} AS "{column}_v"'


def decided(protocols: Protocols) -> tuple[list[str], str]:
    """The columns of a table `truths`, and the query of all lines of verdicts from it.

    Where a criterion waits for a person, the last part says so, or is a condition.
    """
    truths, lines = [], []
    for number, (protocol, (complete, criteria)) in enumerate(protocols.items()):
        fails, unknowns, letters, waits = [], [], [], []
        for place, (name, inclusion, condition, person) in enumerate(criteria):
            truth = f"t{number}_{place}"
            truths.append(f"({condition}) AS {truth}")
            bad = f"NOT {truth}" if inclusion else truth
            fails.append(f"CASE WHEN {bad} THEN '{name}' END")
            unknowns.append(f"CASE WHEN {truth} IS NULL THEN '{name}' END")
            letters.append(f"CASE WHEN {truth} THEN 'M' WHEN NOT {truth} THEN 'N' ELSE 'U' END")
            if isinstance(person, str):
                waits.append(f"({truth} IS NULL AND NOT {person})")
            elif not person:
                waits.append(f"{truth} IS NULL")
        undecided = " OR ".join(waits) or "FALSE"
        end = (
            "WHEN unknown = '' THEN 'eligible' WHEN NOT others THEN 'pending' ELSE 'undecided' END"
            if complete
            else "ELSE 'undecided' END"
        )
        lines.append(
            f"SELECT \"case\", '{protocol}' AS protocol, CASE WHEN fails <> '' THEN 'ineligible' "
            f'{end} AS verdict, fails, unknown, criteria FROM (SELECT "case", '
            f"concat_ws(' ', {', '.join(fails)}) AS fails, concat_ws(' ', {', '.join(unknowns)}) "
            f"AS unknown, concat({', '.join(letters)}) AS criteria, ({undecided}) AS others "
            "FROM truths)"
        )
    return truths, " UNION ALL ".join(lines)


def query(source: Path) -> str:
    numbers = ", ".join(_number(column) for column in _QUANTITIES)
    sane = ", ".join(
        f'CASE WHEN "{c}_v" BETWEEN {low} AND {high} THEN "{c}_v" END AS "{c}_v"'
        for c, (low, high) in _RANGES.items()
    )
    truths, lines = decided(PROTOCOLS)
    with source.open() as file:
        there = file.readline().strip().split(",")
    absent = "".join(f', NULL::VARCHAR AS "{name}"' for name in HEADER if name not in there)
    return f"""
WITH cells AS MATERIALIZED (
  SELECT *, sex = 'male' AS male, TRY_CAST(screened_at AS TIMESTAMPTZ) AS screened,
    TRY_CAST("alt.at" AS TIMESTAMPTZ) AS alt_at, TRY_CAST("pao2.at" AS TIMESTAMPTZ) AS pao2_at,
    TRY_CAST("fio2.at" AS TIMESTAMPTZ) AS fio2_at,
    date_diff('year', TRY_CAST(birth_date AS DATE), TRY_CAST(substr(screened_at, 1, 10) AS DATE))
    - CASE WHEN substr(screened_at, 6, 5) < substr(birth_date, 6, 5) THEN 1 ELSE 0 END AS years,
    {numbers}
  FROM (SELECT *{absent} FROM read_csv('{source}', all_varchar = true, header = true))
), sane AS (SELECT * REPLACE ({sane}) FROM cells),
facts AS (SELECT *, CASE WHEN pao2_at BETWEEN fio2_at - INTERVAL 60 MINUTE AND
  fio2_at + INTERVAL 60 MINUTE THEN pao2_v / (fio2_v / 100) END AS pf FROM sane),
truths AS MATERIALIZED (SELECT "case", {", ".join(truths)} FROM facts)
{lines}"""


def run(source: Path, out: Path, threads: int = 2) -> float:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    start = time.perf_counter()
    connection.execute(f"COPY ({query(source)}) TO '{out}' (FORMAT parquet)")
    return time.perf_counter() - start


if __name__ == "__main__":
    print(f"{run(Path(sys.argv[1]), Path(sys.argv[2])):.2f} s")
