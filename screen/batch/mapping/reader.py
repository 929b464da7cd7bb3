"""Makes a mapping of what a site wrote: what its keys say together, every error with its line.

What each key may hold by itself is in `form.py`.
"""

from collections.abc import Mapping as Map
from dataclasses import replace
from datetime import datetime

from screen.batch.columns.answer_columns import is_answer
from screen.batch.mapping.checked_values import check_times
from screen.batch.mapping.form import (
    CellsForm,
    ColumnForm,
    MappingForm,
    PatientsForm,
    RowsForm,
)
from screen.batch.mapping.header_check import (
    is_clock_of,
    is_day_of,
    made_of,
    names_of,
    since_columns,
    targets_of,
)
from screen.batch.mapping.model import LAST, SINCE_UNITS, ColumnRule, Mapping, RowRule, Shape
from screen.batch.mapping.vocabulary_check import VocabularyCheck
from screen.batch.mapping.zones import WHY_NOT, clocks_of, tzdata_version
from screen.batch.tables.source import Reading
from screen.documents.form_reader import fitted
from screen.documents.tree import Node, Pairs, Problems
from screen.documents.written import Texts, Written
from screen.intake.keys import PATIENT_COLUMNS
from screen.intake.times import NotATime, read_stamp
from screen.model.concept import Vocabulary
from screen.problems import Kind

_OF_PATIENT = (*PATIENT_COLUMNS[2:], "age")


class MappingReader:
    """Makes a mapping of a document; what is wrong with it goes to `problems`."""

    def __init__(self, problems: Problems, vocabulary: Vocabulary) -> None:
        self._problems = problems
        self._concepts = tuple(vocabulary.concepts)
        self._names = vocabulary.names
        self._check = VocabularyCheck(vocabulary, problems)

    def mapping(self, top: Pairs) -> Mapping:
        """The mapping. Its patients are read as `patients` says, or as docs/formats.md has them."""
        form = fitted(MappingForm, top, self._problems) or MappingForm(columns={})
        shape = Shape(form.shape)
        aliases = self._aliases(form.unit_aliases)
        written = self._written(form, top, Mapping(file=self._problems.file, shape=shape))
        mapping = replace(
            written,
            columns=self._columns(form.columns, top.get("columns"), shape),
            ignored=_texts(form.ignore),
            fill_down=_list(form.fill_down),
            screened_at=self._screened_at(form.screened_at, written),
            constants=self._constants(form.constants, shape),
            units=self._units(form.units),
            presence=self._presence(form.presence, shape),
            shift_years=form.shift_years,
            unit_aliases=aliases,
        )
        patients = self._patients(form.patients, top, mapping, written)
        zones = mapping.zone or (patients and patients.zone)
        return replace(mapping, patients=patients, tzdata=tzdata_version() if zones else "")

    def _written(self, form: CellsForm, body: Pairs, otherwise: Mapping) -> Mapping:
        """`otherwise` with what `form` says of how a file is opened and its cells are written."""
        offset, zone = self._offset_or_zone(form, body, otherwise)
        decimal, thousands = self._marks(form, otherwise)
        # The sheet and the header's row are never those of another file.
        reading = Reading(
            form.encoding or otherwise.reading.encoding,
            form.delimiter or otherwise.reading.delimiter,
            str(form.sheet or ""),
            form.header_row or 1,
        )
        return replace(
            otherwise,
            reading=reading,
            offset=offset,
            zone=zone,
            times=otherwise.times
            if form.times is None
            else check_times(form.times, self._problems),
            decimal=decimal,
            thousands=thousands,
            marks_declared=otherwise.marks_declared or not form.decimal is form.thousands is None,
            case=_list(form.case),
            rows=tuple(_row(one) for one in form.rows),
            last_row=form.last_row or 0,
            not_recorded=otherwise.not_recorded
            if form.not_recorded is None
            else _list(form.not_recorded),
        )

    def _offset_or_zone(self, form: CellsForm, body: Pairs, otherwise: Mapping) -> tuple[str, str]:
        """`offset` and `zone`, of which one is empty; `otherwise` if `form` has neither."""
        if body.key("offset") and body.key("zone"):
            detail = "offset and zone both say how far times are from UTC"
            self._problems.add(
                Kind.AGAINST_ITSELF, body.key("zone"), about="the mapping", detail=detail
            )
        if form.offset is form.zone is None:
            return otherwise.offset, otherwise.zone
        return form.offset or "", form.zone or ""

    def _marks(self, form: CellsForm, otherwise: Mapping) -> tuple[str, str]:
        """`decimal` and `thousands`; `otherwise` if `form` has neither."""
        if form.decimal is form.thousands is None:
            return otherwise.decimal, otherwise.thousands
        apart = form.thousands or ""
        decimal = form.decimal or (apart == "." and ",") or "."
        if decimal == apart and form.thousands is not None:
            detail = f'decimal and thousands are both "{decimal}"'
            node = form.thousands.node
            self._problems.add(Kind.AGAINST_ITSELF, node, about="the mapping", detail=detail)
        return str(decimal), "" if apart == "none" else str(apart)

    def _patients(
        self, form: PatientsForm | None, top: Pairs, mapping: Mapping, written: Mapping
    ) -> Mapping | None:
        """How the file of the patients is read: cells as in the other file, unless it says more."""
        key, section = top.key("patients"), top.get("patients")
        if mapping.shape is Shape.WIDE:
            if key is not None:
                detail = "patients is for series and long; where a row is a case, it is the patient"
                self._problems.add(Kind.AGAINST_ITSELF, key, about="shape wide", detail=detail)
            return None
        patients = Mapping(file=mapping.file)
        if key is not None and form is not None and isinstance(section, Pairs):
            patients = replace(
                self._written(form, section, written),
                columns=self._columns(form.columns, section.get("columns"), Shape.PATIENTS),
                ignored=_texts(form.ignore),
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

    def _columns(
        self, forms: Map[Written, ColumnForm], node: Node | None, shape: Shape
    ) -> dict[str, ColumnRule]:
        rules = {str(name): self._column(str(name), form, shape) for name, form in forms.items()}
        self._check_once(rules, node)
        return rules

    def _column(self, name: str, form: ColumnForm, shape: Shape) -> ColumnRule:
        target = self._target(form.target, shape)
        since = self._since(target, form)
        self._check.column(target, form, counted=bool(since), nested=shape is Shape.LONG)
        codes, answers = self._codes(target, form, shape)
        return ColumnRule(
            name,
            target,
            unit=str(form.unit or ""),
            codes=codes,
            not_recorded=_list(form.not_recorded),
            times=check_times(form.times, self._problems, clock_alone=is_clock_of(target)),
            whole=form.whole == "true",
            contexts={key: str(text) for key, text in form.contexts().items()},
            answers=answers,
            since=since,
        )

    def _codes(
        self, target: str, form: ColumnForm, shape: Shape
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """The codes for all, and those of single concepts in the values of a long table."""
        codes: dict[str, str] = {}
        answers: dict[str, dict[str, str]] = {}
        for name, meaning in form.codes.items():
            if isinstance(meaning, Written):
                codes[str(name)] = str(meaning)
            elif target != "value" or shape is not Shape.LONG:
                about, detail = f"codes {name}", "one value"
                self._problems.add(Kind.WRONG_SHAPE, name.node, about=about, detail=detail)
            elif name in self._concepts:
                answers[str(name)] = _texts(meaning)
            else:
                allowed = self._concepts
                self._problems.add(Kind.UNKNOWN_CONCEPT, name.node, value=name, allowed=allowed)
        return codes, answers

    def _since(self, target: str, form: ColumnForm) -> str:
        """The column or time from which a time is counted, in a unit of time."""
        if form.since is None:
            return ""
        node = form.since.node
        if made_of(target) not in ("screened_at", "at") and not target.endswith(".at"):
            detail = "since is for times, such as at"
            self._problems.add(Kind.AGAINST_ITSELF, node, about=target, detail=detail)
        if form.unit is None:
            self._problems.add(Kind.MISSING_KEY, node, value="unit", about="since")
        elif form.unit not in SINCE_UNITS:
            self._problems.add(
                Kind.UNKNOWN_VALUE,
                form.unit.node,
                value=form.unit,
                about="unit",
                allowed=tuple(SINCE_UNITS),
            )
        return str(form.since)

    def _target(self, text: Written, shape: Shape) -> str:
        """What a column is; nothing after saying that it is not known."""
        allowed = targets_of(shape, self._concepts)
        if text in allowed or is_answer(text):
            return str(text)
        # What is made of several columns is named only where it is meant.
        few = names_of(shape, self._concepts)
        self._unknown(text, allowed if text.partition("_")[0] in ("at", "birth") else few)
        return ""

    def _unknown(self, name: Written, allowed: tuple[str, ...]) -> None:
        kind, names = Kind.UNKNOWN_CONCEPT, self._names
        self._problems.add(kind, name.node, value=name, allowed=allowed, names=names)

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

    def _presence(self, text: Written | None, shape: Shape) -> str:
        """The value of every record of a table that says only what is there."""
        if text is None:
            return ""
        values = self._check.finding_values()
        if shape is not Shape.LONG:
            detail = "presence is for long tables, which may have no column of values"
            self._problems.add(Kind.AGAINST_ITSELF, text.node, about="presence", detail=detail)
        elif text not in values:
            self._problems.add(
                Kind.UNKNOWN_VALUE, text.node, value=text, about="presence", allowed=values
            )
        return str(text)

    def _aliases(self, written: Texts) -> dict[str, str]:
        """Spellings of units in this file, with their codes; known to what follows."""
        codes = {str(name): self._check.code_of(unit) for name, unit in written.items()}
        found = {name: code for name, code in codes.items() if code}
        self._check.know(found)
        return found

    def _constants(self, written: Texts, shape: Shape) -> dict[str, str]:
        allowed = (*PATIENT_COLUMNS[2:], *self._concepts)
        for name in written:
            if name not in allowed:
                self._unknown(name, allowed)
            elif shape is not Shape.WIDE and name not in _OF_PATIENT:
                detail = f"{', '.join(_OF_PATIENT)} where a case has several rows"
                self._problems.add(
                    Kind.NOT_ACCEPTED, name.node, value=name, about="constants", detail=detail
                )
        return _texts(written)

    def _units(self, written: Texts) -> dict[str, str]:
        for name, unit in written.items():
            if name not in self._concepts:
                self._unknown(name, self._concepts)
            else:
                self._check.unit(name, unit)
        return _texts(written)

    def _screened_at(self, text: Written | None, written: Mapping) -> str:
        """The time of all screenings with its offset, or `last`, or nothing."""
        if text is None:
            return ""
        if text == LAST:
            if written.shape is Shape.WIDE:
                about, detail = "screened_at", "a time, for there is one row to a case"
                self._problems.add(
                    Kind.NOT_ACCEPTED, text.node, about=about, value=text, detail=detail
                )
            return LAST
        try:
            stamp = read_stamp(text)
        except NotATime as error:
            self._problems.add(Kind.NOT_A_TIME, text.node, value=text, detail=str(error))
            return str(text)
        if stamp.clock is None or stamp.has_offset:
            return str(text)
        zone = written.zone
        return text + (self._offset_in(zone, text, stamp.clock) if zone else written.offset)

    def _offset_in(self, zone: str, text: Written, clock: datetime) -> str:
        offset = clocks_of(zone).offset(clock) or ""
        if offset not in WHY_NOT:
            return offset
        self._problems.add(WHY_NOT[offset], text.node, value=text, about=zone)
        return ""


def _row(form: RowsForm) -> RowRule:
    texts = form.is_not if form.is_ is None else form.is_
    return RowRule(str(form.where), _list(texts or ()), form.is_ is None)


def _list(written: tuple[Written, ...]) -> tuple[str, ...]:
    return tuple(str(text) for text in written)


def _texts(written: Texts) -> dict[str, str]:
    return {str(name): str(text) for name, text in written.items()}
