# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""A wide table to codes: what one text decides is read once, and one query does the rest.

Most of what a case is asked hangs on one cell: a count below a limit, a named value, a date.
That is worked out for each different text, and reaches the rows as numbers that are added up.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from screen.engine.columns.backends import Backend
from screen.engine.columns.dialect import either
from screen.engine.columns.distinct import Known, empty_cells, rows_of, side_by_side
from screen.engine.columns.layers import Layers

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

ROW = "row number"


class WidePlan(NamedTuple):
    """What is asked of a wide table, as expressions over its columns in `layers`.

    Each of `codes` is the sum of its terms; `others` are given back as they are. A case is
    unsure where one of `unclean` is true.
    """

    layers: Layers
    codes: Mapping[str, Sequence[str]]
    others: Mapping[str, str]
    unclean: Sequence[str]

    def sql(self) -> str:
        """All of it as one query over the relation `cells`."""
        outputs = {
            **{name: total(terms) for name, terms in self.codes.items()},
            **self.others,
            ROW: f'"{ROW}"',
            "unsure": self.layers.column(either(self.unclean)),
        }
        return self.layers.select(outputs, "cells")


def total(terms: Sequence[str]) -> str:
    """The sum of some 64-bit numbers."""
    return " + ".join(terms) or "CAST(0 AS BIGINT)"


class WideQuery:
    """Answers a plan for tables in which the texts of the columns `repeated` repeat."""

    def __init__(self, plan: WidePlan, repeated: frozenset[str], backend: Backend) -> None:
        self._backend = backend
        self._layers = layers = plan.layers
        odd: dict[str, list[str]] = {}
        rest = []
        for term in plan.unclean:
            source = _only(layers.needs(term) & repeated, layers.needs(term))
            odd.setdefault(source, []).append(term) if source else rest.append(term)
        self._odd = {source: _label(layers, either(terms)) for source, terms in odd.items()}
        outputs = {ROW: f'"{ROW}"', "unsure": layers.column(either(rest)), **plan.others}
        self._added: dict[str, dict[str, str]] = {}
        for name, terms in plan.codes.items():
            parts: dict[str, list[str]] = {}
            for term in terms:
                parts.setdefault(
                    _only(layers.needs(term) & repeated, layers.needs(term)), []
                ).append(term)
            outputs[name] = total(parts.pop("", []))
            self._added[name] = {s: _label(layers, total(of)) for s, of in parts.items()}
        entered, raw = layers.of_one_cell(outputs, repeated)
        self._raw = tuple(sorted(raw - {ROW}))
        self._entered: dict[str, list[str]] = {}
        for label, source in entered.items():
            self._entered.setdefault(source, []).append(label)
        labels: dict[str, dict[str, None]] = {}
        for source, label in [
            *self._odd.items(),
            *((s, label) for of_code in self._added.values() for s, label in of_code.items()),
            *((source, label) for label, source in entered.items()),
        ]:
            labels.setdefault(source, {})[label] = None
        self._labels = {source: tuple(of_source) for source, of_source in labels.items()}
        self._known = self._nothing_known()
        self._decide = layers.given(entered).select(outputs, self._relation(entered))

    def answer(
        self, table: "pa.Table", columns: "Mapping[str, pa.DictionaryArray]"
    ) -> tuple["pa.Table", list[int]]:
        """The codes and other outputs of all rows, and the positions of those that are unsure.

        `columns` are the repeated ones as dictionaries.
        """
        import numpy as np
        import pyarrow as pa

        self._read_new(columns)
        places = {s: self._known[s].places(columns[s].dictionary) for s in self._labels}
        rows = {source: rows_of(columns[source], places[source]) for source in self._labels}
        cells = {name: _as_text(table[name]) for name in self._raw}
        for source, labels in self._entered.items():
            for label in labels:
                cells[label] = self._known[source].value(label).take(rows[source])
        cells[ROW] = pa.array(np.arange(len(table), dtype=np.int64))
        result = self._backend.query(self._decide, {"cells": pa.table(cells)})
        if not result[ROW].combine_chunks().equals(cells[ROW]):
            result = result.sort_by(ROW)
        for name, parts in self._added.items():
            code = result[name].to_numpy().copy()
            for source, label in parts.items():
                code += self._known[source].value(label).to_numpy()[rows[source].to_numpy()]
            place = result.column_names.index(name)
            result = result.set_column(place, name, pa.array(code))
        unsure = _flags(result["unsure"].combine_chunks()).copy()
        for source, label in self._odd.items():
            flags = _flags(self._known[source].value(label))
            if flags[places[source].to_numpy()].any():
                unsure |= flags[rows[source].to_numpy()]
        return result, [int(at) for at in np.flatnonzero(unsure)]

    def _read_new(self, columns: "Mapping[str, pa.DictionaryArray]") -> None:
        """Read the texts of which nothing is known yet."""
        new = {}
        for source in self._labels:
            texts = self._known[source].new(columns[source].dictionary)
            if len(texts):
                new[source] = texts
        for sources in self._backend.together(list(new)):
            found = self._read(side_by_side({source: new[source] for source in sources}))
            for source in sources:
                values = {
                    label: found[f"of{label}"].combine_chunks().slice(0, len(new[source]))
                    for label in self._labels[source]
                }
                self._known[source].add(new[source], values)

    def _nothing_known(self) -> dict[str, Known]:
        if not self._labels:
            return {}
        found = self._read(empty_cells(self._labels))
        return {
            source: Known({label: found[f"of{label}"].combine_chunks() for label in labels})
            for source, labels in self._labels.items()
        }

    def _read(self, texts: "pa.Table") -> "pa.Table":
        labels = [label for source in texts.column_names for label in self._labels[source]]
        outputs = {f"of{label}": f'"{label}"' for label in labels}
        return self._backend.query(self._layers.select(outputs, "texts"), {"texts": texts})

    def _relation(self, entered: Mapping[str, str]) -> str:
        # Whole numbers come back from Arrow as decimals; big ones have to be made whole again.
        texts = [f'"{name}"' for name in (ROW, *self._raw)]
        numbers = [
            self._backend.dialect.entered(f'"{label}"', str(self._known[source].type_of(label)))
            for label, source in entered.items()
        ]
        return f"(SELECT {', '.join([*texts, *numbers])} FROM cells) AS entered"


def _only(repeated: frozenset[str], needed: frozenset[str]) -> str:
    """The one column that is needed, if it is one whose texts repeat; else no name."""
    return next(iter(needed)) if len(needed) == 1 and repeated else ""


def _label(layers: Layers, expression: str) -> str:
    return layers.column(expression).strip('"')


def _as_text(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa

    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _flags(truths: "pa.Array") -> "np.ndarray[Any, Any]":
    """Whether each may be true: what is unknown here is not to be relied on either."""
    found: np.ndarray[Any, Any] = truths.fill_null(True).to_numpy(zero_copy_only=False)
    return found
