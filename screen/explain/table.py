"""The bedside table: the verdicts first, then what decides each, then what is missing."""

from collections.abc import Callable, Iterator

from screen.explain.background import Background
from screen.explain.outline import (
    Group,
    Outline,
    deciding_criteria,
    outline,
    short_words,
)
from screen.explain.plain import WIDTH, cells, fitting, padded, shortened, visible, wrapped
from screen.explain.program import NOTICE, PROGRAM
from screen.explain.quality import quality_sentence
from screen.model.screening import Screening

# (text, style) -> text: styles are the verdicts' words, "heading" and "quiet".
Paint = Callable[[str, str], str]

_LONGEST_DRUG = 16


def unpainted(text: str, style: str) -> str:  # noqa: ARG001
    """Leave `text` as it is."""
    return text


def case_table(background: Background, paint: Paint = unpainted, width: int = WIDTH) -> str:
    """Everything about one case in lines of at most `width` columns (80 or more).

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
    yield from _overview(screenings, paint, width)
    for screening in screenings:
        yield ""
        yield from _details(outline(screening, background), paint, width)
    yield from quality_lines(background, paint, width)
    yield ""
    yield from wrapped(f"{NOTICE} ({PROGRAM})", width)


def heading_lines(left: str, right: str, paint: Paint, width: int) -> Iterator[str]:
    """Two texts at the ends of a line; one below the other where they do not fit."""
    left, right = visible(left), visible(right)
    if cells(left) + cells(right) + 2 <= width:
        yield paint(left, "heading") + right.rjust(width - cells(left))
        return
    for text in (left, right):
        for line in wrapped(text, width):
            yield paint(line, "heading") if text == left else line


def _overview(screenings: tuple[Screening, ...], paint: Paint, width: int) -> Iterator[str]:
    drugs = {
        s.protocol.id: shortened(visible(s.protocol.drug.name), _LONGEST_DRUG) for s in screenings
    }
    first = max((cells(s.protocol.id) for s in screenings), default=0)
    third = max((cells(drug) for drug in drugs.values()), default=0)
    for screening in screenings:
        verdict = screening.verdict.value
        before = f"{padded(screening.protocol.id, first)}  "
        after = f"{padded('', 10 - len(verdict))}  {padded(drugs[screening.protocol.id], third)}  "
        room = width - first - third - 16
        names = [result.criterion.id for result in deciding_criteria(screening)]
        told = fitting(names, room, short_words(screening))
        yield f"{before}{paint(verdict.upper(), verdict)}{after}{told}".rstrip()


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
