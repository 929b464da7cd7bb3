"""Reading a mapping file, every error with its line and the nearest right name."""

import codecs
import hashlib
import re
from dataclasses import replace
from pathlib import Path

from screen.batch.canonical import PATIENT_COLUMNS
from screen.batch.fit import names_of
from screen.batch.mapping import EXCEL, LAST, ColumnRule, Mapping, Shape
from screen.batch.meanings import Meanings
from screen.batch.sources.table import Reading
from screen.intake.observation import RECORD_KEYS
from screen.intake.times import NotATime, read_stamp
from screen.language.files import read_document, shown_path
from screen.language.tree import Items, Node, Pairs, Problems, Text, check_keys, pairs_of, text_of
from screen.model.concept import Vocabulary
from screen.problems import Kind

_TOP = (
    "shape",
    "encoding",
    "delimiter",
    "sheet",
    "fill_down",
    "screened_at",
    "offset",
    "times",
    "decimal",
    "thousands",
    "not_recorded",
    "constants",
    "units",
    "ignore",
)
_CONTEXTS = tuple(key for key in RECORD_KEYS if key != "at")
_COLUMN = ("unit", "codes", "not_recorded", "times", "whole", *_CONTEXTS)
# No blank: `5 109/L` is 5 times ten to the ninth, written by a system that lost the superscript.
_THOUSANDS = (".", ",", "'")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_DIRECTIVES = frozenset("YmdHMSfIpbBe")


def mapping_from_file(path: Path, vocabulary: Vocabulary) -> Mapping:
    """The mapping. Raises ProblemsFound with everything that is wrong with it."""
    problems = Problems(shown_path(path))
    tree, data = read_document(path, problems)
    top = pairs_of(tree, "a mapping", problems)
    problems.check()
    assert top is not None
    mapping = _Reader(problems, vocabulary).mapping(top)
    problems.check()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return replace(mapping, file=problems.file, digest=digest)


class _Reader:
    def __init__(self, problems: Problems, vocabulary: Vocabulary) -> None:
        self._problems = problems
        self._vocabulary = vocabulary
        self._concepts = tuple(vocabulary.concepts)
        self._meanings = Meanings(vocabulary, problems)

    def mapping(self, top: Pairs) -> Mapping:
        problems = self._problems
        check_keys(top, "the mapping", ("columns",), _TOP, problems)
        shape = self._shape(top.get("shape"))
        columns = self._columns(top.get("columns"), shape)
        ignored = self._texts(top.get("ignore"), "ignore")
        self._check_once(columns, top)
        return Mapping(
            shape=shape,
            reading=Reading(
                self._encoding(top.get("encoding")),
                self._delimiter(top.get("delimiter")),
                text_of(top.get("sheet"), "sheet", problems) or "",
            ),
            columns=columns,
            ignored=ignored,
            fill_down=self._list(top.get("fill_down"), "fill_down"),
            screened_at=self._screened_at(top.get("screened_at"), shape),
            offset=self._offset(top.get("offset")),
            times=self._times(top.get("times")),
            decimal=self._one_of(top.get("decimal"), "decimal", (".", ",")) or ".",
            thousands=self._one_of(top.get("thousands"), "thousands", _THOUSANDS) or "",
            not_recorded=self._list(top.get("not_recorded"), "not_recorded"),
            constants=self._constants(top.get("constants")),
            units=self._units(top.get("units")),
        )

    def _columns(self, node: Node | None, shape: Shape) -> dict[str, ColumnRule]:
        body = pairs_of(node, "columns", self._problems)
        rules = {}
        for name, value in body.pairs if body else ():
            rule = self._column(name.value, value, shape)
            if rule is not None:
                rules[name.value] = rule
        return rules

    def _column(self, name: str, node: Node, shape: Shape) -> ColumnRule | None:
        problems = self._problems
        if isinstance(node, Text):
            target = self._target(node, shape)
            return None if target is None else ColumnRule(name, target)
        body = pairs_of(node, name, problems)
        if body is None:
            return None
        check_keys(body, f'column "{name}"', ("is",), _COLUMN, problems)
        target = self._target(body.get("is"), shape)
        whole = self._one_of(body.get("whole"), "whole", ("true", "false")) == "true"
        contexts = {
            key: text
            for key in _CONTEXTS
            if (text := text_of(body.get(key), key, problems)) is not None
        }
        self._meanings.check(target or "", body)
        return ColumnRule(
            name,
            target or "",
            unit=text_of(body.get("unit"), "unit", problems) or "",
            codes=self._texts(body.get("codes"), "codes"),
            not_recorded=self._list(body.get("not_recorded"), "not_recorded"),
            times=self._times(body.get("times")),
            whole=whole,
            contexts=contexts,
        )

    def _target(self, node: Node | None, shape: Shape) -> str | None:
        text = text_of(node, "is", self._problems)
        if text is None:
            return None
        allowed = names_of(shape, self._concepts)
        if text not in allowed:
            self._problems.add(Kind.UNKNOWN_CONCEPT, node, value=text, allowed=allowed)
            return None
        return text

    def _check_once(self, columns: dict[str, ColumnRule], top: Pairs) -> None:
        first: dict[str, str] = {}
        for name, rule in columns.items():
            if rule.target in first:
                detail = f'"{first[rule.target]}" and "{name}"'
                self._problems.add(
                    Kind.TWO_COLUMNS_FOR_ONE,
                    top.get("columns"),
                    value=rule.target,
                    detail=detail,
                )
            first.setdefault(rule.target, name)

    def _shape(self, node: Node | None) -> Shape:
        names = tuple(shape.value for shape in Shape if shape is not Shape.PATIENTS)
        return Shape(self._one_of(node, "shape", names) or "wide")

    def _one_of(self, node: Node | None, about: str, allowed: tuple[str, ...]) -> str | None:
        if isinstance(node, Text) and node.value in allowed:
            return node.value
        text = text_of(node, about, self._problems)
        if text is None or text in allowed:
            return text
        self._problems.add(Kind.UNKNOWN_VALUE, node, value=text, about=about, allowed=allowed)
        return None

    def _encoding(self, node: Node | None) -> str:
        text = text_of(node, "encoding", self._problems)
        if text is None:
            return "utf-8"
        try:
            codecs.lookup(text).incrementaldecoder("replace")
        except (LookupError, TypeError, ValueError):
            detail = "the name of an encoding, such as latin-1 or utf-16"
            self._problems.add(Kind.NOT_ACCEPTED, node, about="encoding", value=text, detail=detail)
            return "utf-8"
        return text

    def _delimiter(self, node: Node | None) -> str:
        if node is None:
            return ","
        text = node.value if isinstance(node, Text) else ""
        text = {"\\t": "\t", "tab": "\t"}.get(text, text)
        if len(text) == 1 and text.isascii() and not text.isalnum() and text not in '"\r\n':
            return text
        detail = "one character, or tab"
        self._problems.add(Kind.NOT_ACCEPTED, node, about="delimiter", value=text, detail=detail)
        return ","

    def _screened_at(self, node: Node | None, shape: Shape) -> str:
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
            read_stamp(text)
        except NotATime as error:
            self._problems.add(Kind.NOT_A_TIME, node, value=text, detail=str(error))
        return text

    def _offset(self, node: Node | None) -> str:
        text = text_of(node, "offset", self._problems)
        if text is None or _OFFSET.fullmatch(text):
            return text or ""
        detail = "an offset from UTC such as +01:00"
        self._problems.add(Kind.NOT_ACCEPTED, node, about="offset", value=text, detail=detail)
        return ""

    def _times(self, node: Node | None) -> tuple[str, ...]:
        forms = self._list(node, "times")
        for form in forms:
            used = re.findall("%(.)", form)
            complete = {"Y", "d"} <= set(used) and {"m", "b", "B"} & set(used)
            if form != EXCEL and not (complete and set(used) <= _DIRECTIVES):
                detail = "excel, or a form such as %d/%m/%Y %H:%M with a year of four digits"
                self._problems.add(
                    Kind.NOT_ACCEPTED, node, about="times", value=form, detail=detail
                )
        return forms

    def _list(self, node: Node | None, about: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        items = node.items if isinstance(node, Items) else () if node is None else (node,)
        texts = (text_of(item, about, self._problems) for item in items)
        return tuple(text for text in texts if text is not None)

    def _texts(self, node: Node | None, about: str) -> dict[str, str]:
        body = pairs_of(node, about, self._problems)
        found = {}
        for name, value in body.pairs if body else ():
            text = text_of(value, f"{about} {name.value}", self._problems)
            if text is not None:
                found[name.value] = text
        return found

    def _constants(self, node: Node | None) -> dict[str, str]:
        found = self._texts(node, "constants")
        allowed = (*PATIENT_COLUMNS[2:], *self._concepts)
        for name in found:
            if name not in allowed:
                self._problems.add(Kind.UNKNOWN_CONCEPT, node, value=name, allowed=allowed)
        return found

    def _units(self, node: Node | None) -> dict[str, str]:
        found = self._texts(node, "units")
        for name, unit in found.items():
            if name not in self._concepts:
                self._problems.add(Kind.UNKNOWN_CONCEPT, node, value=name, allowed=self._concepts)
            elif isinstance(node, Pairs):
                self._meanings.check_unit(name, unit, node.get(name))
        return found
