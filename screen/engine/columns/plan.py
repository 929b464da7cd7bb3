# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""The column plan: the protocols as one query over a whole table of cases.

What it decides is what the reference evaluator decides, letter by letter and reason by reason.
What it cannot take for certain it leaves alone and names (`Decided.unsure`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from screen.engine.columns.backends import Backend, DuckDBBackend
from screen.engine.columns.conditions import Conditions, Judged, Tests
from screen.engine.columns.grid import grids
from screen.engine.columns.layers import Layers
from screen.engine.columns.lookups_long import lookups
from screen.engine.columns.outcome import Decided, outcome
from screen.engine.columns.records_long import (
    OBSERVATIONS,
    PATIENTS,
    cut,
    persons,
    seen,
    source,
    unit_text,
    written,
)
from screen.engine.columns.selection_long import LongFacts
from screen.engine.columns.selection_wide import WideFacts
from screen.engine.columns.slots import COMPANIONS, WideRow
from screen.engine.columns.tidy import tidied
from screen.engine.columns.units import unit_tables, unit_texts
from screen.engine.columns.verdicts import Wording, code_terms, reason_columns
from screen.engine.columns.wide_query import ROW, WidePlan, WideQuery, total
from screen.model.concept import Vocabulary
from screen.model.criterion import Leaf, leaves
from screen.model.protocol import Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

PATIENT = ("case", "screened_at", "sex", "birth_date")
_FIRST_LOOK = 500


class ColumnPlan:
    """Decides tables of cases against some protocols.

    `staleness` is the site's own policy: microseconds per concept (see `facts.gather`).
    Raises NotPlannable if limits or units need more digits than there are.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        protocols: Sequence[Protocol],
        staleness: Mapping[str, int] | None = None,
        backend: Backend | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.protocols = tuple(protocols)
        self.backend: Backend = backend if backend is not None else DuckDBBackend()
        self._staleness = dict(staleness or {})
        asked = [
            leaf
            for protocol in self.protocols
            for criterion in protocol.criteria
            for leaf in leaves(criterion.when)
        ]
        self._leaves = tuple(asked)
        self._grids = grids(vocabulary, asked)
        self._units = unit_tables(vocabulary, self._grids)
        self._tests = {
            name: Tests(self._grids.get(name), concept.tree, self.backend.dialect)
            for name, concept in vocabulary.concepts.items()
        }
        self._wording = [Wording(protocol) for protocol in self.protocols]
        self._wide: dict[tuple[frozenset[str], frozenset[str], bool], WideQuery] = {}

    def decide_wide(self, table: "pa.Table", first_row: int = 0, reasons: bool = False) -> Decided:
        """Decide a wide table of text columns, named as the contract names them.

        Columns may be dictionaries of texts. Row positions count from `first_row`. NULL and
        blank text are no record. Raises ValueError for a column that the contract does not know.
        """
        self._check_wide(table.column_names)
        plain = tidied(table)
        self._learn_units(plain.slice(0, _FIRST_LOOK))
        result, unsure = self._query_wide(plain, reasons)
        if unsure and self._learn_units(plain.take(unsure)):
            result, unsure = self._query_wide(plain, reasons)
        return outcome(self._wording, result, plain["case"], first_row, reasons, unsure)

    def decide_long(
        self,
        observations: "pa.Table | Path",
        patients: "pa.Table | Path",
        reasons: bool = False,
    ) -> Decided:
        """Decide a long table of records and a table of patients, Arrow tables or Parquet files.

        The columns are text, named as in `records_long`; those that are not there are empty.
        A case is whoever is among the patients; `row` counts them in the order of their ids.
        Raises ValueError for a column that nobody knows.
        """
        relations = {"observations": observations, "patients": patients}
        columns = {label: self.backend.columns(table) for label, table in relations.items()}
        for label, known in (("observations", OBSERVATIONS), ("patients", PATIENTS)):
            for column in columns[label]:
                if column not in known:
                    raise ValueError(f"unknown column {column} among the {label}")
        self._learn_long_units(columns, relations)
        queries, last = self.long_queries(columns["observations"], columns["patients"], reasons)
        result = self.backend.steps(queries, last, relations)
        orphans = self.backend.query(
            'SELECT DISTINCT o."case" FROM observations AS o LEFT JOIN patients AS p '
            'ON p."case" = o."case" WHERE p."case" IS NULL',
            relations,
            joins=True,
        )
        unsure = _true_positions(result["unsure"])
        decided = outcome(self._wording, result, result["case"], 0, reasons, unsure)
        named = {result["case"][at].as_py() for at in unsure} | set(orphans["case"].to_pylist())
        in_order = sorted(named, key=lambda case: (case is None, case))
        return replace(decided, unsure=in_order)

    def _learn_long_units(
        self, columns: Mapping[str, Sequence[str]], relations: Mapping[str, Any]
    ) -> None:
        """Resolve every unit text that occurs, before the query is made."""
        cells = [f"SELECT concept, {unit_text(chr(34) + 'value' + chr(34))} AS unit FROM written"]
        cells += [
            f"SELECT concept, {unit_text(chr(34) + key + chr(34))} AS unit FROM written"
            for key in ("upper_limit", "lower_limit")
        ]
        queries = {
            "records": source(columns["observations"], columns["patients"]),
            "written": written(),
            "units": " UNION ALL ".join(cells),
        }
        last = "SELECT DISTINCT concept, unit FROM units WHERE unit <> '' ORDER BY concept, unit"
        for row in self.backend.steps(queries, last, relations).to_pylist():
            if row["concept"] in self._units:
                self._units[row["concept"]].learn([row["unit"]])

    def long_queries(
        self, observations: Sequence[str], patients: Sequence[str], reasons: bool = False
    ) -> tuple[dict[str, str], str]:
        """The queries over `observations` and `patients` with these columns, and the last."""
        dialect = self.backend.dialect
        facts = LongFacts(self.vocabulary, self._grids, self._staleness, self._tests, dialect)
        facts.need(self._leaves)
        layers = Layers(facts.columns())
        conditions = Conditions(lambda leaf: facts.leaf(leaf, layers), layers)
        outputs = {"case": '"case"', "unsure": '"unsure"'}
        outputs |= {name: total(terms) for name, terms in self._codes(conditions).items()}
        outputs |= self._reasons(conditions) if reasons else {}
        queries = {
            "records": source(observations, patients),
            "written": written(),
            "persons": persons(patients, dialect),
            "cut": cut(self.vocabulary, dialect),
            **lookups(self.vocabulary, self._grids, self._units, dialect),
            "seen": seen(dialect),
            **facts.queries(),
        }
        return queries, layers.select(outputs, "facts") + ' ORDER BY "case"'

    def _check_wide(self, columns: Sequence[str]) -> None:
        for required in ("case", "screened_at"):
            if required not in columns:
                raise ValueError(f"the table has no column {required}")
        for column in columns:
            concept, _, key = column.partition(".")
            known = concept in self.vocabulary.concepts and (not key or key in COMPANIONS)
            if column not in PATIENT and (not known or (key and concept not in columns)):
                raise ValueError(f"unknown column {column}")

    def _query_wide(self, table: "pa.Table", reasons: bool) -> tuple["pa.Table", list[int]]:
        import pyarrow as pa

        columns = {
            name: table[name].combine_chunks()
            for name in table.column_names
            if pa.types.is_dictionary(table[name].type)
        }
        key = (frozenset(table.column_names), frozenset(columns), reasons)
        if key not in self._wide:
            plan = self._wide_plan(table.column_names, reasons)
            self._wide[key] = WideQuery(plan, frozenset(columns), self.backend)
        return self._wide[key].answer(table, columns)

    def wide_sql(self, columns: Sequence[str], reasons: bool = False) -> str:
        """The query over a wide table with these columns, called `cells`."""
        return self._wide_plan(columns, reasons).sql()

    def _wide_plan(self, columns: Sequence[str], reasons: bool) -> WidePlan:
        layers = Layers([*columns, ROW])
        row = WideRow(
            frozenset(columns),
            self.vocabulary,
            self._grids,
            self._units,
            layers,
            self.backend.dialect,
        )
        facts = WideFacts(row, self._staleness)

        def leaf(asked: Leaf) -> Judged:
            return self._tests[asked.concept].leaf(asked, facts.fact(asked.selection), layers)

        conditions = Conditions(leaf, layers)
        codes, why = self._codes(conditions), self._reasons(conditions) if reasons else {}
        return WidePlan(layers, codes, why, [layers.column(term) for term in row.unclean])

    def _codes(self, conditions: Conditions) -> dict[str, Sequence[str]]:
        return {
            f"code {place} {part}": terms
            for place, protocol in enumerate(self.protocols)
            for part, terms in enumerate(code_terms(protocol, conditions, self.vocabulary))
        }

    def _reasons(self, conditions: Conditions) -> dict[str, str]:
        return {
            f"reasons {place} {part}": why
            for place, protocol in enumerate(self.protocols)
            for part, why in enumerate(reason_columns(protocol, conditions))
        }

    def _learn_units(self, odd: "pa.Table") -> bool:
        """Resolve the unit texts of rows that were not taken; whether there is news."""
        learned = False
        for name, table in self._units.items():
            for column in (name, f"{name}.upper_limit", f"{name}.lower_limit"):
                if column in odd.column_names:
                    learned |= table.learn(sorted(unit_texts(odd[column].to_pylist())))
        if learned:
            self._wide.clear()
        return learned


def _true_positions(column: "pa.ChunkedArray") -> list[int]:
    import numpy as np

    return [int(at) for at in np.flatnonzero(column.fill_null(True).to_numpy())]
