"""What a person reads at the end of a batch, in 80 columns and without colour."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from screen.explain.plain import visible, wrapped
from screen.explain.program import NOTICE
from screen.model.concept import Vocabulary
from screen.model.screening import Verdict

# (text, style) -> text; the styles are the verdicts' words and "heading".
Paint = Callable[[str, str], str]

WIDTH = 80
_BAR = 16
_NAME = 19
_MARKS = {
    Verdict.ELIGIBLE: "#",
    Verdict.PENDING: "+",
    Verdict.UNDECIDED: "?",
    Verdict.INELIGIBLE: "-",
}
_MOST = 3


def report(summary: Mapping[str, Any], vocabulary: Vocabulary, paint: Paint) -> str:
    """The counts per protocol with a bar, and what excludes and what is missing most often."""
    return "\n".join(_lines(summary, vocabulary, paint)) + "\n"


def _lines(summary: Mapping[str, Any], vocabulary: Vocabulary, paint: Paint) -> Iterator[str]:
    cases = summary["cases"]
    yield paint(
        f"{_many(cases['in'], 'case')} in = {cases['screened']:,} screened"
        f" + {cases['rejected']:,} rejected",
        "heading",
    )
    if cases["rows_of_no_case"]:
        yield f"Rows that belong to no case: {cases['rows_of_no_case']:,} (see rejects.csv)"
    yield ""
    yield from _table(summary, paint)
    yield ""
    yield "  ".join(f"{mark} {verdict.value}" for verdict, mark in _MARKS.items())
    yield from _most(
        "Criteria that exclude most cases", _excluding(summary), cases["screened"], paint
    )
    missing = [
        (_label(name, vocabulary), entry["cases"]) for name, entry in summary["missing"].items()
    ]
    yield from _most("Data items most often missing", missing, cases["screened"], paint)
    for name, count in summary["left_out"].get("not_used", {}).items():
        yield _short(f"Not used {count:,} times: {visible(name)}", WIDTH)
    yield ""
    yield from wrapped(NOTICE)


def _table(summary: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    heads = "".join(f"{verdict.value:>11}" for verdict in Verdict)
    yield paint(f"{'Protocol':<{_NAME}}{heads}", "heading")
    for name, protocol in summary["protocols"].items():
        counts = protocol["verdicts"]
        cells = "".join(
            paint(f"{counts[v.value]:>11,}", v.value if counts[v.value] else "") for v in Verdict
        )
        yield f"{_short(name, _NAME - 1):<{_NAME}}{cells} {bar(counts)}"


def bar(counts: Mapping[str, int]) -> str:
    """The shares of the verdicts in 16 characters; whatever is there at all shows at least once."""
    total = sum(counts.values())
    if not total:
        return " " * _BAR
    there = [verdict for verdict in Verdict if counts[verdict.value]]
    widths = {v: max(1, counts[v.value] * _BAR // total) for v in there}
    # What rounding left over or took too much goes to the largest share.
    largest = max(there, key=lambda verdict: counts[verdict.value])
    widths[largest] += _BAR - sum(widths.values())
    return "".join(_MARKS[verdict] * width for verdict, width in widths.items())


def _excluding(summary: Mapping[str, Any]) -> list[tuple[str, int]]:
    found = []
    for name, protocol in summary["protocols"].items():
        for criterion, counts in protocol["criteria"].items():
            failing = counts["met" if counts["kind"] == "exclusion" else "not_met"]
            if failing:
                found.append((f"{criterion} ({name})", failing))
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _most(heading: str, entries: list[tuple[str, int]], total: int, paint: Paint) -> Iterator[str]:
    yield ""
    yield paint(heading, "heading")
    for text, count in entries[:_MOST]:
        share = f"{100 * count // total if total else 0} %"
        yield f"  {_short(text, 54):<55}{count:>12,} {share:>6}"
    if not entries:
        yield "  none"


def _label(concept: str, vocabulary: Vocabulary) -> str:
    return f"{concept}: {vocabulary.concepts[concept].label}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
