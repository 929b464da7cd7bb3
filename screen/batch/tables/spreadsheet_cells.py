"""A cell of a spreadsheet to the text that a person reads in it, or to what is wrong with it.

A formula is refused: its stored result may be older than its inputs. A number has the 15 digits
that a spreadsheet keeps of it (what the file writes behind them is the noise of its binary form),
and says so if it is shown as per cent (`91 %`). A date cell becomes an ISO date, or a time if its
format shows a clock.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from screen.batch.tables.number_format import Section, section_for
from screen.problems import Kind, Problem, message

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DIGITS = Context(prec=15)
_LONGEST_NUMBER = Decimal(10) ** 15
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(E[+-]?[0-9]{1,3})?", re.IGNORECASE)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00(:00(\.0+)?)?Z?")
_MILLISECONDS = 86_400_000
_LAST_DAY = 2_958_465  # 9999-12-31, counted from 1900
_LEAP_DAY = 60  # 29 February 1900, which spreadsheets believe in


class Fault(NamedTuple):
    """Why a cell cannot be used, and what stands in it."""

    value: str
    reason: str


class Style(NamedTuple):
    """The number format of a cell (None: it is not known), and whether it is struck out."""

    form: str | None = "General"
    struck_out: bool = False


class Cells:
    """Reads the cells of one workbook. `strings` are its shared texts, a Fault among them where
    part of one is struck out; `styles` what its cells look like.
    """

    def __init__(
        self, strings: Sequence["str | Fault"], styles: Sequence[Style], from_1904: bool
    ) -> None:
        self._strings = strings
        self._styles = styles
        self._first_day = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
        self._from_1904 = from_1904

    def read(self, cell: Any) -> "str | Fault | None":
        """The text of a `c` element; None if it is empty."""
        written = cell.findtext(f"{_MAIN}v") or ""
        formula = cell.find(f"{_MAIN}f")
        if formula is not None:
            return _fault(Kind.FORMULA, f"={formula.text or ''}")
        kind = cell.get("t", "n")
        if kind == "e":
            return _fault(Kind.SPREADSHEET_ERROR, written)
        try:
            style = self._styles[int(cell.get("s") or 0)]
            text = self._text(kind, written, cell, style.form)
        except (IndexError, ValueError, ArithmeticError):
            return _fault(Kind.BROKEN_CELL, written)
        if style.struck_out and isinstance(text, str):
            return _fault(Kind.STRUCK_OUT, text)
        return text

    def _text(self, kind: str, written: str, cell: Any, form: str | None) -> "str | Fault | None":
        if kind == "inlineStr":
            inline = cell.find(f"{_MAIN}is")
            return None if inline is None else text_of(inline) or None
        if not written:
            return None
        if kind == "s":
            if not written.isdecimal():
                raise ValueError(written)
            return self._strings[int(written)] or None
        if kind == "b":
            return {"0": "FALSE", "1": "TRUE"}.get(written) or _fault(Kind.BROKEN_CELL, written)
        if kind == "d":
            return _iso(written, form)
        if kind == "n":
            return self._number(written.strip(), form)
        if kind == "str":
            return _unescaped(written)
        raise ValueError(kind)

    def _number(self, written: str, form: str | None) -> "str | Fault":
        if form is None or not _NUMBER.fullmatch(written):
            raise ValueError(written)
        number = _DIGITS.create_decimal(written)
        section = section_for(form, number)
        if section.elapsed or section.day or section.clock:
            return self._time(number, section)
        if abs(number) >= _LONGEST_NUMBER:
            return _fault(Kind.LONG_NUMBER, written)
        if section.scaled or section.percents > 1:
            return _fault(Kind.SCALED_NUMBER, written)
        if section.percents:
            return f"{plain(number * 100)} %"
        return f"{plain(number)} %" if section.per_cent else plain(number)

    def _time(self, serial: Decimal, section: Section) -> str:
        milliseconds = int((serial * _MILLISECONDS).to_integral_value())
        days, rest = divmod(milliseconds, _MILLISECONDS)
        if serial < 0 or days > _LAST_DAY:
            raise ValueError(serial)
        clock = (datetime(1900, 1, 1) + timedelta(milliseconds=rest)).time()  # noqa: DTZ001
        if section.elapsed:
            hours, seconds = divmod(milliseconds // 1000, 3600)
            return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
        if not section.day and days == 0:
            return clock.isoformat()
        day = self._day(days if section.clock or section.day else 0)
        return day.isoformat() if not section.clock else f"{day.isoformat()}T{clock.isoformat()}"

    def _day(self, days: int) -> date:
        if not self._from_1904 and days <= _LEAP_DAY:
            if days in (0, _LEAP_DAY):
                raise ValueError(days)
            days += 1
        return self._first_day + timedelta(days)


def text_of(node: Any) -> "str | Fault":
    """The text of an `si` or `is` element; a Fault if part of it is struck out, and part not."""
    runs = node.findall(f"{_MAIN}r")
    texts = [run.findtext(f"{_MAIN}t") or "" for run in runs]
    whole = _unescaped((node.findtext(f"{_MAIN}t") or "") + "".join(texts))
    if any(text.strip() and _is_struck_out(run) for run, text in zip(runs, texts, strict=True)):
        return _fault(Kind.STRUCK_OUT, whole)
    return whole


def _is_struck_out(run: Any) -> bool:
    strike = run.find(f"{_MAIN}rPr/{_MAIN}strike")
    return strike is not None and strike.get("val", "1") not in ("0", "false")


def plain(number: Decimal) -> str:
    """The number without an exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _iso(written: str, form: str | None) -> str:
    """A date that the file writes as ISO 8601; midnight is a clock only where one is shown."""
    section = section_for(form or "General", Decimal(1))
    midnight = _MIDNIGHT.fullmatch(written)
    if midnight is not None and not section.clock:
        return midnight[1]
    return written[:10] if section.day and not section.clock else written


def _unescaped(text: str) -> str:
    """Letters that XML cannot hold stand as `_x000D_`."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _fault(kind: Kind, value: str) -> Fault:
    return Fault(value, _reason(kind))


@lru_cache(maxsize=16)
def _reason(kind: Kind) -> str:
    return message(Problem(kind))
