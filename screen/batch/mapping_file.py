"""Reading a mapping file, every error with its line and the nearest right name."""

from dataclasses import replace

from screen.batch.answers import is_answer
from screen.batch.fit import is_clock_of, is_day_of, made_of, names_of, since_columns, targets_of
from screen.batch.mapping_model import ColumnRule, Mapping, Shape
from screen.batch.mapping_values import Values
from screen.batch.meanings import Meanings
from screen.batch.time_sql import SINCE_UNITS
from screen.batch.zones import tzdata_version
from screen.intake.keys import PATIENT_COLUMNS, RECORD_KEYS
from screen.language.tree import Node, Pairs, Problems, Text, check_keys, pairs_of, text_of
from screen.model.concept import Vocabulary
from screen.problems import Kind

# How a file is opened, and how its cells are written.
_WRITTEN = (
    "encoding",
    "delimiter",
    "sheet",
    "offset",
    "zone",
    "times",
    "decimal",
    "thousands",
    "not_recorded",
    "header_row",
    "last_row",
    "rows",
    "case",
)
_CASES = (
    "shape",
    "fill_down",
    "screened_at",
    "constants",
    "units",
    "presence",
    "shift_years",
    "unit_aliases",
)
_CONTEXTS = tuple(key for key in RECORD_KEYS if key != "at")
_COLUMN = ("unit", "codes", "not_recorded", "times", "whole", "since")
_OF_PATIENT = (*PATIENT_COLUMNS[2:], "age")


class MappingReader:
    """Makes a mapping of a document; what is wrong with it goes to `problems`."""

    def __init__(self, problems: Problems, vocabulary: Vocabulary) -> None:
        self._problems = problems
        self._concepts = tuple(vocabulary.concepts)
        self._names = vocabulary.names
        self._meanings = Meanings(vocabulary, problems)
        self._values = Values(problems)

    def mapping(self, top: Pairs) -> Mapping:
        """The mapping. Its patients are read as `patients` says, or as the contract has them."""
        problems, values = self._problems, self._values
        optional = (*_CASES, *_WRITTEN, "ignore", "patients")
        check_keys(top, "the mapping", ("columns",), optional, problems)
        shape = self._shape(top.get("shape"))
        shift = values.shift(top.get("shift_years"))
        aliases = self._aliases(top.get("unit_aliases"))
        written = self._written(top, Mapping(file=problems.file, shape=shape))
        mapping = replace(
            written,
            columns=self._columns(top.get("columns"), shape),
            ignored=values.texts(top.get("ignore"), "ignore"),
            fill_down=values.list(top.get("fill_down"), "fill_down"),
            screened_at=values.screened_at(
                top.get("screened_at"), shape, written.offset, written.zone
            ),
            constants=self._constants(top.get("constants"), shape),
            units=self._units(top.get("units")),
            presence=self._presence(top, shape),
            shift_years=shift,
            unit_aliases=aliases,
        )
        patients = self._patients(top, mapping, written)
        zones = mapping.zone or (patients and patients.zone)
        return replace(mapping, patients=patients, tzdata=tzdata_version() if zones else "")

    def _written(self, body: Pairs, otherwise: Mapping) -> Mapping:
        """`otherwise` with what `body` says of how a file is opened and its cells are written."""
        values = self._values
        offset, zone = values.offset_or_zone(body, (otherwise.offset, otherwise.zone))
        decimal, thousands = values.marks(body, (otherwise.decimal, otherwise.thousands))
        declared = body.get("decimal") is not None or body.get("thousands") is not None
        times, nothing = body.get("times"), body.get("not_recorded")
        return replace(
            otherwise,
            reading=values.reading(body, otherwise.reading),
            offset=offset,
            zone=zone,
            times=otherwise.times if times is None else values.times(times),
            decimal=decimal,
            thousands=thousands,
            marks_declared=otherwise.marks_declared or declared,
            case=values.key(body.get("case")),
            rows=values.rows(body.get("rows")),
            last_row=values.row(body.get("last_row"), "last_row"),
            not_recorded=otherwise.not_recorded
            if nothing is None
            else values.list(nothing, "not_recorded"),
        )

    def _patients(self, top: Pairs, mapping: Mapping, written: Mapping) -> Mapping | None:
        """How the file of the patients is read: cells as in the other file, unless it says more."""
        key, node = top.key("patients"), top.get("patients")
        if mapping.shape is Shape.WIDE:
            if key is not None:
                detail = "patients is for series and long; where a row is a case, it is the patient"
                self._problems.add(Kind.AGAINST_ITSELF, key, about="shape wide", detail=detail)
            return None
        patients = Mapping(file=mapping.file)
        section = pairs_of(node, "patients", self._problems)
        if key is not None and section is not None:
            self._check_section(section)
            patients = replace(
                self._written(section, written),
                columns=self._columns(section.get("columns"), Shape.PATIENTS),
                ignored=self._values.texts(section.get("ignore"), "ignore"),
                line=key.line,
            )
        return replace(
            patients,
            shape=Shape.PATIENTS,
            screened_at=mapping.screened_at,
            constants=mapping.constants,
            shift_years=mapping.shift_years,
            bases=tuple(since_columns(mapping)),
        )

    def _check_section(self, section: Pairs) -> None:
        for name, _ in section.pairs:
            if name.value in _CASES:
                self._problems.add(Kind.ONLY_AT_TOP, name, value=name.value, about="patients")
        known = ("columns", "ignore", *_WRITTEN, *_CASES)
        check_keys(section, "patients", (), known, self._problems)

    def _columns(self, node: Node | None, shape: Shape) -> dict[str, ColumnRule]:
        body = pairs_of(node, "columns", self._problems)
        rules = {}
        for name, value in body.pairs if body else ():
            rule = self._column(name.value, value, shape)
            if rule is not None:
                rules[name.value] = rule
        self._check_once(rules, node)
        return rules

    def _column(self, name: str, node: Node, shape: Shape) -> ColumnRule | None:
        problems, values = self._problems, self._values
        if isinstance(node, Text):
            target = self._target(node, shape)
            return None if target is None else ColumnRule(name, target)
        body = pairs_of(node, name, problems)
        if body is None:
            return None
        keys = () if shape is Shape.PATIENTS else _CONTEXTS
        check_keys(body, f'column "{name}"', ("is",), (*_COLUMN, *keys), problems)
        target = self._target(body.get("is"), shape)
        whole = values.one_of(body.get("whole"), "whole", ("true", "false")) == "true"
        contexts = {
            key: text for key in keys if (text := text_of(body.get(key), key, problems)) is not None
        }
        since = self._since(target or "", body)
        if not since:
            self._meanings.check(target or "", body, nested=shape is Shape.LONG)
        codes, answers = self._codes(target or "", body.get("codes"), shape)
        return ColumnRule(
            name,
            target or "",
            unit=text_of(body.get("unit"), "unit", problems) or "",
            codes=codes,
            not_recorded=values.list(body.get("not_recorded"), "not_recorded"),
            times=values.times(body.get("times"), clock_alone=is_clock_of(target or "")),
            whole=whole,
            contexts=contexts,
            answers=answers,
            since=since,
        )

    def _codes(
        self, target: str, node: Node | None, shape: Shape
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """The codes for all, and those of single concepts in the values of a long table."""
        body = pairs_of(node, "codes", self._problems)
        codes: dict[str, str] = {}
        answers: dict[str, dict[str, str]] = {}
        for name, value in body.pairs if body else ():
            nested = isinstance(value, Pairs) and target == "value" and shape is Shape.LONG
            if nested and name.value in self._concepts:
                answers[name.value] = self._values.texts(value, f"codes of {name.value}")
            elif nested:
                allowed = self._concepts
                self._problems.add(Kind.UNKNOWN_CONCEPT, name, value=name.value, allowed=allowed)
            elif (text := text_of(value, f"codes {name.value}", self._problems)) is not None:
                codes[name.value] = text
        return codes, answers

    def _since(self, target: str, body: Pairs) -> str:
        """The column or time from which a time is counted, in a unit of time."""
        node = body.get("since")
        since = text_of(node, "since", self._problems)
        if since is None:
            return ""
        if made_of(target) not in ("screened_at", "at") and not target.endswith(".at"):
            detail = "since is for times, such as at"
            self._problems.add(Kind.AGAINST_ITSELF, node, about=target, detail=detail)
        unit = self._values.one_of(body.get("unit"), "unit", SINCE_UNITS)
        if unit is None and body.get("unit") is None:
            self._problems.add(Kind.MISSING_KEY, body, value="unit", about="since")
        return since

    def _target(self, node: Node | None, shape: Shape) -> str | None:
        text = text_of(node, "is", self._problems)
        if text is None:
            return None
        allowed = targets_of(shape, self._concepts)
        if text not in allowed and not is_answer(text):
            # What is made of several columns is named only where it is meant.
            few = names_of(shape, self._concepts)
            allowed = allowed if text.partition("_")[0] in ("at", "birth") else few
            self._unknown(node, text, allowed)
            return None
        return text

    def _unknown(self, node: Node | None, name: str, allowed: tuple[str, ...]) -> None:
        kind, names = Kind.UNKNOWN_CONCEPT, self._names
        self._problems.add(kind, node, value=name, allowed=allowed, names=names)

    def _check_once(self, columns: dict[str, ColumnRule], node: Node | None) -> None:
        first: dict[str, str] = {}
        for name, rule in columns.items():
            if rule.target and rule.target in first:
                detail = f'"{first[rule.target]}" and "{name}"'
                day = is_day_of(f"{rule.target}_date")
                kind = Kind.TWO_COLUMNS_FOR_A_TIME if day else Kind.TWO_COLUMNS_FOR_ONE
                about = rule.target
                self._problems.add(kind, node, value=about, about=about, detail=detail)
            first.setdefault(rule.target, name)

    def _shape(self, node: Node | None) -> Shape:
        names = tuple(shape.value for shape in Shape if shape is not Shape.PATIENTS)
        return Shape(self._values.one_of(node, "shape", names) or "wide")

    def _presence(self, top: Pairs, shape: Shape) -> str:
        """The value of every record of a table that says only what is there."""
        node = top.get("presence")
        text = text_of(node, "presence", self._problems) or ""
        if text and shape is not Shape.LONG:
            detail = "presence is for long tables, which may have no column of values"
            self._problems.add(Kind.AGAINST_ITSELF, node, about="presence", detail=detail)
        elif text:
            self._values.one_of(node, "presence", self._meanings.finding_values())
        return text

    def _aliases(self, node: Node | None) -> dict[str, str]:
        """Spellings of units in this file, with their codes; known to what follows."""
        found = {}
        body = pairs_of(node, "unit_aliases", self._problems)
        for name, value in body.pairs if body else ():
            unit = text_of(value, name.value, self._problems)
            code = unit and self._meanings.code_of(unit, value)
            if code:
                found[name.value] = code
        self._meanings.know(found)
        return found

    def _constants(self, node: Node | None, shape: Shape) -> dict[str, str]:
        found = self._values.texts(node, "constants")
        allowed = (*PATIENT_COLUMNS[2:], *self._concepts)
        for name in found:
            if name not in allowed:
                self._unknown(node, name, allowed)
            elif shape is not Shape.WIDE and name not in _OF_PATIENT:
                detail = f"{', '.join(_OF_PATIENT)} where a case has several rows"
                self._problems.add(
                    Kind.NOT_ACCEPTED, node, value=name, about="constants", detail=detail
                )
        return found

    def _units(self, node: Node | None) -> dict[str, str]:
        found = self._values.texts(node, "units")
        for name, unit in found.items():
            if name not in self._concepts:
                self._unknown(node, name, self._concepts)
            elif isinstance(node, Pairs):
                self._meanings.check_unit(name, unit, node.get(name))
        return found
