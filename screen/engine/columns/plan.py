# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""The column plan: the protocols as one query over a whole table of cases.

What it decides is what the reference evaluator decides, letter by letter and reason by reason.
What it cannot take for certain it leaves alone and names (`Decided.unsure`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from screen.engine.columns.backends import Backend, DuckDBBackend
from screen.engine.columns.conditions import Conditions, Judged, Tests
from screen.engine.columns.dialect import either
from screen.engine.columns.distinct import Encoded
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
from screen.engine.columns.units import unit_tables, unit_texts
from screen.engine.columns.verdicts import Wording, code_columns, reason_columns
from screen.model.concept import Vocabulary
from screen.model.criterion import Leaf, leaves
from screen.model.protocol import Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

PATIENT = ("case", "screened_at", "sex", "birth_date")
_ROW = "row number"
_FIRST_LOOK = 500


class _Queries(NamedTuple):
    """`read` over the different texts gives columns by their `source`; `decide` does the
    rest with them and the `raw` text columns.
    """

    read: str
    source: dict[str, str]
    raw: set[str]
    decide: str


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
        self._wide: dict[tuple[frozenset[str], frozenset[str], bool], _Queries] = {}

    def decide_wide(self, table: "pa.Table", first_row: int = 0, reasons: bool = False) -> Decided:
        """Decide a wide table of text columns, named as the contract names them.

        Row positions count from `first_row`. NULL and empty text are no record. Raises
        ValueError for a column that the contract does not know.
        """
        self._check_wide(table.column_names)
        plain = _with_nulls(table)
        self._learn_units(plain.slice(0, _FIRST_LOOK))
        result = self._query_wide(plain, reasons)
        unsure = _true_positions(result["unsure"])
        if unsure and self._learn_units(plain.take(unsure)):
            result = self._query_wide(plain, reasons)
            unsure = _true_positions(result["unsure"])
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
        return Decided(decided.verdicts, sorted(named, key=lambda case: (case is None, case)))

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
        outputs = {"case": '"case"', "unsure": '"unsure"', **self._outputs(conditions, reasons)}
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

    def _query_wide(self, table: "pa.Table", reasons: bool) -> "pa.Table":
        import pyarrow as pa

        encoded = Encoded(table, [name for name in table.column_names if name != "case"])
        key = (frozenset(table.column_names), encoded.names, reasons)
        if key not in self._wide:
            self._wide[key] = self._wide_queries(table.column_names, encoded.names, reasons)
        read, source, raw, decide = self._wide[key]
        numbered = table.append_column(_ROW, pa.array(range(len(table)), pa.int64()))
        if source:
            texts = encoded.texts()
            # One row more than there are texts, to learn what is read of an empty cell.
            blank = _blank(encoded.names).select(texts.column_names)
            found = self.backend.query(read, {"texts": pa.concat_tables([texts, blank])})
            numbered = encoded.spread(
                numbered.select([*sorted(raw)]),
                found.slice(0, len(texts)),
                source,
                found.slice(len(texts), 1),
            )
        result = self.backend.query(decide, {"cells": numbered})
        if not result[_ROW].equals(numbered[_ROW]):
            result = result.sort_by(_ROW)
        return result

    def _wide_queries(
        self, columns: Sequence[str], repeated: frozenset[str], reasons: bool
    ) -> _Queries:
        layers, outputs = self._wide_plan(columns, reasons)
        source, raw = layers.of_one_cell(outputs, repeated)
        if not source:
            return _Queries("", {}, raw, layers.select(outputs, "cells"))
        read = layers.select({f"of{label}": f'"{label}"' for label in source}, "texts")
        # Whole numbers come back from Arrow as decimals; big ones have to be made whole again.
        nothing = _blank(repeated)
        schema = self.backend.query(read, {"texts": nothing}).schema
        texts = [f'"{name}"' for name in columns if name in raw]
        numbers = [
            self.backend.dialect.entered(f'"{label}"', str(schema.field(f"of{label}").type))
            for label in source
        ]
        entered = f'(SELECT "{_ROW}", {", ".join([*texts, *numbers])} FROM cells) AS entered'
        return _Queries(read, source, raw, layers.given(source).select(outputs, entered))

    def wide_sql(self, columns: Sequence[str], reasons: bool = False) -> str:
        """The query over a wide table with these columns, called `cells`."""
        layers, outputs = self._wide_plan(columns, reasons)
        return layers.select(outputs, "cells")

    def _wide_plan(self, columns: Sequence[str], reasons: bool) -> tuple[Layers, dict[str, str]]:
        layers = Layers([*columns, _ROW])
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

        outputs = self._outputs(Conditions(leaf, layers), reasons)
        outputs[_ROW] = f'"{_ROW}"'
        outputs["unsure"] = layers.column(either(map(layers.column, row.unclean)))
        return layers, outputs

    def _outputs(self, conditions: Conditions, reasons: bool) -> dict[str, str]:
        outputs = {}
        for place, protocol in enumerate(self.protocols):
            for part, code in enumerate(code_columns(protocol, conditions, self.vocabulary)):
                outputs[f"code {place} {part}"] = code
            if reasons:
                for part, why in enumerate(reason_columns(protocol, conditions)):
                    outputs[f"reasons {place} {part}"] = why
        return outputs

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


def _with_nulls(table: "pa.Table") -> "pa.Table":
    """Text columns with NULL for empty text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {}
    for name in table.column_names:
        column = table[name].cast(pa.string())
        empty = pc.equal(pc.binary_length(column), 0)
        if pc.any(empty).as_py():
            column = pc.if_else(empty, pa.scalar(None, pa.string()), column)
        columns[name] = column
    return pa.table(columns)


def _blank(columns: Iterable[str]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({name: pa.nulls(1, pa.string()) for name in sorted(columns)})


def _true_positions(column: "pa.ChunkedArray") -> list[int]:
    import numpy as np

    return [int(at) for at in np.flatnonzero(column.to_numpy(zero_copy_only=False))]
