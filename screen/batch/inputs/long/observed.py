"""Rows of a mapped block to observations: the columns of a record, one row for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screen.batch.cells.cell_sql import BARE
from screen.batch.cells.cell_steps import UNNAMED
from screen.batch.inputs.long.codes import Coded, Codes
from screen.batch.inputs.long.word_lists import WordLists
from screen.engine.columns.cells.numbers import as_numpy
from screen.engine.columns.cells.texts import Column, Words, column_of
from screen.intake.keys import LIMITS, RECORD_KEYS, VALUE_KEYS
from screen.intake.marked import MARK

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

NOBODY = MARK
"""The case of rows below an unreadable name that is filled down."""

Array = Any


@dataclass(frozen=True, slots=True)
class Observed:
    """Observations of one block. `case` are the ids of its rows, `at` says for each observation
    in which row of the block it stands; `seq` is its concept's place in a series.

    `not_used` counts tests and codes that are no concept here.
    """

    case: Column
    at: "np.ndarray[Any, Any]"
    seq: "np.ndarray[Any, Any] | None"
    columns: Mapping[str, Column]
    not_used: Counter[str]


def of_series(table: "pa.Table", lists: WordLists, concepts: Sequence[str]) -> Observed:
    """Rows that are one sampling time each, with a column per concept."""
    import numpy as np
    import pyarrow as pa

    case = column_of(table["case"])
    known = case_is_known(case)
    names = table.column_names
    rows, places, pieces = [], [], []
    for place, concept in enumerate(concepts):
        there = np.flatnonzero(known & as_numpy(table[concept].combine_chunks().is_valid()))
        cells = {"value": concept, "at": "at"}
        cells |= {key: f"{concept}.{key}" for key in RECORD_KEYS[1:]}
        piece = {key: table[name].take(there) for key, name in cells.items() if name in names}
        pieces.append(pa.table({"concept": pa.repeat(concept, len(there)), **piece}))
        rows.append(there)
        places.append(np.full(len(there), place, dtype=np.int32))
    whole = pa.concat_tables(pieces, promote_options="default")
    return Observed(
        case,
        np.concatenate(rows),
        np.concatenate(places),
        {name: lists.column(name, whole[name]) for name in whole.column_names},
        Counter(),
    )


def of_long(
    table: "pa.Table",
    lists: WordLists,
    codes: Codes,
    units: Mapping[str, str],
    presence: bool = False,
) -> Observed:
    """Rows that are one observation each; their words are those of `lists`.

    `codes` are the concepts of the vocabulary's codes, by system and code; `units` belong to
    bare numbers of a concept. With `presence`, rows say only that something is there.
    """
    import numpy as np

    names = table.column_names
    columns = {
        name: lists.column(name, table[name]) for name in ("concept", *VALUE_KEYS) if name in names
    }
    case = column_of(table["case"])
    if "code" in names:
        columns |= _with_codes(table, columns, codes, presence)
    concept = columns["concept"]
    unnamed = np.array([str(text).startswith(UNNAMED) for text in concept.texts.to_pylist()])
    named = concept.of(~unnamed, False, slice(None)) if len(unnamed) else concept.index >= 0
    if units:
        columns["unit"] = _with_units(table.num_rows, columns, units)
    for limit in LIMITS:
        if limit in columns:
            columns[limit] = _limit_with_unit(columns, limit)
    used = named & (columns["value"].index >= 0) & case_is_known(case)
    at = np.flatnonzero(used)
    if len(at) < len(used):
        columns = {name: column.ordered(at) for name, column in columns.items()}
    return Observed(case, at, None, columns, _not_used(table, concept, named))


def case_is_known(case: Column) -> "np.ndarray[Any, Any]":
    """For each row whether it says whose it is."""
    import pyarrow.compute as pc

    nobody = as_numpy(pc.fill_null(pc.equal(case.texts, NOBODY), False))
    known: np.ndarray[Any, Any] = (case.index >= 0) & ~case.of(nobody, False, slice(None))
    return known


def _with_codes(
    table: "pa.Table", columns: Mapping[str, Column], codes: Codes, presence: bool
) -> dict[str, Column]:
    """The concept of each row: as it is named, else that of its code. What the code says besides
    fills the contexts that such a row leaves empty, and reads its coded answer.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    code = _texts(table["code"])
    system: Array = pa.repeat("", len(table))
    if "system" in table.column_names:
        system = pc.fill_null(pc.utf8_lower(_texts(table["system"])), "")
    pairs = pc.binary_join_element_wise(system, code, "\0").dictionary_encode()
    said = [
        None if text is None else codes.get(tuple(text.split("\0", 1)))
        for text in pairs.dictionary.to_pylist()
    ]

    def of_code(texts: list[str | None]) -> Array:
        return pa.array(texts, pa.string()).take(pairs.indices)

    def filled(name: str, texts: Array) -> Column:
        own = columns.get(name)
        if own is None:
            return column_of(texts)
        return column_of(pc.coalesce(own.cells(), texts))

    coded = of_code([one and one.concept for one in said])
    found = {"concept": filled("concept", coded)}
    concept = found["concept"]
    named = concept.cells()
    # A code of another concept than the row names says nothing of the row.
    is_its_own = pc.fill_null(pc.equal(named, coded), False)
    for name in sorted({name for one in said if one for name in one.contexts}):
        texts = of_code([one.contexts.get(name) if one else None for one in said])
        found[name] = filled(name, pc.if_else(is_its_own, texts, pa.scalar(None, pa.string())))
    if any(one and (one.values or (presence and one.value)) for one in said):
        cells = columns["value"].cells()
        found["value"] = column_of(_meant(cells, is_its_own, pairs.indices, said, presence))
    return found


def _meant(
    cells: Array, is_its_own: Array, place: Array, said: Sequence[Coded | None], presence: bool
) -> Array:
    """The cells of values, with what coded answers mean; `place` says which code is a row's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for number, one in enumerate(said):
        if one is None:
            continue
        of_code = pc.and_(is_its_own, pc.equal(place, number))
        if presence and one.value:
            cells = pc.if_else(of_code, pa.scalar(one.value), cells)
        for answer, meaning in one.values.items():
            answers = pc.and_(of_code, pc.fill_null(pc.equal(cells, answer), False))
            cells = pc.if_else(answers, pa.scalar(meaning), cells)
    return cells


def _with_units(count: int, columns: Mapping[str, Column], units: Mapping[str, str]) -> Column:
    """The unit column, with that of the mapping where a bare number has none."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    value, concept = columns["value"], columns["concept"]
    bare = value.of(_is_bare(value.texts), False, slice(None))
    unit = columns.get("unit")
    texts = unit.texts.to_pylist() if unit else []
    index = unit.index.copy() if unit else np.full(count, -1, dtype=np.int32)
    alone = bare & (index < 0)
    for name, text in units.items():
        is_named = as_numpy(pc.fill_null(pc.equal(concept.texts, name), False))
        index[alone & concept.of(is_named, False, slice(None))] = len(texts)
        texts.append(text)
    return Column(Words(pa.array(texts, pa.string())), index)


def _limit_with_unit(columns: Mapping[str, Column], name: str) -> Column:
    """A limit without a unit has that of its result, as laboratories print it."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    limit, value, unit = columns[name], columns["value"], columns.get("unit")
    bare = limit.of(_is_bare(limit.texts), False, slice(None))
    rows = np.flatnonzero(bare)
    if not len(rows):
        return limit
    cells = value.cells(rows)
    behind = pc.utf8_trim_whitespace(pc.replace_substring_regex(cells, f"^{BARE}", ""))
    own = pc.if_else(pc.equal(behind, ""), pa.scalar(None, pa.string()), behind)
    if unit is not None:
        own = pc.coalesce(own, unit.cells(rows))
    texts = limit.texts.take(pa.array(limit.index[rows]))
    whole = pc.coalesce(pc.binary_join_element_wise(texts, own, " "), texts).dictionary_encode()
    index = limit.index.copy()
    index[rows] = whole.indices.to_numpy() + len(limit.texts)
    return Column(Words(pa.concat_arrays([limit.texts, whole.dictionary])), index)


def _not_used(table: "pa.Table", concept: Column, named: "np.ndarray[Any, Any]") -> Counter[str]:
    """The tests and codes of the rows that no concept takes."""
    import numpy as np
    import pyarrow.compute as pc

    rows = np.flatnonzero(~named)
    if not len(rows):
        return Counter()
    what = pc.utf8_trim(concept.cells(rows), UNNAMED)
    given = [_texts(table[n]).take(rows) for n in ("system", "code") if n in table.column_names]
    if given:
        told = pc.binary_join_element_wise(*given, " ", null_handling="skip")
        what = pc.coalesce(what, told)
    counts = pc.value_counts(pc.fill_null(what, ""))
    return Counter({entry["values"]: entry["counts"] for entry in counts.to_pylist()})


def _is_bare(texts: "pa.StringArray") -> "np.ndarray[Any, Any]":
    import pyarrow.compute as pc

    found: np.ndarray[Any, Any] = as_numpy(
        pc.fill_null(pc.match_substring_regex(texts, f"^(?:{BARE})$"), False)
    )
    return found


def _texts(column: "pa.ChunkedArray") -> Array:
    import pyarrow as pa

    return column.combine_chunks().cast(pa.string())
