"""Which evidence lies in a leaf's window and context.

Steps 2 and 3 of `docs/semantics.md`, section 2.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from screen.engine.columns.cells.positions import position
from screen.engine.columns.cells.times import UNDATED
from screen.engine.columns.cells.whole import Bools
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pool import ALL, Pool, per_case
from screen.engine.columns.facts.search import span_of
from screen.facts.window import LEAST_OXYGEN, ROOM_AIR, ROOM_AIR_PERCENT
from screen.model.case import CONTEXTS
from screen.model.concept import Vocabulary
from screen.model.criterion import Selection
from screen.model.truth import Reason


def in_window(pool: Pool, people: People, within: int | None) -> Pool:
    """The evidence inside the window, and what may lie in it; the rest turns into reasons.

    Nothing that is recorded is later than the screening: its day ends with it.
    """
    if within is None or not len(pool):
        return pool
    first = people.at[pool.case] - within
    dated = pool.start != UNDATED
    inside = dated & (pool.start >= first)
    if inside.all():
        return pool
    outside = dated & (pool.end < first)
    reasons = per_case(pool, outside, Reason.STALE) | per_case(pool, ~dated, Reason.UNDATED)
    perhaps = ~inside & ~outside & dated
    if perhaps.any():
        pool = replace(pool, perhaps=perhaps)
    return pool.take(dated & ~outside).because(reasons)


def in_context(
    pool: Pool, selection: Selection, vocabulary: Vocabulary, fio2: Pool, people: People
) -> Pool:
    """The evidence that was recorded in the context that the leaf asks for.

    Room air is also shown by a FiO2 of 20.9 to 21 % at the same time, where nothing else is said;
    `fio2` is in the order of times.
    """
    if not selection.contexts or not len(pool):
        return pool
    kept = np.ones(len(pool), dtype=bool)
    for name, asked in selection.contexts:
        kept &= _has_context(pool, name, asked, vocabulary, fio2, people)
    reasons = per_case(pool, ~kept, Reason.CONTEXT)
    return pool.take(kept if not kept.all() else ALL).because(reasons)


def _has_context(
    pool: Pool, name: str, asked: str, vocabulary: Vocabulary, fio2: Pool, people: People
) -> Bools:
    tree = vocabulary.contexts[name]
    # The last place stands for a context that is not recorded.
    within = np.array([*(tree.is_within(value, asked) for value in tree.parents), False])
    recorded = pool.contexts[CONTEXTS.index(name)]
    if recorded is None:
        recorded = np.full(len(pool), -1)
    found: Bools = within[recorded]
    if (name, asked) == ("on", ROOM_AIR) and len(fio2):
        silent = recorded == -1
        if pool.sample is not None and fio2.sample is not None:
            # Which belong to one sample is found out elsewhere.
            of_sample = fio2.take(fio2.sample >= 0).has()
            people.doubt(pool.case[silent & (pool.sample >= 0) & of_sample[pool.case]])
        silent &= (pool.start != UNDATED) & (pool.start == pool.end)
        found = found | (silent & _breathes_room_air(pool, fio2))
    return found


def _breathes_room_air(pool: Pool, fio2: Pool) -> Bools:
    """Where a FiO2 was recorded at the same instant, and all that were say room air."""
    instants = fio2.take((fio2.start == fio2.end) & (fio2.start != UNDATED))
    first, last = span_of(instants, pool.case, pool.start, pool.start)
    if instants.low is None or instants.high is None:
        return np.zeros(len(pool), dtype=bool)
    says = instants.low >= position(LEAST_OXYGEN)
    says &= instants.high <= position(Fraction(ROOM_AIR_PERCENT))
    if instants.flaw is not None:
        says &= instants.flaw == 0
    before = np.append(0, np.cumsum(says))
    found: Bools = (last > first) & (before[last] - before[first] == last - first)
    return found
