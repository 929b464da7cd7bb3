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
from screen.engine.columns.distinct import (
    Known,
    dictionaries,
    empty_cells,
    rows_of,
    side_by_side,
)
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
    """`labels` are the columns that are read of the different texts of each source; where that
    of `odd` is true, the case is unsure. `known` is what was read so far. `decide` does the rest
    with the `entered` labels and with the `raw` text columns.
    """

    labels: dict[str, tuple[str, ...]]
    odd: dict[str, str]
    entered: frozenset[str]
    known: dict[str, Known]
    raw: tuple[str, ...]
    layers: Layers
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

    def _query_wide(self, table: "pa.Table", reasons: bool) -> tuple["pa.Table", list[int]]:
        """The codes of all rows, and the positions of those that are unsure."""
        import numpy as np
        import pyarrow as pa

        columns = dictionaries(table, [name for name in table.column_names if name != "case"])
        key = (frozenset(table.column_names), frozenset(columns), reasons)
        if key not in self._wide:
            self._wide[key] = self._wide_queries(table.column_names, frozenset(columns), reasons)
        queries = self._wide[key]
        self._read_new(queries, columns)
        cells = {name: _as_text(table[name]) for name in queries.raw}
        odd = np.zeros(len(table), dtype=bool)
        for source, labels in queries.labels.items():
            known, column = queries.known[source], columns[source]
            places = known.places(column.dictionary)
            rows = rows_of(column, places)
            for label in queries.entered.intersection(labels):
                cells[label] = known.value(label).take(rows)
            if source in queries.odd:
                makes_unsure = known.value(queries.odd[source])
                if _any_true(makes_unsure.take(places)):
                    odd[_true_positions(makes_unsure.take(rows))] = True
        cells[_ROW] = pa.array(np.arange(len(table), dtype=np.int64))
        result = self.backend.query(queries.decide, {"cells": pa.table(cells)})
        if not result[_ROW].combine_chunks().equals(cells[_ROW]):
            result = result.sort_by(_ROW)
        odd[_true_positions(result["unsure"].combine_chunks())] = True
        return result, [int(at) for at in np.flatnonzero(odd)]

    def _read_new(self, queries: _Queries, columns: "Mapping[str, pa.DictionaryArray]") -> None:
        """Read the texts of which nothing is known yet."""
        new = {}
        for source in queries.labels:
            texts = queries.known[source].new(columns[source].dictionary)
            if len(texts):
                new[source] = texts
        for sources in self.backend.together(list(new)):
            texts_of = {source: new[source] for source in sources}
            found = self._read(queries, side_by_side(texts_of))
            for source, texts in texts_of.items():
                queries.known[source].add(
                    texts,
                    {
                        label: found[f"of{label}"].combine_chunks().slice(0, len(texts))
                        for label in queries.labels[source]
                    },
                )

    def _read(self, queries: _Queries, texts: "pa.Table") -> "pa.Table":
        labels = [label for source in texts.column_names for label in queries.labels[source]]
        outputs = {f"of{label}": f'"{label}"' for label in labels}
        return self.backend.query(queries.layers.select(outputs, "texts"), {"texts": texts})

    def _wide_queries(
        self, columns: Sequence[str], repeated: frozenset[str], reasons: bool
    ) -> _Queries:
        layers, outputs, unclean = self._wide_plan(columns, reasons)
        # What a single text makes unsure is known as soon as it is read.
        odd_texts: dict[str, list[str]] = {}
        others = []
        for term in unclean:
            needed = layers.needs(term)
            if len(needed) == 1 and needed <= repeated:
                odd_texts.setdefault(next(iter(needed)), []).append(term)
            else:
                others.append(term)
        outputs["unsure"] = layers.column(either(others))
        odd = {source: _label(layers, either(terms)) for source, terms in odd_texts.items()}
        edge, raw = layers.of_one_cell(outputs, repeated)
        labels: dict[str, list[str]] = {source: [label] for source, label in odd.items()}
        for label, source in edge.items():
            if label not in labels.setdefault(source, []):
                labels[source].append(label)
        queries = _Queries(
            {source: tuple(of_source) for source, of_source in labels.items()},
            odd,
            frozenset(edge),
            {},
            tuple(sorted(raw - {_ROW})),
            layers,
            "",
        )
        if not labels:
            return queries._replace(decide=layers.select(outputs, "cells"))
        # Whole numbers come back from Arrow as decimals; big ones have to be made whole again.
        found = self._read(queries, empty_cells(labels))
        for source, of_source in labels.items():
            queries.known[source] = Known(
                {label: found[f"of{label}"].combine_chunks() for label in of_source}
            )
        texts = [f'"{name}"' for name in (_ROW, *queries.raw)]
        numbers = [
            self.backend.dialect.entered(f'"{label}"', str(found.schema.field(f"of{label}").type))
            for label in edge
        ]
        entered = f"(SELECT {', '.join([*texts, *numbers])} FROM cells) AS entered"
        return queries._replace(decide=layers.given(edge).select(outputs, entered))

    def wide_sql(self, columns: Sequence[str], reasons: bool = False) -> str:
        """The query over a wide table with these columns, called `cells`."""
        layers, outputs, unclean = self._wide_plan(columns, reasons)
        outputs["unsure"] = layers.column(either(unclean))
        return layers.select(outputs, "cells")

    def _wide_plan(
        self, columns: Sequence[str], reasons: bool
    ) -> tuple[Layers, dict[str, str], list[str]]:
        """The columns, what they give, and the conditions of which each makes a case unsure."""
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
        return layers, outputs, [layers.column(term) for term in row.unclean]

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
    """Text columns, perhaps as dictionaries, with NULL for empty text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_dictionary(column.type):
            lengths = [pc.binary_length(chunk.dictionary) for chunk in column.chunks]
            if not any(pc.any(pc.equal(length, 0)).as_py() for length in lengths):
                columns[name] = column
                continue
        column = column.cast(pa.string())
        empty = pc.equal(pc.binary_length(column), 0)
        if pc.any(empty).as_py():
            column = pc.if_else(empty, pa.scalar(None, pa.string()), column)
        columns[name] = column
    return pa.table(columns)


def _as_text(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa

    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _label(layers: Layers, expression: str) -> str:
    return layers.column(expression).strip('"')


def _any_true(flags: "pa.Array") -> bool:
    import pyarrow.compute as pc

    return bool(pc.any(flags).as_py())


def _true_positions(flags: "pa.Array | pa.ChunkedArray") -> list[int]:
    import numpy as np

    return [int(at) for at in np.flatnonzero(flags.to_numpy(zero_copy_only=False))]
