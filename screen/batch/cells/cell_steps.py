"""How each canonical column is made of a site's cells: the SQL of its value, and where it fails.

The cells are `c0`, `c1`, ... in the order of the columns that are read, without blanks around
them, and null where they stand for nothing; `j0`, `j1`, ... are those made of several columns.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from typing import NamedTuple

from screen.batch.cells.cell_sql import (
    is_any,
    looks_like_number,
    number_form,
    signed,
    time_form,
    with_unit,
)
from screen.batch.cells.time_sql import (
    birth_date,
    counted,
    day_and_clock,
    iso_time,
    shifted,
    with_offset,
)
from screen.batch.columns.contract_columns import split_column
from screen.batch.mapping.header_check import clock_of, is_clock_of, is_day_of, made_of
from screen.batch.mapping.model import ColumnRule, Mapping
from screen.intake.keys import LIMITS, TIME_KEYS
from screen.intake.marked import MARK
from screen.intake.times import is_time
from screen.model.concept import Concept, Vocabulary
from screen.model.concept import Kind as ConceptKind
from screen.problems import Kind
from screen.quoting import literal

# Before the site's name of a concept that the mapping does not list.
UNNAMED = MARK
_KEY_MARK = "/"


# Before a number that is counted from a time of the patient: column, unit and number follow.
WAITING = f"{MARK}since"


def base_column(name: str) -> str:
    """The column that holds the times of the patients' column `name`."""
    return f"since {name}"


class Step(NamedTuple):
    """How one column is made. `fails` is true where something is written and no value can be made.

    `name` is the site's column and `text` what stands there, for messages. `shown` is given where
    a zone places the times of the column: the time as clocks showed it.
    """

    target: str
    name: str
    value: str
    fails: str = "false"
    why: Kind = Kind.NOT_A_CODE
    detail: str = ""
    text: str = ""
    shown: str = ""
    rule: ColumnRule | None = None


class Steps:
    """The steps of a mapping. `joined` are the cells made of several columns, in SQL."""

    def __init__(
        self, mapping: Mapping, columns: Sequence[ColumnRule], vocabulary: Vocabulary
    ) -> None:
        self._mapping = mapping
        self._concepts = vocabulary.concepts
        self._columns = {rule.name: (f"c{i}", rule) for i, rule in enumerate(columns)}
        self._targets = {rule.target: f"c{i}" for i, rule in enumerate(columns) if rule.target}
        self._rules = {rule.target: rule for rule in columns if rule.target}
        self._marks = (mapping.decimal, mapping.thousands)
        self.joined: list[str] = []

    def all(self) -> list[Step]:
        """The steps in the order of the columns."""
        steps = []
        if self._mapping.case:
            steps.append(self._key())
        for name in self._mapping.bases:
            if name in self._columns:
                cell, rule = self._columns[name]
                start = iso_time(cell, rule.times or self._mapping.times, self._mapping)
                steps.append(Step(base_column(name), name, start, text=cell))
        for name, (cell, rule) in self._columns.items():
            made = made_of(rule.target)
            if _is_taken_up(rule.target):
                continue
            if is_day_of(rule.target):
                steps.append(self._day_and_clock(cell, rule, made))
            elif rule.target == "birth_year":
                steps.append(self._birth_date(name))
            elif rule.since:
                steps.append(self._counted(cell, rule))
            else:
                steps.append(self._single(cell, rule)._replace(rule=rule))
        return steps

    def _join(self, sql: str) -> str:
        self.joined.append(sql)
        return f"j{len(self.joined) - 1}"

    def _key(self) -> Step:
        """The key of a case in several columns; what could be two keys is none."""
        cells = [self._columns[name][0] for name in self._mapping.case]
        there = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
        key = f" || '{_KEY_MARK}' || ".join(cells)
        unclear = " OR ".join(f"coalesce(contains({cell}, '{_KEY_MARK}'), false)" for cell in cells)
        value = self._join(f"CASE WHEN {there} THEN {key} END")
        text = f"concat_ws(' ', {', '.join(cells)})"
        name = self._mapping.case[0]
        return Step("case", name, value, f"({unclear})", Kind.KEY_MARK, _KEY_MARK, text)

    def _birth_date(self, name: str) -> Step:
        cells = [self._targets[part] for part in ("birth_year", "birth_month", "birth_day")]
        date = self._join(shifted(f"({birth_date(*cells)})", self._mapping.shift_years))
        fails = f"(coalesce({', '.join(cells)}) IS NOT NULL AND {date} IS NULL)"
        text = f"concat_ws('-', {', '.join(cells)})"
        detail = "year, month and day as numbers"
        return Step("birth_date", name, date, fails, Kind.NOT_THE_TIME_FORM, detail, text)

    def _day_and_clock(self, cell: str, rule: ColumnRule, target: str) -> Step:
        clock_target = clock_of(rule.target)
        clock = self._targets.get(clock_target, "")
        clock_rule = self._rules.get(clock_target)
        forms = rule.times or self._mapping.times
        clock_forms = clock_rule.times if clock_rule else ()
        text = f"concat_ws(' ', {cell}, {clock})" if clock else cell
        given = f"({cell} IS NOT NULL{f' OR {clock} IS NOT NULL' if clock else ''})"
        joined = day_and_clock(cell, clock, forms, clock_forms)
        time = self._join(shifted(f"({joined})", self._mapping.shift_years))
        forms_shown = ", ".join((*forms, *clock_forms)) or "2020-03-21 and 08:30"
        step = Step(
            target,
            rule.name,
            with_offset(time, self._mapping.offset),
            f"({given} AND {time} IS NULL)",
            Kind.NOT_THE_TIME_FORM,
            forms_shown,
            text,
        )
        return step._replace(shown=time) if self._mapping.zone else step

    def _counted(self, cell: str, rule: ColumnRule) -> Step:
        if rule.since not in self._columns and not is_time(rule.since):
            # The time to count from is the patient's, and waits in another file.
            number = f"({self._number(cell)})"
            waiting = literal(MARK.join((WAITING, rule.since, rule.unit, "")))
            fails = f"({cell} IS NOT NULL AND {number} IS NULL)"
            return Step(rule.target, rule.name, f"{waiting} || {number}", fails, text=cell)
        if rule.since in self._columns:
            since, base = self._columns[rule.since]
            start = iso_time(since, base.times or self._mapping.times, self._mapping)
        else:
            start = iso_time(literal(rule.since), (), self._mapping)
        number = self._number(cell)
        since_cell = self._join(f"({start})")
        time = self._join(counted(f"({number})", rule.unit, since_cell))
        fails = f"({cell} IS NOT NULL AND {time} IS NULL)"
        detail = f"a number of {rule.unit} since {rule.since}"
        return Step(rule.target, rule.name, time, fails, Kind.NOT_THE_TIME_FORM, detail, cell)

    def _single(self, cell: str, rule: ColumnRule) -> Step:
        concept, key = split_column(rule.target)
        is_time = rule.target in TIME_KEYS or key == "at"
        if rule.target == "concept" and rule.codes:
            # A test that the mapping does not name is not used, and its case is not refused.
            named = f"coalesce({_cases(cell, rule.codes)}, {literal(UNNAMED)} || {cell})"
            return Step(rule.target, rule.name, named, text=cell)
        if is_time and not rule.codes:
            return self._time(cell, rule)
        if rule.target == "value":
            return self._signed(self._answer(cell, rule), "comparator")
        known = self._concepts.get(concept)
        if key == "value" and _is_quantity(known):
            return self._signed(self._amount(cell, rule), f"{concept}.comparator")
        if key in LIMITS or rule.target in LIMITS:
            return self._limit(self._amount(cell, rule), concept)
        if rule.codes:
            fails = f"({cell} IS NOT NULL AND NOT ({is_any(cell, tuple(rule.codes))}))"
            detail = ", ".join(rule.codes)
            value = _cases(cell, rule.codes)
            return Step(rule.target, rule.name, value, fails, Kind.NOT_A_CODE, detail, cell)
        value = f"regexp_replace({cell}, '\\.0+$', '')" if rule.whole else cell
        return Step(rule.target, rule.name, value, text=cell)

    def _time(self, cell: str, rule: ColumnRule) -> Step:
        forms = rule.times or self._mapping.times
        is_day = rule.target == "birth_date"
        years = self._mapping.shift_years
        detail = ", ".join(forms)
        if self._mapping.zone and not is_day:
            time = shifted(
                f"({time_form(cell, forms, '', is_day=False)})" if forms else cell, years
            )
            fails = f"{cell} IS NOT NULL"
            why = Kind.NOT_THE_TIME_FORM
            return Step(rule.target, rule.name, "", fails, why, detail, cell, shown=time)
        if forms:
            time = f"({time_form(cell, forms, self._mapping.offset, is_day)})"
            fails = f"({cell} IS NOT NULL AND {time} IS NULL)"
            value = shifted(time, years)
            return Step(rule.target, rule.name, value, fails, Kind.NOT_THE_TIME_FORM, detail, cell)
        value = shifted(cell, years)
        if not is_day:
            value = with_offset(f"({value})", self._mapping.offset)
        return Step(rule.target, rule.name, value, text=cell)

    def _number(self, cell: str) -> str:
        return number_form(cell, *self._marks) if self._mapping.marks_declared else cell

    def _amount(self, cell: str, rule: ColumnRule) -> Step:
        """A number in the mapping's marks, with its unit; what is no number goes on as it is."""
        value, fails = cell, "false"
        if self._mapping.marks_declared:
            form = number_form(cell, *self._marks)
            value = f"CASE WHEN {looks_like_number(cell)} THEN {form} ELSE {cell} END"
            fails = f"({cell} IS NOT NULL AND ({value}) IS NULL)"
        if rule.unit:
            value = with_unit(f"({value})", literal(rule.unit))
        if rule.codes and rule.target != "value":
            coded = is_any(cell, tuple(rule.codes))
            value = f"CASE WHEN {coded} THEN {_cases(cell, rule.codes)} ELSE {value} END"
            fails = f"({fails} AND NOT {coded})"
        detail = "1{}234{}5".format(*reversed(self._marks))
        return Step(rule.target, rule.name, value, fails, Kind.NOT_THE_NUMBER_FORM, detail, cell)

    def _answer(self, cell: str, rule: ColumnRule) -> Step:
        """A value of a long table: codes of its concept, codes for all, or a number.

        Codes for all are of findings: a test of which 1 means positive is no platelet count of 1.
        """
        number = self._amount(cell, rule)
        branches = [
            f"WHEN {self._is_of([name])} AND {is_any(cell, tuple(codes))}"
            f" THEN {_cases(cell, codes)}"
            for name, codes in rule.answers.items()
        ]
        own = [name for name in rule.answers if not _is_quantity(self._concepts.get(name))]
        quantities = [name for name, concept in self._concepts.items() if _is_quantity(concept)]
        if rule.codes:
            branches.append(
                f"WHEN NOT {self._is_of([*quantities, *own])} AND {is_any(cell, tuple(rule.codes))}"
                f" THEN {_cases(cell, rule.codes)}"
            )
        if not branches:
            return number
        coded = f"CASE {' '.join(branches)} END"
        fails = f"({number.fails} AND ({coded}) IS NULL)"
        return number._replace(value=f"coalesce({coded}, {number.value})", fails=fails)

    def _is_of(self, names: Iterable[str]) -> str:
        """Whether a row of a long table is of one of these concepts, by name or by code."""
        wanted = list(names)
        tests = []
        if "concept" in self._targets:
            cell, rule = self._targets["concept"], self._rules["concept"]
            concept = _cases(cell, rule.codes) if rule.codes else cell
            tests.append(f"({concept}) IN ({', '.join(map(literal, wanted)) or 'NULL'})")
        if "code" in self._targets:
            codes = {c.code for name in wanted for c in self._concepts[name].codes}
            listed = ", ".join(map(literal, sorted(codes))) or "NULL"
            tests.append(f"{self._targets['code']} IN ({listed})")
        return f"coalesce({' OR '.join(tests) or 'false'}, false)"

    def _signed(self, step: Step, target: str) -> Step:
        """The value with the sign of comparison that stands in a column of its own."""
        if target not in self._targets:
            return step
        cell, rule = self._targets[target], self._rules[target]
        sign = self._join(_cases(cell, rule.codes) if rule.codes else signed(cell))
        value = self._join(f"({step.value})")
        both = f"CASE WHEN {sign} IS NULL OR {sign} = '=' OR starts_with({value}, {sign})"
        both = f"{both} THEN {value} ELSE {sign} || ' ' || {value} END"
        twice = f"regexp_matches({value}, '^[<>≤≥]') AND NOT starts_with({value}, {sign})"
        unread = f"({cell} IS NOT NULL AND {sign} IS NULL)"
        fails = f"({step.fails} OR ({step.text} IS NOT NULL AND ({unread} OR ({twice}) IS TRUE)))"
        text = f"concat_ws(' ', {cell}, {step.text})"
        return step._replace(value=both, fails=fails, text=text)

    def _limit(self, step: Step, concept: str) -> Step:
        """A limit without a unit has that of its result, as laboratories print it."""
        rule = self._rules.get(concept)
        if rule is None or concept in LIMITS:
            return step
        unit = rule.unit and literal(rule.unit)
        of_value = unit_of(self._targets[concept])
        unit = f"coalesce({of_value}, {unit})" if unit else of_value
        return step._replace(value=with_unit(f"({step.value})", unit))


def unit_of(cell: str) -> str:
    """What stands behind the number of a quantity; null where nothing does."""
    from screen.batch.cells.cell_sql import BARE

    return f"nullif(trim(regexp_replace({cell}, {literal(f'^{BARE}')}, '')), '')"


def _is_taken_up(target: str) -> bool:
    """Whether a column is part of another, or only read for others."""
    part = target in ("", "comparator", "birth_month", "birth_day") or is_clock_of(target)
    return part or split_column(target)[1] == "comparator"


def _cases(cell: str, codes: Map[str, str]) -> str:
    branches = " ".join(
        f"WHEN {is_any(cell, (code,))} THEN {literal(meaning)}" for code, meaning in codes.items()
    )
    return f"CASE {branches} END" if branches else "NULL"


def _is_quantity(concept: Concept | None) -> bool:
    return concept is not None and concept.kind is ConceptKind.QUANTITY
