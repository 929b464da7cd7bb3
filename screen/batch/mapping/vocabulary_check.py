"""Whether what a mapping says of a column can be true: its unit, its codes, its contexts."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

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

SIGNS = ("<", "<=", ">", ">=", "=")


def with_aliases(vocabulary: Vocabulary, aliases: Mapping[str, str]) -> Vocabulary:
    """The vocabulary with more spellings of units, which win over those that it has."""
    if not aliases:
        return vocabulary
    both = MappingProxyType({**vocabulary.unit_aliases, **aliases})
    return replace(vocabulary, unit_aliases=both)


class Meanings:
    """Checks the parts of a mapping against the vocabulary."""

    def __init__(self, vocabulary: Vocabulary, problems: Problems) -> None:
        self._vocabulary = vocabulary
        self._problems = problems

    def know(self, aliases: Mapping[str, str]) -> None:
        """Take the spellings of units of a mapping for known."""
        self._vocabulary = with_aliases(self._vocabulary, aliases)

    def finding_values(self) -> tuple[str, ...]:
        """Every value of any finding."""
        trees = [c.tree for c in self._vocabulary.concepts.values() if c.tree is not None]
        return tuple(dict.fromkeys(value for tree in trees for value in tree.values))

    def code_of(self, unit: str, node: Node) -> str:
        """The UCUM code of a unit; nothing after saying that nobody knows it."""
        try:
            return unit_of(None, unit, self._vocabulary)
        except UnknownUnit as error:
            detail = what_is_known(error, None)
            self._problems.add(Kind.UNKNOWN_UNIT, node, value=unit, detail=detail)
            return ""

    def check(self, target: str, body: Pairs, nested: bool = False) -> None:
        """Check the rule `body` of a column that is `target`; `nested`: codes of concepts stand
        among the codes.
        """
        unit = body.get("unit")
        if isinstance(unit, Text) and unit.value.strip():
            self.check_unit(split_column(target)[0], unit.value.strip(), unit)
        codes = body.get("codes")
        for name, meaning in codes.pairs if isinstance(codes, Pairs) else ():
            if isinstance(meaning, Pairs) and nested:
                for _, value in meaning.pairs:
                    self._check_value(name.value, value)
            else:
                self._check_value(target, meaning)
        for key in self._vocabulary.contexts:
            context_value(body.get(key), key, self._vocabulary, self._problems)

    def _check_value(self, target: str, node: Node) -> None:
        """What a code means is a value of its column."""
        allowed = self._values(target)
        if allowed and isinstance(node, Text) and node.value.strip() not in allowed:
            value = node.value.strip()
            self._problems.add(Kind.UNKNOWN_VALUE, node, value=value, about=target, allowed=allowed)

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
        if target == "comparator" or key == "comparator":
            return SIGNS
        if target == "concept":
            return tuple(self._vocabulary.concepts)
        if key == "status":
            return tuple(status.value for status in Status)
        if key in self._vocabulary.contexts:
            return self._vocabulary.contexts[key].values
        known = self._vocabulary.concepts.get(concept)
        return known.tree.values if known and known.tree and key == "value" else ()
