"""Which lines of JSON are taken quickly, and which are left to the reader with positions."""

import pytest

from screen.batch.document import Source
from screen.batch.plain_case import RECORD_FIELDS, _quick, cases_in
from screen.intake.observation import RECORD_KEYS

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


def test_numbers_are_taken_by_the_slow_reader_as_they_are_written() -> None:
    line = PLAIN.replace(b'"91 %"', b'{"value": 91.10, "sample": 7}')
    ((name, case),) = cases_in(Source("x.jsonl", 1, line))
    assert name == "A"
    assert case is not None
    record = case.observations["spo2"]
    assert not isinstance(record, str | list)
    assert (record.value, record.sample) == ("91.10", "7")
