"""The whole of one screening: every criterion, every condition, every piece of evidence."""

from collections.abc import Iterator

from screen.explain.show.bedside_table import quality_lines
from screen.explain.show.outline import INCOMPLETE, person_words
from screen.explain.show.overview import Paint, heading_lines, unpainted
from screen.explain.show.statements import (
    evidence_of,
    evidence_statement,
    inputs_of,
    other_statements,
)
from screen.explain.why.because import because
from screen.explain.words.background import Background
from screen.explain.words.condition_words import kind_words
from screen.explain.words.plain_text import WIDTH, wrapped
from screen.explain.words.truth_words import TRUTH_WORDS, firing_words, outcome_words
from screen.model.criterion import CriterionKind
from screen.model.fact import Evidence
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Judgement, Screening
from screen.program import NOTICE, PROGRAM


def case_tree(
    screening: Screening,
    background: Background,
    paint: Paint = unpainted,
    width: int = WIDTH,
) -> str:
    """One protocol for one case, whole, in lines of at most `width` columns (80 or more)."""
    return "\n".join(_lines(screening, background, paint, width)) + "\n"


def _lines(screening: Screening, background: Background, paint: Paint, width: int) -> Iterator[str]:
    case, verdict = background.case, screening.verdict.value
    at = f"screened at {case.screened_at.text}"
    yield from heading_lines(f"Case {case.id}", at, paint, width)
    yield ""
    yield f"{paint(screening.protocol.id, 'heading')}: {paint(verdict.upper(), verdict)}"
    if persons := person_words(screening):
        yield from wrapped(persons, width, "  ")
    yield from protocol_head(screening.protocol, width)
    for kind in CriterionKind:
        results = [result for result in screening.results if result.criterion.kind is kind]
        if results:
            yield ""
            yield paint(f"{kind.value.upper()} CRITERIA", "heading")
        for result in results:
            yield ""
            yield from _criterion(result, background, paint, width)
    yield from not_screened_lines(screening.protocol, paint, width)
    yield from _firings(screening, paint, width)
    yield from quality_lines(background, paint, width)
    yield ""
    yield from wrapped(f"{NOTICE} ({PROGRAM})", width)


def protocol_head(protocol: Protocol, width: int = WIDTH) -> Iterator[str]:
    """Title, drug, version, sources and digest of a protocol."""
    drug = f"{protocol.drug.name}, {protocol.drug.dose}" if protocol.drug.dose else ""
    yield from wrapped(protocol.title, width, "  ")
    yield from wrapped(f"drug: {drug or protocol.drug.name}", width, "  ", "    ")
    yield from wrapped(f"version {protocol.version}, status {protocol.status}", width, "  ", "    ")
    for source in protocol.sources.values():
        told = f"source {source.name}: {source.title}, {source.id}, {source.date}"
        yield from wrapped(told, width, "  ", "    ")
    yield from wrapped(f"file: {protocol.file}", width, "  ", "    ")
    yield from wrapped(f"digest: {protocol.digest}", width, "  ", "    ")
    for text in (protocol.note, "" if protocol.complete else INCOMPLETE):
        if text:
            yield from wrapped(f"note: {text}", width, "  ", "    ")


def _criterion(
    result: CriterionResult, background: Background, paint: Paint, width: int
) -> Iterator[str]:
    criterion = result.criterion
    truth, effect = outcome_words(result)
    shown = f" - {paint(effect, result.effect.value)}" if effect else ""
    yield f"{paint(criterion.id, 'heading')}: {truth}{shown}"
    cited = ", ".join(criterion.citation.at)
    line = f"; line {criterion.line} of the protocol file" if criterion.line else ""
    for text in (
        criterion.text,
        f"source: {criterion.citation.source}, {cited}{line}",
        f"note: {criterion.note}" if criterion.note else "",
        f"because: {because(result, background)}",
    ):
        if text:
            yield from wrapped(text, width, "    ", "      ")
    yield from _condition(result.judgement, background, "    ", width)


def _condition(
    judgement: Judgement, background: Background, indent: str, width: int
) -> Iterator[str]:
    truth = TRUTH_WORDS[judgement.truth]
    if judgement.reasons:
        truth += f" ({', '.join(reason.value for reason in judgement.reasons)})"
    told = f"[{truth}] {kind_words(judgement.condition)}"
    yield from wrapped(told, width, indent, f"{indent}  ")
    for child in judgement.children:
        yield from _condition(child, background, f"{indent}  ", width)
    bullet = f"{indent}  - "
    for item in evidence_of(judgement):
        yield from _evidence(item, background, bullet, width)
    for text in other_statements(judgement, background):
        yield from wrapped(text, width, bullet)


def _evidence(item: Evidence, background: Background, bullet: str, width: int) -> Iterator[str]:
    yield from wrapped(evidence_statement(item, background), width, bullet)
    below = " " * len(bullet)
    for text in inputs_of(item):
        yield from wrapped(text, width, below, f"{below}  ")
    for part in item.inputs:
        yield from _evidence(part, background, f"{below}- ", width)


def not_screened_lines(protocol: Protocol, paint: Paint, width: int) -> Iterator[str]:
    """The lines of the source that no criterion stands for, with the reason."""
    if protocol.not_screened:
        yield ""
        yield paint("NOT SCREENED", "heading")
    for line in protocol.not_screened:
        told = f"{line.citation.source}, {', '.join(line.citation.at)}: {line.reason}"
        yield from wrapped(told, width, "  - ", "    ")


def _firings(screening: Screening, paint: Paint, width: int) -> Iterator[str]:
    if not screening.firings:
        return
    yield ""
    yield paint("RULES THAT FIRED, IN ORDER", "heading")
    places = len(str(len(screening.firings)))
    for number, firing in enumerate(screening.firings, 1):
        first = f"  {number:>{places}}. "
        yield from wrapped(firing_words(firing), width, first)
