"""Vocabulary files to concepts; what contradicts itself is refused."""

from fractions import Fraction
from pathlib import Path

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Code, Derivation, Kind, Method
from screen.model.moment import HOUR
from screen.model.quantity import Scale
from screen.problems import Kind as Wrong
from screen.problems import ProblemsFound

FILES = {
    "quantities.yaml": """\
temperature:
  label: Temperature
  unit: Cel
  units: {"[degF]": {factor: 5/9, offset: -160/9}, K: {factor: 1, offset: -273.15}}
  plausible: [11, null]
  molar_mass: 113.12
  codes: [{system: loinc, code: 8310-5, display: Body temperature}]
  note: hot
pressure: {label: Pressure, unit: Cel}
oxygen: {label: Oxygen, unit: "%"}
""",
    "findings.yaml": """\
infection:
  label: Infection
  values: {absent: [], present: [active, latent], pending: []}
  inconclusive: [pending]
""",
    "attestations.yaml": "consent: {label: Consent, values: [given, refused]}\n",
    "derivations.yaml": """\
pressure:
  method: ratio
  inputs: [temperature, oxygen]
  at_most_apart: 60 min
  undated_together: true
  text: T
  source: S
room_air: {method: room_air, inputs: [oxygen], text: T, source: S}
""",
    "contexts.yaml": """\
on: {values: {room_air: [], oxygen: [mask]}, aliases: {ra: room_air}}
""",
    "units.yaml": "aliases: {mmHg: 'mm[Hg]'}\n",
}


def write(rules: Path, **changes: tuple[str, str]) -> Path:
    folder = rules / "vocabulary"
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        old, new = changes.get(name.removesuffix(".yaml"), ("", ""))
        assert old in text
        (folder / name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return rules


def test_everything_of_the_files_arrives(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(write(tmp_path))
    temperature = vocabulary.concepts["temperature"]
    assert (temperature.kind, temperature.unit, temperature.note) == (Kind.QUANTITY, "Cel", "hot")
    assert dict(temperature.scales) == {
        "[degF]": Scale(Fraction(5, 9), Fraction(-160, 9)),
        "K": Scale(Fraction(1), Fraction(-27315, 100)),
    }
    assert (temperature.plausible_low, temperature.plausible_high) == (Fraction(11), None)
    assert temperature.molar_mass == Fraction(11312, 100)
    assert temperature.codes == (Code("loinc", "8310-5", "Body temperature"),)
    tree = vocabulary.concepts["infection"].tree
    assert tree is not None
    assert dict(tree.parents) == {
        "absent": None,
        "present": None,
        "active": "present",
        "latent": "present",
        "pending": None,
    }
    assert tree.inconclusive == {"pending"}
    assert vocabulary.concepts["consent"].kind is Kind.ATTESTATION
    assert vocabulary.concepts["pressure"].derivation == Derivation(
        "pressure", Method.RATIO, ("temperature", "oxygen"), "T", "S", HOUR, True
    )
    assert vocabulary.room_air is not None
    assert vocabulary.room_air.inputs == ("oxygen",)
    assert vocabulary.contexts["on"].aliases == {"ra": "room_air"}
    assert vocabulary.contexts["on"].parents["mask"] == "oxygen"
    assert vocabulary.contexts["assay"].values == ()
    assert vocabulary.unit_aliases == {"mmHg": "mm[Hg]"}


def test_the_digest_changes_with_any_byte_and_with_nothing_else(tmp_path: Path) -> None:
    first = load_vocabulary(write(tmp_path)).digest
    assert load_vocabulary(write(tmp_path)).digest == first
    assert load_vocabulary(write(tmp_path, units=("mmHg", "mmhg"))).digest != first


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "value"),
    [
        ("quantities", "label: Temp", "lable: Temp", Wrong.UNKNOWN_KEY, "lable"),
        ("quantities", "unit: Cel", "units_: Cel", Wrong.MISSING_KEY, "unit"),
        ("quantities", "factor: 5/9", "factor: 5/0", Wrong.NOT_ACCEPTED, "5/0"),
        ("quantities", "factor: 5/9", "factor: 1,5", Wrong.UNKNOWN_KEY, "5"),
        ("quantities", "factor: 1,", "factor: -1,", Wrong.NOT_ACCEPTED, "-1"),
        ("quantities", "factor: 1,", "factor: nan,", Wrong.NOT_ACCEPTED, "nan"),
        ("quantities", "[11, null]", "[11, 5]", Wrong.WRONG_SHAPE, ""),
        ("quantities", "[11, null]", "[11]", Wrong.WRONG_SHAPE, ""),
        ("quantities", "pressure:", "temperature:", Wrong.DUPLICATE_KEY, "temperature"),
        ("findings", "infection:\n", "pressure:\n", Wrong.TWO_KINDS, "pressure"),
        ("findings", "[active, latent]", "[active, absent]", Wrong.AGAINST_ITSELF, ""),
        (
            "findings",
            "inconclusive: [pending]",
            "inconclusive: [pendin]",
            Wrong.UNKNOWN_VALUE,
            "pendin",
        ),
        ("attestations", "[given, refused]", "[]", Wrong.NO_VALUE, ""),
        ("derivations", "method: ratio", "method: ration", Wrong.UNKNOWN_VALUE, "ration"),
        ("derivations", "[temperature,", "[temprature,", Wrong.UNKNOWN_CONCEPT, "temprature"),
        ("derivations", "60 min", "1 mo", Wrong.NOT_A_DURATION, "1 mo"),
        ("derivations", "room_air: {method", "room: {method", Wrong.UNKNOWN_CONCEPT, "room"),
        ("derivations", "e, oxygen]", "e]", Wrong.WRONG_SHAPE, ""),
        ("derivations", "e, oxygen]", "e, oxygen, oxygen]", Wrong.WRONG_SHAPE, ""),
        ("derivations", "e, oxygen]", "e, infection]", Wrong.WRONG_SHAPE, ""),
        ("derivations", "e, oxygen]", "e, birth_date]", Wrong.WRONG_SHAPE, ""),
        ("derivations", "e, oxygen]", "e, pressure]", Wrong.AGAINST_ITSELF, ""),
        ("derivations", "method: ratio", "method: completed_years", Wrong.WRONG_SHAPE, ""),
        ("derivations", "pressure:", "consent:", Wrong.WRONG_SHAPE, ""),
        ("derivations", "method: ratio", "method: absent_for_male", Wrong.WRONG_SHAPE, ""),
        ("derivations", "inputs: [oxygen]", "inputs: [consent]", Wrong.WRONG_SHAPE, ""),
        ("derivations", "inputs: [oxygen]", "inputs: []", Wrong.WRONG_SHAPE, ""),
        ("quantities", "unit: Cel}", "unit: Celsus}", Wrong.UNKNOWN_UNIT, "Celsus"),
        ("quantities", "K: {factor", "Kelvyn: {factor", Wrong.UNKNOWN_UNIT, "Kelvyn"),
        ("quantities", "note: hot", "specimens: [oil]", Wrong.UNKNOWN_VALUE, "oil"),
        (
            *("quantities", "note: hot", "implies: [{on: mask, then: {infecton: present}}]"),
            *(Wrong.UNKNOWN_CONCEPT, "infecton"),
        ),
        (
            *("quantities", "note: hot", "implies: [{on: mask, then: {infection: gone}}]"),
            *(Wrong.UNKNOWN_VALUE, "gone"),
        ),
        (
            *("quantities", "note: hot", "implies: [{on: masc, then: {infection: active}}]"),
            *(Wrong.UNKNOWN_VALUE, "masc"),
        ),
        (
            *("quantities", "note: hot", "implies: [{then: {infection: active}}]"),
            *(Wrong.WRONG_SHAPE, ""),
        ),
        ("contexts", "on:", "onn:", Wrong.UNKNOWN_KEY, "onn"),
        ("contexts", "ra: room_air", "ra: room", Wrong.UNKNOWN_VALUE, "room"),
        ("contexts", "oxygen: [mask]", "oxygen: [mask], mask: [oxygen]", Wrong.AGAINST_ITSELF, ""),
        ("units", "aliases:", "alias:", Wrong.UNKNOWN_KEY, "alias"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, file: str, old: str, new: str, kind: Wrong, value: str
) -> None:
    rules = write(tmp_path, **{file: (old, new)})
    with pytest.raises(ProblemsFound) as caught:
        load_vocabulary(rules)
    found = [(p.kind, p.value) for p in caught.value.problems]
    assert (kind, value) in found
    assert all(p.file.endswith(f"{file}.yaml") for p in caught.value.problems if p.kind is kind)


def test_a_circle_of_derivations_is_refused_once_for_each_concept(tmp_path: Path) -> None:
    circle = "method: first_of\n  inputs: [temperature]\n  text: T\n  source: S\n"
    back = f"temperature:\n  {circle.replace('[temperature]', '[pressure]')}"
    rules = write(tmp_path)
    (rules / "vocabulary/derivations.yaml").write_text(f"pressure:\n  {circle}{back}")
    with pytest.raises(ProblemsFound) as caught:
        load_vocabulary(rules)
    assert [(p.kind, p.about, p.line) for p in caught.value.problems] == [
        (Wrong.AGAINST_ITSELF, "pressure", 3),
        (Wrong.AGAINST_ITSELF, "temperature", 8),
    ]


def test_files_are_all_known_and_the_first_two_are_there(tmp_path: Path) -> None:
    rules = write(tmp_path)
    (rules / "vocabulary" / "quantity.yaml").write_text("a: 1\n")
    (rules / "vocabulary" / "findings.yaml").unlink()
    (rules / "vocabulary" / "units.yaml").unlink()
    with pytest.raises(ProblemsFound) as caught:
        load_vocabulary(rules)
    assert [(p.kind, Path(p.file).name) for p in caught.value.problems] == [
        (Wrong.MISSING_FILE, "findings.yaml"),
        (Wrong.UNKNOWN_KEY, "quantity.yaml"),
    ]


def test_the_vocabulary_of_the_program_has_the_names_that_files_rely_on() -> None:
    concepts = load_vocabulary(default_rules_dir()).concepts
    units = {
        "age": "a",
        "spo2": "%",
        "pao2": "mm[Hg]",
        "respiratory_rate": "/min",
        "body_temperature": "Cel",
        "platelets": "10*9/L",
        "hemoglobin": "g/dL",
        "crp": "mg/L",
        "ferritin": "ng/mL",
        "d_dimer": "ug/mL",
        "il_6": "pg/mL",
        "alt": "U/L",
        "creatinine": "mg/dL",
        "egfr": "mL/min/{1.73_m2}",
        "covid_inflammation_score": "{score}",
    }
    assert {name: concepts[name].unit for name in units} == units
    tuberculosis = concepts["tuberculosis"].tree
    assert tuberculosis is not None
    assert tuberculosis.is_within("latent", "present")


@pytest.mark.parametrize("change", [("unit: Cel}", "unit: m}"), ('unit: "%"}', "unit: m}")])
def test_a_ratio_is_a_quantity_over_a_fraction(tmp_path: Path, change: tuple[str, str]) -> None:
    with pytest.raises(ProblemsFound) as wrong:
        load_vocabulary(write(tmp_path, quantities=change))
    (problem,) = wrong.value.problems
    assert (problem.kind, problem.value) == (Wrong.WRONG_DIMENSION, "m")
    assert problem.file.endswith("derivations.yaml")
