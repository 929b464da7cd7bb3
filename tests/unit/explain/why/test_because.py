"""One sentence for every way in which something can be met, not met or unknown."""

from collections.abc import Callable
from typing import Any

import pytest

from screen.explain.why.because import because
from screen.explain.words import quality
from screen.model.fact import Quality
from screen.model.moment import HOUR
from screen.model.truth import Reason

Judged = Callable[..., Any]

SETTLED = {
    "a number": (
        "{platelets: {value: 90 10*9/L, at: 2020-03-21}}",
        "{platelets: '<= 100000 /mm3'}",
        "platelets 90 10*9/L (90000 /mm3) on 2020-03-21 is <= 100000 /mm3",
    ),
    "a number that fails, at an hour": (
        "{platelets: {value: 150 G/L, at: 2020-03-21T06:00:00+01:00}}",
        "{platelets: '<= 100000 /mm3'}",
        "platelets 150 G/L (150000 /mm3) at 2020-03-21T06:00:00+01:00 is not <= 100000 /mm3",
    ),
    "only the comparison that fails": (
        "{pf_ratio: 260 mm[Hg]}",
        "{pf_ratio: '>= 100 mm[Hg], < 250 mm[Hg]'}",
        "PaO2/FiO2 ratio 260 mm[Hg] is not < 250 mm[Hg]",
    ),
    "a multiple of the laboratory's limit": (
        "{alt: {value: 240 U/L, upper_limit: 40 U/L}}",
        "{alt: '> 5 xULN'}",
        "alanine aminotransferase 240 U/L is > 5 xULN (200 U/L, by its upper limit)",
    ),
    "a computed ratio": (
        (
            "{pao2: {value: 76 mm[Hg], at: 2020-03-21T08:05:00+01:00},"
            " fio2: {value: 50 %, at: 2020-03-21T08:05:00+01:00}}"
        ),
        "{pf_ratio: '< 300 mm[Hg]'}",
        (
            "PaO2/FiO2 ratio 152 mm[Hg] (from pao2 76 mm[Hg], fio2 50 %)"
            " at 2020-03-21T08:05:00+01:00 is < 300 mm[Hg]"
        ),
    ),
    "the age": ("{}", "{age: '>= 18 a'}", "age 62 a (born 1957-08-02) is >= 18 a"),
    "a context that was asked for": (
        "{spo2: {value: 91 %, on: room_air}}",
        "{oxygen_saturation: {is: '<= 93 %', on: room_air}}",
        "oxygen saturation by pulse oximeter 91 % on room air is <= 93 %",
    ),
    "room air by the oxygen fraction": (
        (
            "{spo2: {value: 91 %, at: 2020-03-21T08:00:00+01:00},"
            " fio2: {value: 21 %, at: 2020-03-21T08:00:00+01:00}}"
        ),
        "{oxygen_saturation: {is: '<= 93 %', on: room_air}}",
        (
            "oxygen saturation by pulse oximeter 91 % with FiO2 of room air"
            " at 2020-03-21T08:00:00+01:00 is <= 93 %"
        ),
    ),
    "a preliminary result": (
        "{platelets: {value: 9 10*9/L, at: 2020-03-21, status: preliminary}}",
        "{platelets: '< 20000 /mm3'}",
        "platelets 9 10*9/L (9000 /mm3) on 2020-03-21 (preliminary) is < 20000 /mm3",
    ),
    "the lowest value": (
        "{platelets: [{value: 90 10*9/L, at: 2020-03-20}, {value: 95 10*9/L, at: 2020-03-21}]}",
        "{platelets: {is: '< 100000 /mm3', pick: lowest}}",
        "lowest platelets 90 10*9/L (90000 /mm3) on 2020-03-20 is < 100000 /mm3",
    ),
    "any value: those that meet it": (
        "{platelets: [{value: 90 10*9/L, at: 2020-03-20}, {value: 195 10*9/L, at: 2020-03-21}]}",
        "{platelets: {is: '< 100000 /mm3', pick: any}}",
        "platelets 90 10*9/L (90000 /mm3) on 2020-03-20 is < 100000 /mm3",
    ),
    # 101.8 - 32 = 69.8, and 69.8 x 5 / 9 = 38.777...
    "another unit than the protocol's, without an end": (
        "{body_temperature: '101.8 [degF]'}",
        "{body_temperature: '> 37.3 Cel'}",
        "body temperature 101.8 [degF] (~38.7778 Cel) is > 37.3 Cel",
    ),
    # 0.85 x 60 = 51, and 5 x 51 = 255; 4.1 x 60 = 246.
    "another unit than that of the laboratory's limit": (
        "{alt: {value: 4.1 ukat/L, upper_limit: 0.85 ukat/L}}",
        "{alt: '> 5 xULN'}",
        (
            "alanine aminotransferase 4.1 ukat/L (246 U/L) is not > 5 xULN"
            " (255 U/L, by its upper limit)"
        ),
    ),
    "one unit, spelled differently": (
        "{platelets: 90 G/L}",
        "{platelets: '< 100 10*9/L'}",
        "platelets 90 G/L is < 100 10*9/L",
    ),
    "two limits in two units": (
        "{platelets: 90 10*9/L}",
        "{platelets: '>= 20000 /mm3, < 100 10*3/uL'}",
        ("platelets 90 10*9/L (90000 /mm3, 90 10*3/uL) is >= 20000 /mm3 and < 100 10*3/uL"),
    ),
    "a finding": ("{dyspnea: present}", "{dyspnea: present}", "dyspnea: present"),
    "a kind of what is asked": (
        "{hepatitis_b: {value: latent, at: 2020-03-01}}",
        "{hepatitis_b: present}",
        "hepatitis B: latent on 2020-03-01, which counts as present",
    ),
    "another value than asked": (
        "{covid_severity: mild}",
        "{covid_severity: [severe, critical]}",
        "COVID severity: mild, not severe or critical",
    ),
    "assumptions, together": (
        "{}",
        (
            "{any: [{hepatitis_b: {is: present, unrecorded: absent}},"
            " {hiv_infection: {is: present, unrecorded: absent}}]}"
        ),
        (
            "not recorded: hepatitis B or HIV infection"
            " (assumed absent, as the protocol asks for a known one; please confirm)"
        ),
    ),
    "what is met of several, not the rest": (
        "{dyspnea: present, cyanosis: absent}",
        "{any: [{cyanosis: present}, {dyspnea: present}, {lethargy: present}]}",
        "dyspnea: present",
    ),
    "a count": (
        "{dyspnea: present, cyanosis: absent, lethargy: present}",
        (
            "{at_least: {count: 2, of: [{cyanosis: present}, {dyspnea: present},"
            " {lethargy: present}]}}"
        ),
        "2 of the 2 that are asked for are met: dyspnea: present; lethargy: present",
    ),
}

UNKNOWN = {
    "missing": ("{}", "{breastfeeding: present}", "not recorded: breastfeeding"),
    "missing, an adjective": ("{}", "{hospitalized: present}", "not recorded: hospitalized"),
    "missing, of two": (
        "{}",
        "{any: [{creatinine: '> 2 mg/dL'}, {creatinine_clearance: '< 30 mL/min'}]}",
        "not recorded: creatinine or creatinine clearance",
    ),
    "stale": (
        "{ast: {value: 41 U/L, at: 2020-03-18}}",
        "{ast: {is: '> 40 U/L', within: 24 h}}",
        "aspartate aminotransferase 41 U/L on 2020-03-18 is older than 24 h: 3 d 9 h old",
    ),
    "future": (
        "{ferritin: {value: 41 ng/mL, at: 2020-03-22}}",
        "{ferritin: '> 40 ng/mL'}",
        "ferritin 41 ng/mL on 2020-03-22 is after the screening",
    ),
    "undated, without the hour": (
        "{respiratory_worsening: {value: present, at: 2020-03-20}}",
        "{respiratory_worsening: {is: present, within: 12 h}}",
        (
            "respiratory worsening present on 2020-03-20 has no hour; nobody can tell whether it"
            " lies in the last 12 h"
        ),
    ),
    "undated": (
        "{respiratory_worsening: present}",
        "{respiratory_worsening: {is: present, within: 12 h}}",
        "respiratory worsening present has no time; it must lie in the last 12 h",
    ),
    "unreadable": (
        "{platelets: {value: 90 zz, at: 2020-03-21}}",
        "{platelets: '< 20000 /mm3'}",
        "platelets 90 zz on 2020-03-21 cannot be read",
    ),
    "no_unit": (
        "{platelets: {value: 90, at: 2020-03-21}}",
        "{platelets: '< 20000 /mm3'}",
        "platelets 90 on 2020-03-21 has no unit",
    ),
    "wrong_unit": (
        "{ferritin: 41 mm[Hg]}",
        "{ferritin: '> 40 ng/mL'}",
        "ferritin 41 mm[Hg] is in a unit that does not measure it",
    ),
    "implausible": (
        "{fio2: 110 %}",
        "{fio2: '> 40 %'}",
        "inspired oxygen fraction 110 % is outside the plausible range of 20.9 to 100 %",
    ),
    "bounded": (
        "{neutrophils: '<0.6 10*9/L'}",
        "{neutrophils: '< 0.5 10*9/L'}",
        "neutrophils <0.6 10*9/L may lie on either side of 0.5 10*9/L",
    ),
    "bounded, in another unit": (
        "{neutrophils: '<0.6 10*9/L'}",
        "{neutrophils: '< 500 /mm3'}",
        "neutrophils <0.6 10*9/L (<600 /mm3) may lie on either side of 500 /mm3",
    ),
    "bounded, by the laboratory's limit": (
        "{alt: {value: '> 100 U/L', upper_limit: 40 U/L}}",
        "{alt: '> 5 xULN'}",
        "alanine aminotransferase > 100 U/L may lie on either side of 200 U/L",
    ),
    "conflicting": (
        "{platelets: [{value: 90 10*9/L, at: 2020-03-21}, {value: 18 10*9/L, at: 2020-03-21}]}",
        "{platelets: '< 20000 /mm3'}",
        "records of platelets disagree: 18 10*9/L on 2020-03-21 and 90 10*9/L on 2020-03-21",
    ),
    "conflicting, with the birth date": (
        "{age: 50 a}",
        "{age: '>= 18 a'}",
        "records of age disagree: age 50 a and the birth date 1957-08-02",
    ),
    "context": (
        "{spo2: {value: 88 %, on: oxygen}}",
        "{oxygen_saturation: {is: '<= 93 %', on: room_air}}",
        "oxygen saturation by pulse oximeter 88 % on oxygen, but the protocol asks for room air",
    ),
    "context, not told": (
        "{sars_cov_2_test: positive}",
        "{sars_cov_2_test: {is: positive, assay: pcr}}",
        "SARS-CoV-2 test positive does not say whether it was by PCR",
    ),
    "no_reference": (
        "{alt: {value: 240 U/L, at: 2020-03-21}}",
        "{alt: '> 5 xULN'}",
        "alanine aminotransferase 240 U/L on 2020-03-21 comes without the laboratory's upper limit",
    ),
    "unspecific": (
        "{tuberculosis: present}",
        "{tuberculosis: active}",
        "tuberculosis: present, which is too general to tell whether it is active",
    ),
    "inconclusive": (
        "{sars_cov_2_test: {value: pending, at: 2020-03-20}}",
        "{sars_cov_2_test: positive}",
        "SARS-CoV-2 test: pending on 2020-03-20, which does not tell whether it is positive",
    ),
    "not_attested": ("{}", "{informed_consent: given}", "waits for informed consent"),
    "not_attested, a judgement": (
        "{}",
        "{unlikely_to_complete_follow_up: confirmed}",
        (
            "waits for an investigator's word: cannot be counted on to complete treatment and"
            " follow-up"
        ),
    ),
    "not_computable": (
        "{pao2: {value: 76 mm[Hg], at: 2020-03-21T08:05:00+01:00}}",
        "{pf_ratio: '< 300 mm[Hg]'}",
        "PaO2/FiO2 ratio cannot be computed; not recorded: inspired oxygen fraction",
    ),
    "superseded": (
        (
            "{neutrophils: {value: 6 10*9/L, at: 2019-09-21},"
            " leukocytes: {value: 0.3 10*9/L, at: 2020-03-21}}"
        ),
        "{neutrophils: '< 0.2 10*9/L'}",
        (
            "neutrophils 6 10*9/L on 2019-09-21 cannot be true any more:"
            " leukocytes 0.3 10*9/L on 2020-03-21 leaves >=0 and <=0.3 10*9/L"
        ),
    ),
    "not_computable, too far apart": (
        (
            "{pao2: {value: 76 mm[Hg], at: 2020-03-21T08:05:00+01:00},"
            " fio2: {value: 50 %, at: 2020-03-21T06:05:00+01:00}}"
        ),
        "{pf_ratio: '< 300 mm[Hg]'}",
        (
            "PaO2/FiO2 ratio cannot be computed: no partial pressure of oxygen in arterial blood"
            " and inspired oxygen fraction within 1 h of each other"
        ),
    ),
    "undated inputs": (
        "{pao2: 76 mm[Hg], fio2: 50 %}",
        "{pf_ratio: '< 300 mm[Hg]'}",
        (
            "PaO2/FiO2 ratio: without times nobody can tell whether what it is computed from"
            " belongs together"
        ),
    ),
    "an input without a unit": (
        (
            "{pao2: {value: 76 mm[Hg], at: 2020-03-21T08:05:00+01:00},"
            " fio2: {value: 0.5, at: 2020-03-21T08:05:00+01:00}}"
        ),
        "{pf_ratio: '< 300 mm[Hg]'}",
        (
            "inspired oxygen fraction 0.5 at 2020-03-21T08:05:00+01:00 has no unit"
            " (needed for PaO2/FiO2 ratio)"
        ),
    ),
}


@pytest.mark.parametrize("name", SETTLED)
def test_what_settles_a_criterion(name: str, judged: Judged) -> None:
    observations, when, expected = SETTLED[name]
    result, background = judged(observations, when)
    assert result.reasons == ()
    assert because(result, background) == expected


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_leaves_a_criterion_unknown(name: str, judged: Judged) -> None:
    observations, when, expected = UNKNOWN[name]
    result, background = judged(observations, when)
    assert because(result, background) == expected


# Of a case file that cannot be read nothing is screened; these come from a table.
FROM_A_TABLE = (Reason.UNREADABLE, Reason.AMBIGUOUS)
FROM_A_CASE = [reason for reason in Reason if reason not in FROM_A_TABLE]


@pytest.mark.parametrize("reason", FROM_A_CASE)
def test_every_reason_has_a_row_here(reason: Reason) -> None:
    assert reason.value in {name.partition(",")[0] for name in UNKNOWN}


def test_every_remark_about_a_record_has_words() -> None:
    assert set(quality._WORDS) == set(Quality)


def test_the_reason_of_a_row_is_the_reason_that_the_engine_gives(judged: Judged) -> None:
    for reason in FROM_A_CASE:
        observations, when, _ = UNKNOWN[reason.value]
        result, _ = judged(observations, when)
        assert result.reasons == (reason,)


def test_pregnancy_of_a_man(judged: Judged) -> None:
    result, background = judged("{}", "{pregnancy: present}", patient="{sex: male}")
    assert because(result, background) == "pregnancy: absent (sex male), not present"
    result, background = judged(
        "{pregnancy: present}", "{pregnancy: present}", patient="{sex: male}"
    )
    assert because(result, background) == (
        "records of pregnancy disagree: pregnancy present and sex male"
    )


def test_site_policy_is_named_and_never_the_protocol(judged: Judged) -> None:
    old = "{value: 90 10*9/L, at: 2020-03-01T09:00:00+01:00}"
    new = "{value: 95 10*9/L, at: 2020-03-21T08:00:00+01:00}"
    policy = {"platelets": 72 * HOUR}
    result, background = judged(
        f"{{platelets: {old}}}", "{platelets: '< 20000 /mm3'}", policy=policy
    )
    assert because(result, background) == (
        "platelets 90 10*9/L at 2020-03-01T09:00:00+01:00 is older than 3 d"
        " (site policy, not the protocol): 20 d old"
    )
    result, background = judged(
        f"{{platelets: [{old}, {new}]}}", "{platelets: '< 20000 /mm3'}", policy=policy
    )
    assert because(result, background) == (
        "platelets 95 10*9/L (95000 /mm3) at 2020-03-21T08:00:00+01:00 is not < 20000 /mm3;"
        " site policy, not the protocol, set other records aside"
    )


def test_no_more_than_three_values_are_told(judged: Judged) -> None:
    rows = ", ".join(f"{{value: {n} %, at: 2020-03-{n - 70}}}" for n in range(80, 85))
    result, background = judged(f"{{spo2: [{rows}]}}", "{spo2: {is: '< 93 %', pick: every}}")
    told = because(result, background)
    assert told.count("is < 93 %") == 3
    assert told.endswith("; and so for 2 more")


def test_an_older_value_that_a_newer_input_does_not_rule_out(judged: Judged) -> None:
    """Neutrophils of the day before, and leukocytes since that allow for them."""
    result, background = judged(
        "{neutrophils: {value: 2.5 10*9/L, at: 2020-03-20T08:00:00+01:00},"
        " leukocytes: {value: 5 10*9/L, at: 2020-03-21T08:00:00+01:00}}",
        "{neutrophils: '< 1 10*9/L'}",
    )
    assert because(result, background) == (
        "neutrophils 2.5 10*9/L at 2020-03-20T08:00:00+01:00 is not < 1 10*9/L; the newer "
        "leukocytes 5 10*9/L at 2020-03-21T08:00:00+01:00 does not rule it out"
    )
