"""A table as intake would take it: blanks are nothing, and nothing stands beside nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_SMALL = 4_000  # rows of a block in which looking for repetition is not worth it
_SAMPLE = 10_000
_FEW = 0.9
_WORTH = 0.5


def tidied(table: "pa.Table") -> "pa.Table":
    """A wide table of texts without blanks around them; a blank cell is null, and so is a time
    or context of a result that is not there.

    Columns whose texts repeat become dictionaries, and those that are dictionaries stay so.
    """
    import pyarrow as pa

    columns = {name: _tidy(table[name], may_repeat=name != "case") for name in table.column_names}
    for name, column in columns.items():
        concept, _, key = name.partition(".")
        if key and concept in columns:
            columns[name] = _where_there(column, columns[concept])
    return pa.table(columns)


def trimmed(texts: "pa.Array") -> "pa.Array":
    """Texts without blanks around them; a blank text is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = pc.utf8_trim_whitespace(texts)
    empty = pc.equal(pc.binary_length(bare), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), bare)


def _tidy(column: "pa.ChunkedArray", may_repeat: bool) -> "pa.Array":
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return _of_tidy_texts(_one_chunk(column.unify_dictionaries()))
    texts = _one_chunk(column.cast(pa.string()))
    if may_repeat and len(texts) > _SMALL and _repeats(texts):
        encoded = texts.dictionary_encode()
        if len(encoded.dictionary) <= _WORTH * len(texts):
            return _of_tidy_texts(encoded)
    return trimmed(texts)


def _repeats(texts: "pa.Array") -> bool:
    import pyarrow.compute as pc

    sample = texts.slice(len(texts) // 2, _SAMPLE)
    return bool(pc.count_distinct(sample).as_py() <= _FEW * len(sample))


def _of_tidy_texts(column: "pa.DictionaryArray") -> "pa.DictionaryArray":
    """The column with every text of its dictionary trimmed."""
    import pyarrow as pa

    texts = trimmed(column.dictionary)
    if not texts.null_count:
        return pa.DictionaryArray.from_arrays(column.indices, texts)
    return texts.take(column.indices).dictionary_encode()


def _where_there(beside: "pa.Array", value: "pa.Array") -> "pa.Array":
    """What stands beside a value, null where there is no value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there = pc.is_valid(value)
    if pc.all(pc.or_(there, pc.is_null(beside))).as_py():
        return beside
    if pa.types.is_dictionary(beside.type):
        indices = pc.if_else(there, beside.indices, pa.scalar(None, beside.indices.type))
        return pa.DictionaryArray.from_arrays(indices, beside.dictionary)
    return pc.if_else(there, beside, pa.scalar(None, pa.string()))


def _one_chunk(column: "pa.ChunkedArray") -> "pa.Array":
    import pyarrow as pa

    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)
