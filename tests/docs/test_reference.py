"""The reference is made from what it describes, and leaves nothing out."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs.pages import PARTS, filled
from docs.pages.commands import helped
from docs.pages.language import markdown as language
from docs.pages.language import tables
from screen.language.protocol.schema import protocol_schema
from screen.model.concept import Vocabulary
from screen.model.truth import Reason
from tests.docs.pages import ROOT, name_of
from tests.spec import rows as spec

REFERENCE = ROOT / "docs" / "reference"


def test_every_row_of_the_tables_is_shown() -> None:
    shown = [line for line in language().splitlines() if line.startswith("| ")]
    heads = [line for line in shown if line.startswith(("| row ", "| --- "))]
    assert len(shown) - len(heads) == len(spec.all_rows())
    assert len(heads) % 2 == 0


def test_every_table_has_its_section_of_the_semantics() -> None:
    semantics = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^## (\d+)\. ", semantics, re.MULTILINE))
    assert {path.stem.partition("_")[0] for path in tables()} <= sections


def test_an_answer_is_never_blank() -> None:
    for line in language().splitlines():
        if line.startswith("| "):
            assert line.rpartition(" | ")[2].strip(" |"), line


@pytest.mark.parametrize("part", ["quantities", "findings", "attestations"])
def test_every_concept_is_shown(part: str, vocabulary: Vocabulary) -> None:
    kind = {"quantities": "quantity", "findings": "finding", "attestations": "attestation"}[part]
    names = {one.name for one in vocabulary.concepts.values() if one.kind.value == kind}
    assert set(re.findall(r"^\| `(\w+)` \|", PARTS[part](), re.MULTILINE)) == names


def test_every_unit_is_shown(vocabulary: Vocabulary) -> None:
    lines = {
        line.split("`")[1]: line for line in PARTS["quantities"]().splitlines() if "| `" in line
    }
    for concept in vocabulary.concepts.values():
        for unit in concept.scales:
            assert f"`{unit}`" in lines[concept.name]


def test_every_key_of_a_protocol_is_shown() -> None:
    schema = protocol_schema()
    shapes: list[Mapping[str, object]] = [schema, *schema["$defs"].values()]
    text = PARTS["protocol-file"]()
    for shape in shapes:
        properties = shape.get("properties", {})
        assert isinstance(properties, dict)
        for key in properties:
            assert f"| `{key}` |" in text


def test_every_command_is_shown() -> None:
    names = {name for name, _ in helped()}
    assert {"case", "batch", "audit verify", "protocols show"} <= names
    text = PARTS["commands"]()
    assert set(re.findall(r"^## trialscreen (.+)$", text, re.MULTILINE)) == names
    assert "--screened-at T" in text


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=name_of)
def test_every_mark_is_filled(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "<!-- made: " in text
    assert "<!-- made: " not in filled(text)


def test_every_part_has_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    assert set(re.findall(r"<!-- made: ([a-z-]+) -->", text)) == set(PARTS)


def test_every_reason_is_explained_for_both_readers() -> None:
    section = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    section = section.partition("## 1. ")[2].partition("## 2. ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [r.value for r in Reason]
    case = (ROOT / "docs" / "case.md").read_text(encoding="utf-8")
    assert all(f"`{reason.value}`" in case for reason in Reason)
