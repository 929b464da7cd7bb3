"""One record of a case to an Observation, checked against the vocabulary."""

from screen.documents.tree import Node, Pairs, Problems, Text, check_keys, text_of
from screen.intake.keys import RECORD_KEYS
from screen.intake.marked import MARK, problem_in, unmarked
from screen.intake.timeline import Timeline
from screen.language.protocol.condition import context_value
from screen.model.case import Limit, Measured, Observation, Stated, Status, Unreadable
from screen.model.concept import Concept, Vocabulary
from screen.model.concept import Kind as ConceptKind
from screen.model.truth import Reason
from screen.problems import Kind, Problem, message
from screen.units.scales import scale_for
from screen.units.text import Fault, NotMeasured, parse_limit, parse_measured
from screen.units.unit import UnknownUnit, unit_of

_LONGEST_NOTE = 200


# What no record is there for: these refuse the case whatever is done with single records.
_NO_RECORD = frozenset(
    {
        Kind.UNKNOWN_KEY,
        Kind.MISSING_KEY,
        Kind.DUPLICATE_KEY,
        Kind.WRONG_SHAPE,
        Kind.NO_VALUE,
        Kind.CONTROL_CHARACTER,
        Kind.TOO_MANY,
    }
)


class ObservationReader:
    """Reads the observations of one case; whatever is wrong goes to its problems.

    `table`: the records come from a table, where a unit may have a cell of its own and a mapping
    may have marked a cell. `aside`: a record that cannot be read is one all the same (Unreadable).
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        times: Timeline,
        problems: Problems,
        *,
        table: bool = False,
        aside: bool = False,
    ) -> None:
        self._vocabulary = vocabulary
        self._times = times
        self._problems = problems
        self._table = table
        self._aside = aside

    def read(self, node: Node, concept: Concept) -> Observation | None:
        """The observation at `node`, a bare value or a record; None if it cannot be used."""
        before = len(self._problems.found)
        observation = self._read(node, concept)
        found = self._problems.found[before:]
        if not self._aside or not found or any(p.kind in _NO_RECORD for p in found):
            return observation
        del self._problems.found[before:]
        return self._unreadable(node, concept, found[0])

    def _unreadable(self, node: Node, concept: Concept, why: Problem) -> Observation:
        """A record that cannot be read, with what can be read of it."""
        before = len(self._problems.found)
        record = node if isinstance(node, Pairs) else Pairs((), 0, 0)
        value, unit = (record.get("value") or node), record.get("unit")
        text = unmarked(value.value.strip()) if isinstance(value, Text) else ""
        if isinstance(unit, Text) and text:
            text = f"{text} {unmarked(unit.value.strip())}"
        for name, cell in record.pairs:
            if (cell.line, cell.column) == (why.line, why.column) and cell not in (value, unit):
                text = f"{text} ({name.value}: {why.value})"
        at = self._times.moment(record.get("at"), "at")
        on, assay, specimen = (
            context_value(record.get(name), name, self._vocabulary, self._problems)
            for name in ("on", "assay", "specimen")
        )
        status = self._status(record.get("status"))
        source, sample = (
            text_of(record.get(key), key, self._problems, longest=_LONGEST_NOTE) or ""
            for key in ("source", "sample")
        )
        del self._problems.found[before:]
        return Observation(
            concept.name,
            Unreadable(message(why)),
            text or why.value,
            at,
            on,
            assay,
            specimen,
            status=status,
            source=source,
            sample=sample,
            where=why.place,
        )

    def _read(self, node: Node, concept: Concept) -> Observation | None:
        if self._table and self._take_marks(node):
            return None
        if not isinstance(node, Pairs):
            value = self._value(node, concept)
            text = node.value.strip() if isinstance(node, Text) else ""
            where = self._where(node)
            return None if value is None else Observation(concept.name, value, text, where=where)
        before = len(self._problems.found)
        keys = (*RECORD_KEYS, "unit") if self._table else RECORD_KEYS
        check_keys(node, concept.name, ("value",), keys, self._problems)
        inner = node.get("value")
        unit = node.get("unit") if self._table else None
        value = None if inner is None else self._value(inner, concept, unit)
        at = self._times.moment(node.get("at"), "at")
        on, assay, specimen = (
            context_value(node.get(name), name, self._vocabulary, self._problems)
            for name in ("on", "assay", "specimen")
        )
        formula = context_value(node.get("formula"), "formula", self._vocabulary, self._problems)
        upper = self._limit(node, "upper_limit", concept)
        lower = self._limit(node, "lower_limit", concept)
        if upper and lower and upper.unit == lower.unit and lower.value > upper.value:
            self._problems.add(
                Kind.AGAINST_ITSELF,
                node.get("lower_limit"),
                about=concept.name,
                detail="lower_limit is above upper_limit",
            )
        status = self._status(node.get("status"))
        source, sample = (
            text_of(node.get(key), key, self._problems, longest=_LONGEST_NOTE) or ""
            for key in ("source", "sample")
        )
        if value is None or inner is None or len(self._problems.found) > before:
            return None
        text = inner.value.strip() if isinstance(inner, Text) else ""
        if isinstance(value, Measured) and isinstance(unit, Text):
            text = self._with_unit(text, unit.value.strip(), value, concept)
        return Observation(
            concept.name,
            value,
            text,
            at,
            on,
            assay,
            specimen,
            upper,
            lower,
            status,
            source,
            sample,
            self._where(inner),
            formula,
        )

    def _where(self, node: Node) -> str:
        return f"{self._problems.file}:{node.line}:{node.column}"

    def _take_marks(self, node: Node) -> bool:
        """Note what a mapping could not read of a record."""
        cells = [value for _, value in node.pairs] if isinstance(node, Pairs) else [node]
        marked = [c for c in cells if isinstance(c, Text) and c.value.startswith(MARK)]
        marks = [problem_in(cell, self._problems.file) for cell in marked]
        found = [problem for problem in marks if problem is not None]
        self._problems.found.extend(found)
        return bool(found)

    def _value(
        self, node: Node, concept: Concept, unit: Node | None = None
    ) -> Measured | Stated | Unreadable | None:
        text = text_of(node, concept.name, self._problems)
        if text is None:
            return None
        if concept.kind is ConceptKind.QUANTITY:
            measured = self.measured(text, node, concept)
            if not isinstance(measured, Measured) or measured.unit or not isinstance(unit, Text):
                return measured
            return self.measured(f"{text} {unit.value.strip()}", node, concept, unit)
        if concept.tree is not None and text in concept.tree.parents:
            return Stated(text)
        allowed = concept.tree.values if concept.tree else ()
        self._problems.add(
            Kind.UNKNOWN_VALUE, node, value=text, about=concept.name, allowed=allowed
        )
        return None

    def measured(
        self, text: str, node: Node, concept: Concept, unit: Node | None = None
    ) -> Measured | Unreadable | None:
        """The quantity in `text`; None after noting at `node`, or at its `unit`, why it is none.

        One that can be read in two ways is a record, and what it says is not known.
        """
        try:
            return parse_measured(text, self._vocabulary, concept)
        except NotMeasured as error:
            if error.fault.value == Reason.AMBIGUOUS.value:
                return Unreadable(error.reason, Reason.AMBIGUOUS)
            self._note(error, text, node if unit is None else unit)
            return None

    def _with_unit(self, text: str, unit: str, value: Measured, concept: Concept) -> str:
        """The value with the unit of its own cell. A unit beside the number wins; where the two
        differ, the text names both.
        """
        try:
            if parse_measured(text, self._vocabulary, concept).unit is None:
                return f"{text} {unit}"
            other = unit_of(concept, unit, self._vocabulary)
        except (NotMeasured, UnknownUnit):
            return f"{text} (the column of units says {unit})"
        mine = None if value.unit is None else scale_for(concept, value.unit)
        if other == value.unit or (mine is not None and mine == scale_for(concept, other)):
            return text
        return f"{text} (the column of units says {unit})"

    def _limit(self, record: Pairs, key: str, concept: Concept) -> Limit | None:
        node = record.get(key)
        if node is None:
            return None
        if concept.kind is not ConceptKind.QUANTITY:
            self._problems.add(Kind.ONLY_FOR_QUANTITIES, node, value=key, about=concept.name)
            return None
        text = text_of(node, key, self._problems)
        if text is None:
            return None
        try:
            limit = parse_limit(text, self._vocabulary, concept)
        except NotMeasured as error:
            self._note(error, text, node)
            return None
        if limit.value < 0 or (key == "upper_limit" and limit.value == 0):
            detail = "above zero" if key == "upper_limit" else "zero or more"
            self._problems.add(Kind.NOT_ACCEPTED, node, about=key, value=text, detail=detail)
            return None
        return limit

    def _note(self, error: NotMeasured, text: str, node: Node) -> None:
        if error.fault is Fault.UNKNOWN_UNIT:
            self._problems.add(Kind.UNKNOWN_UNIT, node, value=error.unit, detail=error.reason)
        else:
            self._problems.add(Kind.NOT_A_QUANTITY, node, value=text, detail=error.reason)

    def _status(self, node: Node | None) -> Status:
        text = text_of(node, "status", self._problems)
        if text is None:
            return Status.FINAL
        allowed = tuple(member.value for member in Status)
        if text in allowed:
            return Status(text)
        self._problems.add(Kind.UNKNOWN_VALUE, node, value=text, about="status", allowed=allowed)
        return Status.FINAL
