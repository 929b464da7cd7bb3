"""No exponent in a unit or a number makes the program think: at every door it is bounded."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from screen.batch.mapping.mapping_file import load_mapping
from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary
from screen.language.site.site_file import load_site
from screen.problems import Kind, ProblemsFound

VOCABULARY = load_vocabulary(default_rules_dir())
EXPONENTS = ["5000", "9999999", "-9999999", "9" * 20, "-" + "9" * 20, "9" * 5000, "0" * 5000 + "9"]
FORMS = ["10*{}/L", "10^{}/L", "\u00d710^{}/L", "10**{}/L", "m{}", "/L{}", "(m){}", "10*{0}.10*{0}"]
UNITS = [form.format(exponent) for form in FORMS for exponent in EXPONENTS]
# A key of more than 1,024 letters is no YAML.
KINDS = (Kind.SYNTAX, Kind.UNKNOWN_UNIT, Kind.NOT_A_QUANTITY, Kind.NO_UNIT, Kind.NOT_A_COMPARISON)
SECONDS = 2.0  # of the processor; a unit that is worked out takes minutes, or never ends


def refused(read: Callable[[], object]) -> None:
    start = time.process_time()
    with pytest.raises(ProblemsFound) as caught:
        read()
    assert time.process_time() - start < SECONDS
    assert caught.value.problems[0].line
    assert {problem.kind for problem in caught.value.problems} <= {*KINDS, Kind.WRONG_DIMENSION}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit[:20])
def test_every_door(tmp_path: Path, unit: str) -> None:
    file = tmp_path / "x.yaml"
    for text in (
        f'unit_aliases: {{zz: "{unit}"}}\n',
        f'{{unit_aliases: {{zz: "{unit}", yy: "1{unit}"}}}}\n',
    ):
        file.write_text(text, encoding="utf-8")
        refused(lambda: load_site(file, VOCABULARY))
    for text in (
        f'columns: {{id: case, plt: {{is: platelets, unit: "{unit}"}}}}\n',
        f'unit_aliases: {{zz: "{unit}"}}\ncolumns: {{id: case}}\n',
        f'shape: long\nunits: {{platelets: "{unit}"}}\ncolumns: {{id: case, v: value}}\n',
    ):
        file.write_text(text, encoding="utf-8")
        refused(lambda: load_mapping(file, VOCABULARY))
    head = "case: A\nscreened_at: 2020-03-21\nobservations:\n"
    for record in (
        f'platelets: "90 {unit}"',
        f'platelets: {{value: 90, unit: "{unit}"}}',
        f'ferritin: {{value: 90 ng/mL, upper_limit: "300 {unit}"}}',
    ):
        file.write_text(f"{head}  {record}\n", encoding="utf-8")
        start = time.process_time()
        with suppress(ProblemsFound):  # what has no unit that is known may be a record, or not
            read_case_file(file, VOCABULARY)
        assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("unit", UNITS[::3], ids=lambda unit: unit[:20])
def test_rules(tmp_path: Path, unit: str) -> None:
    shutil.copytree(default_rules_dir(), tmp_path / "rules")
    path = tmp_path / "rules/protocols/nct04361903/protocol.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("100000 /mm3", f"100 {unit}", 1), encoding="utf-8")
    refused(lambda: load_protocol(tmp_path / "rules", "NCT04361903", VOCABULARY))
    quantities = tmp_path / "rules/vocabulary/quantities.yaml"
    before = quantities.read_text(encoding="utf-8")
    for body in (
        f'{{label: Z, unit: "{unit}"}}',
        f'{{label: Z, unit: mg/L, units: {{"{unit}": 3}}}}',
    ):
        quantities.write_text(f"{before}\nzz: {body}\n", encoding="utf-8")
        refused(lambda: load_vocabulary(tmp_path / "rules"))


@pytest.mark.parametrize("number", ["9" * 20, "9" * 6000, "1e999999999", "9" * 6000 + "e-6000"])
def test_numbers(tmp_path: Path, number: str) -> None:
    site, quantity = tmp_path / "site.yaml", tmp_path / "x.yaml"
    for text in (
        f"no_childbearing_potential: {{from: {number} a}}\n",
        f"staleness: {{platelets: {number} h}}\n",
    ):
        site.write_text(text, encoding="utf-8")
        with pytest.raises(ProblemsFound):
            load_site(site, VOCABULARY)
    quantity.write_text(
        "case: A\nscreened_at: 2020-03-21\nobservations:\n"
        f'  platelets: "{number} 10*9/L"\n  age: "{number} a"\n',
        encoding="utf-8",
    )
    start = time.process_time()
    with suppress(ProblemsFound):  # a number of 20 digits is one, though an implausible one
        read_case_file(quantity, VOCABULARY)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "9" * 6000, "NaN", "Infinity"])
def test_numbers_of_a_mapping(tmp_path: Path, number: str) -> None:
    from screen.batch.cells.cell_sql import is_any

    assert len(is_any("c0", [number])) < 3 * len(number) + 100
    file = tmp_path / "map.yaml"
    for key in ("header_row", "last_row", "shift_years"):
        file.write_text(f"{key}: {number}\ncolumns: {{id: case}}\n", encoding="utf-8")
        with pytest.raises(ProblemsFound):
            load_mapping(file, VOCABULARY)
