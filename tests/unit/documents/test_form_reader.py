"""A model and a tree: each fault with its place, and what fits is there nevertheless."""

import subprocess
import sys
from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from screen.documents.form_reader import fitted
from screen.documents.tree import Pairs, Problems
from screen.documents.written import Form, OneOf, OneOrMany, Texts, Value, Values, Written
from screen.documents.yaml_text import read_yaml


class Inner(Form):
    called: ClassVar[str] = "part"
    above: ClassVar[tuple[str, ...]] = ("colour",)

    name: Value
    size: Value | None = None


class Outer(Form):
    called: ClassVar[str] = "the whole"

    parts: dict[Written, Inner]
    colour: Annotated[Written, OneOf("red", "blue")] | None = None
    words: Values = ()
    several: OneOrMany[Inner] = ()
    texts: Texts = Field(default_factory=dict)


def read(text: str) -> tuple[Outer | None, list[str]]:
    problems = Problems("x.yaml")
    tree = read_yaml(text, problems)
    assert isinstance(tree, Pairs)
    form = fitted(Outer, tree, problems)
    found = sorted(problems.found, key=lambda one: (one.line or 0, one.column or 0))
    return form, [
        f"{one.line}:{one.column} {one.kind.name} {one.about} {one.value}" for one in found
    ]


def test_texts_know_their_places() -> None:
    form, found = read("parts:\n  a: {name: ' no '}\nwords: 007\ntexts: {k: 1.50}\n")
    assert found == []
    assert form is not None
    ((key, part),) = form.parts.items()
    assert (key, key.node.line, key.node.column) == ("a", 2, 3)
    assert (part.name, part.name.node.line, part.name.node.column) == ("no", 2, 13)
    assert (form.words, form.texts) == (("007",), {"k": "1.50"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("parts: {a: {name: n, sise: 1}}", ["1:22 UNKNOWN_KEY  sise"]),
        ("parts: {a: {name: n, colour: red}}", ['1:22 ONLY_AT_TOP part "a" colour']),
        ("parts: {a: {}}", ['1:12 MISSING_KEY part "a" name']),
        ("parts: {a: [n]}", ['1:12 WRONG_SHAPE part "a" ']),
        ("parts: {a: {name: [n]}}", ["1:19 WRONG_SHAPE name "]),
        ("parts: {a: {name: }}", ["1:19 NO_VALUE name "]),
        ("parts: {}\ncolour: green", ["2:9 UNKNOWN_VALUE colour green"]),
        ("parts: {}\nwords: [a, {b: c}]", ["2:12 WRONG_SHAPE words "]),
        ("parts: {}\nseveral: {size: 1}", ["2:10 MISSING_KEY several name"]),
        ("parts: {}\nseveral: [{name: a}, {nam: b, name: c}]", ["2:23 UNKNOWN_KEY  nam"]),
        ("parts: {}\ntexts: {k: [v]}", ["2:12 WRONG_SHAPE texts k "]),
        ("parts: {}\ntexts: t", ["2:8 WRONG_SHAPE texts "]),
        ("colour: red", ["1:1 MISSING_KEY the whole parts"]),
        ("parts:", ["1:7 WRONG_SHAPE parts "]),
    ],
)
def test_a_fault_is_where_it_stands(text: str, found: list[str]) -> None:
    assert read(text)[1] == found


def test_the_rest_is_there_without_what_does_not_fit() -> None:
    form, found = read(
        "parts: {a: {}, b: {name: n, size: [1]}}\ncolour: green\nwords: w\ntexts: {k: , l: m}\n"
    )
    assert [one.split()[1] for one in found] == [
        "MISSING_KEY",
        "WRONG_SHAPE",
        "UNKNOWN_VALUE",
        "NO_VALUE",
    ]
    assert form is not None
    assert list(form.parts) == ["b"]
    assert (form.parts[Written("b")].size, form.colour) == (None, None)
    assert (form.words, form.texts) == (("w",), {"l": "m"})


def test_a_batch_without_a_mapping_does_not_wait_for_the_models() -> None:
    program = "import sys, screen.batch.run; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "False"
