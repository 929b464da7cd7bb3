"""What the records of one concept say of another, for all cases at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from screen.engine.columns.cells.times import UNDATED
from screen.engine.columns.facts.people import People
from screen.engine.columns.facts.pool import Pool, together
from screen.facts.implied import Implying
from screen.model.case import CONTEXTS
from screen.model.concept import Concept, Implication, Vocabulary


def implied_for(
    name: str,
    recorded: Pool,
    usable: Mapping[str, Pool],
    vocabulary: Vocabulary,
    known: Implying,
    people: People,
) -> Pool:
    """What is recorded of a concept, with the values that follow from records of others.

    Implications do not chain. Where one of the two has a time and the other has none the case is
    left alone.
    """
    tree = vocabulary.concepts[name].tree
    assert tree is not None
    found = [recorded]
    for source, implication in known[name]:
        pool = usable[source.name]
        pool = pool.take(np.flatnonzero(_holds(implication, pool, source, vocabulary)))
        if len(pool):
            state = np.full(len(pool), tree.values.index(implication.then), dtype=np.int64)
            bare = Pool(np.zeros_like(recorded.reasons), pool.case, pool.start, pool.end)
            found.append(replace(bare, state=state))
    implied = together([recorded.take(slice(0, 0)), *found[1:]])
    if not len(implied):
        return recorded
    timeless, implied_timeless = recorded.start == UNDATED, implied.start == UNDATED
    for side, other in ((timeless, ~implied_timeless), (~timeless, implied_timeless)):
        people.doubt(recorded.take(side).has() & implied.take(other).has())
    return together([recorded, *found[1:]])


def _holds(implication: Implication, pool: Pool, source: Concept, vocabulary: Vocabulary) -> Any:
    holds = np.ones(len(pool), dtype=bool)
    if implication.value is not None:
        if pool.state is None or source.tree is None:
            return holds & False
        value = implication.value
        holds &= np.array([source.tree.is_within(v, value) for v in source.tree.values])[pool.state]
        if pool.flaw is not None:
            holds &= pool.flaw == 0
    if implication.on is not None:
        recorded = pool.contexts[CONTEXTS.index("on")]
        if recorded is None:
            return holds & False
        tree = vocabulary.contexts["on"]
        within = [tree.is_within(value, implication.on) for value in tree.parents]
        holds &= np.array([*within, False])[recorded]
    return holds
