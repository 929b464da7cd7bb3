"""The machine-readable shape of a protocol agrees with the reader that decides."""

import subprocess
import sys
from typing import get_args

import pytest

from screen.documents.text_files import read_document
from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.language.protocol.cited_sources import LINE_KEYS, SOURCE_KEYS
from screen.language.protocol.condition import LEAF_KEYS
from screen.language.protocol.protocol_file import (
    CRITERION_OPTIONAL,
    CRITERION_REQUIRED,
    OPTIONAL,
    REQUIRED,
)
from screen.language.protocol.schema import (
    ConditionShape,
    CriterionShape,
    LeafShape,
    LineCountShape,
    ProtocolShape,
    SourceShape,
    protocol_schema,
    shape_errors,
    shape_of,
)
from screen.model.criterion import COMBINATIONS

PROTOCOLS = sorted((default_rules_dir() / "protocols").glob("*/protocol.yaml"))


@pytest.mark.parametrize(
    ("shape", "keys", "required"),
    [
        (ProtocolShape, REQUIRED + OPTIONAL, REQUIRED),
        (CriterionShape, CRITERION_REQUIRED + CRITERION_OPTIONAL, CRITERION_REQUIRED),
        (LeafShape, ("is", *LEAF_KEYS), ("is",)),
        (SourceShape, SOURCE_KEYS, SOURCE_KEYS),
        (LineCountShape, LINE_KEYS, ()),
    ],
)
def test_reader_and_shape_know_the_same_keys(
    shape: type[ProtocolShape], keys: tuple[str, ...], required: tuple[str, ...]
) -> None:
    schema = shape.model_json_schema(by_alias=True)
    properties = schema.get("properties") or schema["$defs"][shape.__name__]["properties"]
    assert set(properties) == set(keys)
    needed = schema.get("required", [])
    assert set(needed) == set(required)


@pytest.mark.parametrize("word", COMBINATIONS)
def test_reader_and_shape_know_the_same_combinations(word: str) -> None:
    shape = shape_of(COMBINATIONS[word])
    assert shape in get_args(ConditionShape)
    assert [field.alias or name for name, field in shape.model_fields.items()] == [word]


@pytest.mark.parametrize("path", PROTOCOLS, ids=lambda path: path.parent.name)
def test_the_protocols_of_the_program_have_the_shape(path) -> None:  # type: ignore[no-untyped-def]
    tree, _ = read_document(path, Problems(path.name))
    assert shape_errors(tree) == ()


def test_a_fault_of_shape_is_placed() -> None:
    tree = read_yaml("protocol: x\ntitel: y\n", Problems("x"))
    assert tree is not None
    errors = shape_errors(tree)
    assert "titel: Extra inputs are not permitted" in errors
    assert "title: Field required" in errors


def test_the_schema_offers_the_names_of_the_vocabulary() -> None:
    vocabulary = load_vocabulary(default_rules_dir())
    schema = protocol_schema(vocabulary)
    concepts = schema["$defs"]["ConceptShape"]
    assert set(concepts["properties"]) == set(vocabulary.concepts)
    assert concepts["additionalProperties"] is False
    assert "room_air" in schema["$defs"]["LeafShape"]["properties"]["on"]["enum"]
    assert "patternProperties" in protocol_schema()["$defs"]["ConceptShape"]


def test_a_case_is_read_without_the_models_and_the_unit_library() -> None:
    # Both take longer to start than everything else on the way of a case together.
    program = (
        "import sys; from screen.intake.casefile import read_case_file;"
        "from screen.language.loading.own_folder import default_rules_dir;"
        "from screen.language.loading.rules_folder import load_protocol, load_vocabulary,"
        " protocol_ids; r = default_rules_dir(); v = load_vocabulary(r);"
        "[load_protocol(r, i, v) for i in protocol_ids(r)];"
        "print([m for m in ('pydantic', 'ucumvert', 'pint', 'json') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
