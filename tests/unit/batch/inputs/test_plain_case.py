"""Which lines of JSON are taken quickly, and which are left to the reader with positions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screen.batch.inputs.documents.document_files import Source
from screen.batch.inputs.documents.plain_case import RECORD_FIELDS, _quick, cases_in
from screen.intake.keys import RECORD_KEYS

PLAIN = b'{"case": "A", "screened_at": "2020-03-21", "observations": {"spo2": "91 %"}}'


def test_the_fields_are_the_keys_of_a_record() -> None:
    assert ("value", *RECORD_KEYS) == RECORD_FIELDS


def test_a_plain_line_is_taken() -> None:
    case = _quick(PLAIN)
    assert case is not None
    assert (case.case, case.observations) == ("A", {"spo2": "91 %"})


@pytest.mark.parametrize(
    "line",
    [
        PLAIN.replace(b'"case": "A"', b'"case": "B", "case": "A"'),
        PLAIN.replace(b'"spo2": "91 %"', b'"spo2": "91 %", "spo2": "95 %"'),
        PLAIN.replace(b'"91 %"', b'{"value": "91 %", "at": "2020-03-20", "at": "2020-03-21"}'),
        # The same hidden behind blanks, or behind a name spelled with an escape.
        PLAIN.replace(b'"spo2": "91 %"', b'"spo2" : "91 %", "spo2": "95 %"'),
        PLAIN.replace(b'"spo2": "91 %"', b'"sp\\u006f2": "91 %", "spo2": "95 %"'),
        # The same beside a text that spells a quote, or a colon behind one, with an escape.
        PLAIN.replace(b'"91 %"', b'"95 %", "spo2": {"value": "91 %", "source": "\\u0022:"}'),
        PLAIN.replace(b'"91 %"', b'"95 %", "spo2": {"value": "9 %", "source": "\\"\\u003A"}'),
        PLAIN.replace(b'"91 %"', b"91"),
        PLAIN.replace(b'"91 %"', b"null"),
        PLAIN.replace(b'"91 %"', b'{"value": "91 %", "at": null}'),
        PLAIN.replace(b'"91 %"', b'{"at": "2020-03-20"}'),
        PLAIN.replace(b'"91 %"', b'"91 \\u0000"'),
        PLAIN.replace(b"91 %", b"91 \xff"),
        PLAIN[:-1],
        PLAIN + b"{}",
        b"[" + PLAIN + b"]",
    ],
)
def test_what_is_odd_is_not(line: bytes) -> None:
    assert _quick(line) is None


def spelled(letter: str, escaped: bool) -> str:
    """A letter of a JSON text: as it is, or by its number."""
    return f"\\u{ord(letter):04x}" if escaped else json.dumps(letter)[1:-1]


@given(st.lists(st.tuples(st.sampled_from('":,{} ax'), st.booleans()), max_size=12))
def test_a_key_that_is_there_twice_is_never_missed(letters: list[tuple[str, bool]]) -> None:
    """Whatever stands in a text beside it, and however that is spelled."""
    text = "".join(spelled(*letter) for letter in letters)
    record = f'{{"value": "91 %", "source": "{text}"}}'.encode()
    assert _quick(PLAIN.replace(b'"91 %"', b'"95 %", "spo2": ' + record)) is None


def test_numbers_are_taken_by_the_slow_reader_as_they_are_written() -> None:
    line = PLAIN.replace(b'"91 %"', b'{"value": 91.10, "sample": 7}')
    ((name, case),) = cases_in(Source("x.jsonl", 1, line))
    assert name == "A"
    assert case is not None
    record = case.observations["spo2"]
    assert not isinstance(record, str | list)
    assert (record.value, record.sample) == ("91.10", "7")
