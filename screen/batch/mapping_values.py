"""Single values in a mapping file: what each may be, and what is said if it is not."""

import codecs
import re
from datetime import datetime

from screen.batch.mapping_model import EXCEL, LAST, Shape
from screen.batch.sources.table import Reading
from screen.batch.zones import WHY_NOT, clocks_of, nearest_zone, zone_names
from screen.intake.times import NotATime, read_stamp
from screen.language.tree import Items, Node, Pairs, Problems, Text, pairs_of, text_of
from screen.problems import Kind, Problem

# No blank: `5 109/L` is 5 times ten to the ninth, written by a system that lost the superscript.
_THOUSANDS = (".", ",", "'")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_DIRECTIVES = frozenset("YmdHMSfIpbBe")


class Values:
    """Reads values; what is wrong goes to `problems`, and a harmless value comes back."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def reading(self, body: Pairs, otherwise: Reading) -> Reading:
        """How the file is opened. The sheet is never that of another file."""
        return Reading(
            self._encoding(body.get("encoding"), otherwise.encoding),
            self._delimiter(body.get("delimiter"), otherwise.delimiter),
            text_of(body.get("sheet"), "sheet", self._problems) or "",
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

    def times(self, node: Node | None) -> tuple[str, ...]:
        """The forms in which times are written."""
        forms = self.list(node, "times")
        for form in forms:
            used = re.findall("%(.)", form)
            complete = {"Y", "d"} <= set(used) and {"m", "b", "B"} & set(used)
            if form != EXCEL and not (complete and set(used) <= _DIRECTIVES):
                detail = "excel, or a form such as %d/%m/%Y %H:%M with a year of four digits"
                self._problems.add(
                    Kind.NOT_ACCEPTED, node, about="times", value=form, detail=detail
                )
        return forms

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
        marks = (
            self.one_of(decimal, "decimal", (".", ",")) or ".",
            self.one_of(thousands, "thousands", _THOUSANDS) or "",
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
        try:
            codecs.lookup(text).incrementaldecoder("replace")
        except (LookupError, TypeError, ValueError):
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
