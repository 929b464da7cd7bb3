"""Mapping files: everything wrong is named with its line, and the nearest right name."""

from collections import abc
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from screen.batch.mapping.form import (
    CellsForm,
    ColumnForm,
    MappingForm,
    PatientsForm,
    RecordColumnForm,
)
from screen.batch.mapping.header_check import columns_used
from screen.batch.mapping.mapping_file import load_mapping
from screen.batch.mapping.model import ColumnRule, Mapping, Shape
from screen.intake.keys import RECORD_KEYS
from screen.model.concept import Vocabulary
from screen.problems import ProblemsFound


def mapping(folder: Path, text: str, vocabulary: Vocabulary) -> Mapping:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path, vocabulary)


def said(folder: Path, text: str, vocabulary: Vocabulary) -> list[str]:
    with pytest.raises(ProblemsFound) as caught:
        mapping(folder, text, vocabulary)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_a_whole_mapping(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = """\
shape: series
fill_down: [id]
screened_at: last
offset: "+08:00"
times: ["%Y-%m-%d %H:%M"]
not_recorded: "-1"
columns:
  id: {is: case, whole: true}
  time: at
  sex: {is: sex, codes: {1: male, 2: female}}
  pcr: {is: sars_cov_2_test, assay: pcr, codes: {pos: positive}}
  plt: {is: platelets, unit: K/uL}
ignore: {outcome: unknown at the time}
"""
    found = mapping(tmp_path, text, vocabulary)
    assert found.shape is Shape.SERIES
    assert found.fill_down == ("id",)
    assert found.not_recorded == ("-1",)
    assert found.columns["id"] == ColumnRule("id", "case", whole=True)
    assert found.columns["pcr"].contexts == {"assay": "pcr"}
    assert found.columns["sex"].codes == {"1": "male", "2": "female"}
    assert found.digest.startswith("sha256:")


def test_everything_wrong_at_once(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = """\
shape: seris
colums: {}
offset: 1h
times: "%d/%m/%y"
decimal: ";"
screened_at: tomorrow
encoding: latin-11
delimiter: ab
columns:
  plt: {is: platelet, unit: K/uL}
  hb: {is: hemoglobin, unit: mg/sL}
  wbc: {is: leukocytes, unit: g/L}
  sex: {is: sex, codes: {1: man}}
  ox: {is: spo2, on: room_ar}
  crea: {is: creatinine, units: mg/dL}
  cr2: creatinine
"""
    assert said(tmp_path, text, vocabulary) == [
        'map.yaml:1:8: unknown value "seris" for shape; did you mean "series"?',
        'map.yaml:2:1: unknown key "colums"; did you mean "columns"?',
        'map.yaml:3:9: offset must be an offset from UTC such as +01:00, not "1h"',
        (
            "map.yaml:4:8: times must be excel, or a form such as %d/%m/%Y %H:%M with a year of "
            'four digits, not "%d/%m/%y"'
        ),
        'map.yaml:5:10: unknown value ";" for decimal; accepted: ., ,',
        'map.yaml:6:14: "tomorrow" is not a time: write 2020-03-21 or 2020-03-21T09:00:00+01:00',
        (
            "map.yaml:7:11: encoding must be the name of an encoding, such as latin-1 or utf-16, "
            'not "latin-11"'
        ),
        'map.yaml:8:12: delimiter must be one character, or tab, not "ab"',
        'map.yaml:10:3: "creatinine" is given by two columns ("crea" and "cr2")',
        'map.yaml:10:13: unknown concept "platelet"; did you mean "platelets"?',
        'map.yaml:11:30: unknown unit "mg/sL"; hemoglobin can be in g/dL, g/L, mg/mL, mg/dL, ...',
        'map.yaml:12:31: the unit "g/L" does not measure leukocytes (it is measured in 10*9/L)',
        'map.yaml:13:29: unknown value "man" for sex; accepted: male, female, other, unknown',
        'map.yaml:14:22: unknown value "room_ar" for on; did you mean "room_air"?',
        'map.yaml:15:26: unknown key "units"; did you mean "unit"?',
    ]


def test_every_fault_of_shape_has_its_place(tmp_path: Path, vocabulary: Vocabulary) -> None:
    text = """\
shape: long
columns:
  a: {unit: mg}
  b: [x]
  c:
  val: {is: value, codes: {1: [x], dyspnea: {1: present, 2: }, nodyspnea: {}, platelets: {1: [2]}}}
  u: {is: unit, codes: {x: {y: mg}}}
  when: {is: at, since: adm, unit: years, times: [excel, "%H"]}
  old: {is: age, whole: yes, foo: 1}
rows: [{where: a, is: b}, {is: b}, x, {where: a, is: b, is_not: c}]
header_row: [1]
thousands: x
decimal:
ignore: [a]
constants: {plts: 3}
units: {plts: mg}
"""
    assert said(tmp_path, text, vocabulary) == [
        'map.yaml:3:6: column "a" lacks "is"',
        'map.yaml:4:6: column "b" must be keys with values',
        "map.yaml:5:5: is has no value",
        "map.yaml:6:31: codes 1 must be one value",
        "map.yaml:6:61: codes dyspnea 2 has no value",
        'map.yaml:6:64: unknown concept "nodyspnea"',
        "map.yaml:6:94: codes platelets 1 must be one value",
        "map.yaml:7:25: codes x must be one value",
        'map.yaml:8:36: unknown value "years" for unit; accepted: s, min, h, d',
        (
            "map.yaml:8:58: times must be excel, or a form such as %d/%m/%Y %H:%M with a year of "
            'four digits, not "%H"'
        ),
        'map.yaml:9:25: unknown value "yes" for whole; accepted: true, false',
        'map.yaml:9:30: unknown key "foo"',
        'map.yaml:10:27: rows lacks "where"',
        "map.yaml:10:36: rows must be keys with values",
        ("map.yaml:10:39: rows contradicts itself: one of is and is_not says which rows count"),
        "map.yaml:11:13: header_row must be one value",
        'map.yaml:12:12: unknown value "x" for thousands; accepted: ., ,, \', , none',
        "map.yaml:13:9: decimal has no value",
        "map.yaml:14:9: ignore must be keys with values",
        'map.yaml:15:13: unknown concept "plts"; did you mean "platelets"?',
        'map.yaml:16:9: unknown concept "plts"',
    ]


@pytest.mark.parametrize("text", ["shape: wide\n", "columns: no\n", "columns:\n"])
def test_a_mapping_has_columns(tmp_path: Path, text: str, vocabulary: Vocabulary) -> None:
    (line,) = said(tmp_path, text, vocabulary)
    assert 'the mapping lacks "columns"' in line or "columns must be keys with values" in line


def test_what_is_right_is_looked_at_beside_what_is_not_there(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    lines = said(tmp_path, "units: {plts: mg}\n", vocabulary)
    assert lines == [
        'map.yaml:1:1: the mapping lacks "columns"',
        'map.yaml:1:9: unknown concept "plts"; did you mean "platelets"?',
    ]


def test_a_column_can_hold_every_key_of_a_record_but_its_time() -> None:
    of_records = set(RecordColumnForm.keys()) - set(ColumnForm.keys())
    assert of_records == set(RECORD_KEYS) - {"at"}


def test_what_belongs_to_the_top_is_known_to_the_section_of_patients() -> None:
    everywhere = set(CellsForm.keys()) | {"columns", "ignore", "patients"}
    assert set(PatientsForm.above) == set(MappingForm.keys()) - everywhere


def test_no_text_of_the_file_keeps_its_place(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """A mapping goes to other processes, and into formats that know no kinds of text."""
    text = """\
shape: long
columns: {id: case, v: {is: value, codes: {1: positive, dyspnea: {2: absent}}, on: room_air}}
ignore: {x: y}
rows: {where: a, is: [b]}
case: [id, w]
not_recorded: [n]
fill_down: id
constants: {sex: female}
units: {platelets: K/uL}
unit_aliases: {pro nl: /nL}
screened_at: last
sheet: s
decimal: ","
patients: {columns: {id: case}, ignore: {u: z}}
"""
    found = mapping(tmp_path, text, vocabulary)
    assert kinds_of(found) == {str, int, bool, Shape}


def kinds_of(part: object) -> set[type]:
    """The types of all that a mapping holds, within lists and names, too."""
    if is_dataclass(part):
        return kinds_of([getattr(part, one.name) for one in fields(part)])
    if isinstance(part, abc.Mapping):
        return kinds_of([*part.keys(), *part.values()])
    if isinstance(part, list | tuple):
        return {kind for one in part for kind in kinds_of(one)}
    return set() if part is None else {type(part)}


def test_last_needs_several_rows(tmp_path: Path, vocabulary: Vocabulary) -> None:
    (line,) = said(tmp_path, "screened_at: last\ncolumns: {}\n", vocabulary)
    assert "there is one row to a case" in line


def test_a_mapping_that_does_not_fit(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = mapping(
        tmp_path, "columns: {PLT: platelets, PID: case}\nignore: {Note: text}\n", vocabulary
    )
    header = ("PID", "PLTS", "notes", "sex")
    with pytest.raises(ProblemsFound) as caught:
        columns_used(found, header, "x.csv", vocabulary, ("case", "screened_at"), Shape.WIDE)
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        'map.yaml: there is no column "PLT" in x.csv; did you mean "PLTS"?',
        'map.yaml: there is no column "Note" in x.csv; did you mean "notes"?',
        'map.yaml: there is no column "screened_at": no column is mapped to it',
        (
            'x.csv:1:2: unknown column "PLTS": a mapping can name it or ignore it; '
            'did you mean "platelets"?'
        ),
        'x.csv:1:3: unknown column "notes": a mapping can name it or ignore it',
    ]


def test_the_rest_can_be_ignored_in_one_line(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = mapping(
        tmp_path,
        'screened_at: 2020-03-21\ncolumns: {PID: case}\nignore: {"*": a pilot}\n',
        vocabulary,
    )
    header = ("PID", "x", "sex", "y")
    rules = columns_used(found, header, "x.csv", vocabulary, ("case", "screened_at"), Shape.WIDE)
    assert [(rule.name, rule.target) for rule in rules] == [("PID", "case"), ("sex", "sex")]


@pytest.mark.parametrize(
    "name",
    [
        *("rot13", "rot_13", "hex", "base64", "bz2", "zlib", "quopri", "uu", "undefined", "idna"),
        *("punycode", "unicode_escape", "raw_unicode_escape", "aliases", "../x", "x" * 5000),
    ],
)
def test_encodings_that_are_none_of_text(tmp_path: Path, name: str, vocabulary: Vocabulary) -> None:
    (line,) = said(tmp_path, f"encoding: {name}\ncolumns: {{id: case}}\n", vocabulary)
    assert line.startswith("map.yaml:1:11: encoding must be the name of an encoding")


@pytest.mark.parametrize("name", ["latin-1", "cp1252", "utf-16", "utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_text(tmp_path: Path, name: str, vocabulary: Vocabulary) -> None:
    text = f"encoding: {name}\nshape: wide\ncolumns: {{id: case}}\n"
    assert mapping(tmp_path, text, vocabulary).reading.encoding == name
