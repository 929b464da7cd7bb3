"""What somebody would write by hand in DuckDB SQL for a long table, and its price.

    python -m tests.benchmarks.hand_sql_long OBSERVATIONS.csv|parquet PATIENTS.csv OUT.parquet

It reads the files of `long_table`, takes of each case and concept the latest value (values of
the same time that disagree: unknown), pairs PaO2 with the closest FiO2, knows what a newer PaO2
without FiO2 leaves of an older ratio, and writes one line per case and protocol with verdict,
failing and unknown criteria and one letter per criterion, as the program does. It knows these
files: their units, words, and one offset. It has no reasons, no data quality, no evidence, refuses
nothing, and rounds its kPa.
"""

import sys
import time
from pathlib import Path

from tests.benchmarks.hand_sql import Protocols, decided

_QUANTITIES = ("platelets", "neutrophils", "hemoglobin", "creatinine", "respiratory_rate",
               "body_temperature", "spo2", "covid_inflammation_score")  # fmt: skip
_FINDINGS = (
    "sars_cov_2_test", "dyspnea", "covid_lung_changes", "pneumonia_on_imaging",
    "lung_infiltrates", "pregnancy", "breastfeeding", "hiv_infection", "hepatitis_b",
    "hepatitis_c", "tuberculosis", "malignancy", "invasive_ventilation", "hospitalized",
    "covid_severity", "covid_stage", "informed_consent",
)  # fmt: skip
_CONCEPTS = (*_QUANTITIES, *_FINDINGS, "pao2", "fio2", "alt", "ast", "respiratory_worsening")
# Where no record means absent, or waits for a person: a record that does not count is not none.
_SEEN = ("hiv_infection", "hepatitis_b", "hepatitis_c", "tuberculosis", "informed_consent")
_FITTING = (("pcr", "sars_cov_2_test"), ("worsening", "respiratory_worsening"))
# Times are milliseconds since 2019, values are whole hundred-thousandths of the canonical unit,
# and words are numbers above all values: so both fit into 63 bits.
_SINCE, _SPAN, _ONE = 1_546_300_800_000, 2**27, 100_000
_WORD = _SPAN - 100
_HOUR, _AIR = 3_600_000, 0.209  # how far gases of one pair lie apart; the oxygen in air
# `present` and one of its kinds at the same time agree: the kinds come after it.
_WORDS = (
    "absent", "present", "active", "latent", "unilateral", "bilateral", "positive", "negative",
    "pending", "mild", "moderate", "severe", "critical", "I", "II", "III", "given", "refused",
    "withdrawn",
)  # fmt: skip
_FACTORS = {"/uL": "0.001", "umol/L": "0.011312", "kPa": "7.500637554192106"}

_NURSING = (
    "CASE WHEN male THEN CASE WHEN NOT {0}_ever THEN FALSE END ELSE {0} = 'present' END".format
)
_WITH_CHILD = f"({_NURSING('pregnancy')}) OR ({_NURSING('breastfeeding')})"
_ACTIVE = "CASE WHEN {0} = 'active' THEN TRUE WHEN {0} <> 'present' THEN FALSE END".format
_TEST = "CASE {0} WHEN 'positive' THEN TRUE WHEN 'negative' THEN FALSE END".format
_TESTED = _TEST("sars_cov_2_test")
_KNOWN_ACTIVE = " OR ".join(
    f"(CASE WHEN {name}_seen THEN {_ACTIVE(name)} ELSE FALSE END)" for name in _SEEN[:4]
)
_KNOWN_VIRUS = " OR ".join(
    f"(CASE WHEN {name}_seen THEN {name} <> 'absent' ELSE FALSE END)" for name in _SEEN[:3]
)
_ANY_VIRUS = " OR ".join(f"{name} <> 'absent'" for name in _SEEN[:3])
# An active infection is another one, and dyspnea is a respiratory symptom, whatever came later.
_ANOTHER = "other_infection OR NULL"
_SYMPTOMS = "respiratory_symptoms OR NULL"
_BELOW = "CASE WHEN ratio_high {1} {0} THEN TRUE WHEN NOT ratio_low {1} {0} THEN FALSE END".format
_CONSENT = "informed_consent = 'given'"
_NOT_ASKED = "NOT informed_consent_seen"
_NOBODY = "NULL::BOOLEAN"  # a concept of which these files hold nothing

# For each protocol: is it complete, then (id, inclusion?, condition, waits for a person?).
PROTOCOLS: Protocols = {
    "ChiCTR2000029580": (True, [
        ("adult", True, "years BETWEEN 18 AND 75", False),
        # These files hold no antibodies, so a negative PCR leaves them open.
        ("confirmed-infection", True, "any_pcr = 'positive' OR NULL", False),
        ("severe-disease", True, "covid_severity IN ('severe', 'critical')", False),
        ("malignancy", False, _ACTIVE("malignancy"), False),
        ("uncompensated-illness", False, _NOBODY, False),
        ("mental-state", False, _NOBODY, True),
        ("invasive-ventilation", False, "invasive_ventilation = 'present'", False),
        ("follow-up-doubtful", False, _NOBODY, True),
        ("pregnancy-or-breastfeeding", False, _WITH_CHILD, False),
        ("other-infection", False, _ANOTHER, False),
        ("other-safety-concern", False, _NOBODY, True),
    ]),
    "NCT04334044": (True, [
        ("adult", True, "years >= 18", False),
        ("confirmed-infection", True, _TESTED, False),
        ("respiratory-distress", True, "dyspnea = 'present' OR NULL", False),
        ("lung-changes", True, "covid_lung_changes = 'present'", False),
        ("informed-consent", True, _CONSENT, _NOT_ASKED),
        ("pregnancy-or-breastfeeding", False, _WITH_CHILD, False),
        ("thrombocytopenia", False, "platelets < 20", False),
        ("neutropenia", False, "neutrophils < 0.5", False),
        ("known-active-infection", False, _KNOWN_ACTIVE, False),
    ]),
    "NCT04337359": (True, [
        ("informed-consent", True, _CONSENT, _NOT_ASKED),
        ("minimum-age", True, "years >= 6", False),
        ("confirmed-infection", True,
         f"({_TESTED}) OR (sars_cov_2_test = 'pending' AND NULL)", False),
        ("severe-disease", True,
         (f"(years >= 12 AND (respiratory_rate >= 30 OR on_air <= 93 OR {_BELOW(300, '<')}) AND "
          "lung_infiltrates <> 'absent') OR (years >= 6 AND years < 12 AND "
          "(dyspnea = 'present' OR on_air < 92 OR NULL))"), False),
        ("ruxolitinib-hypersensitivity", False, _NOBODY, False),
        ("renal-impairment", False, "creatinine > 2 OR NULL", False),
        ("pregnancy-or-breastfeeding", False, _WITH_CHILD, False),
        ("unable-to-comply", False, _NOBODY, True),
    ]),
    "NCT04338958": (True, [
        ("informed-consent", True, _CONSENT, _NOT_ASKED),
        ("adult", True, "years >= 18", False),
        ("fever", True, "body_temperature > 37.3", False),
        ("respiratory-symptoms-or-desaturation", True, f"spo2 < 93 OR {_SYMPTOMS}", False),
        ("covid-stage", True, "covid_stage IN ('II', 'III')", False),
        ("bilateral-infiltrates", True,
         ("CASE WHEN lung_infiltrates = 'bilateral' THEN TRUE "
          "WHEN lung_infiltrates <> 'present' THEN FALSE END"), False),
        ("hyperinflammation", True, "covid_inflammation_score >= 10", False),
        ("ruxolitinib-hypersensitivity", False, _NOBODY, False),
        ("uncontrolled-infection", False, _NOBODY, False),
        ("active-tuberculosis", False, _ACTIVE("tuberculosis"), False),
        ("viral-hepatitis-or-hiv", False, _KNOWN_VIRUS, False),
        ("long-term-immunomodulator", False, _NOBODY, False),
        ("other-covid-trial", False, _NOBODY, False),
        ("cytokine-directed-therapy", False, _NOBODY, False),
        ("raised-transaminases", False, "alt_raised OR ast_raised", False),
        ("neutropenia", False, "neutrophils < 0.5", False),
        ("thrombocytopenia", False, "platelets < 50", False),
        ("anemia", False, "hemoglobin < 6", False),
        ("pregnancy-or-breastfeeding", False, _WITH_CHILD, False),
        ("contraception-not-agreed", False, _NOBODY, True),
    ]),
    "NCT04361903": (True, [
        ("adult", True, "years >= 18", False),
        ("confirmed-infection", True, _TEST("pcr"), False),
        ("pneumonia-on-imaging", True, "pneumonia_on_imaging = 'present'", False),
        ("desaturation", True, "on_air <= 93", False),
        ("moderate-hypoxemia", True, f"NOT ({_BELOW(100, '<')}) AND {_BELOW(250, '<')}", False),
        ("rapid-worsening", True, "worsening = 'present'", False),
        ("informed-consent", True, _CONSENT, _NOT_ASKED),
        ("pregnancy-or-breastfeeding", False, _WITH_CHILD, False),
        ("tracheal-ventilation", False, "invasive_ventilation = 'present'", False),
        ("uncompensated-illness", False, _NOBODY, False),
        ("ruxolitinib-hypersensitivity", False, "FALSE", False),
        ("renal-insufficiency", False, _NOBODY, False),
        ("positive-quantiferon", False, _NOBODY, False),
        ("uncontrolled-sepsis", False, "FALSE", False),
        ("neutropenia", False, "neutrophils <= 1", False),
        ("thrombocytopenia", False, "platelets <= 100", False),
        ("viral-hepatitis-or-hiv", False, _ANY_VIRUS, False),
    ]),
    "NCT04438629": (True, [
        ("adult", True, "years BETWEEN 18 AND 90", False),
        ("confirmed-infection", True, f"hospitalized = 'present' AND ({_TESTED})", False),
        ("consent-withdrawn", False, "informed_consent IN ('withdrawn', 'refused')", _NOT_ASKED),
    ]),
    "vannucchi-2020": (False, [
        ("confirmed-infection", True, _TESTED, False),
        ("lung-infiltrates", True, "lung_infiltrates <> 'absent'", False),
        ("desaturation", True, f"on_air <= 93 OR {_BELOW(300, '<=')}", False),
    ]),
}  # fmt: skip


def _latest(rows: str, where: str) -> str:
    """The latest value `v` of each person and concept and its time `t`, NULL where ties disagree.

    Time and value share one number, so that the greatest of them is the latest.
    """
    return f"""
  SELECT person, concept, last // {_SPAN} AS t, last % {_SPAN} AS high,
    last // {_SPAN} * {_SPAN} - least AS low, CASE WHEN high = low THEN high
    WHEN low = {_WORD + 2} AND high BETWEEN {_WORD + 3} AND {_WORD + 6} THEN high END AS v
  FROM (SELECT person, concept, max(t * {_SPAN} + v) AS last, max(t * {_SPAN} - v) AS least
    FROM {rows} WHERE {where} GROUP BY ALL)"""


def _amount(value: str) -> str:
    return f"{value} / {_ONE}.0"


def _word(value: str) -> str:
    return f"{list(_WORDS)}[{value} - {_WORD}]"


def tables(observations: Path, patients: Path) -> list[str]:
    """The statements that make the tables which `query` reads."""
    source = "read_parquet('{}')" if observations.suffix == ".parquet" else (
        "read_csv('{}', all_varchar = true, header = true)"
    )  # fmt: skip
    words = " ".join(f"WHEN '{word}' THEN {_WORD + n}" for n, word in enumerate(_WORDS, 1))
    factors = " ".join(f"WHEN '{unit}' THEN {factor}" for unit, factor in _FACTORS.items())
    concepts = ", ".join(f"'{name}'" for name in _CONCEPTS)
    return [f"CREATE TYPE concept AS ENUM ({concepts})", f"""
CREATE TEMP TABLE people AS SELECT row_number() OVER ()::INTEGER AS person, "case",
  coalesce(sex = 'male', FALSE) AS male, epoch_ms(screened_at::TIMESTAMPTZ) - {_SINCE} AS screened,
  substr(screened_at, 1, 4)::INTEGER - substr(birth_date, 1, 4)::INTEGER
  - (substr(screened_at, 6, 5) < substr(birth_date, 6, 5))::INTEGER AS years
FROM read_csv('{patients}', all_varchar = true, header = true)""", f"""
CREATE TEMP TABLE results AS SELECT person, concept::concept AS concept, t, v,
  t <= screened AS counts, CASE concept
    WHEN 'spo2' THEN "on" = 'room_air'
    WHEN 'sars_cov_2_test' THEN assay = 'pcr' AND specimen IN ('respiratory', 'nasopharyngeal')
    WHEN 'alt' THEN t >= screened - 86400000
    WHEN 'ast' THEN t >= screened - 86400000
    WHEN 'respiratory_worsening' THEN t >= screened - 43200000
  END AS fits, assay = 'pcr' AS is_pcr, split_part(upper_limit, ' ', 1)::INTEGER * {_ONE} AS printed
FROM (SELECT *, epoch_ms("at"::TIMESTAMPTZ) - {_SINCE} AS t,
  CASE WHEN unit IS NULL THEN CASE value {words} END
  ELSE round(value::DOUBLE * CASE unit {factors} ELSE 1 END * {_ONE})::BIGINT END AS v
  FROM {source.format(observations)}) JOIN people USING ("case")"""]  # fmt: skip


def query() -> str:
    truths, lines = decided(PROTOCOLS)
    wide = [f"max({_amount('v')}) FILTER (concept = '{name}') AS {name}" for name in _QUANTITIES]
    wide += [f"max({_word('v')}) FILTER (concept = '{name}') AS {name}" for name in _FINDINGS]
    fit = [
        f"max({_word('v')}) FILTER (concept = '{concept}') AS {name}" for name, concept in _FITTING
    ]
    # Any value of the day counts; one without its printed limit may lie above it.
    above = "bool_or({} > 5 * printed) FILTER (concept = '{}')".format
    raised = [
        f"CASE WHEN {above('v', name)} THEN TRUE WHEN bool_and(printed IS NOT NULL)"
        f" FILTER (concept = '{name}') THEN FALSE END AS {name}_raised"
        for name in ("alt", "ast")
    ]
    seen = [f"bool_or(concept = '{name}') AS {name}_seen" for name in _SEEN]
    seen += [
        f"bool_or(concept = '{name}' AND counts AND v = {_WORD + 2}) AS {name}_ever"
        for name in ("pregnancy", "breastfeeding")
    ]
    implied = [
        f"bool_or(counts AND concept IN {names} AND v = {_WORD + number}) AS {name}"
        for name, names, number in (
            ("other_infection", _SEEN[:4], 3), ("respiratory_symptoms", "('dyspnea')", 2)
        )
    ]  # fmt: skip
    surely = [f"coalesce({name}, FALSE) AS {name}" for _, name in (c.split(" AS ") for c in seen)]
    some = ", ".join(f"'{name}'" for name in (*_SEEN, "pregnancy", "breastfeeding", "dyspnea"))
    return f"""
WITH latest AS ({_latest("results", "counts")}),
wide AS (SELECT person, {", ".join(wide)} FROM latest GROUP BY person),
seen AS (SELECT person, {", ".join(seen + implied)} FROM results WHERE concept IN ({some})
  GROUP BY person),
fitting AS ({_latest("results", "counts AND fits AND concept NOT IN ('spo2', 'alt', 'ast')")}),
fit AS (SELECT person, {", ".join(fit)} FROM fitting GROUP BY person),
by_pcr AS ({_latest("results", "counts AND is_pcr")}),
raised AS (SELECT person, {", ".join(raised)} FROM results
  WHERE concept IN ('alt', 'ast') AND counts AND fits GROUP BY person),
fractions AS (SELECT person, t, min(v) AS v, min(v) <> max(v) AS differ FROM results
  WHERE concept = 'fio2' AND counts GROUP BY ALL),
pairs AS MATERIALIZED (SELECT p.person, p.t, p.v,
    CASE WHEN b.t IS NOT NULL AND (a.t IS NULL OR p.t - b.t <= a.t - p.t)
    THEN {{'gap': p.t - b.t, 'differ': b.differ, 'v': p.v / b.v * 100}}
    ELSE {{'gap': a.t - p.t, 'differ': a.differ, 'v': p.v / a.v * 100}} END AS pair
  FROM (SELECT person, t, v FROM results WHERE concept = 'pao2' AND counts) p
  ASOF LEFT JOIN fractions b ON p.person = b.person AND p.t >= b.t
  ASOF LEFT JOIN fractions a ON p.person = a.person AND p.t < a.t),
paired AS (SELECT person, t, CASE WHEN NOT pair.differ THEN round(pair.v * {_ONE}) END AS v
  FROM pairs WHERE pair.gap <= {_HOUR}),
newest AS (SELECT person, t, CASE WHEN count(*) = count(v) AND min(v) = max(v) THEN min(v) END AS v
  FROM paired SEMI JOIN (SELECT person, max(t) AS t FROM paired GROUP BY person) USING (person, t)
  GROUP BY ALL),
alone AS (SELECT person, t, v FROM pairs WHERE coalesce(pair.gap > {_HOUR}, TRUE)),
bounds AS (SELECT person, t, min(v) AS low, max(v) AS most, min(v) / {_AIR} AS least,
    max(v) / {_AIR} AS high
  FROM alone SEMI JOIN (SELECT person, max(t) AS t FROM alone GROUP BY person) USING (person, t)
  GROUP BY ALL),
ratios AS (SELECT person, coalesce(b.t > r.t AND (least < r.v OR r.v < most), FALSE) AS gone,
    CASE WHEN gone THEN low ELSE r.v END / {_ONE}.0 AS ratio_low,
    CASE WHEN gone THEN high ELSE r.v END / {_ONE}.0 AS ratio_high
  FROM newest r LEFT JOIN bounds b USING (person)),
breathing AS MATERIALIZED (SELECT s.person, concept, s.t, s.v FROM results s
  LEFT JOIN fractions f ON s.person = f.person AND s.t = f.t
  WHERE concept = 'spo2' AND counts
  AND (fits OR (fits IS NULL AND f.v = {21 * _ONE} AND NOT f.differ))),
air AS ({_latest("breathing", "TRUE")}),
truths AS MATERIALIZED (SELECT "case", informed_consent_seen, {", ".join(truths)}
  FROM (SELECT * REPLACE ({", ".join(surely)})
    FROM people LEFT JOIN wide USING (person) LEFT JOIN seen USING (person)
    LEFT JOIN fit USING (person)
    LEFT JOIN (SELECT person, {_word("v")} AS any_pcr FROM by_pcr) USING (person)
    LEFT JOIN raised USING (person)
    LEFT JOIN (SELECT * EXCLUDE gone FROM ratios) USING (person)
    LEFT JOIN (SELECT person, {_amount("v")} AS on_air FROM air) USING (person)))
{lines}"""


def run(observations: Path, patients: Path, out: Path, threads: int = 2) -> float:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    start = time.perf_counter()
    for statement in tables(observations, patients):
        connection.execute(statement)
    connection.execute(f"COPY ({query()}) TO '{out}' (FORMAT parquet)")
    return time.perf_counter() - start


if __name__ == "__main__":
    observations, patients, out = (Path(argument) for argument in sys.argv[1:4])
    print(f"{run(observations, patients, out):.2f} s")
