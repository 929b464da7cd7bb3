"""What the pages call not yet built is not there: once it is, its line goes."""

import re

from docs.pages.commands import helped
from screen.intake.keys import CASE_KEYS, RECORD_KEYS
from screen.language.protocol.schema import protocol_schema
from tests.docs.pages import ROOT
from tests.docs.test_commands import is_known

_CONDITIONS = ("All", "Any", "Not", "AtLeast", "Person", "Leaf")


def planned(page: str, begins: str) -> str:
    """The line of the last section of a page that begins so."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").partition("## Not yet built")[2]
    (line,) = re.findall(rf"^- {begins}.*$", text, re.MULTILINE)
    return str(line)


def test_no_command() -> None:
    names = {name for name, _ in helped()}
    group = ""
    there = []
    for name in re.findall(r"`([\w -]+)`", planned("formats.md", "Commands: ")):
        group = name.split()[0] if " " in name else group
        there += [full for full in (name, f"{group} {name}") if full in names]
    assert not there


def test_no_option() -> None:
    command = ""
    there = []
    spans = re.findall(r"`([a-z -]*-[a-z-]+)`", planned("formats.md", "Options: "))
    assert "batch --since" in spans
    for words in spans:
        command = words.split()[0] if not words.startswith("-") else command
        option = words.split()[-1]
        there += [f"{command} {option}"] if is_known(f"trialscreen {command} {option}") else []
    assert not there


def test_no_key_of_a_case() -> None:
    keys = set(re.findall(r"`(\w+)`", planned("formats.md", "A case file: ")))
    assert "planned" in keys
    assert not keys & {*CASE_KEYS, *RECORD_KEYS}


def test_no_key_of_a_condition() -> None:
    shapes = protocol_schema()["$defs"]
    known = {key for name in _CONDITIONS for key in shapes[f"{name}Shape"]["properties"]}
    assert {"at_least", "within", "person"} <= known
    for number in (10, 11, 12, 14):
        words = re.findall(r"`(\w+)", planned("semantics.md", f"Section {number}: "))
        assert words
        assert not set(words) & known
