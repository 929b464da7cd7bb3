"""A screened case as Markdown, for a ticket or a note in the chart."""

import re
from collections.abc import Iterator

from screen.explain.show.outline import Group, Outline, outline, person_words
from screen.explain.show.statements import evidence_of, evidence_statement, other_statements
from screen.explain.why.because import because
from screen.explain.words.background import Background
from screen.explain.words.condition_words import kind_words
from screen.explain.words.plain_text import WIDTH, wrapped
from screen.explain.words.quality import quality_sentence
from screen.explain.words.truth_words import TRUTH_WORDS, firing_words, outcome_words
from screen.model.screening import CriterionResult, Judgement, Screening
from screen.program import NOTICE, PROGRAM
from screen.quoting import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~&$!])")
# What would make a line into a heading, a list or a rule.
_LEADING = re.compile(r"(?:([-+=])|(\d+)([.)]))(?!\S)|([-=])(?=[-=])")
# One column less than the width, for the backslash that a line may need.
_ROOM = WIDTH - 1


def literal(text: str) -> str:
    """`text` so that Markdown shows it as it is: no markup, no HTML, no control characters."""
    return _SPECIAL.sub(r"\\\1", visible(text))


def _lines(text: str, first: str = "") -> Iterator[str]:
    """A paragraph, or after `first` an item of a list; no line of it starts anything else."""
    for number, line in enumerate(wrapped(text, _ROOM, first)):
        indent = first if number == 0 else " " * len(first)
        yield indent + _LEADING.sub(_escaped, line[len(indent) :], count=1)


def _escaped(found: re.Match[str]) -> str:
    if found.start() > 0:
        return found[0]
    mark, number, point, rule = found.groups()
    return f"{number}\\{point}" if number else f"\\{mark or rule}"


def case_markdown(background: Background) -> str:
    """The verdicts as a table, then what decides each, what is missing and what was assumed."""
    case = background.case
    lines = [
        f"# Case {literal(case.id)}",
        "",
        f"Screened at {literal(case.screened_at.text)}",
        "",
        "| Protocol | Drug | Verdict |",
        "|---|---|---|",
    ]
    for screening in background.screened.screenings:
        protocol = screening.protocol
        verdict = screening.verdict.value
        lines.append(f"| {literal(protocol.id)} | {literal(protocol.drug.name)} | **{verdict}** |")
    for screening in background.screened.screenings:
        lines += ["", *_details(outline(screening, background))]
    return "\n".join([*lines, *_quality(background), *_footer()]) + "\n"


def _details(told: Outline) -> Iterator[str]:
    protocol = told.screening.protocol
    yield f"## {literal(protocol.id)}: {told.screening.verdict.value}"
    yield ""
    yield from _lines(literal(protocol.title))
    yield ""
    yield from _lines(literal(f"Version {protocol.version}, {told.summary}."))
    if told.remark:
        yield ""
        yield from _lines(literal(told.remark))
    for group in told.groups:
        yield ""
        yield from _group(group)


def _group(group: Group) -> Iterator[str]:
    yield f"**{group.heading}**"
    yield ""
    for entry in group.entries:
        told = f"{literal(entry.criterion)} ({literal(entry.cited)})"
        yield from _lines(told if group.brief else f"{told}: {literal(entry.told)}", first="- ")


def _quality(background: Background) -> Iterator[str]:
    if background.quality:
        yield from ("", "## Data quality", "")
    for note in background.quality:
        text = quality_sentence(note, background)
        if note.observation.where:
            text += f" ({note.observation.where})"
        yield from _lines(literal(text), first="- ")


def _footer() -> Iterator[str]:
    yield ""
    yield from _lines(f"*{NOTICE}* ({PROGRAM})")


def tree_markdown(screening: Screening, background: Background) -> str:
    """One protocol, every criterion and condition."""
    case, protocol = background.case, screening.protocol
    lines = [
        f"# Case {literal(case.id)}, {literal(protocol.id)}: {screening.verdict.value}",
        "",
        *_lines(literal(protocol.title)),
        "",
        *_lines(literal(f"Screened at {case.screened_at.text}; version {protocol.version}.")),
    ]
    if persons := person_words(screening):
        lines += ["", *_lines(literal(f"{persons}."))]
    for result in screening.results:
        lines += ["", *_criterion(result, background)]
    if protocol.not_screened:
        lines += ["", "## Not screened", ""]
    for line in protocol.not_screened:
        cited = f"{line.citation.source}, {', '.join(line.citation.at)}"
        lines += _lines(literal(f"{cited}: {line.reason}"), first="- ")
    if screening.firings:
        lines += ["", "## Rules that fired, in order", ""]
    for number, firing in enumerate(screening.firings, 1):
        lines += _lines(literal(firing_words(firing)), first=f"{number}. ")
    return "\n".join([*lines, *_quality(background), *_footer()]) + "\n"


def _criterion(result: CriterionResult, background: Background) -> Iterator[str]:
    criterion = result.criterion
    truth = ", ".join(word for word in outcome_words(result) if word)
    yield f"## {literal(criterion.id)}: {truth}"
    yield ""
    cited = f"{criterion.kind.value}; {criterion.citation.source}, "
    cited += ", ".join(criterion.citation.at)
    yield from _lines(literal(f"{criterion.text} ({cited})"))
    if criterion.note:
        yield ""
        yield from _lines(literal(f"Note: {criterion.note}"))
    yield ""
    yield from _lines(literal(f"Because: {because(result, background)}"))
    yield ""
    yield from _condition(result.judgement, background, "")


def _condition(judgement: Judgement, background: Background, indent: str) -> Iterator[str]:
    truth = TRUTH_WORDS[judgement.truth]
    told = f"**{truth}** {literal(kind_words(judgement.condition))}"
    yield from _lines(told, f"{indent}- ")
    for child in judgement.children:
        yield from _condition(child, background, f"{indent}  ")
    evidence = (evidence_statement(item, background) for item in evidence_of(judgement))
    for text in (*evidence, *other_statements(judgement, background)):
        yield from _lines(literal(text), f"{indent}  - ")
