"""The section `patients` of a mapping, and the zone: what they mean and what is refused."""

from pathlib import Path

import pytest

from screen.batch.mapping.mapping_file import load_mapping
from screen.batch.mapping.model import ColumnRule, Mapping, Shape
from screen.batch.mapping.zones import tzdata_version
from screen.batch.tables.source import Reading
from screen.model.concept import Vocabulary
from screen.problems import ProblemsFound

TOP = """\
shape: long
encoding: latin-1
delimiter: ";"
sheet: Results
zone: Europe/Rome
times: "%d.%m.%Y %H:%M"
decimal: ","
thousands: "."
not_recorded: "-1"
fill_down: pid
screened_at: last
constants: {sex: female}
columns: {pid: case}
"""


def mapping(folder: Path, text: str, vocabulary: Vocabulary) -> Mapping:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path, vocabulary)


def said(folder: Path, text: str, vocabulary: Vocabulary) -> list[str]:
    with pytest.raises(ProblemsFound) as caught:
        mapping(folder, text, vocabulary)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def patients(folder: Path, text: str, vocabulary: Vocabulary) -> Mapping:
    found = mapping(folder, text, vocabulary).patients
    assert found is not None
    return found


def test_cells_are_written_as_at_top_level(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = patients(tmp_path, TOP + "patients: {columns: {ID: case}}\n", vocabulary)
    assert found.shape is Shape.PATIENTS
    assert found.reading == Reading("latin-1", ";", "")  # a sheet is one of its own file
    assert found.zone == "Europe/Rome"
    assert found.times == ("%d.%m.%Y %H:%M",)
    assert (found.decimal, found.thousands) == (",", ".")
    assert found.not_recorded == ("-1",)
    assert found.columns == {"ID": ColumnRule("ID", "case")}
    assert found.fill_down == ()
    assert found.screened_at == "last"
    assert found.constants == {"sex": "female"}
    assert found.line == 14


def test_the_section_says_otherwise(tmp_path: Path, vocabulary: Vocabulary) -> None:
    section = """\
patients:
  encoding: utf-16
  delimiter: tab
  sheet: Patients
  offset: "+08:00"
  times: excel
  decimal: "."
  not_recorded: []
  ignore: {Ward: not asked for}
"""
    found = patients(tmp_path, TOP + section, vocabulary)
    assert found.reading == Reading("utf-16", "\t", "Patients")
    assert (found.offset, found.zone) == ("+08:00", "")
    assert found.times == ("excel",)
    assert (found.decimal, found.thousands) == (".", "")
    assert found.not_recorded == ()
    assert found.ignored == {"Ward": "not asked for"}


def test_without_a_section_cells_are_those_of_the_contract(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    found = patients(tmp_path, TOP, vocabulary)
    assert found.line == 0
    assert found.reading == Reading()
    assert (found.zone, found.times, found.not_recorded) == ("", (), ())
    assert found.constants == {"sex": "female"}


def test_everything_wrong_with_the_section(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = """\
shape: long
columns: {pid: case}
constants: {hospitalized: present}
patients:
  colums: {}
  screened_at: last
  fill_down: ID
  offset: "+01:00"
  zone: Europe/Rom
  decimal: ","
  thousands: ","
  times: "%d/%m/%y"
  columns:
    ID: case
    PID: case
    plt: platelets
    Sex: {is: sex, codes: {m: man}, on: room_air}
    Born: birthdate
    old: {is: age, unit: mg}
"""
    assert said(tmp_path, text, vocabulary) == [
        (
            "map.yaml:3:13: constants must be sex, birth_date, age where a case has several rows, "
            'not "hospitalized"'
        ),
        'map.yaml:5:3: unknown key "colums"; did you mean "columns"?',
        ('map.yaml:6:3: "screened_at" belongs at the top level of the mapping, not under patients'),
        'map.yaml:7:3: "fill_down" belongs at the top level of the mapping, not under patients',
        (
            "map.yaml:9:3: the mapping contradicts itself: offset and zone both say how far times "
            "are from UTC"
        ),
        (
            "map.yaml:9:9: zone must be the name of a time zone such as Europe/Rome, not "
            '"Europe/Rom"; did you mean "Europe/Rome"?'
        ),
        'map.yaml:11:14: the mapping contradicts itself: decimal and thousands are both ","',
        (
            "map.yaml:12:10: times must be excel, or a form such as %d/%m/%Y %H:%M with a year of "
            'four digits, not "%d/%m/%y"'
        ),
        'map.yaml:14:5: "case" is given by two columns ("ID" and "PID")',
        (
            'map.yaml:16:10: unknown concept "platelets"; accepted: case, screened_at, sex, '
            "birth_date, age"
        ),
        'map.yaml:17:31: unknown value "man" for sex; accepted: male, female, other, unknown',
        (
            'map.yaml:17:37: unknown key "on"; accepted: is, unit, codes, not_recorded, times, '
            "whole, since"
        ),
        'map.yaml:18:11: unknown concept "birthdate"; did you mean "birth_date"?',
        'map.yaml:19:26: the unit "mg" does not measure age (it is measured in a)',
    ]


@pytest.mark.parametrize("section", ["patients: none", "patients: [a]", 'patients: ""'])
def test_a_section_has_keys(tmp_path: Path, vocabulary: Vocabulary, section: str) -> None:
    text = f"shape: long\ncolumns: {{}}\n{section}\n"
    expected = ["map.yaml:3:11: patients must be keys with values"]
    assert said(tmp_path, text, vocabulary) == expected


def test_a_row_that_is_a_case_has_its_patient(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (line,) = said(tmp_path, "columns: {}\npatients: {columns: {ID: case}}\n", vocabulary)
    assert line.startswith("map.yaml:2:1: shape wide contradicts itself: patients is for series")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("zone: Europe/Rome\nscreened_at: 2020-03-29T03:00\n", "2020-03-29T03:00+02:00"),
        ("zone: Europe/Rome\nscreened_at: 2020-03-29 01:59\n", "2020-03-29 01:59+01:00"),
        ("zone: Europe/Rome\nscreened_at: 2020-03-29T02:30Z\n", "2020-03-29T02:30Z"),
        ("zone: Europe/Rome\nscreened_at: 2020-03-29\n", "2020-03-29"),
        ('offset: "+08:00"\nscreened_at: 2020-03-29T02:30\n', "2020-03-29T02:30+08:00"),
        ('offset: "+08:00"\nscreened_at: 2020-03-29T02:30+01:00\n', "2020-03-29T02:30+01:00"),
        ("screened_at: 2020-03-29T02:30\n", "2020-03-29T02:30"),
    ],
)
def test_one_screening_time_for_all(
    tmp_path: Path, vocabulary: Vocabulary, written: str, expected: str
) -> None:
    found = mapping(tmp_path, f"{written}columns: {{}}\n", vocabulary)
    assert found.screened_at == expected
    assert found.tzdata == (tzdata_version() if "zone" in written else "")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2020-03-29T02:30", "does not exist in Europe/Rome: the clocks were put forward over it"),
        ("2020-10-25T02:30", "exists twice in Europe/Rome: the clocks were put back over it"),
    ],
)
def test_a_screening_time_that_cannot_be_placed(
    tmp_path: Path, vocabulary: Vocabulary, time: str, expected: str
) -> None:
    text = f"zone: Europe/Rome\nscreened_at: {time}\ncolumns: {{}}\n"
    assert said(tmp_path, text, vocabulary) == [f'map.yaml:2:14: "{time}" {expected}']


NO_ZONE = "zone must be the name of a time zone such as Europe/Rome, not"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("[Europe/Rome]", "zone must be one value"),
        ("{a: b}", "zone must be one value"),
        ('""', "zone has no value"),
        ('"+01:00"', f'{NO_ZONE} "+01:00"'),
        ("../../etc/passwd", f'{NO_ZONE} "../../etc/passwd"'),
        ("Shanghai", f'{NO_ZONE} "Shanghai"; did you mean "Asia/Shanghai"?'),
    ],
)
def test_a_zone_that_is_none(
    tmp_path: Path, vocabulary: Vocabulary, zone: str, expected: str
) -> None:
    text = f"zone: {zone}\ncolumns: {{}}\n"
    assert said(tmp_path, text, vocabulary) == [f"map.yaml:1:7: {expected}"]
