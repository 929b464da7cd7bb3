"""Nothing in a text is read as more than text, wherever it is written."""

import json

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from screen.quoting import escaped_json, guarded, literal, quoted, visible, yaml_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain 12 µg", "plain 12 µg"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_control_characters_are_shown_and_not_sent(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text())
def test_escaped_json_is_equal_when_read(text: str) -> None:
    written = escaped_json(json.dumps({"a": text}, ensure_ascii=False, indent=2))
    assert json.loads(written) == {"a": text}
    assert visible(written.replace("\n", "")) == written.replace("\n", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\uff1d1", "\r", "\n"])
def test_a_formula_is_text_in_a_spreadsheet(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "'=1", "µ"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert guarded(text) == text


def test_a_number_with_its_sign_may_stay() -> None:
    assert guarded("-1.5", numbers_stay=True) == "-1.5"
    assert guarded("-1.5+2", numbers_stay=True) == "'-1.5+2"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_text_and_a_name_in_a_query_are_what_they_were(text: str) -> None:
    with duckdb.connect() as connection:
        name = text or "x"
        found = connection.sql(f"SELECT {literal(text)} AS {quoted(name)}")
        assert found.fetchall() == [(text,)]
        assert found.columns == [name]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_in_yaml_is_a_text_when_read(text: str) -> None:
    printable = "".join(c if c.isprintable() else " " for c in text)
    assert yaml.safe_load(f"[{yaml_text(text)}]") == [printable]
