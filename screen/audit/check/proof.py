"""Proving a recorded case again from its own entry, with nothing but the reference evaluator.

From the evidence follows each fact: window, then pick (`fact_proof`). From the facts follows the
truth of every criterion. From the truths follows the verdict. An entry has to say just that.

That the evidence is all that the case file says is not proved here; a replay shows it. What is
worked out once for a whole ledger stands in `proof_memory`, and changes no answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from screen.audit.check.fact_proof import contradiction
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.criteria_json import Conditions
from screen.audit.entry.decision import outcome_json
from screen.audit.entry.fact_json import fact_from, key_of, unrecorded_fact
from screen.audit.entry.shelf import Shelf
from screen.audit.entry.truth_json import truth_from, truth_words
from screen.engine.reference import judge
from screen.model.criterion import Condition, Selection
from screen.model.fact import Fact
from screen.model.moment import Moment
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Judgement, Screening, verdict_of


@dataclass(slots=True)
class Proof:
    """How many truths were proved, how many cannot be, and what is not true, in words."""

    proved: int = 0
    without_values: int = 0
    wrong: list[str] = field(default_factory=list)


class Deduction:
    """What follows from what is recorded, step by step."""

    def facts(self, body: Json) -> dict[str, Fact]:
        """The facts that an entry holds, by name; of some, only why nothing was recorded."""
        facts = {
            name: unrecorded_fact(reason)
            for reason, names in body["unrecorded"].items()
            for name in names
        }
        return facts | {name: fact_from(recorded) for name, recorded in body["facts"].items()}

    def contradiction(
        self, asked: Conditions, name: str, recorded: Json, screened_at: Moment
    ) -> str:
        """What the evidence of a fact says against it, in words; "" if the fact follows."""
        selection = asked.selections[name]
        concept = asked.vocabulary.concepts[selection.concept]
        return contradiction(selection, fact_from(recorded), concept, screened_at)

    def outcome(self, asked: Conditions, facts: Mapping[str, Fact]) -> Json:
        """What the facts make of one protocol: truths, verdict and assumptions."""
        results = tuple(
            CriterionResult(criterion, judged(criterion.when, asked, facts))
            for criterion in asked.protocol.criteria
        )
        return outcome_of(asked.protocol, results)


def prove(body: Json, shelf: Shelf, deduction: Deduction) -> Proof:
    """Hold a case entry to what follows from it and from the conditions on the shelf.

    Raises LookupError, ValueError, TypeError, AttributeError or ArithmeticError for a body that
    is no recorded case, whatever its hash says.
    """
    proof = Proof()
    redacted = body.get("redacted") is True
    facts = {} if redacted else deduction.facts(body)
    looked_at: set[str] = set()
    for screening in body["screenings"]:
        protocol, truths = screening["protocol"], screening["truths"]
        asked = shelf.of(screening["conditions"])
        if asked is None:
            proof.wrong.append(f"{protocol}: what it asked is recorded nowhere")
        elif redacted:
            proof.without_values += len(truths)
            proof.wrong += _other_verdict(screening, _outcome_of_truths(asked, truths))
        else:
            proof.proved += len(truths)
            proof.wrong += _differences(screening, deduction.outcome(asked, facts))
            proof.wrong += _unfounded(body, asked, looked_at, deduction)
    return proof


def judged(condition: Condition, asked: Conditions, facts: Mapping[str, Fact]) -> Judgement:
    """The truth of a condition by the reference evaluator. Raises KeyError if a fact is missing."""
    return judge(condition, _RecordedFacts(facts), asked.vocabulary)


@dataclass(frozen=True, slots=True)
class _RecordedFacts:
    """Recorded facts where the reference evaluator asks for those of a case."""

    by_name: Mapping[str, Fact]

    def fact(self, selection: Selection) -> Fact:
        return self.by_name[key_of(selection)]


def outcome_of(protocol: Protocol, results: tuple[CriterionResult, ...]) -> Json:
    """Truths, verdict and assumptions, as an entry has to say them."""
    return outcome_json(Screening(protocol, verdict_of(protocol, results), results))


def _outcome_of_truths(asked: Conditions, truths: Json) -> Json:
    """The same without values: the truths stand as recorded, and the verdict has to follow."""
    results = tuple(
        CriterionResult(criterion, Judgement(criterion.when, *truth_from(truths[criterion.id])))
        for criterion in asked.protocol.criteria
    )
    return outcome_of(asked.protocol, results)


def _unfounded(
    body: Json, asked: Conditions, looked_at: set[str], deduction: Deduction
) -> Iterator[str]:
    """The facts that do not follow from their evidence; each is looked at once.

    Where nothing was recorded, nothing has to follow.
    """
    screened_at = Moment(body["screened_at"], *body["screened_us"])
    for name, recorded in body["facts"].items():
        if name in asked.selections and name not in looked_at:
            looked_at.add(name)
            if found := deduction.contradiction(asked, name, recorded, screened_at):
                yield f"{asked.protocol.id}: {name}: {found}"


def _differences(screening: Json, outcome: Json) -> Iterator[str]:
    """Where an entry says something else of a protocol than follows."""
    protocol, was, makes = screening["protocol"], screening["truths"], outcome["truths"]
    if was != makes:
        for name in sorted({*was, *makes}):
            if was.get(name) != makes.get(name):
                yield (
                    f"{protocol}: {name} is recorded as {truth_words(was.get(name))}, and its "
                    f"evidence proves {truth_words(makes.get(name))}"
                )
    yield from _other_verdict(screening, outcome)
    if screening["assumed"] != outcome["assumed"]:
        yield f"{protocol}: its recorded assumptions are not those it rests on"


def _other_verdict(screening: Json, outcome: Json) -> Iterator[str]:
    if screening["verdict"] != outcome["verdict"]:
        yield (
            f"{screening['protocol']}: the verdict is recorded as {screening['verdict']}, and "
            f"its criteria make it {outcome['verdict']}"
        )
