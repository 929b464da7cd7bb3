"""The steps of a proof, each worked out once for a whole ledger.

A ledger holds millions of truths of a few thousand kinds. Here equal conditions on equal facts are
judged once; every answer is that of `proof.Deduction`, and a bounded number of them is kept.
"""

import marshal
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from screen.audit.check.fact_proof import stands_for_itself
from screen.audit.check.proof import Deduction, judged, outcome_of
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.criteria_json import Conditions
from screen.audit.entry.decision import assumed_in
from screen.audit.entry.fact_json import fact_from, unrecorded_fact
from screen.model.criterion import Condition, Criterion, Leaf, leaves
from screen.model.fact import Fact
from screen.model.moment import Moment
from screen.model.screening import CriterionResult, Judgement

_MOST_KEPT = 100_000


class _OneFact(Fact, frozen=True, eq=False):
    """A fact of which there is one object here, so that it is told apart by that alone.

    Its evidence is left out: it takes no part in judging.
    """


class _Judged(NamedTuple):
    """A condition; equal truths, reasons and assumptions have equal codes."""

    judgement: Judgement
    code: int


class _Known(NamedTuple):
    """What is known of one condition: by its facts, and by what came of its leaves.

    `pick` takes its facts from those of an entry: one, or a tuple of several.
    """

    criterion: Criterion
    leaves: tuple[tuple[Leaf, dict[Fact, int]], ...]
    pick: Callable[[Mapping[str, Fact]], Any]
    by_facts: dict[object, _Judged]
    by_leaves: dict[tuple[int, ...], _Judged]


class RememberingDeduction(Deduction):
    """As `Deduction`, for many entries."""

    def __init__(self) -> None:
        self._facts: dict[object, _OneFact] = {}
        self._contradictions: dict[object, str] = {}
        self._outcomes: dict[object, Json] = {}
        self._codes: dict[object, int] = {}
        self._conditions: dict[int, _Known] = {}
        self._asked: dict[str, list[_Known]] = {}
        self._judged = 0

    def facts(self, body: Json) -> dict[str, Fact]:
        self._forget()
        facts: dict[str, Fact] = {}
        for reason, names in body["unrecorded"].items():
            facts |= dict.fromkeys(names, self._one(reason, unrecorded_fact, reason))
        for name, recorded in body["facts"].items():
            told = {key: part for key, part in recorded.items() if key != "evidence"}
            facts[name] = self._one(marshal.dumps(told, 2), fact_from, told)
        return facts

    def _one(self, key: object, read: Callable[[Any], Fact], recorded: Any) -> _OneFact:
        found = self._facts.get(key)
        if found is None:
            fact = read(recorded)
            found = _OneFact(*(getattr(fact, name) for name in Fact.__struct_fields__))
            self._facts[key] = found
        return found

    def _forget(self) -> None:
        """Start anew when too much is kept, so that memory stays flat."""
        kept: list[dict[Any, Any]] = [self._facts, self._contradictions, self._outcomes]
        if max(self._judged, *map(len, kept)) <= _MOST_KEPT:
            return
        for cache in (*kept, self._conditions, self._asked):
            cache.clear()
        self._judged = 0

    def contradiction(
        self, asked: Conditions, name: str, recorded: Json, screened_at: Moment
    ) -> str:
        if stands_for_itself(asked.selections[name], recorded):
            return ""
        when = (screened_at.start, screened_at.end)
        key = (asked.digest, name, marshal.dumps(recorded, 2), when)
        found = self._contradictions.get(key)
        if found is None:
            found = super().contradiction(asked, name, recorded, screened_at)
            self._contradictions[key] = found
        return found

    def outcome(self, asked: Conditions, facts: Mapping[str, Fact]) -> Json:
        found = [
            known.by_facts.get(own := known.pick(facts)) or self._judge(known, own, asked, facts)
            for known in self._asked.get(asked.digest) or self._known(asked)
        ]
        key = (asked.digest, tuple([one.code for one in found]))
        outcome = self._outcomes.get(key)
        if outcome is None:
            results = tuple(
                CriterionResult(criterion, one.judgement)
                for criterion, one in zip(asked.protocol.criteria, found, strict=True)
            )
            outcome = self._outcomes[key] = outcome_of(asked.protocol, results)
        return outcome

    def _known(self, asked: Conditions) -> list[_Known]:
        """Equal conditions are one object, whichever protocols ask them (see `Shelf`)."""
        found = self._asked[asked.digest] = [
            self._conditions.setdefault(
                id(criterion.when),
                _Known(
                    criterion,
                    tuple((leaf, {}) for leaf in leaves(criterion.when)),
                    itemgetter(*names),
                    {},
                    {},
                ),
            )
            for criterion, names in zip(asked.protocol.criteria, asked.keys, strict=True)
        ]
        return found

    def _judge(
        self, known: _Known, own: Any, asked: Conditions, facts: Mapping[str, Fact]
    ) -> _Judged:
        """A condition of several leaves depends on what comes of them and on nothing else."""
        condition = known.criterion.when
        if len(known.leaves) == 1:
            found = self._by_reference(known, condition, asked, facts)
        else:
            codes = tuple(
                self._leaf(known, leaf, by_fact, fact, asked, facts)
                for (leaf, by_fact), fact in zip(known.leaves, own, strict=True)
            )
            judged_before = known.by_leaves.get(codes)
            if judged_before is None:
                judged_before = self._by_reference(known, condition, asked, facts)
                known.by_leaves[codes] = judged_before
            found = judged_before
        known.by_facts[own] = found
        self._judged += 1
        return found

    def _leaf(
        self,
        known: _Known,
        leaf: Leaf,
        by_fact: dict[Fact, int],
        fact: Fact,
        asked: Conditions,
        facts: Mapping[str, Fact],
    ) -> int:
        code = by_fact.get(fact)
        if code is None:
            code = by_fact[fact] = self._by_reference(known, leaf, asked, facts).code
        return code

    def _by_reference(
        self, known: _Known, condition: Condition, asked: Conditions, facts: Mapping[str, Fact]
    ) -> _Judged:
        judgement = judged(condition, asked, facts)
        assumed = bool(assumed_in([CriterionResult(known.criterion, judgement)]))
        told = (judgement.truth, judgement.reasons, judgement.assumed, assumed)
        return _Judged(judgement, self._codes.setdefault(told, len(self._codes)))
