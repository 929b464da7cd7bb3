"""How `on`, `assay` and `specimen` may be spelled."""

import pytest

from screen.documents.tree import Problems, Text
from screen.language.protocol.condition import _folded, context_value
from screen.model.concept import Vocabulary
from screen.problems import Kind


def read(context: str, text: str, vocabulary: Vocabulary, problems: Problems) -> str | None:
    return context_value(Text(text, 1, 1), context, vocabulary, problems)


@pytest.mark.parametrize(
    ("context", "text", "expected"),
    [
        ("on", "room_air", "room_air"),
        ("on", "Room Air", "room_air"),
        ("on", "room-air", "room_air"),
        ("on", "ROOM  AIR", "room_air"),
        ("on", "Ra", "room_air"),
        ("on", "High flow nasal cannula", "high_flow"),
        ("on", "Non-rebreather mask", "face_mask"),
        ("assay", "RT PCR", "pcr"),
        ("assay", "Rt-Pcr", "pcr"),
        ("specimen", "NP-swab", "nasopharyngeal"),
    ],
)
def test_case_spaces_hyphens_and_underscores_do_not_matter(
    context: str, text: str, expected: str, vocabulary: Vocabulary
) -> None:
    problems = Problems("x.yaml")
    assert read(context, text, vocabulary, problems) == expected
    assert problems.found == []


@pytest.mark.parametrize("text", ["room", "room air?", "-", "antigen"])
def test_another_word_is_still_unknown(text: str, vocabulary: Vocabulary) -> None:
    problems = Problems("x.yaml")
    assert read("on", text, vocabulary, problems) is None
    assert [(one.kind, one.value) for one in problems.found] == [(Kind.UNKNOWN_VALUE, text)]


@pytest.mark.parametrize("context", ["on", "assay", "specimen"])
def test_no_spelling_means_two_things(context: str, vocabulary: Vocabulary) -> None:
    tree = vocabulary.contexts[context]
    meanings: dict[str, set[str]] = {}
    for spelling, value in (*tree.aliases.items(), *((value, value) for value in tree.values)):
        meanings.setdefault(_folded(spelling), set()).add(value)
    assert [spelling for spelling, values in meanings.items() if len(values) > 1] == []
