"""One verdict from two minds: inferred by the chaining engine, checked by the reference.

If they differ on the truth of any condition, there is no verdict: `Disagreement` is raised
(`docs/semantics.md`, section 9).
"""

from collections.abc import Iterator, Mapping, Sequence

from screen.engine.chaining import ChainingEngine, Inference
from screen.engine.reference import judge
from screen.facts.gather import Facts
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.criterion import Criterion
from screen.model.protocol import Protocol
from screen.model.screening import (
    CriterionResult,
    Judgement,
    ScreenedCase,
    Screening,
    Verdict,
    verdict_of,
)
from screen.model.truth import Truth


class Disagreement(Exception):
    """The two engines differ; no verdict may be shown or recorded for this case."""

    def __init__(self, protocol: str, where: str, inferred: str, checked: str) -> None:
        super().__init__(protocol, where, inferred, checked)
        self.protocol = protocol
        self.where = where
        self.inferred = inferred
        self.checked = checked

    def __str__(self) -> str:
        return (
            f"no verdict for {self.protocol}: the two engines differ on {self.where} "
            f"({self.inferred} by the rules, {self.checked} by the checker)"
        )


class Screener:
    """Screens cases against some protocols; compiles each protocol once.

    `staleness` is the site's own policy: microseconds per concept (see `facts.gather`).
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        protocols: Sequence[Protocol],
        staleness: Mapping[str, int] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.protocols = tuple(protocols)
        self._staleness = staleness
        self._engine = ChainingEngine(vocabulary)

    def screen(self, case: Case) -> ScreenedCase:
        """Decide every protocol for `case`. Raises `Disagreement` if the engines differ."""
        facts = Facts(case, self.vocabulary, self._staleness)
        screenings = tuple(self._screen(protocol, facts) for protocol in self.protocols)
        return ScreenedCase(case, screenings, facts.quality)

    def _screen(self, protocol: Protocol, facts: Facts) -> Screening:
        inference = self._engine.infer(protocol, facts)
        results = tuple(
            CriterionResult(criterion, self._agreed(protocol, criterion, facts, inference))
            for criterion in protocol.criteria
        )
        verdict = verdict_of(protocol, results)
        proved = {Verdict.INELIGIBLE: inference.fails, Verdict.ELIGIBLE: inference.satisfies}
        for certain, inferred in proved.items():
            if inferred != (verdict is certain):
                raise Disagreement(
                    protocol.id,
                    "the verdict",
                    f"{'' if inferred else 'not '}{certain.value}",
                    verdict.value,
                )
        return Screening(protocol, verdict, results, inference.firings)

    def _agreed(
        self, protocol: Protocol, criterion: Criterion, facts: Facts, inference: Inference
    ) -> Judgement:
        judgement = judge(criterion.when, facts, self.vocabulary)
        for path, part in _walk(judgement, criterion.id):
            inferred = inference.truth_of(part.condition)
            if inferred is not part.truth:
                raise Disagreement(
                    protocol.id, f"criterion {path}", _word(inferred), _word(part.truth)
                )
        return judgement


def _walk(judgement: Judgement, path: str) -> Iterator[tuple[str, Judgement]]:
    yield path, judgement
    for position, child in enumerate(judgement.children):
        yield from _walk(child, f"{path}/{position}")


def _word(truth: Truth) -> str:
    return truth.value.replace("_", " ")
