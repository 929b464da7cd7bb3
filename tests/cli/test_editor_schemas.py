"""An editor accepts what the program accepts, and marks what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from screen.cli.editor_schemas import SCHEMAS, main
from screen.language.loading.own_folder import default_rules_dir
from screen.model.concept import Vocabulary

RULES = default_rules_dir()
MAPPINGS = RULES.parent / "cases" / "mappings"
FILES = [
    *(("protocol", path) for path in sorted(RULES.glob("protocols/*/protocol.yaml"))),
    *(("tests", path) for path in sorted(RULES.glob("protocols/*/tests/*.yaml"))),
    *(("mapping", path) for path in sorted(MAPPINGS.glob("*.yaml"))),
]


class _AsInAnEditor(yaml.SafeLoader):
    """YAML as editors type it, but for times and for keys, which are texts to them."""


def _keys(loader: Any, node: Any) -> dict[str, Any]:
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


_AsInAnEditor.add_constructor("tag:yaml.org,2002:map", _keys)
_AsInAnEditor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def faults(kind: str, text: str, vocabulary: Vocabulary) -> list[str]:
    """Where the schema has something against a file."""
    schema = SCHEMAS[kind](vocabulary)
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(yaml.load(text, _AsInAnEditor))
    return sorted(error.json_path for error in found)


@pytest.mark.parametrize(
    ("kind", "path"), FILES, ids=lambda one: one if isinstance(one, str) else one.parent.name
)
def test_our_own_files(kind: str, path: Path, vocabulary: Vocabulary) -> None:
    assert faults(kind, path.read_text(encoding="utf-8"), vocabulary) == []


@pytest.mark.parametrize(
    ("kind", "text", "places"),
    [
        ("mapping", "columns: {a: {is: age, units: mg}}", ["$.columns.a"]),
        ("mapping", "shape: seris\ncolumns: {a: platelets}", ["$.shape"]),
        ("mapping", "shift_years: many\ncolumns: {}", ["$.shift_years"]),
        ("mapping", "rows: {where: a, is: b}\ncase: [a, b]\ncolumns: {}", []),
        ("mapping", "columns: {v: {is: value, codes: {dyspnea: {1: present}}}}", []),
        ("mapping", "columns: {a: dyspnea.at}\nunits: {plts: mg}", ["$.units"]),
        ("site", "staleness: {platelets: 72 h}\nunit_alias: {}", ["$"]),
        (
            "site",
            "no_childbearing_potential: {from: 60 years}",
            ["$.no_childbearing_potential.from"],
        ),
        ("tests", "protocol: X\nbase_verdict: eligible\ntests: []", ["$"]),
    ],
)
def test_what_an_editor_marks(
    kind: str, text: str, places: list[str], vocabulary: Vocabulary
) -> None:
    assert faults(kind, text, vocabulary) == places


def test_a_schema_is_written_by_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["site"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert "platelets" in written["properties"]["staleness"]["propertyNames"]["enum"]
    assert main(["sites"]) == 2
    assert "protocol|mapping|site|tests" in capsys.readouterr().err
