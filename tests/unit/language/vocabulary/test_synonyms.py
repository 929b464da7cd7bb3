"""Other names of a concept, and which hint a name that nobody knows gets."""

from pathlib import Path

import pytest

from screen.documents.nearest import meant_by, nearest_name
from screen.intake.casefile import read_case_file
from screen.language.vocabulary.concept_lookup import concept_called
from screen.model.concept import Vocabulary
from screen.problems import ProblemsFound, worded


@pytest.mark.parametrize(
    ("name", "concepts"),
    [
        ("PLT", ("platelets",)),
        ("plt", ("platelets",)),
        ("PLTS", ("platelets",)),
        ("thrombocytes", ("platelets",)),
        ("Thrombozyten", ("platelets",)),
        ("piastrine", ("platelets",)),
        ("Plaquetas", ("platelets",)),
        ("血小板", ("platelets",)),
        ("WBC", ("leukocytes",)),
        ("ANC", ("neutrophils",)),
        ("NEUT#", ("neutrophils",)),
        ("neutrófilos", ("neutrophils",)),
        ("neutrofilos", ("neutrophils",)),
        ("Hb", ("hemoglobin",)),
        ("GPT", ("alt",)),
        ("GOT", ("ast",)),
        ("sat", ("spo2",)),
        ("temp", ("body_temperature",)),
        ("RR", ("respiratory_rate",)),
        ("creat", ("creatinine",)),
        ("Horowitz", ("pf_ratio",)),
        ("P/F", ("pf_ratio",)),
        ("IL-6", ("il_6",)),
        ("D dimer", ("d_dimer",)),
        ("C-Reactive Protein", ("crp",)),
        ("PCR", ("crp", "sars_cov_2_test")),
        # A slip or two in a long name.
        ("platlets", ("platelets",)),
        ("plateletts", ("platelets",)),
        ("leucocites", ("leukocytes",)),
        ("hemogoblin", ("hemoglobin",)),
        ("thrombozites", ("platelets",)),
        # Another test, however much alike: no hint is better.
        ("ALP", ()),
        ("AFP", ()),
        ("anc2", ()),
        ("paco2", ()),
        ("pvo2", ()),
        ("il_8", ()),
        ("il_10", ()),
        ("creatine", ()),
        ("creatine_kinase", ()),
        ("basophils", ()),
        ("eosinophils", ()),
        ("monocytes", ()),
        ("erythrocytes", ()),
        ("prealbumin", ()),
        ("transferrin", ()),
        ("hepatitis_d", ()),
        ("hematocrit", ()),
        ("", ()),
    ],
)
def test_what_a_name_can_mean(name: str, concepts: tuple[str, ...], vocabulary: Vocabulary) -> None:
    assert meant_by(name, tuple(vocabulary.concepts), vocabulary.names) == concepts


def test_a_name_of_its_own_is_never_anothers_synonym(vocabulary: Vocabulary) -> None:
    for name in vocabulary.concepts:
        assert meant_by(name, tuple(vocabulary.concepts), vocabulary.names) == (name,)


def test_synonyms_do_not_name_what_is_not_offered(vocabulary: Vocabulary) -> None:
    assert meant_by("PLT", ("spo2", "on"), vocabulary.names) == ()


def test_a_concept_is_found_by_its_synonym_and_two_are_named(vocabulary: Vocabulary) -> None:
    assert concept_called("PLT", vocabulary) == "platelets"
    with pytest.raises(ProblemsFound) as caught:
        concept_called("PCR", vocabulary)
    assert str(caught.value) == 'unknown concept "PCR"; it can be crp or sars_cov_2_test'


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        ("PCR: positive", 'did you mean "sars_cov_2_test"?'),
        ("PCR: [positive, {value: negative}]", 'did you mean "sars_cov_2_test"?'),
        ("PCR: 12 mg/L", "it can be crp or sars_cov_2_test"),
        ("PCR: [positive, 12 mg/L]", "it can be crp or sars_cov_2_test"),
        ("PLT: 12 10*9/L", 'did you mean "platelets"?'),
    ],
)
def test_the_value_tells_two_meanings_apart(
    record: str, hint: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(
        f"case: P1\nscreened_at: 2020-04-06T10:00:00+02:00\nobservations:\n  {record}\n",
        encoding="utf-8",
    )
    with pytest.raises(ProblemsFound) as caught:
        read_case_file(case, vocabulary)
    (problem,) = caught.value.problems
    assert worded(problem).endswith(f"; {hint}")


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("platlets", "platelets"),
        ("PLATELETS", "platelets"),
        ("body temperature", "body_temperature"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_name(asked: str, nearest: str) -> None:
    assert nearest_name(asked, ["platelets", "body_temperature", "spo2"]) == nearest
