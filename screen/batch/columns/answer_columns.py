"""What a person said of a criterion, in tables: columns `answers.PROTOCOL.criterion`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from screen.documents.tree import Node, Pairs, Text
from screen.intake.keys import CASE_KEYS

if TYPE_CHECKING:
    import pyarrow as pa

_KEY = "answers"
_PREFIX = f"{_KEY}."


def is_answer(name: str) -> bool:
    """Whether a column holds answers. Only where a case itself may hold them."""
    return _KEY in CASE_KEYS and name.startswith(_PREFIX) and name.count(".") == 2


def answer_columns(names: Iterable[str]) -> list[str]:
    """The columns of answers among `names`."""
    return [name for name in names if is_answer(name)]


def answered(table: "pa.Table") -> "Sequence[int]":
    """The rows of a table in which anybody answered anything."""
    import numpy as np
    import pyarrow.compute as pc

    rows: set[int] = set()
    for name in answer_columns(table.column_names):
        rows.update(np.flatnonzero(pc.is_valid(table[name]).to_numpy()).tolist())
    return sorted(rows)


def answers_tree(cells: Mapping[str, Text], row: int) -> tuple[tuple[Text, Node], ...]:
    """The part `answers` of a case as a tree: protocol, then criterion; nothing if nobody did."""
    by_protocol: dict[str, list[tuple[Text, Node]]] = {}
    for name in answer_columns(cells):
        _, protocol, criterion = name.split(".")
        cell = cells[name]
        by_protocol.setdefault(protocol, []).append((cell._replace(value=criterion), cell))
    if not by_protocol:
        return ()
    protocols = tuple(
        (pairs[0][0]._replace(value=protocol), Pairs(tuple(pairs), row, pairs[0][0].column))
        for protocol, pairs in by_protocol.items()
    )
    return ((Text(_KEY, row, 0), Pairs(protocols, row, 0)),)
