"""The bedside table: the verdicts first, then what decides each, then what is missing."""

from collections.abc import Iterator

from screen.explain.show.outline import Group, Outline, outline
from screen.explain.show.overview import Paint, heading_lines, overview_lines, unpainted
from screen.explain.words.background import Background
from screen.explain.words.plain_text import WIDTH, wrapped
from screen.explain.words.quality import quality_sentence
from screen.program import NOTICE, PROGRAM


def case_table(background: Background, paint: Paint = unpainted, width: int = WIDTH) -> str:
    """Everything about one case in lines of at most `width` columns (60 or more).

    Colour repeats what the words say and is left out by `unpainted`.
    """
    return "\n".join(_lines(background, paint, width)) + "\n"


def _lines(background: Background, paint: Paint, width: int) -> Iterator[str]:
    case = background.case
    yield from heading_lines(
        f"Case {case.id}", f"screened at {case.screened_at.text}", paint, width
    )
    yield ""
    screenings = background.screened.screenings
    yield from overview_lines(screenings, paint, width)
    for screening in screenings:
        yield ""
        yield from _details(outline(screening, background), paint, width)
    yield from quality_lines(background, paint, width)
    if len(screenings) > 1:
        # A terminal shows the end of a long answer: the verdicts have to stand there too.
        yield ""
        yield paint(f"Verdicts of case {case.id}, again", "heading")
        yield from overview_lines(screenings, paint, width)
    yield ""
    yield from wrapped(f"{NOTICE} ({PROGRAM})", width)


def _details(told: Outline, paint: Paint, width: int) -> Iterator[str]:
    protocol, verdict = told.screening.protocol, told.screening.verdict.value
    yield f"{paint(protocol.id, 'heading')}: {paint(verdict.upper(), verdict)}"
    yield from wrapped(protocol.title, width, "  ")
    yield from wrapped(f"version {protocol.version}, {told.summary}", width, "  ")
    if told.remark:
        yield from wrapped(told.remark, width, "  ")
    for group in told.groups:
        yield from _group(group, paint, width)


def _group(group: Group, paint: Paint, width: int) -> Iterator[str]:
    if group.brief:
        names = ", ".join(entry.criterion for entry in group.entries)
        yield from wrapped(f"{group.heading}: {names}", width, "  ", "    ")
        return
    yield f"  {paint(group.heading, 'heading')}"
    for entry in group.entries:
        text = f"{entry.criterion} ({entry.cited}): {entry.told}"
        yield from wrapped(text, width, "  - ", "    ")


def quality_lines(background: Background, paint: Paint, width: int) -> Iterator[str]:
    """The remarks about the records of the case, once; nothing where there are none."""
    if not background.quality:
        return
    yield ""
    yield paint("Data quality", "heading")
    for note in background.quality:
        text = quality_sentence(note, background)
        if note.observation.where:
            text += f" [{note.observation.where}]"
        yield from wrapped(text, width, "  - ", "    ")
