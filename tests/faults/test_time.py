"""What a file costs grows with its length, and not with the square of it, whatever it holds.

Each text is read at a length and at eight times that length, and the processor's time is compared.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from screen.documents.yaml_text import first_value
from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.problems import ProblemsFound

VOCABULARY = load_vocabulary(default_rules_dir())
LENGTH = 5_000
TIMES = 8
MOST = 24.0  # linear is 8, the square 64: room for a machine that others use too
SOONEST = 0.2  # seconds; what is quicker than this cannot be compared

Text = Callable[[int], str]
HEAD = "case: A\nscreened_at: 2020-03-21\nobservations:\n"

YAML: dict[str, Text] = {
    "pairs in pairs": lambda n: f"x: {{v: 1 {'a[' * n}{']' * n}}}\ny: [",
    "pairs after pairs": lambda n: f"x: {{v: 1 a{'[b]' * n}}}\ny: [",
    "pairs between blanks": lambda n: f"x: {{v: 1 {'a [b] ' * n}}}\ny: [",
    "both kinds": lambda n: f"x: {{v: 1 {'a[b{' * n}{'}]' * n}}}\ny: [",
    "never closed": lambda n: f"x: {{v: 1 {'a[' * n}\ny: [",
    "never opened": lambda n: f"x: {{v: 1 {'a]' * n}\ny: [",
    "closed by another": lambda n: f"x: {{v: {'a[b}' * n}",
    "opened and cut": lambda n: f"x: {{v: {'a[b:' * n}",
    "brackets alone": lambda n: "[" * n,
    "braces alone": lambda n: "{" * n,
    "a list": lambda n: f"x: [{'a, ' * n}]",
    "keys": lambda n: f"x: {{{''.join(f'k{i}: 1, ' for i in range(n))}}}",
    "one key": lambda n: f"x: {{{'k: 1, ' * n}}}",
    "keys that are none": lambda n: "? a\n" * n,
    "lines": lambda n: "x:\n" + " - a\n" * n,
    "blank lines": lambda n: "x: a\n" + "\n" * n + "y: [",
    "a long text": lambda n: "x: " + "a\n  " * n,
    "a long quoted text": lambda n: 'x: "' + "a\n  " * n,
    "escapes": lambda n: 'x: "' + "\\n" * n + '"',
    "quotes": lambda n: "x: '" + "''" * n,
    "comments": lambda n: "# a\n" * n,
    "anchors": lambda n: f"x: [{'&a b, ' * n}]",
    "aliases": lambda n: f"x: [&a b, {'*a, ' * n}]",
    "tags": lambda n: f"x: [{'!a b, ' * n}]",
    "documents": lambda n: "--- a\n" * n,
    "names of tags": lambda n: "".join(f"%TAG !a{i}! b\n" for i in range(n)) + "--- a\n",
    "names of tags below": lambda n: (
        "--- a\n...\n" + "".join(f"%TAG !a{i}! b\r" for i in range(n)) + "--- a\n"
    ),
    "dashes": lambda n: "- " * n,
    "steps": lambda n: "".join(" " * i + "a:\n" for i in range(n // 100)),
    "colons": lambda n: "a: " * n,
    "blanks": lambda n: "x: [" + " " * n + "%",
    "commas and blanks": lambda n: "x: " + ", " * n + "%",
    "a block": lambda n: "x: |\n" + "  a\n" * n,
    "a folded block": lambda n: "x: >\n" + "  a\n\n" * n,
    "a syntax error at the end": lambda n: "a: 1\n" * n + "b: [",
    "records": lambda n: f"{HEAD}  platelets:\n" + "    - 90 10*9/L\n" * n,
    "unknown concepts": lambda n: HEAD + "".join(f"  k{i}: 1\n" for i in range(n)),
    "a long concept": lambda n: f"{HEAD}  {'p' * n}: 1",
    "a long number": lambda n: f'{HEAD}  platelets: "{"9" * n} 10*9/L"',
    "a long unit": lambda n: f'{HEAD}  platelets: "9 {"L." * n}L"',
    "a unit of signs": lambda n: f'{HEAD}  platelets: "9 {"/" * n}"',
    "a unit of brackets": lambda n: f'{HEAD}  platelets: "9 {"(" * n}"',
    "a long time": lambda n: f"case: A\nscreened_at: {'2' * n}",
    "cases": lambda n: "- {case: A, screened_at: 2020-03-21}\n" * n,
}
JSON: dict[str, Text] = {
    "brackets": lambda n: "[" * n,
    "a list": lambda n: f"[{'1, ' * n}1]",
    "keys": lambda n: "{" + ", ".join(f'"k{i}": 1' for i in range(n)) + "}",
    "one key": lambda n: "{" + ", ".join(['"k": 1'] * n) + "}",
    "a long text": lambda n: f'{{"case": "{"a" * n}"}}',
    "escapes": lambda n: '{"case": "' + "\\u0041" * n + '"}',
    "backslashes": lambda n: '{"case": "' + "\\\\" * n,
    "quotes": lambda n: '"' * n,
    "blanks": lambda n: " " * n + "{",
    "lines": lambda n: "[\n" + "1,\n" * n + "1]",
    "a long number": lambda n: "1" * n,
}


def seconds(read: Callable[[], object]) -> float:
    """The processor's time of the quicker of two tries."""
    took = []
    was = gc.isenabled()
    gc.disable()
    try:
        for _ in range(2):
            start = time.process_time()
            read()
            took.append(time.process_time() - start)
    finally:
        if was:
            gc.enable()
    return min(took)


def grows_with_its_length(read: Callable[[int], object]) -> None:
    one = seconds(lambda: read(LENGTH))
    more = seconds(lambda: read(TIMES * LENGTH))
    assert more < max(SOONEST, MOST * one), f"{one:.3f} s, and {more:.3f} s for {TIMES} times it"


@pytest.mark.parametrize("name", YAML)
def test_yaml(tmp_path: Path, name: str) -> None:
    grows_with_its_length(lambda n: reading(tmp_path / "x.yaml", YAML[name](n)))


@pytest.mark.parametrize("name", JSON)
def test_json(tmp_path: Path, name: str) -> None:
    grows_with_its_length(lambda n: reading(tmp_path / "x.json", JSON[name](n)))


@pytest.mark.parametrize("name", YAML)
def test_the_head_of_a_protocol(name: str) -> None:
    grows_with_its_length(lambda n: first_value(YAML[name](n), "protocol"))


def reading(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
    try:
        read_case_file(path, VOCABULARY)
    except ProblemsFound:
        return
