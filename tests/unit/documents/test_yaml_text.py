"""YAML to text with positions: nothing is typed, nothing is lost, little is accepted."""

import pytest

from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.documents.yaml_text import first_value, read_yaml
from screen.problems import Kind, ProblemsFound


def read(text: str) -> Node | None:
    problems = Problems("x.yaml")
    tree = read_yaml(text, problems)
    problems.check()
    return tree


def kinds_of(text: str) -> list[tuple[Kind, int | None, int | None]]:
    with pytest.raises(ProblemsFound) as caught:
        read(text)
    return [(p.kind, p.line, p.column) for p in caught.value.problems]


def value(text: str) -> Text:
    tree = read(text)
    assert isinstance(tree, Pairs)
    node = tree.pairs[0][1]
    assert isinstance(node, Text)
    return node


@pytest.mark.parametrize(
    "written", ["no", "on", "0.50", "2020-03-21", "0o17", "1e3", "1_000", ".inf", "12:30:00"]
)
def test_scalars_stay_text(written: str) -> None:
    assert value(f"a: {written}") == Text(written, 1, 4)


def test_every_node_has_its_position() -> None:
    tree = read("a:\n  - b: c\n  - [d]\n")
    assert tree == Pairs(
        (
            (
                Text("a", 1, 1),
                Items(
                    (
                        Pairs(((Text("b", 2, 5), Text("c", 2, 8)),), 2, 5),
                        Items((Text("d", 3, 6),), 3, 5),
                    ),
                    2,
                    3,
                ),
            ),
        ),
        1,
        1,
    )


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_nothing_is_marked_as_empty(written: str) -> None:
    assert value(f"a: {written}").empty


@pytest.mark.parametrize("written", ['""', "'null'", '"~"'])
def test_quoted_text_is_never_nothing(written: str) -> None:
    assert not value(f"a: {written}").empty


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("76 mm[Hg]", "76 mm[Hg]"),
        ("99 [degF]", "99 [degF]"),
        ("12 {score}", "12 {score}"),
        ("60 mL/min/{1.73_m2}", "60 mL/min/{1.73_m2}"),
        ("5 10*3{cells}/uL", "5 10*3{cells}/uL"),
        ("7 m[iU]{x}/mL", "7 m[iU]{x}/mL"),
    ],
)
def test_a_unit_in_brackets_is_read_inside_braces(written: str, text: str) -> None:
    tree = read(f"a: {{value: {written}, at: [x, {{y: z}}]}}")
    assert isinstance(tree, Pairs)
    record = tree.pairs[0][1]
    assert isinstance(record, Pairs)
    assert record.get("value") == Text(text, 1, 12)
    at = record.key("at")
    assert at is not None
    assert at.column == 14 + len(written)
    assert isinstance(record.get("at"), Items)


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", Kind.DUPLICATE_KEY, 3, 1),
        ("a: &x 1\n", Kind.ALIAS, 1, 4),
        ("a: !!python/object:os.system 1\n", Kind.TAG, 1, 4),
        ("a: !x {b: 1}\n", Kind.TAG, 1, 4),
        ("a: 1\n---\nb: 2\n", Kind.SEVERAL_DOCUMENTS, 2, 1),
        ("? [a, b]\n: 1\n", Kind.WRONG_SHAPE, 1, 3),
        ("a: [1, 2\n", Kind.SYNTAX, 2, 1),
        ("a: 'x\n", Kind.SYNTAX, 2, 1),
        ("a: \x01\n", Kind.NOT_TEXT, None, None),
    ],
)
def test_what_is_refused(text: str, kind: Kind, line: int | None, column: int | None) -> None:
    assert kinds_of(text) == [(kind, line, column)]


def test_all_duplicate_keys_are_named_with_the_first_place() -> None:
    with pytest.raises(ProblemsFound) as caught:
        read("a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n")
    named = [(p.value, p.line, p.detail) for p in caught.value.problems]
    assert named == [("c", 2, "2"), ("a", 3, "1"), ("a", 4, "1")]


def test_a_sign_without_quotes_gets_a_hint() -> None:
    with pytest.raises(ProblemsFound, match="in quotes"):
        read("ferritin: > 3000 ng/mL\n")


@pytest.mark.parametrize("opener", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_early(opener: str) -> None:
    assert [kind for kind, _, _ in kinds_of(opener * 100_000)] == [Kind.TOO_DEEP]


def test_an_empty_text_has_no_document() -> None:
    assert read("# only a comment\n") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("protocol: A\nb: [", "A"),
        ("b: {protocol: B}\nc: [protocol]\nprotocol: A\n", "A"),
        ("b: protocol\n", None),
        ("protocol: [A]\n", None),
        ("[", None),
        ("", None),
    ],
)
def test_the_head_of_a_file_is_read_cheaply(text: str, found: str | None) -> None:
    assert first_value(text, "protocol") == found
