"""Single values in a mapping file: what each may be, and what is said if it is not."""

import codecs
import re
from datetime import datetime

from screen.batch.mapping.model import EXCEL, LAST, RowRule, Shape
from screen.batch.sources.table import Reading
from screen.batch.zones import WHY_NOT, clocks_of, nearest_zone, zone_names
from screen.intake.times import NotATime, read_stamp
from screen.language.tree import (
    Items,
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    pairs_of,
    text_of,
)
from screen.problems import Kind, Problem

# No blank: `5 109/L` is 5 times ten to the ninth, written by a system that lost the superscript.
_THOUSANDS = (".", ",", "'", "", "none")
# Of names in networks and of program texts, in which no file of a laboratory is written.
_NO_FILES = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
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


class Values:
    """Reads values; what is wrong goes to `problems`, and a harmless value comes back."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def reading(self, body: Pairs, otherwise: Reading) -> Reading:
        """How the file is opened. The sheet and the header's row are never those of another."""
        return Reading(
            self._encoding(body.get("encoding"), otherwise.encoding),
            self._delimiter(body.get("delimiter"), otherwise.delimiter),
            text_of(body.get("sheet"), "sheet", self._problems) or "",
            self.row(body.get("header_row"), "header_row") or 1,
        )

    def one_of(self, node: Node | None, about: str, allowed: tuple[str, ...]) -> str | None:
        """One of a few words; None if it is not there, or is none of them."""
        if isinstance(node, Text) and node.value in allowed:
            return node.value
        text = text_of(node, about, self._problems)
        if text is None or text in allowed:
            return text
        self._problems.add(Kind.UNKNOWN_VALUE, node, value=text, about=about, allowed=allowed)
        return None

    def list(self, node: Node | None, about: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        items = node.items if isinstance(node, Items) else () if node is None else (node,)
        texts = (text_of(item, about, self._problems) for item in items)
        return tuple(text for text in texts if text is not None)

    def texts(self, node: Node | None, about: str) -> dict[str, str]:
        """A text for each name."""
        body = pairs_of(node, about, self._problems)
        found = {}
        for name, value in body.pairs if body else ():
            text = text_of(value, f"{about} {name.value}", self._problems)
            if text is not None:
                found[name.value] = text
        return found

    def times(self, node: Node | None, *, clock_alone: bool = False) -> tuple[str, ...]:
        """The forms in which times are written; `clock_alone`: those of a column without days."""
        forms = self.list(node, "times")
        for form in forms:
            used = set(re.findall("%(.)", form))
            complete = {"Y", "d"} <= used and {"m", "b", "B"} & used
            fits = used <= _CLOCK and used & {"H", "I"} if clock_alone else complete
            if form != EXCEL and not (fits and used <= _DIRECTIVES):
                detail = "excel, or a form such as %d/%m/%Y %H:%M with a year of four digits"
                if clock_alone:
                    detail = "a form such as %H:%M or %I:%M %p"
                elif "z" in used:
                    detail = (
                        "without %z (2020-03-21 09:00:00+0100 is read as it is, without a form)"
                    )
                self._problems.add(
                    Kind.NOT_ACCEPTED, node, about="times", value=form, detail=detail
                )
        self._check_orders(forms, node)
        return forms

    def _check_orders(self, forms: tuple[str, ...], node: Node | None) -> None:
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
                self._problems.add(
                    Kind.AGAINST_ITSELF, node, about="times (two date orders)", detail=detail
                )

    def whole(self, node: Node | None, about: str, lowest: int, highest: int) -> int:
        """A whole number in a range; 0 if it is not there, or is none."""
        text = text_of(node, about, self._problems)
        if text is None:
            return 0
        if re.fullmatch("-?[0-9]{1,11}", text) and lowest <= int(text) <= highest:
            return int(text)
        detail = f"a whole number from {lowest} to {highest}"
        self._problems.add(Kind.NOT_ACCEPTED, node, about=about, value=text, detail=detail)
        return 0

    def row(self, node: Node | None, about: str) -> int:
        """The number of a row as a spreadsheet counts it; 0 if it is not there."""
        return self.whole(node, about, 1, _HIGHEST_ROW)

    def shift(self, node: Node | None) -> int:
        """How many years are added to every time."""
        return self.whole(node, "shift_years", -_MOST_YEARS, _MOST_YEARS)

    def rows(self, node: Node | None) -> tuple[RowRule, ...]:
        """Which rows count: one condition, or several that all must hold."""
        rules = []
        for item in node.items if isinstance(node, Items) else () if node is None else (node,):
            body = pairs_of(item, "rows", self._problems)
            if body is None:
                continue
            check_keys(body, "rows", ("where",), ("is", "is_not"), self._problems)
            column = text_of(body.get("where"), "where", self._problems)
            given = [key for key in ("is", "is_not") if body.get(key) is not None]
            if len(given) != 1:
                detail = "one of is and is_not says which rows count"
                self._problems.add(Kind.AGAINST_ITSELF, item, about="rows", detail=detail)
            elif column is not None:
                texts = self.list(body.get(given[0]), given[0])
                rules.append(RowRule(column, texts, given[0] == "is_not"))
        return tuple(rules)

    def key(self, node: Node | None) -> tuple[str, ...]:
        """The columns that are the key of a case together."""
        names = self.list(node, "case")
        if node is not None and len(set(names)) < 2:
            detail = "two or more columns; one is mapped under columns"
            self._problems.add(
                Kind.NOT_ACCEPTED, node, about="case", value=", ".join(names), detail=detail
            )
        return names

    def offset_or_zone(self, body: Pairs, otherwise: tuple[str, str]) -> tuple[str, str]:
        """`offset` and `zone`, of which one is empty; `otherwise` if `body` has neither."""
        offset, zone = body.get("offset"), body.get("zone")
        if offset is None and zone is None:
            return otherwise
        if offset is not None and zone is not None:
            detail = "offset and zone both say how far times are from UTC"
            self._problems.add(
                Kind.AGAINST_ITSELF, body.key("zone"), about="the mapping", detail=detail
            )
        return self._offset(offset), self._zone(zone)

    def marks(self, body: Pairs, otherwise: tuple[str, str]) -> tuple[str, str]:
        """`decimal` and `thousands`; `otherwise` if `body` has neither."""
        decimal, thousands = body.get("decimal"), body.get("thousands")
        if decimal is None and thousands is None:
            return otherwise
        apart = self.one_of(thousands, "thousands", _THOUSANDS) or ""
        marks = (
            self.one_of(decimal, "decimal", (".", ",")) or (apart == "." and ",") or ".",
            "" if apart == "none" else apart,
        )
        if marks[0] == marks[1]:
            detail = f'decimal and thousands are both "{marks[0]}"'
            self._problems.add(Kind.AGAINST_ITSELF, thousands, about="the mapping", detail=detail)
        return marks

    def screened_at(self, node: Node | None, shape: Shape, offset: str, zone: str) -> str:
        """The time of all screenings with its offset, or `last`, or nothing."""
        text = text_of(node, "screened_at", self._problems)
        if text is None:
            return ""
        if text == LAST:
            if shape is Shape.WIDE:
                detail = "a time, for there is one row to a case"
                self._problems.add(
                    Kind.NOT_ACCEPTED, node, about="screened_at", value=text, detail=detail
                )
            return text
        try:
            stamp = read_stamp(text)
        except NotATime as error:
            self._problems.add(Kind.NOT_A_TIME, node, value=text, detail=str(error))
            return text
        if stamp.clock is None or stamp.has_offset:
            return text
        return text + (self._placed(node, text, stamp.clock, zone) if zone else offset)

    def _placed(self, node: Node | None, text: str, clock: datetime, zone: str) -> str:
        offset = clocks_of(zone).offset(clock) or ""
        if offset not in WHY_NOT:
            return offset
        self._problems.add(WHY_NOT[offset], node, value=text, about=zone)
        return ""

    def _encoding(self, node: Node | None, otherwise: str) -> str:
        text = text_of(node, "encoding", self._problems)
        if text is None:
            return otherwise
        if not is_text_encoding(text):
            detail = "the name of an encoding, such as latin-1 or utf-16"
            self._problems.add(Kind.NOT_ACCEPTED, node, about="encoding", value=text, detail=detail)
            return otherwise
        return text

    def _delimiter(self, node: Node | None, otherwise: str) -> str:
        if node is None:
            return otherwise
        text = node.value if isinstance(node, Text) else ""
        text = {"\\t": "\t", "tab": "\t"}.get(text, text)
        if len(text) == 1 and text.isascii() and not text.isalnum() and text not in '"\r\n':
            return text
        detail = "one character, or tab"
        self._problems.add(Kind.NOT_ACCEPTED, node, about="delimiter", value=text, detail=detail)
        return otherwise

    def _offset(self, node: Node | None) -> str:
        text = text_of(node, "offset", self._problems)
        if text is None or _OFFSET.fullmatch(text):
            return text or ""
        detail = "an offset from UTC such as +01:00"
        self._problems.add(Kind.NOT_ACCEPTED, node, about="offset", value=text, detail=detail)
        return ""

    def _zone(self, node: Node | None) -> str:
        text = text_of(node, "zone", self._problems)
        if text is None or text in zone_names():
            return text or ""
        assert node is not None
        self._problems.found.append(
            Problem(
                Kind.NOT_ACCEPTED,
                self._problems.file,
                node.line,
                node.column,
                text,
                "zone",
                nearest=nearest_zone(text),
                detail="the name of a time zone such as Europe/Rome",
            )
        )
        return ""
