"""Proving recorded truths again from the ledger alone, with the reference evaluator.

What is proved: that the evidence lies in the window that is asked for, that the picked value
follows from it, that the tests give the recorded truth of every criterion, and that the verdict
follows. That the evidence is what the case file says is for a replay to show.
"""

import marshal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple, cast

from screen.audit.check.fact_proof import contradiction, stands_for_itself
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.criteria_json import Conditions
from screen.audit.entry.decision import assumed_in, truth_json
from screen.audit.entry.fact_json import fact_from, unrecorded_fact
from screen.audit.entry.truth_text import said
from screen.engine.reference import judge
from screen.explain.why.deciding import assumptions
from screen.facts.gather import Facts
from screen.model.criterion import Condition, Criterion, Leaf, Selection, leaves
from screen.model.fact import Fact
from screen.model.moment import Moment
from screen.model.screening import CriterionResult, Judgement, verdict_of
from screen.model.truth import Reason, Truth

_MOST_KEPT = 100_000

Numbers = tuple[int, ...]
"""Facts by number: equal facts have equal numbers."""


class NotAProof(Exception):
    """The body of an entry is no recorded case, whatever its hash says."""


@dataclass(slots=True)
class Proof:
    """How many truths were proved, how many cannot be, and what is not true, in words."""

    proved: int = 0
    without_values: int = 0
    wrong: list[str] = field(default_factory=list)


class _Proved(NamedTuple):
    truths: Json
    verdict: str
    assumed: list[str]


class _Judged(NamedTuple):
    """One condition; equal truths, reasons and assumptions have equal codes."""

    judgement: Judgement
    code: int


class _Asked(NamedTuple):
    """One criterion, ready to be judged often.

    `pick` takes the numbers of its facts from those of an entry. `known` is what was judged
    before, by these numbers; equal conditions of several protocols share it. `by_outcomes` is
    the same by what came of the leaves.
    """

    criterion: Criterion
    leaves: tuple[Leaf, ...]
    pick: Callable[[Mapping[str, int]], object]
    known: dict[object, _Judged]
    by_outcomes: dict[tuple[int, ...], _Judged]


@dataclass(frozen=True, slots=True)
class _RecordedFacts:
    """What the reference evaluator asks of `facts.gather.Facts`; by `id` of the selection."""

    facts: Mapping[int, Fact]

    def fact(self, selection: Selection) -> Fact:
        return self.facts[id(selection)]


class Prover:
    """Proves case entries.

    Equal conditions on equal facts are judged once; a bounded number of them is kept.
    """

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._facts: list[Fact] = []
        self._grounds: dict[tuple[object, ...], str] = {}
        self._asked: dict[str, list[_Asked]] = {}
        self._judgements: dict[int, dict[object, _Judged]] = {}
        self._outcomes: dict[int, dict[int, int]] = {}
        self._codes: dict[object, int] = {}
        self._proved: dict[tuple[str, Numbers], _Proved] = {}
        self._judged = 0

    def prove(self, body: Json, conditions: Mapping[str, Conditions]) -> Proof:
        """Prove every truth in the body of a case entry. Raises NotAProof."""
        try:
            return self._prove(body, conditions)
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, ZeroDivisionError):
            raise NotAProof from None

    def _prove(self, body: Json, conditions: Mapping[str, Conditions]) -> Proof:
        proof = Proof()
        redacted = body.get("redacted") is True
        numbers = {} if redacted else self._numbered(body)
        founded: set[str] = set()
        for screening in body["screenings"]:
            asked = conditions.get(screening["conditions"])
            if asked is None:
                proof.wrong.append(f"{screening['protocol']}: what it asked is recorded nowhere")
            elif redacted:
                proof.without_values += len(screening["truths"])
                proof.wrong.extend(_verdict_alone(screening, asked))
            else:
                proof.proved += len(screening["truths"])
                proof.wrong.extend(self._screening(screening, asked, numbers))
                proof.wrong.extend(self._unfounded(body, asked, founded))
        return proof

    def _numbered(self, body: Json) -> dict[str, int]:
        """The facts of an entry by name; their evidence takes no part in judging."""
        self._forget()
        numbers: dict[str, int] = {}
        for reason, keys in body["unrecorded"].items():
            numbers |= dict.fromkeys(keys, self._number(reason, reason))
        for key, recorded in body["facts"].items():
            told = {name: part for name, part in recorded.items() if name != "evidence"}
            numbers[key] = self._number(marshal.dumps(told, 2), told)
        return numbers

    def _forget(self) -> None:
        """Start anew when too much is kept, so that memory stays flat."""
        kept: list[dict[Any, Any]] = [self._numbers, self._grounds, self._proved]
        if max(self._judged, *(len(cache) for cache in kept)) <= _MOST_KEPT:
            return
        by_outcomes = (one.by_outcomes for asked in self._asked.values() for one in asked)
        for cache in (*kept, *self._judgements.values(), *self._outcomes.values(), *by_outcomes):
            cache.clear()
        self._facts.clear()
        self._judged = 0

    def _number(self, key: object, recorded: Any) -> int:
        number = self._numbers.get(key)
        if number is None:
            plain = isinstance(recorded, str)
            self._facts.append(unrecorded_fact(recorded) if plain else fact_from(recorded))
            number = self._numbers[key] = len(self._facts) - 1
        return number

    def _unfounded(self, body: Json, asked: Conditions, founded: set[str]) -> Iterator[str]:
        """The facts that do not follow from their evidence; each is looked at once.

        Where nothing was recorded, nothing has to follow.
        """
        start, end = body["screened_us"]
        for key, recorded in body["facts"].items():
            selection = asked.selections.get(key)
            if selection is None or key in founded:
                continue
            founded.add(key)
            if stands_for_itself(selection, recorded):
                continue
            known = (asked.digest, key, marshal.dumps(recorded, 2), start, end)
            found = self._grounds.get(known)
            if found is None:
                found = self._grounds[known] = contradiction(
                    selection,
                    fact_from(recorded),
                    asked.vocabulary.concepts[selection.concept],
                    Moment(body["screened_at"], start, end),
                )
            if found:
                yield f"{asked.protocol.id}: {key}: {found}"

    def _screening(
        self, screening: Json, asked: Conditions, numbers: Mapping[str, int]
    ) -> Iterator[str]:
        """What is not true of one protocol's truths and verdict."""
        judged = [
            one.known.get(own := one.pick(numbers)) or self._judge(one, own, asked)
            for one in self._compiled(asked)
        ]
        known = (asked.digest, tuple([one.code for one in judged]))
        proved = self._proved.get(known)
        if proved is None:
            results = tuple(
                CriterionResult(criterion, one.judgement)
                for criterion, one in zip(asked.protocol.criteria, judged, strict=True)
            )
            proved = self._proved[known] = _Proved(
                {one.criterion.id: truth_json(one.truth, one.reasons) for one in results},
                verdict_of(asked.protocol, results).value,
                assumed_in(results),
            )
        if screening["truths"] != proved.truths:
            yield from _differences(screening, proved)
        if screening["verdict"] != proved.verdict:
            yield (
                f"{screening['protocol']}: the verdict is recorded as {screening['verdict']}, "
                f"and its criteria make it {proved.verdict}"
            )
        if screening["assumed"] != proved.assumed:
            yield f"{screening['protocol']}: its recorded assumptions are not those it rests on"

    def _compiled(self, asked: Conditions) -> list[_Asked]:
        """Equal conditions are one object, whichever protocols ask them (see `Conditions`)."""
        found = self._asked.get(asked.digest)
        if found is None:
            found = self._asked[asked.digest] = [
                _Asked(
                    criterion,
                    tuple(leaves(criterion.when)),
                    itemgetter(*keys),
                    self._judgements.setdefault(id(criterion.when), {}),
                    {},
                )
                for criterion, keys in zip(asked.protocol.criteria, asked.keys, strict=True)
            ]
        return found

    def _judge(self, one: _Asked, own: object, asked: Conditions) -> _Judged:
        """A condition of several leaves depends on their outcomes and on nothing else."""
        if not isinstance(own, tuple):
            found = self._by_reference(one, one.criterion.when, (own,), asked)
        else:
            outcomes = tuple(
                self._outcome(one, leaf, number, asked)
                for leaf, number in zip(one.leaves, own, strict=True)
            )
            known = one.by_outcomes.get(outcomes)
            if known is None:
                known = self._by_reference(one, one.criterion.when, own, asked)
                one.by_outcomes[outcomes] = known
            found = known
        one.known[own] = found
        self._judged += 1
        return found

    def _outcome(self, one: _Asked, leaf: Leaf, number: int, asked: Conditions) -> int:
        known = self._outcomes.setdefault(id(leaf), {})
        code = known.get(number)
        if code is None:
            code = known[number] = self._by_reference(one, leaf, (number,), asked).code
        return code

    def _by_reference(
        self, one: _Asked, condition: Condition, numbers: tuple[Any, ...], asked: Conditions
    ) -> _Judged:
        facts = {
            id(leaf.selection): self._facts[number]
            for leaf, number in zip(leaves(condition), numbers, strict=True)
        }
        judgement = judge(condition, cast("Facts", _RecordedFacts(facts)), asked.vocabulary)
        assumed = bool(assumptions(CriterionResult(one.criterion, judgement)))
        told = (judgement.truth.value, judgement.reasons, judgement.assumed, assumed)
        return _Judged(judgement, self._codes.setdefault(told, len(self._codes)))


def _differences(screening: Json, proved: _Proved) -> Iterator[str]:
    recorded = screening["truths"]
    for name in sorted({*recorded, *proved.truths}):
        was, makes = recorded.get(name), proved.truths.get(name)
        if was != makes:
            yield (
                f"{screening['protocol']}: {name} is recorded as {said(was)}, and its evidence "
                f"proves {said(makes)}"
            )


def _verdict_alone(screening: Json, asked: Conditions) -> Iterator[str]:
    """Without values the truths stand as recorded; whether the verdict follows can be told."""
    truths = screening["truths"]
    results = []
    for criterion in asked.protocol.criteria:
        recorded = truths[criterion.id]
        if isinstance(recorded, list):
            reasons = tuple(Reason(reason) for reason in recorded)
            judgement = Judgement(criterion.when, Truth.UNKNOWN, reasons)
        else:
            judgement = Judgement(criterion.when, Truth(recorded), ())
        results.append(CriterionResult(criterion, judgement))
    verdict = verdict_of(asked.protocol, tuple(results)).value
    if screening["verdict"] != verdict:
        yield (
            f"{screening['protocol']}: the verdict is recorded as {screening['verdict']}, and "
            f"its criteria make it {verdict}"
        )
