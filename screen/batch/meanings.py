"""Whether what a mapping says of a column can be true: its unit, its codes, its contexts."""

from screen.batch.canonical import split_column
from screen.intake.document import SEXES
from screen.language.condition import context_value
from screen.language.tree import Node, Pairs, Problems, Text
from screen.model.case import Status
from screen.model.concept import Vocabulary
from screen.problems import Kind
from screen.units.scales import scale_for
from screen.units.text import what_is_known
from screen.units.unit import UnknownUnit, unit_of


class Meanings:
    """Checks the parts of a mapping against the vocabulary."""

    def __init__(self, vocabulary: Vocabulary, problems: Problems) -> None:
        self._vocabulary = vocabulary
        self._problems = problems

    def check(self, target: str, body: Pairs) -> None:
        """Check the rule `body` of a column that is `target`."""
        unit = body.get("unit")
        if isinstance(unit, Text) and unit.value.strip():
            self.check_unit(split_column(target)[0], unit.value.strip(), unit)
        codes = body.get("codes")
        allowed = self._values(target)
        for _, meaning in codes.pairs if isinstance(codes, Pairs) and allowed else ():
            if isinstance(meaning, Text) and meaning.value.strip() not in allowed:
                value = meaning.value.strip()
                self._problems.add(
                    Kind.UNKNOWN_VALUE, meaning, value=value, about=target, allowed=allowed
                )
        for key in self._vocabulary.contexts:
            context_value(body.get(key), key, self._vocabulary, self._problems)

    def check_unit(self, concept: str, unit: str, node: Node | None) -> None:
        """The unit is known, and measures the concept where there is one."""
        known = self._vocabulary.concepts.get(concept)
        try:
            code = unit_of(known, unit, self._vocabulary)
        except UnknownUnit as error:
            detail = what_is_known(error, known)
            self._problems.add(Kind.UNKNOWN_UNIT, node, value=unit, detail=detail)
            return
        if known is not None and scale_for(known, code) is None:
            detail = f"it is measured in {known.unit}" if known.unit else "it is no quantity"
            self._problems.add(Kind.WRONG_DIMENSION, node, value=unit, about=concept, detail=detail)

    def _values(self, target: str) -> tuple[str, ...]:
        """The meanings that codes of a column may have; empty where anything may be."""
        concept, key = split_column(target)
        if target == "sex":
            return SEXES
        if target == "concept":
            return tuple(self._vocabulary.concepts)
        if key == "status":
            return tuple(status.value for status in Status)
        if key in self._vocabulary.contexts:
            return self._vocabulary.contexts[key].values
        known = self._vocabulary.concepts.get(concept)
        return known.tree.values if known and known.tree and key == "value" else ()
