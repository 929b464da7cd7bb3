"""A site's own file: unit spellings, limits of age, and what is wrong with one."""

import hashlib
from pathlib import Path

import pytest

from screen.language.site.site_file import load_site
from screen.model.concept import Vocabulary
from screen.model.moment import DAY, HOUR
from screen.problems import Kind, ProblemsFound
from screen.units.text import NotMeasured, parse_measured


def site_file(folder: Path, text: str) -> Path:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_aliases_become_units_of_the_vocabulary(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = site_file(tmp_path, "unit_aliases: {mil/mm3: 10*3/uL, Giga: G/L}\n")
    site = load_site(path, vocabulary)
    # What an alias stands for may itself be an alias of the program.
    assert site.unit_aliases == {"mil/mm3": "10*3/uL", "Giga": "10*9/L"}
    assert site.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    platelets = vocabulary.concepts["platelets"]
    with pytest.raises(NotMeasured):
        parse_measured("90 mil/mm3", vocabulary, platelets)
    extended = site.extend(vocabulary)
    read = parse_measured("90 mil/mm3", extended, platelets)
    assert read == parse_measured("90 10*3/uL", vocabulary, platelets)
    assert extended.concepts is vocabulary.concepts


def test_staleness_is_in_microseconds(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = site_file(tmp_path, "staleness: {platelets: 72 h, creatinine: 7 d}\n")
    assert load_site(path, vocabulary).staleness == {"platelets": 72 * HOUR, "creatinine": 7 * DAY}


def test_everything_wrong_is_said_at_once_with_the_nearest_name(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    path = site_file(
        tmp_path,
        "unit_alias: {}\nunit_aliases: {mil/mm3: 10*9/Lx}\n"
        "staleness: {plateletts: 72 h, creatinine: 1 mo}\n",
    )
    with pytest.raises(ProblemsFound) as found:
        load_site(path, vocabulary)
    told = [(one.kind, one.line, one.value, one.nearest) for one in found.value.problems]
    assert told == [
        (Kind.UNKNOWN_KEY, 1, "unit_alias", "unit_aliases"),
        (Kind.UNKNOWN_UNIT, 2, "10*9/Lx", ""),
        (Kind.UNKNOWN_CONCEPT, 3, "plateletts", "platelets"),
        (Kind.NOT_A_DURATION, 3, "1 mo", ""),
    ]


def test_every_fault_of_shape_has_its_place(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = site_file(
        tmp_path,
        "unit_aliases: {a: , b: [x], mil/mm3: 10*9/Lx}\n"
        "staleness: 3\n"
        "no_childbearing_potential: {from: 60, belw: 10 a}\n"
        "other: 1\n",
    )
    with pytest.raises(ProblemsFound) as found:
        load_site(path, vocabulary)
    assert str(found.value).replace(f"{tmp_path}/", "").splitlines() == [
        "site.yaml:1:19: unit_aliases a has no value",
        "site.yaml:1:24: unit_aliases b must be one value",
        'site.yaml:1:38: unknown unit "10*9/Lx"',
        "site.yaml:2:12: staleness must be keys with values",
        (
            "site.yaml:3:35: no_childbearing_potential.from must be a whole age, such as 60 a, "
            'not "60"'
        ),
        'site.yaml:3:39: unknown key "belw"; did you mean "below"?',
        (
            'site.yaml:4:1: unknown key "other"; accepted: unit_aliases, staleness, '
            "no_childbearing_potential"
        ),
    ]
