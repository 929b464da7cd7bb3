"""One case at a time: a document to a Case, and the Case to one line per protocol."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from screen.batch.columns.places import Place
from screen.batch.counts.missing import Missing, recorded_in
from screen.batch.counts.set_aside_counts import RecordCounts, noted
from screen.batch.inputs.documents.document_files import Document
from screen.batch.tables.block import Reject
from screen.documents.tree import Pairs
from screen.engine.decide import Screener
from screen.engine.reference import judge
from screen.facts.gather import Facts
from screen.intake.document import case_from_tree
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.fact import QualityNote
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Effect, Screening, Verdict, verdict_of
from screen.problems import Problem, ProblemsFound, message, shown

if TYPE_CHECKING:
    from screen.batch.inputs.part import Part

OPEN = (Verdict.UNDECIDED.value, Verdict.PENDING.value)


class Line(NamedTuple):
    """One line of the verdicts: ids joined by a space, one letter (M N U) per criterion.

    `by_person` are the criteria that a person still checks.
    """

    protocol: str
    verdict: str
    fails: str
    unknown: str
    criteria: str
    by_person: str


class Decision(NamedTuple):
    """What became of one case: a line per protocol, or the rejects that say why there is none.

    `input`, `row` and `column` are where its id stands. `missing` holds the data items that the
    case lacks, each with how many criteria wait for it; `counts` its records.
    """

    case: str
    input: str
    row: int | None
    column: str
    lines: tuple[Line, ...]
    rejects: tuple[Reject, ...] = ()
    missing: tuple[tuple[str, int], ...] = ()
    counts: RecordCounts = RecordCounts()


# The screenings of a case, and what is noted of its records.
Decide = Callable[[Case], tuple[Sequence[Screening], tuple[QualityNote, ...]]]
Locate = Callable[[int | None, int | None], Place]


class CaseDecider:
    """Decides documents one by one, by whichever engine `decide` is."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        protocols: Sequence[Protocol],
        decide: Decide,
        screened_at: str | None = None,
        strict: bool = False,
    ) -> None:
        self._vocabulary = vocabulary
        self._strict = strict
        self._decide = decide
        self._screened_at = screened_at
        self._missing = Missing(vocabulary, protocols)

    def decide(self, document: Document, locate: Locate) -> Decision:
        """The lines for one document, or every reason why it cannot be screened."""
        at = locate(document.row, id_column(document))
        where = (at.file or document.input, document.row, at.name)
        try:
            case = case_of(document, self._vocabulary, self._screened_at, self._strict)
        except ProblemsFound as found:
            rejects = tuple(rejected(problem, document, locate) for problem in found.problems)
            return Decision(document.case, *where, (), rejects)
        screenings, notes = self._decide(case)
        lines = tuple(line_of(screening) for screening in screenings)
        waiting = {line.protocol: line.criteria for line in lines if line.verdict in OPEN}
        missing = self._missing.of_case(waiting, recorded_in(case))
        counts = RecordCounts(Counter(o.concept for o in case.observations), noted(notes))
        return Decision(case.id, *where, lines, (), tuple(missing.items()), counts)


def case_of(
    document: Document, vocabulary: Vocabulary, screened_at: str | None, strict: bool = False
) -> Case:
    """The case in a document; records that cannot be read are set aside, unless `strict`.

    Raises ProblemsFound with everything that is wrong with it.
    """
    if document.tree is None:
        raise ProblemsFound(document.problems.found)
    problems = document.problems
    return case_from_tree(
        document.tree,
        problems.file,
        vocabulary,
        screened_at,
        problems,
        table=document.table,
        aside=not strict,
    )


def id_column(document: Document) -> int | None:
    """The number of the column that holds the id of the case."""
    name = document.tree.get("case") if isinstance(document.tree, Pairs) else None
    return None if name is None else name.column


def named_places(case: Case, part: "Part") -> Case:
    """The case with `file:row:column (name)`, as the site's file has them, for where its records
    stand in a table.
    """
    from msgspec.structs import replace

    def name(where: str) -> str:
        _, row, column = where.rsplit(":", 2)
        number = int(column) if column.lstrip("-").isdigit() else 0
        place = part.place(int(row) if row.isdigit() else None, number)
        return str(place) if place.name else where

    observations = tuple(
        replace(o, where=name(o.where)) if o.where else o for o in case.observations
    )
    return replace(case, observations=observations)


def rejected(problem: Problem, document: Document, locate: Locate) -> Reject:
    """One line of rejects.csv for one problem."""
    place = locate(problem.line or document.row, problem.column)
    return Reject(
        place.file or document.input,
        place.row,
        shown(document.case),
        place.name,
        shown(problem.value),
        message(problem),
    )


def line_of(screening: Screening) -> Line:
    """One line of the verdicts."""
    by_effect: Mapping[Effect, list[str]] = {effect: [] for effect in Effect}
    for result in screening.results:
        by_effect[result.effect].append(result.criterion.id)
    return Line(
        screening.protocol.id,
        screening.verdict.value,
        " ".join(by_effect[Effect.FAILS]),
        " ".join(by_effect[Effect.UNKNOWN]),
        "".join(result.truth.letter for result in screening.results),
        " ".join(screening.by_person),
    )


def by_rules(screener: Screener) -> Decide:
    """Decide by the chaining engine, checked by the reference evaluator."""

    def decide(case: Case) -> tuple[Sequence[Screening], tuple[QualityNote, ...]]:
        screened = screener.screen(case)
        return screened.screenings, screened.quality

    return decide


def by_reference(
    vocabulary: Vocabulary, protocols: Sequence[Protocol], staleness: Mapping[str, int] | None
) -> Decide:
    """Decide by the reference evaluator alone."""

    def decide(case: Case) -> tuple[Sequence[Screening], tuple[QualityNote, ...]]:
        facts = Facts(case, vocabulary, staleness)
        screenings = []
        for protocol in protocols:
            results = tuple(
                CriterionResult(criterion, judge(criterion.when, facts, vocabulary))
                for criterion in protocol.criteria
            )
            verdict: Verdict = verdict_of(protocol, results)
            screenings.append(Screening(protocol, verdict, results))
        return screenings, facts.quality

    return decide
