"""The engines that every row of the spec tables runs on, behind one small interface.

An engine takes the vocabulary, a protocol and a case and answers with the truth of every
criterion. What it cannot say it leaves at None, and a row then does not ask for it. To have
another engine run every row, add it to `ENGINES`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from screen.engine.chaining import ChainingEngine
from screen.engine.reference import judge
from screen.facts.gather import Facts
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.criterion import Leaf, leaves
from screen.model.fact import Evidence
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Judgement, Verdict, verdict_of
from screen.model.truth import Reason, Truth

Policy = Mapping[str, int]


@dataclass(frozen=True)
class Answer:
    """What one engine says of one protocol and one case, by the id of the criterion.

    `leaves`: the truths from left to right. `used`: the text of every record that counts, those
    of a derived value's inputs included, sorted. `ineligible` and `eligible`: what is proved.
    """

    truths: Mapping[str, Truth]
    ineligible: bool | None = None
    eligible: bool | None = None
    verdict: Verdict | None = None
    leaves: Mapping[str, tuple[Truth, ...]] | None = None
    reasons: Mapping[str, tuple[Reason, ...]] | None = None
    assumed: Mapping[str, bool] | None = None
    by_policy: Mapping[str, bool] | None = None
    used: Mapping[str, tuple[str, ...]] | None = None


Engine = Callable[[Vocabulary, Protocol, Case, Policy], Answer]


def reference(vocabulary: Vocabulary, protocol: Protocol, case: Case, policy: Policy) -> Answer:
    facts = Facts(case, vocabulary, policy)
    results = {
        criterion.id: CriterionResult(criterion, judge(criterion.when, facts, vocabulary))
        for criterion in protocol.criteria
    }
    found = {name: list(_leaf_judgements(result.judgement)) for name, result in results.items()}
    verdict = verdict_of(protocol, tuple(results.values()))
    return Answer(
        truths={name: result.truth for name, result in results.items()},
        ineligible=verdict is Verdict.INELIGIBLE,
        eligible=verdict is Verdict.ELIGIBLE,
        verdict=verdict,
        leaves={name: tuple(leaf.truth for leaf in parts) for name, parts in found.items()},
        reasons={name: result.reasons for name, result in results.items()},
        assumed={name: any(leaf.assumed for leaf in parts) for name, parts in found.items()},
        by_policy={
            name: any(leaf.fact is not None and leaf.fact.site_policy for leaf in parts)
            for name, parts in found.items()
        },
        used={name: tuple(sorted(_texts(parts))) for name, parts in found.items()},
    )


def chaining(vocabulary: Vocabulary, protocol: Protocol, case: Case, policy: Policy) -> Answer:
    inference = ChainingEngine(vocabulary).infer(protocol, Facts(case, vocabulary, policy))
    return Answer(
        truths={c.id: inference.truth_of(c.when) for c in protocol.criteria},
        ineligible=inference.fails,
        eligible=inference.satisfies,
        leaves={
            c.id: tuple(inference.truth_of(leaf) for leaf in leaves(c.when))
            for c in protocol.criteria
        },
    )


ENGINES: dict[str, Engine] = {"reference": reference, "chaining": chaining}


def _leaf_judgements(judgement: Judgement) -> Iterator[Judgement]:
    if isinstance(judgement.condition, Leaf):
        yield judgement
    for child in judgement.children:
        yield from _leaf_judgements(child)


def _texts(parts: list[Judgement]) -> Iterator[str]:
    for part in parts:
        if part.fact is not None:
            for item in part.fact.evidence:
                yield from _recorded(item)


def _recorded(item: Evidence) -> Iterator[str]:
    if item.inputs:
        for part in item.inputs:
            yield from _recorded(part)
    else:
        yield item.text
