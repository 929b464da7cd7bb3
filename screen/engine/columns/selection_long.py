# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""The facts of a long table: records to pools, pools to one facts row per case.

Every pool that a leaf needs (a concept in a window and a context) is a query of rows, derived
values included; what the picks leave is put side by side, one row per case.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from screen.engine.columns import derived_long as derive
from screen.engine.columns.cells import state_bits, within_mask
from screen.engine.columns.conditions import Judged, Tests, only_unknown
from screen.engine.columns.derived_long import COLUMNS, listed
from screen.engine.columns.dialect import FALSE, Dialect, when
from screen.engine.columns.grid import Grid
from screen.engine.columns.layers import Layers
from screen.engine.columns.picks import FactColumns, Valued, most_specific
from screen.engine.columns.reasons import bit, nothing_recorded
from screen.engine.columns.slots import CONTEXTS
from screen.engine.columns.steps_long import chosen_rows, picked_rows, ranked_rows, recorded_rows
from screen.facts.window import ROOM_AIR_PERCENT
from screen.model.concept import Method, Vocabulary
from screen.model.criterion import Leaf, Pick, Selection
from screen.model.fact import Quantifier
from screen.model.truth import Reason

Contexts = tuple[tuple[str, str], ...]
_Asked = tuple[str, int | None, Contexts]


class _Recorded(NamedTuple):
    """Which records a pool takes: of a concept, in a window, in contexts (masks)."""

    concept: str
    within: int | None
    masks: tuple[int | None, ...]
    room_air: bool


class LongFacts:
    """Collects what the leaves need, then gives the queries and the facts of each case."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        grids: Mapping[str, Grid],
        staleness: Mapping[str, int],
        tests: Mapping[str, Tests],
        dialect: Dialect,
    ) -> None:
        self._vocabulary = vocabulary
        self._grids = grids
        self._staleness = staleness
        self._tests = tests
        self._dialect = dialect
        self._recorded: dict[_Recorded, int] = {}
        self._pools: dict[_Asked, str] = {}
        self._queries: dict[str, str] = {}
        self._selections: dict[Selection, int] = {}
        self._leaves: dict[Leaf, int] = {}

    # What the leaves need

    def need(self, leaves: Iterable[Leaf]) -> None:
        """Note the leaves that will be asked for."""
        for leaf in leaves:
            if leaf.selection not in self._selections:
                self._selections[leaf.selection] = len(self._selections)
                self._pool(_asked(leaf.selection))
            if leaf.selection.pick in (Pick.ANY, Pick.EVERY):
                self._leaves.setdefault(leaf, len(self._leaves))

    def _pool(self, asked: _Asked) -> str:
        """The name of the query that gives the rows of a pool."""
        found = self._pools.get(asked)
        if found is None:
            sql = self._derived(asked)
            found = self._pools[asked] = f"pool_{len(self._pools)}"
            self._queries[found] = sql
        return found

    def _derived(self, asked: _Asked) -> str:
        name, within, contexts = asked
        derivation = self._vocabulary.concepts[name].derivation
        recorded = self._records(name, within, contexts)
        if derivation is None or derivation.method is Method.ROOM_AIR:
            return recorded
        if derivation.method is Method.COMPLETED_YEARS:
            everything = self._query(self._filtered(_Recorded(name, None, (None,) * 3, False)))
            return derive.age(everything, self._grids[name], self._dialect)
        own = self._query(recorded)
        if derivation.method is Method.ABSENT_FOR_MALE:
            tree = self._vocabulary.concepts[name].tree
            absent = state_bits(tree).get("absent") if tree else None
            if absent is None:
                return recorded
            return derive.absent_for_male(own, absent, self._dialect)
        inputs = [self._pool((part, within, contexts)) for part in derivation.inputs]
        if derivation.method is Method.FIRST_OF:
            return derive.first_of([*inputs, own])
        parts = [self._grids[part] for part in derivation.inputs]
        grids = (parts[0], parts[1], self._grids[name])
        method = derive.ratio if derivation.method is Method.RATIO else derive.share
        return method(derivation, own, inputs, grids, self._dialect)

    def _query(self, sql: str) -> str:
        """A query under a name of its own, the same one only once."""
        for known, text in self._queries.items():
            if text == sql:
                return known
        label = f"part_{len(self._queries)}"
        self._queries[label] = sql
        return label

    def _records(self, name: str, within: int | None, contexts: Contexts) -> str:
        window = within if within is not None else self._staleness.get(name)
        masks: list[int | None] = [None] * len(CONTEXTS)
        for key, value in contexts:
            masks[CONTEXTS.index(key)] = within_mask(self._vocabulary.contexts[key], value)
        room_air = ("on", "room_air") in contexts and self._vocabulary.room_air is not None
        return self._filtered(_Recorded(name, window, tuple(masks), room_air))

    def _filtered(self, recorded: _Recorded) -> str:
        number = self._recorded.setdefault(recorded, len(self._recorded))
        return f"SELECT {listed()} FROM recorded WHERE pool = {number}"

    # The queries, in order

    def queries(self) -> dict[str, str]:
        """Named queries on top of `seen` and `persons`; the last is `facts`, a row per case."""
        dialect = self._dialect
        asked = ", ".join(
            f"({number}, '{key.concept}', {_number(key.within)}, "
            f"{', '.join(_number(mask) for mask in key.masks)}, {str(key.room_air).upper()})"
            for key, number in self._recorded.items()
        )
        columns = "pool, concept, within_micros, on_mask, assay_mask, specimen_mask, room_air"
        picks = ", ".join(
            f"({number}, '{self._pools[_asked(selection)]}', '{selection.pick.value}')"
            for selection, number in self._selections.items()
        )
        used = dict.fromkeys(self._pools[_asked(selection)] for selection in self._selections)
        rows = " UNION ALL ".join(
            f"SELECT '{pool}' AS pool, {listed()} FROM {pool} AS r" for pool in used
        )
        return {
            "asked": f"SELECT * FROM (VALUES {asked}) AS v({columns})",
            "air": self._air(),
            "recorded": recorded_rows(),
            **self._queries,
            "pooled": rows,
            "picks": f"SELECT * FROM (VALUES {picks}) AS v(selection, pool, pick)",
            "ranked": ranked_rows(),
            "chosen": chosen_rows(),
            "picked": picked_rows(dialect),
            **({"judged": self._judged()} if self._leaves else {}),
            "odd": 'SELECT DISTINCT "case" FROM seen WHERE NOT clean '
            'UNION SELECT DISTINCT "case" FROM pooled WHERE odd',
            "facts": self._facts(),
        }

    def _air(self) -> str:
        """The instants at which the oxygen fraction was 21 % and nothing else."""
        room_air = self._vocabulary.room_air
        name = room_air.inputs[0] if room_air else ""
        grid = self._grids.get(name)
        position = self._dialect.number(2 * ROOM_AIR_PERCENT * grid.steps if grid else 0)
        pure = f"coalesce(low = {position} AND high = {position}, FALSE)"
        return (
            f'SELECT "case", "start" FROM seen WHERE usable AND concept = \'{name}\' '
            f'AND "start" = "end" GROUP BY "case", "start" HAVING bool_and({pure})'
        )

    def _judged(self) -> str:
        """For leaves that try every value: the truths of all values of a case together."""
        parts = []
        for leaf, number in self._leaves.items():
            layers = Layers([*COLUMNS, "selection"])
            value = Valued('"low"', '"high"', '"state"', '"upper"', '"lower"')
            tried = self._tests[leaf.concept].value(leaf.test, value, layers)
            sql = layers.select(
                {"case": '"case"', "truth": tried.truth, "why": tried.reasons},
                f"(SELECT * FROM chosen WHERE selection = {self._selections[leaf.selection]}) AS c",
            )
            parts.append(
                f'SELECT {number} AS leaf, "case", coalesce(bool_or(truth), FALSE) AS one_met, '
                "coalesce(bool_and(truth), TRUE) AS all_known, "
                "bool_or(truth IS NULL) AS any_unknown, "
                "bit_or(CASE WHEN truth IS NULL THEN CAST(why AS BIGINT) "
                f'ELSE CAST(0 AS BIGINT) END) AS why FROM ({sql}) AS t GROUP BY "case"'
            )
        return " UNION ALL ".join(parts)

    def _facts(self) -> str:
        """One row per patient, the facts side by side."""
        columns = []
        for selection, number in self._selections.items():
            at = f"FILTER (WHERE selection = {number})"
            quantity = self._vocabulary.concepts[selection.concept].tree is None
            fields = ("low", "high", "upper", "lower") if quantity else ("state",)
            columns += [f'max({field}) {at} AS "{field} {number}"' for field in fields]
            columns.append(f'max(reasons) {at} AS "reasons {number}"')
            columns.append(f'bool_or(has) {at} AS "has {number}"')
        facts = f'SELECT "case", {", ".join(columns)} FROM picked AS q GROUP BY "case"'
        wanted = ", ".join(f'f."{name}"' for name in self._fact_columns())
        sql = (
            f'SELECT p."case" AS "case", (NOT p.clean OR o."case" IS NOT NULL) AS unsure, {wanted}'
        )
        joins = (
            f'FROM persons AS p LEFT JOIN ({facts}) AS f ON f."case" = p."case" '
            'LEFT JOIN odd AS o ON o."case" = p."case"'
        )
        if not self._leaves:
            return f"{sql} {joins}"
        leaf_columns = []
        for number in self._leaves.values():
            at = f"FILTER (WHERE leaf = {number})"
            leaf_columns += [
                f'bool_or(one_met) {at} AS "some {number}"',
                f'bool_and(all_known) {at} AS "all {number}"',
                f'bool_or(any_unknown) {at} AS "unknown {number}"',
                f'max(why) {at} AS "why {number}"',
            ]
        judged = f'SELECT "case", {", ".join(leaf_columns)} FROM judged AS j GROUP BY "case"'
        more = ", ".join(f'g."{name}"' for name in self._leaf_columns())
        return f'{sql}, {more} {joins} LEFT JOIN ({judged}) AS g ON g."case" = p."case"'

    def _fact_columns(self) -> list[str]:
        names = []
        for selection, number in self._selections.items():
            quantity = self._vocabulary.concepts[selection.concept].tree is None
            fields = ("low", "high", "upper", "lower") if quantity else ("state",)
            names += [f"{field} {number}" for field in (*fields, "reasons", "has")]
        return names

    def _leaf_columns(self) -> list[str]:
        return [
            f"{field} {number}"
            for number in self._leaves.values()
            for field in ("some", "all", "unknown", "why")
        ]

    # Reading the facts row

    def columns(self) -> list[str]:
        """The columns of `facts`."""
        return ["case", "unsure", *self._fact_columns(), *self._leaf_columns()]

    def leaf(self, leaf: Leaf, layers: Layers) -> Judged:
        """What a leaf comes to on the facts row."""
        fact = self._fact(leaf.selection, layers)
        if leaf not in self._leaves:
            return self._tests[leaf.concept].leaf(leaf, fact, layers)
        number = self._leaves[leaf]
        some, every, unknown = (f'"{field} {number}"' for field in ("some", "all", "unknown"))
        if leaf.selection.pick is Pick.ANY:
            truth = f"CASE WHEN {some} THEN TRUE WHEN NOT {unknown} THEN FALSE END"
        else:
            truth = f"CASE WHEN NOT {every} THEN FALSE WHEN NOT {unknown} THEN TRUE END"
        if leaf.unrecorded_absent:
            truth = when(fact.unrecorded, FALSE, truth)
        column = layers.column(truth)
        why = when(fact.has, f'coalesce("why {number}", 0)', fact.reasons)
        return Judged(column, layers.column(only_unknown(column, why)))

    def _fact(self, selection: Selection, layers: Layers) -> FactColumns:
        number = self._selections[selection]
        concept = self._vocabulary.concepts[selection.concept]
        recorded = layers.column(f'"reasons {number}"')
        unrecorded = layers.column(f"({recorded} IS NULL)")
        why = f"coalesce({recorded}, {nothing_recorded(concept.kind)})"
        any_left = f'coalesce("has {number}", FALSE)'
        if concept.tree is not None:
            state = layers.column(most_specific(f'"state {number}"', concept.tree))
            several = selection.pick in (Pick.ANY, Pick.EVERY)
            has = layers.column(any_left if several else f"({state} IS NOT NULL)")
            conflict = f"CASE WHEN {any_left} THEN {bit(Reason.CONFLICTING)} ELSE {why} END"
            value = Valued(state=state)
            return FactColumns(
                ((has, value),), Quantifier.ONE, has, layers.column(conflict), unrecorded
            )
        low, high, upper, lower = (
            f'"{field} {number}"' for field in ("low", "high", "upper", "lower")
        )
        agreed = layers.column(f"({any_left} AND {recorded} = 0)")
        value = Valued(low, high, "NULL", upper, lower)
        return FactColumns(
            ((agreed, value),), Quantifier.ONE, agreed, layers.column(why), unrecorded
        )


def _asked(selection: Selection) -> _Asked:
    return selection.concept, selection.within, selection.contexts


def _number(value: int | None) -> str:
    return "CAST(NULL AS BIGINT)" if value is None else f"CAST({value} AS BIGINT)"
