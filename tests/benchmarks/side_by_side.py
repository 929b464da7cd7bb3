"""One protocol, four ways: python -m tests.benchmarks.side_by_side FILE.csv [CASES].

The column plan and the rules engine (with its checker) start from the same texts. Zen and
Polars start from values that are parsed already and know two truth values: they are here to show
what deciding alone costs there, not as an answer to the same question.
"""

import sys
import time
from pathlib import Path

from screen.engine.columns.plan import ColumnPlan
from screen.engine.decide import Screener
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary
from tests.benchmarks.columns_csv import blocks
from tests.generative.columns_draw import DrawnCase
from tests.generative.drawn_tables import case_of as drawn_case

PROTOCOL = "NCT04334044"
_NAMES = (
    "years", "sars_cov_2_test", "dyspnea", "covid_lung_changes", "informed_consent", "pregnancy",
    "breastfeeding", "platelets", "neutrophils", "hiv_infection", "hepatitis_b", "hepatitis_c",
    "tuberculosis",
)  # fmt: skip
_ZEN = (
    "years >= 18 and sars_cov_2_test == 'positive' and dyspnea == 'present' and "
    "covid_lung_changes == 'present' and informed_consent == 'given' and not (pregnancy == "
    "'present' or breastfeeding == 'present') and not (platelets < 20) and not (neutrophils < "
    "0.5) and not (hiv_infection == 'active' or hepatitis_b == 'active' or hepatitis_c == "
    "'active' or tuberculosis == 'active')"
)


def main(source: Path, cases: int) -> None:
    rules = default_rules_dir()
    vocabulary = load_vocabulary(rules)
    protocol = load_protocol(rules, PROTOCOL, vocabulary)
    table = next(blocks(source))
    rates = {}

    plan = ColumnPlan(vocabulary, [protocol])
    plan.decide_wide(table)
    start = time.perf_counter()
    plan.decide_wide(table)
    rates["column plan, from text"] = len(table) / (time.perf_counter() - start)

    screener = Screener(vocabulary, [protocol])
    rows = table.slice(0, cases).to_pylist()
    start = time.perf_counter()
    for row in rows:
        screener.screen(drawn_case(_drawn(row), vocabulary))
    rates["rules engine and checker, from text"] = len(rows) / (time.perf_counter() - start)

    facts = [_facts(row) for row in rows * 5]
    rates["zen, from values"] = _zen(facts)
    rates["Polars, from values"] = _polars([_facts(row) for row in rows] * (len(table) // cases))
    slowest = min(rates.values())
    for name, rate in sorted(rates.items(), key=lambda item: item[1]):
        print(f"{name:40} {rate:12,.0f} cases/s {rate / slowest:10,.0f} x")


def _drawn(row: dict[str, str | None]) -> DrawnCase:
    patient = {
        k: v for k, v in row.items() if v and k in ("case", "screened_at", "sex", "birth_date")
    }
    records: dict[str, dict[str, str]] = {}
    for name, text in row.items():
        concept, _, key = name.partition(".")
        if text and name not in patient:
            records.setdefault(concept, {})[key or "value"] = text
    return DrawnCase(patient, [(c, record) for c, record in records.items() if "value" in record])


def _facts(row: dict[str, str | None]) -> dict[str, object]:
    facts: dict[str, object] = {name: row.get(name) for name in _NAMES}
    facts["years"] = 2020 - int((row["birth_date"] or "2020")[:4])
    for name in ("platelets", "neutrophils"):
        number, _, unit = (row[name] or "").lstrip("<>= ").partition(" ")
        facts[name] = float(number) / (1000 if unit == "/uL" else 1) if number else None
    return facts


def _zen(facts: list[dict[str, object]]) -> float:
    import zen

    expression = zen.compile_expression(_ZEN)
    start = time.perf_counter()
    for one in facts:
        filled = {key: (0 if value is None else value) for key, value in one.items()}
        expression.evaluate(filled)
    return len(facts) / (time.perf_counter() - start)


def _polars(facts: list[dict[str, object]]) -> float:
    import polars as pl

    frame = pl.DataFrame(facts)
    infections = ("hiv_infection", "hepatitis_b", "hepatitis_c", "tuberculosis")
    start = time.perf_counter()
    frame.select(
        (pl.col("years") >= 18)
        & (pl.col("sars_cov_2_test") == "positive")
        & (pl.col("dyspnea") == "present")
        & (pl.col("covid_lung_changes") == "present")
        & (pl.col("informed_consent") == "given")
        & ~((pl.col("pregnancy") == "present") | (pl.col("breastfeeding") == "present"))
        & ~(pl.col("platelets") < 20)
        & ~(pl.col("neutrophils") < 0.5)
        & ~pl.any_horizontal(pl.col(name) == "active" for name in infections)
    )
    return len(facts) / (time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
