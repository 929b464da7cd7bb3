"""One line for each protocol; and of each of several cases what fits a dozen lines."""

from collections.abc import Callable, Iterator

from screen.explain.show.outline import deciding_criteria, short_words
from screen.explain.why.deciding import deciding
from screen.explain.words.background import Background
from screen.explain.words.plain_text import (
    WIDTH,
    cells,
    counted,
    fitting,
    padded,
    shortened,
    wrapped,
)
from screen.model.criterion import Leaf
from screen.model.screening import Screening, Verdict
from screen.model.truth import Reason, Truth, ordered
from screen.program import NOTICE, PROGRAM
from screen.quoting import visible

# (text, style) -> text: styles are the verdicts' words, "heading" and "quiet".
Paint = Callable[[str, str], str]

ONE_IN_FULL = "trialscreen case FILE shows one case in full."
_LONGEST_ID = 30
_LONGEST_DRUG = 18
# "117 satisfied, 12 assumed" is never cut: the caveat of an eligible verdict.
_LEAST_ROOM = 26
_LONGEST_VERDICT = 10
# Nothing is wrong with the record; there is none.
_PLAIN = (Reason.MISSING, Reason.NOT_ATTESTED, Reason.NOT_COMPUTABLE)


def unpainted(text: str, style: str) -> str:  # noqa: ARG001
    """Leave `text` as it is."""
    return text


def heading_lines(left: str, right: str, paint: Paint, width: int) -> Iterator[str]:
    """Two texts at the ends of a line; one below the other where they do not fit."""
    left, right = visible(left), visible(right)
    if cells(left) + cells(right) + 2 <= width:
        yield paint(left, "heading") + right.rjust(width - cells(left))
        return
    for text in (left, right):
        for line in wrapped(text, width):
            yield paint(line, "heading") if text == left else line


def overview_lines(
    screenings: tuple[Screening, ...], paint: Paint, width: int, *, drugs: bool = True
) -> Iterator[str]:
    """Protocol, verdict, drug and the deciding criteria, each screening on one line.

    The drug is left out where the rest would have no room.
    """
    longest = min(_LONGEST_ID, width - _LONGEST_VERDICT - 4 - _LEAST_ROOM)
    names = [shortened(visible(s.protocol.id), longest) for s in screenings]
    third = [shortened(visible(s.protocol.drug.name), _LONGEST_DRUG) + "  " for s in screenings]
    columns = max(map(cells, names), default=0) + _LONGEST_VERDICT + 4
    if not drugs or columns + max(map(cells, third), default=0) + _LEAST_ROOM > width:
        third = [""] * len(third)
    drug_width = max(map(cells, third), default=0)
    for screening, name, drug in zip(screenings, names, third, strict=True):
        verdict = screening.verdict.value
        before = padded(name, columns - _LONGEST_VERDICT - 2) + paint(verdict.upper(), verdict)
        after = padded("", _LONGEST_VERDICT - len(verdict) + 2) + padded(drug, drug_width)
        criteria = [result.criterion.id for result in deciding_criteria(screening)]
        told = fitting(criteria, width - columns - drug_width, short_words(screening))
        yield f"{before}{after}{told}".rstrip()


def case_overview(background: Background, paint: Paint = unpainted, width: int = WIDTH) -> str:
    """One of several cases: the verdicts, what would decide more of them, the doubtful records."""
    case, quality = background.case, background.quality
    name = f"Case {case.id} ({case.origin})" if case.origin else f"Case {case.id}"
    lines = [*heading_lines(name, case.screened_at.text, paint, width)]
    verdicts = overview_lines(background.screened.screenings, paint, width - 2, drugs=False)
    lines += [f"  {line}" for line in verdicts]
    needed = needed_words(background.screened.screenings)
    if needed:
        lines.append(fitting(needed, width, "  Needed: "))
    if quality:
        dropped = sum(note.dropped for note in quality)
        told = f"  Data quality: {counted(len(quality), 'remark')}"
        lines.append(f"{told}, {counted(dropped, 'record')} not used" if dropped else told)
    return "\n".join(lines) + "\n"


def overviews_end(width: int = WIDTH) -> str:
    """What follows after the last of several cases."""
    lines = [*wrapped(ONE_IN_FULL, width), *wrapped(f"{NOTICE} ({PROGRAM})", width)]
    return "\n".join(lines) + "\n"


def needed_words(screenings: tuple[Screening, ...]) -> list[str]:
    """`platelets (conflicting)`, `covid_stage`: what keeps verdicts open, by its name in a case.

    First what keeps most protocols open.
    """
    reasons: dict[str, set[Reason]] = {}
    protocols: dict[str, set[str]] = {}
    for screening in screenings:
        if screening.verdict not in (Verdict.UNDECIDED, Verdict.PENDING):
            continue
        for result in deciding_criteria(screening):
            for leaf in deciding(result.judgement):
                if isinstance(leaf.condition, Leaf) and leaf.truth is Truth.UNKNOWN:
                    name = leaf.condition.concept
                    reasons.setdefault(name, set()).update(leaf.reasons)
                    protocols.setdefault(name, set()).add(screening.protocol.id)
    names = sorted(reasons, key=lambda name: -len(protocols[name]))
    return [_with_reasons(name, ordered(reasons[name])) for name in names]


def _with_reasons(name: str, reasons: tuple[Reason, ...]) -> str:
    told = [reason.value.replace("_", " ") for reason in reasons if reason not in _PLAIN]
    return f"{name} ({', '.join(told)})" if told else name
