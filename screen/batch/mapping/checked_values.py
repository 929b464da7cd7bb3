"""Single values in a mapping file: what each may be, and what is said if it is not."""

import codecs
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from screen.batch.mapping.model import EXCEL
from screen.batch.mapping.zones import nearest_zone, zone_names
from screen.documents.tree import Problems
from screen.documents.written import Values, Written, fault, value_of
from screen.problems import Kind

# Of names in networks and of program texts, in which no file of a laboratory is written.
_NO_FILES = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
_OFFSET = "[+-](0[0-9]|1[0-4]):[0-5][0-9]"
_DIRECTIVES = frozenset("YmdHMSfIpbBe")
_CLOCK = frozenset("HMSfIp")
_HIGHEST_ROW = 10_000_000_000
_MOST_YEARS = 400


def is_text_encoding(name: str) -> bool:
    """Whether it names a way to write text; Python knows codecs of many other kinds."""
    try:
        found = codecs.lookup(name)
        if not found._is_text_encoding or found.name.replace("-", "_") in _NO_FILES:
            return False
        decoder = found.incrementaldecoder("replace")
        return decoder.decode("0,a".encode(name), final=True) == "0,a"
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def _encoding(value: Any) -> str:
    text = value_of(value)
    if not is_text_encoding(text):
        detail = "the name of an encoding, such as latin-1 or utf-16"
        raise fault(Kind.NOT_ACCEPTED, value=text, detail=detail)
    return str(text)


def _delimiter(value: Any) -> str:
    text = str(value) if isinstance(value, Written) else ""
    text = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(text) == 1 and text.isascii() and not text.isalnum() and text not in '"\r\n':
        return text
    raise fault(Kind.NOT_ACCEPTED, value=text, detail="one character, or tab")


def _offset(value: Any) -> str:
    text = value_of(value)
    if not re.fullmatch(_OFFSET, text):
        raise fault(Kind.NOT_ACCEPTED, value=text, detail="an offset from UTC such as +01:00")
    return str(text)


def _zone(value: Any) -> str:
    text = value_of(value)
    if text not in zone_names():
        detail = "the name of a time zone such as Europe/Rome"
        raise fault(Kind.NOT_ACCEPTED, value=text, detail=detail, nearest=nearest_zone(text))
    return str(text)


def _key(names: tuple[Written, ...]) -> tuple[Written, ...]:
    if len(set(names)) < 2:
        detail = "two or more columns; one is mapped under columns"
        raise fault(Kind.NOT_ACCEPTED, value=", ".join(names), detail=detail)
    return names


class _Whole:
    """Makes a scalar a whole number in a range."""

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest, self._highest = lowest, highest

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._number)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "integer", "minimum": self._lowest, "maximum": self._highest}

    def _number(self, value: Any) -> int:
        text = value_of(value)
        if re.fullmatch("-?[0-9]{1,11}", text) and self._lowest <= int(text) <= self._highest:
            return int(text)
        detail = f"a whole number from {self._lowest} to {self._highest}"
        raise fault(Kind.NOT_ACCEPTED, value=text, detail=detail)


_TEXT = WithJsonSchema({"type": "string"})
Encoding = Annotated[str, PlainValidator(_encoding), _TEXT]
Delimiter = Annotated[str, PlainValidator(_delimiter), _TEXT]
Offset = Annotated[
    str, PlainValidator(_offset), WithJsonSchema({"type": "string", "pattern": f"^{_OFFSET}$"})
]
Zone = Annotated[str, PlainValidator(_zone), _TEXT]
CaseKey = Annotated[Values, AfterValidator(_key)]
"""The columns that are the key of a case together."""

Row = Annotated[int, _Whole(1, _HIGHEST_ROW)]
"""The number of a row as a spreadsheet counts it."""

Years = Annotated[int, _Whole(-_MOST_YEARS, _MOST_YEARS)]


def check_times(
    forms: tuple[Written, ...], problems: Problems, *, clock_alone: bool = False
) -> tuple[str, ...]:
    """The forms in which times are written; `clock_alone`: those of a column without days."""
    for form in forms:
        used = set(re.findall("%(.)", form))
        complete = {"Y", "d"} <= used and {"m", "b", "B"} & used
        fits = used <= _CLOCK and used & {"H", "I"} if clock_alone else complete
        if form != EXCEL and not (fits and used <= _DIRECTIVES):
            detail = "excel, or a form such as %d/%m/%Y %H:%M with a year of four digits"
            if clock_alone:
                detail = "a form such as %H:%M or %I:%M %p"
            elif "z" in used:
                detail = "without %z (2020-03-21 09:00:00+0100 is read as it is, without a form)"
            problems.add(Kind.NOT_ACCEPTED, form.node, about="times", value=form, detail=detail)
    _check_orders(forms, problems)
    return tuple(map(str, forms))


def _check_orders(forms: tuple[Written, ...], problems: Problems) -> None:
    """Two forms that read one text as two days are refused: 03/04 is never guessed."""
    first: dict[str, str] = {}
    for form in forms:
        day = re.search("%[Ymdbe].*%[Ymdbe]", form.replace("%e", "%d"))
        if day is None:
            continue
        either = re.sub("%[md]", "%?", day[0])
        other = first.setdefault(either, day[0])
        if other != day[0]:
            detail = f"{other} and {day[0]} read 03/04 as two days; give each column its own"
            about = "times (two date orders)"
            problems.add(Kind.AGAINST_ITSELF, form.node, about=about, detail=detail)
