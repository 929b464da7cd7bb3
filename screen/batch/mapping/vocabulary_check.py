"""Whether what a mapping says of a column can be true: its unit, its codes, its contexts."""

from collections.abc import Mapping

from screen.batch.columns.contract_columns import split_column
from screen.batch.mapping.form import ColumnForm
from screen.batch.mapping.model import with_aliases
from screen.documents.tree import Problems
from screen.documents.written import Written
from screen.intake.document import SEXES
from screen.language.protocol.condition import context_value
from screen.model.case import Status
from screen.model.concept import Vocabulary
from screen.problems import Kind
from screen.units.scales import scale_for
from screen.units.text import what_is_known
from screen.units.unit import UnknownUnit, unit_of

SIGNS = ("<", "<=", ">", ">=", "=")


class VocabularyCheck:
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

    def code_of(self, unit: Written) -> str:
        """The UCUM code of a unit; nothing after saying that nobody knows it."""
        try:
            return unit_of(None, unit, self._vocabulary)
        except UnknownUnit as error:
            detail = what_is_known(error, None)
            self._problems.add(Kind.UNKNOWN_UNIT, unit.node, value=unit, detail=detail)
            return ""

    def column(self, target: str, form: ColumnForm, *, counted: bool, nested: bool) -> None:
        """Check how a column that is `target` is read.

        `counted`: its unit is one of time, which is checked elsewhere. `nested`: codes of single
        concepts may stand among the codes.
        """
        if counted:
            return
        if form.unit is not None:
            self.unit(split_column(target)[0], form.unit)
        for name, meaning in form.codes.items():
            if isinstance(meaning, Written):
                self._code(target, meaning)
            elif nested:
                for value in meaning.values():
                    self._code(name, value)
        contexts = form.contexts()
        for key in self._vocabulary.contexts:
            if key in contexts:
                context_value(contexts[key].node, key, self._vocabulary, self._problems)

    def _code(self, target: str, meaning: Written) -> None:
        """What a code means is a value of its column."""
        allowed = self._values(target)
        if allowed and meaning not in allowed:
            self._problems.add(
                Kind.UNKNOWN_VALUE, meaning.node, value=meaning, about=target, allowed=allowed
            )

    def unit(self, concept: str, unit: Written) -> None:
        """The unit is known, and measures the concept where there is one."""
        known = self._vocabulary.concepts.get(concept)
        try:
            code = unit_of(known, unit, self._vocabulary)
        except UnknownUnit as error:
            detail = what_is_known(error, known)
            self._problems.add(Kind.UNKNOWN_UNIT, unit.node, value=unit, detail=detail)
            return
        if known is not None and scale_for(known, code) is None:
            detail = f"it is measured in {known.unit}" if known.unit else "it is no quantity"
            self._problems.add(
                Kind.WRONG_DIMENSION, unit.node, value=unit, about=concept, detail=detail
            )

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
