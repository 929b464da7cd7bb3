"""Case files to cases."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.case import Case, Limit, Measured, Stated, Status
from screen.model.moment import DAY, HOUR, MINUTE
from screen.model.quantity import Amount

VOCABULARY = load_vocabulary(default_rules_dir())
MIDNIGHT = 18342 * DAY  # 2020-03-21T00:00Z
TEXT = """\
case: R-07                                  # the site's pseudonym, never a name
screened_at: 2020-03-21T09:00:00+01:00
patient: {sex: male, birth_date: 1957-08-02}
observations:
  spo2: {value: 91 %, at: 2020-03-21T08:10:00+01:00, on: room_air, source: ward monitor}
  pao2: {value: 76 mm[Hg], at: 2020-03-21T08:05:00+01:00, sample: A7}
  platelets:
    - {value: 90 10*9/L, at: 2020-03-21}
    - {value: 18 10*9/L, at: 2020-03-21, status: entered-in-error}
    - 95 K/uL
  alt: {value: 240 U/L, upper_limit: 40 U/L, lower_limit: 7 U/L}
  ferritin: "> 3000 ng/mL"
  fio2: 0.5
  sars_cov_2_test: {value: positive, assay: rt_pcr, specimen: np}
  tuberculosis: latent
  informed_consent: given
"""


def read(folder: Path, text: str, name: str = "x.yaml", screened_at: str | None = None) -> Case:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    (case,) = read_case_file(path, VOCABULARY, screened_at)
    return case


def exactly(value: int) -> Amount:
    return Amount.exactly(Fraction(value))


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    case = read(tmp_path, TEXT)
    assert (case.id, case.screened_on) == ("R-07", date(2020, 3, 21))
    assert case.screened_at.start == MIDNIGHT + 8 * HOUR
    assert (case.patient.sex, case.patient.birth_date) == ("male", date(1957, 8, 2))
    assert case.origin == str(tmp_path / "x.yaml")
    spo2, pao2, platelets, wrong, plain, alt, ferritin, fio2, test, tb, consent = case.observations
    assert spo2.value == Measured(exactly(91), "%")
    assert (spo2.on, spo2.source, spo2.text) == ("room_air", "ward monitor", "91 %")
    assert spo2.where == f"{tmp_path / 'x.yaml'}:5:17"
    assert spo2.at is not None
    assert spo2.at.start == MIDNIGHT + 7 * HOUR + 10 * MINUTE
    assert (pao2.value, pao2.sample) == (Measured(exactly(76), "mm[Hg]"), "A7")
    assert platelets.at is not None
    assert (platelets.at.start, platelets.at.end) == (MIDNIGHT - HOUR, MIDNIGHT + 23 * HOUR - 1)
    assert wrong.status is Status.ENTERED_IN_ERROR
    assert (plain.value, plain.at) == (Measured(exactly(95), "10*3/uL"), None)
    assert alt.upper_limit == Limit(Fraction(40), "U/L", "40 U/L")
    assert alt.lower_limit == Limit(Fraction(7), "U/L", "7 U/L")
    assert ferritin.value == Measured(Amount(Fraction(3000), None, low_open=True), "ng/mL")
    assert fio2.value == Measured(Amount.exactly(Fraction(1, 2)), None)
    assert (test.value, test.assay, test.specimen) == (Stated("positive"), "pcr", "nasopharyngeal")
    assert (tb.value, consent.value) == (Stated("latent"), Stated("given"))


def test_json_says_the_same(tmp_path: Path) -> None:
    document = {
        "case": "R-07",
        "screened_at": "2020-03-21T09:00:00+01:00",
        "patient": {"age": "62 a"},
        "observations": {"fio2": 0.10, "spo2": [{"value": "91 %"}], "dyspnea": "present"},
    }
    case = read(tmp_path, json.dumps(document, indent=1), "x.json")
    age, fio2, spo2, dyspnea = case.observations
    assert (age.concept, age.value) == ("age", Measured(exactly(62), "a"))
    assert fio2.value == Measured(Amount.exactly(Fraction(1, 10)), None)
    assert spo2.value == Measured(exactly(91), "%")
    assert dyspnea.where == f"{tmp_path / 'x.json'}:14:14"


def test_a_file_may_hold_several_cases(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("- {case: a, screened_at: 2020-03-21}\n- {case: b, screened_at: 2020-03-22}\n")
    assert [case.id for case in read_case_file(path, VOCABULARY)] == ["a", "b"]


def test_a_screening_on_a_date_counts_the_whole_day(tmp_path: Path) -> None:
    case = read(
        tmp_path,
        "case: a\nscreened_at: 2020-03-21\nobservations:\n"
        "  dyspnea: {value: present, at: 2020-03-21T23:59}\n",
    )
    (dyspnea,) = case.observations
    assert dyspnea.at is not None
    assert case.screened_at.start == case.screened_at.end == MIDNIGHT + DAY - 1
    assert dyspnea.at.start == MIDNIGHT + DAY - MINUTE


def test_the_time_of_screening_can_be_given_from_outside(tmp_path: Path) -> None:
    case = read(tmp_path, TEXT, screened_at="2020-03-22T00:30:00+05:00")
    assert case.screened_on == date(2020, 3, 22)
    assert case.screened_at.start == MIDNIGHT + 19 * HOUR + 30 * MINUTE
    without = TEXT.replace("screened_at: 2020-03-21T09:00:00+01:00\n", "")
    assert read(tmp_path, without, screened_at="2020-03-21T12:00Z").screened_at.start == (
        MIDNIGHT + 12 * HOUR
    )


@pytest.mark.parametrize(
    "text", ["case: a\nscreened_at: 2020-03-21\n", '{"case": "a", "screened_at": "2020-03-21"}']
)
def test_nothing_but_the_head_is_needed(tmp_path: Path, text: str) -> None:
    case = read(tmp_path, text)
    assert (case.observations, case.patient.sex) == ((), None)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff" + TEXT).id == "R-07"
