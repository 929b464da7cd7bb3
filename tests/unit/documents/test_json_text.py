"""JSON to the same tree as YAML, with JSON's own rules."""

import sys

import pytest

from screen.documents.json_text import read_json
from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.problems import Kind, ProblemsFound


def read(text: str) -> Node | None:
    problems = Problems("x.json")
    tree = read_json(text, problems)
    problems.check()
    return tree


def kinds_of(text: str) -> list[tuple[Kind, int | None, int | None]]:
    with pytest.raises(ProblemsFound) as caught:
        read(text)
    return [(p.kind, p.line, p.column) for p in caught.value.problems]


def test_positions_and_numbers_as_written() -> None:
    text = '{\n\t"a": [0.50, true],\n  "b": {"c": null, "d": "e"}}'
    assert read_json(text, Problems("x.json")) == Pairs(
        (
            (Text("a", 2, 2), Items((Text("0.50", 2, 8), Text("true", 2, 14)), 2, 7)),
            (
                Text("b", 3, 3),
                Pairs(
                    (
                        (Text("c", 3, 9), Text("null", 3, 14, True)),
                        (Text("d", 3, 20), Text("e", 3, 25)),
                    ),
                    3,
                    8,
                ),
            ),
        ),
        1,
        1,
    )


def test_escapes_are_json_escapes() -> None:
    text = r'["\ud83d\ude00", "a\/b", "\u00b5", "\"}[:,", "null"]'
    tree = read_json(text, Problems("x.json"))
    assert isinstance(tree, Items)
    values = [item.value for item in tree.items if isinstance(item, Text)]
    assert values == ["😀", "a/b", "µ", '"}[:,', "null"]
    assert not any(item.empty for item in tree.items if isinstance(item, Text))


def test_a_line_of_a_larger_file_keeps_its_number() -> None:
    assert read_json('["x"]', Problems("x.jsonl"), first_line=7) == Items((Text("x", 7, 2),), 7, 1)


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', Kind.DUPLICATE_KEY, 2, 2),
        # Python 3.13 and later point at the comma, not behind it.
        ('{"a": 1,}', Kind.SYNTAX, 1, 9 if sys.version_info < (3, 13) else 8),
        ("{'a': 1}", Kind.SYNTAX, 1, 2),
        ('{"a": NaN}', Kind.SYNTAX, 1, 1),
        ('{"a": -Infinity}', Kind.SYNTAX, 1, 1),
        ('{"a": 1} {"b": 2}', Kind.SYNTAX, 1, 10),
        ("[" * 100_000, Kind.TOO_DEEP, 1, 1),
        ("[" * 60 + "]" * 60, Kind.TOO_DEEP, 1, 41),
        ("", Kind.SYNTAX, 1, 1),
    ],
)
def test_what_is_refused(text: str, kind: Kind, line: int, column: int) -> None:
    assert kinds_of(text) == [(kind, line, column)]


def test_a_number_of_any_length_stays_text() -> None:
    tree = read_json("[" + "9" * 10_000 + "]", Problems("x.json"))
    assert tree == Items((Text("9" * 10_000, 1, 2),), 1, 1)
