"""One row per case: every concept has one slot, and a pool is a few slots side by side.

The functions here mirror `screen.facts` step by step, with SQL expressions in place of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from screen.engine.columns import cells, times
from screen.engine.columns.dialect import (
    FALSE,
    NOTHING,
    NULL,
    TRUE,
    Dialect,
    both,
    either,
    is_nothing,
    name,
    negated,
    not_null,
    when,
)
from screen.engine.columns.grid import Grid
from screen.engine.columns.layers import Layers
from screen.engine.columns.reasons import bit
from screen.engine.columns.units import UnitTable
from screen.model.concept import Concept, Vocabulary
from screen.model.truth import Reason

CONTEXTS = ("on", "assay", "specimen")
COMPANIONS = ("at", *CONTEXTS, "upper_limit", "lower_limit", "status", "source", "sample")
_LONGEST_NOTE = 200


class Slot(NamedTuple):
    """At most one piece of evidence. `has`: it is there; else the rest is NULL or unused.

    Quantities have `low` and `high` (positions) and perhaps reference limits, the others
    `state` (one bit). `contexts` are bits too.
    """

    has: str
    start: str = NULL
    end: str = NULL
    low: str = NULL
    high: str = NULL
    state: str = NULL
    upper: str = NULL
    lower: str = NULL
    contexts: tuple[str, str, str] = (NULL, NULL, NULL)
    sample: str = NULL

    @property
    def is_exact(self) -> str:
        return f"coalesce({self.low} = {self.high}, FALSE)" if self.low != NULL else FALSE


class Pool(NamedTuple):
    """The evidence for a concept, and the reasons (a mask) why other records do not count."""

    slots: tuple[Slot, ...] = ()
    reasons: str = NOTHING

    @property
    def is_unrecorded(self) -> str:
        return both([*(negated(slot.has) for slot in self.slots), is_nothing(self.reasons)])

    @property
    def has_any(self) -> str:
        return either(slot.has for slot in self.slots)


@dataclass
class WideRow:
    """What a tidy wide table says of each case, column by column.

    `unclean` collects what is odd.
    """

    columns: frozenset[str]
    vocabulary: Vocabulary
    grids: Mapping[str, Grid]
    units: Mapping[str, UnitTable]
    layers: Layers
    dialect: Dialect
    unclean: list[str] = field(default_factory=list)
    pools: dict[str, Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.screened = times.screened(self._cell("screened_at"), self.layers, self.dialect)
        self.clean(self.screened.clean)
        self.clean(cells.short_text(self._cell("case"), 64, self.layers, self.dialect))
        self.clean(not_null(self._cell("case")))
        sex = self._cell("sex")
        self.is_male = FALSE
        if sex != NULL:
            self.is_male = self.layers.column(f"coalesce({sex} = 'male', FALSE)")
            self.clean(f"({sex} IS NULL OR {sex} IN ('male', 'female', 'other', 'unknown'))")
        self.years = NULL
        if (birth := self._cell("birth_date")) != NULL:
            self.years, clean = times.completed_years(
                birth, self.screened, self.layers, self.dialect
            )
            self.clean(clean)
        for concept in self.vocabulary.concepts.values():
            if concept.name in self.columns:
                self.pools[concept.name] = self._recorded(concept)

    def clean(self, condition: str) -> None:
        """Rows for which `condition` does not hold are unsure."""
        if condition != TRUE:
            self.unclean.append(negated(condition))

    def unsure(self, condition: str) -> None:
        """Rows for which `condition` holds are unsure."""
        if condition != FALSE:
            self.unclean.append(f"coalesce({condition}, FALSE)")

    def pool(self, concept: str) -> Pool:
        """The evidence that can count at all (step 1), before any window."""
        return self.pools.get(concept, Pool())

    def _cell(self, column: str) -> str:
        return name(column) if column in self.columns else NULL

    def _recorded(self, concept: Concept) -> Pool:
        layers, dialect = self.layers, self.dialect
        value = self._cell(concept.name)
        beside = {key: self._cell(f"{concept.name}.{key}") for key in COMPANIONS}
        status, gone = beside["status"], FALSE
        if status != NULL:
            gone, known = cells.gone(status, layers)
            self.clean(known)
        for key in ("source", "sample"):
            if beside[key] != NULL:
                self.clean(cells.short_text(beside[key], _LONGEST_NOTE, layers, dialect))
        at, future = times.Span(), FALSE
        if beside["at"] != NULL:
            at = times.span(beside["at"], self.screened, layers, dialect)
            self.clean(at.clean)
            future = layers.column(f"coalesce({at.start} > {self.screened.at}, FALSE)")
        contexts = tuple(self._context(key, beside[key]) for key in CONTEXTS)
        counts = both([negated(gone), negated(future)])
        slot = Slot(counts, at.start, at.end, sample=beside["sample"])
        slot = slot._replace(contexts=(contexts[0], contexts[1], contexts[2]))
        if concept.tree is not None:
            return self._stated(concept, value, beside, slot, both([negated(gone), future]))
        return self._measured(concept, value, beside, slot, (gone, future))

    def _stated(
        self, concept: Concept, value: str, beside: Mapping[str, str], slot: Slot, future: str
    ) -> Pool:
        assert concept.tree is not None
        for key in ("upper_limit", "lower_limit"):
            if beside[key] != NULL:
                self.clean(f"({beside[key]} IS NULL)")
        state = cells.named(value, cells.state_bits(concept.tree), self.layers)
        self.clean(state.clean)
        there = self.layers.column(not_null(value))
        has = self.layers.column(both([there, slot.has]))
        reasons = when(both([there, future]), bit(Reason.FUTURE), NOTHING)
        return Pool(
            (slot._replace(has=has, state=self.layers.column(when(has, state.bit))),),
            self.layers.column(reasons),
        )

    def _measured(
        self,
        concept: Concept,
        value: str,
        beside: Mapping[str, str],
        slot: Slot,
        dropped: tuple[str, str],
    ) -> Pool:
        layers, dialect = self.layers, self.dialect
        table = self.units[concept.name]
        number = cells.quantity(value, table, layers, dialect)
        self.clean(number.clean)
        upper, lower = (
            cells.limit(beside[key], table, layers, dialect)
            if beside[key] != NULL
            else cells.Named()
            for key in ("upper_limit", "lower_limit")
        )
        self.clean(upper.clean)
        self.clean(lower.clean)
        if NULL not in (upper.bit, lower.bit):
            # Limits that contradict each other are refused where they are read; those without
            # a unit are compared there too.
            given = both(not_null(beside[key]) for key in ("upper_limit", "lower_limit"))
            fine = f"coalesce({lower.bit} <= {upper.bit}, FALSE)"
            self.unsure(both([given, negated(fine)]))
        possible = plausible(concept, self.grids[concept.name], number.low, number.high, dialect)
        usable = layers.column(both([not_null(value), not_null(either_end(number)), possible]))
        has = layers.column(both([usable, slot.has]))
        gone, future = dropped
        why = layers.column(
            f"CASE WHEN {value} IS NULL THEN 0 WHEN {number.no_unit} THEN {bit(Reason.NO_UNIT)}"
            f" WHEN {number.wrong_unit} THEN {bit(Reason.WRONG_UNIT)}"
            f" WHEN NOT {possible} THEN {bit(Reason.IMPLAUSIBLE)} ELSE 0 END"
        )
        there = layers.column(not_null(value))
        if future != FALSE:
            why = when(both([there, future]), bit(Reason.FUTURE), why)
        if gone != FALSE:
            why = when(gone, NOTHING, why)
        measured = slot._replace(
            has=has,
            low=layers.column(when(has, number.low)),
            high=layers.column(when(has, number.high)),
            upper=upper.bit,
            lower=lower.bit,
        )
        return Pool((measured,), layers.column(why))

    def _context(self, key: str, cell: str) -> str:
        if cell == NULL:
            return NULL
        context = cells.named(cell, cells.text_bits(self.vocabulary.contexts[key]), self.layers)
        self.clean(context.clean)
        return context.bit


def either_end(number: cells.Number) -> str:
    return f"coalesce({number.low}, {number.high})"


def plausible(concept: Concept, grid: Grid, low: str, high: str, dialect: Dialect) -> str:
    """Whether some value between the positions lies in the concept's plausible range."""
    parts = []
    if concept.plausible_low is not None:
        least = dialect.number(grid.position(concept.plausible_low))
        parts.append(f"coalesce({high} >= {least}, TRUE)")
    if concept.plausible_high is not None:
        most = dialect.number(grid.position(concept.plausible_high))
        parts.append(f"coalesce({low} <= {most}, TRUE)")
    return both(parts)
