"""Sentences put together from clauses: those that differ only in their subject become one."""

from collections.abc import Iterable
from typing import NamedTuple

from screen.explain.words.plain_text import listed


class Clause(NamedTuple):
    """`head` + subject + `tail`. Clauses with the same head and tail share one sentence."""

    subject: str
    head: str = ""
    tail: str = ""


def sentence(clauses: Iterable[Clause]) -> str:
    """The clauses in their order, joined by `; `, without repeats.

    Two clauses with a head, `not recorded: A` and `not recorded: B`, are `not recorded: A or B`.
    """
    subjects: dict[tuple[str, str, str], list[str]] = {}
    for clause in clauses:
        key = (clause.head, clause.tail, "" if clause.head else clause.subject)
        group = subjects.setdefault(key, [])
        if clause.subject not in group:
            group.append(clause.subject)
    return "; ".join(
        f"{head}{listed(group, 'or')}{tail}" for (head, tail, _), group in subjects.items()
    )
