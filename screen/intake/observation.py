"""One record of a case to an Observation, checked against the vocabulary."""

from screen.intake.timeline import Timeline
from screen.language.condition import context_value
from screen.language.tree import Node, Pairs, Problems, Text, check_keys, text_of
from screen.model.case import Limit, Measured, Observation, Stated, Status
from screen.model.concept import Concept, Vocabulary
from screen.model.concept import Kind as ConceptKind
from screen.problems import Kind
from screen.units.text import Fault, NotMeasured, parse_limit, parse_measured

RECORD_KEYS = (
    "at",
    "on",
    "assay",
    "specimen",
    "upper_limit",
    "lower_limit",
    "status",
    "source",
    "sample",
)
_LONGEST_NOTE = 200


class ObservationReader:
    """Reads the observations of one case; whatever is wrong goes to its problems."""

    def __init__(self, vocabulary: Vocabulary, times: Timeline, problems: Problems) -> None:
        self._vocabulary = vocabulary
        self._times = times
        self._problems = problems

    def read(self, node: Node, concept: Concept) -> Observation | None:
        """The observation at `node`, a bare value or a record; None if it cannot be used."""
        if not isinstance(node, Pairs):
            value = self._value(node, concept)
            text = node.value.strip() if isinstance(node, Text) else ""
            where = self._where(node)
            return None if value is None else Observation(concept.name, value, text, where=where)
        before = len(self._problems.found)
        check_keys(node, concept.name, ("value",), RECORD_KEYS, self._problems)
        inner = node.get("value")
        value = None if inner is None else self._value(inner, concept)
        at = self._times.moment(node.get("at"), "at")
        on, assay, specimen = (
            context_value(node.get(name), name, self._vocabulary, self._problems)
            for name in ("on", "assay", "specimen")
        )
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
        )

    def _where(self, node: Node) -> str:
        return f"{self._problems.file}:{node.line}:{node.column}"

    def _value(self, node: Node, concept: Concept) -> Measured | Stated | None:
        text = text_of(node, concept.name, self._problems)
        if text is None:
            return None
        if concept.kind is ConceptKind.QUANTITY:
            return self.measured(text, node, concept)
        if concept.tree is not None and text in concept.tree.parents:
            return Stated(text)
        allowed = concept.tree.values if concept.tree else ()
        self._problems.add(
            Kind.UNKNOWN_VALUE, node, value=text, about=concept.name, allowed=allowed
        )
        return None

    def measured(self, text: str, node: Node, concept: Concept) -> Measured | None:
        """The quantity in `text`; None after noting at `node` why it is none."""
        try:
            return parse_measured(text, self._vocabulary, concept)
        except NotMeasured as error:
            self._note(error, text, node)
            return None

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
