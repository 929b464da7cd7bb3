"""What a person reads at the end of a batch, in 60 columns or more and without colour."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from screen.explain.words.plain_text import cells, wrapped
from screen.model.concept import Vocabulary
from screen.model.screening import Verdict
from screen.program import NOTICE
from screen.quoting import visible

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
_MOST_REASONS = 5
_MOST_ASIDE = 8


def report(
    summary: Mapping[str, Any], vocabulary: Vocabulary, paint: Paint, width: int = WIDTH
) -> str:
    """The counts per protocol with a bar, and what excludes and what is missing most often."""
    return "\n".join(_lines(summary, vocabulary, paint, width)) + "\n"


def _lines(
    summary: Mapping[str, Any], vocabulary: Vocabulary, paint: Paint, width: int
) -> Iterator[str]:
    cases = summary["cases"]
    yield paint(
        f"{_many(cases['in'], 'case')} in = {cases['screened']:,} screened"
        f" + {cases['rejected']:,} rejected",
        "heading",
    )
    if cases["rows_of_no_case"]:
        yield f"Rows that belong to no case: {cases['rows_of_no_case']:,} (see rejects.csv)"
    yield from _rejected(summary, width)
    yield ""
    yield from _table(summary, paint, width)
    yield ""
    yield "  ".join(f"{mark} {verdict.value}" for verdict, mark in _MARKS.items())
    yield from _most(
        "Criteria that exclude most cases", _excluding(summary), cases["screened"], paint, width
    )
    missing = [
        (_label(name, vocabulary), entry["cases"]) for name, entry in summary["missing"].items()
    ]
    yield from _most("Data items most often missing", missing, cases["screened"], paint, width)
    yield from _set_aside(summary, paint, width)
    for name, count in summary["left_out"].get("not_used", {}).items():
        yield _short(f"Not used {count:,} times: {visible(name)}", width)
    for why, count in summary["left_out"].get("rows", {}).items():
        yield _short(f"Rows left out by the mapping: {count:,} ({visible(why)})", width)
    for name, count in summary.get("hidden_rows", {}).items():
        rows = "1 row is" if count == 1 else f"{count:,} rows are"
        yield _short(f"{rows} hidden in the sheet, and screened: {visible(name)}", width)
    for name in summary["left_out"].get("mappings", {}):
        yield _short(f"Not a case, but a mapping: {visible(name)}", width)
    for name, protocol in summary["protocols"].items():
        if protocol.get("by_person"):
            cases = _many(protocol["by_person"], "case")
            yield _short(f"A person still checks lines of {name} in {cases}", width)
    yield ""
    yield from wrapped(NOTICE, width)


def _rejected(summary: Mapping[str, Any], width: int) -> Iterator[str]:
    """Why rows are in rejects.csv, most frequent first."""
    entries = summary["rejects"]
    for entry in entries[:_MOST_REASONS]:
        yield _short(f"  {entry['lines']:,} x {visible(entry['reason'])}", width)
    if len(entries) > _MOST_REASONS:
        more = sum(entry["lines"] for entry in entries[_MOST_REASONS:])
        yield f"  {more:,} more for other reasons (see rejects.csv)"


def _set_aside(summary: Mapping[str, Any], paint: Paint, width: int) -> Iterator[str]:
    """What was recorded and does not count, most frequent first."""
    entries = summary["set_aside"]
    if not entries:
        return
    total = sum(entry["records"] for entry in entries)
    yield ""
    yield paint(f"Set aside: {_many(total, 'record')}", "heading")
    for entry in entries[:_MOST_ASIDE]:
        texts = ", ".join(
            f"{visible(text['text'])} ({text['records']:,})" for text in entry["texts"][:_MOST]
        )
        head = f"  {entry['records']:>9,}  {entry['concept']} {entry['reason']}: "
        yield _short(head + texts, width)
    if len(entries) > _MOST_ASIDE:
        more = sum(entry["records"] for entry in entries[_MOST_ASIDE:])
        yield f"  {more:>9,}  more, listed in summary.json"


def never_read(concept: str, summary: Mapping[str, Any]) -> str:
    """That a mapping never once reads a concept, with what stands there instead."""
    entries = [entry for entry in summary["set_aside"] if entry["concept"] == concept]
    total = sum(entry["records"] for entry in entries)
    reasons = ", ".join(f"{entry['reason']} {entry['records']:,}" for entry in entries)
    texts = [text["text"] for entry in entries for text in entry["texts"][:1]]
    such = f", such as {', '.join(visible(text) for text in texts[:_MOST])}" if texts else ""
    way = ""
    if any(entry["reason"] == "ambiguous" for entry in entries):
        way = '; thousands: "." or decimal: "." in the mapping says what a dot means'
    elif any(entry["reason"] == "no_unit" for entry in entries):
        way = "; the mapping can say its unit"
    return (
        f"the mapping never reads {concept}: none of {_many(total, 'record')} can be used"
        f" ({reasons}{such}){way}"
    )


def _table(summary: Mapping[str, Any], paint: Paint, width: int) -> Iterator[str]:
    # The bar repeats the counts; where the terminal is narrow they need its place.
    barred = width >= WIDTH
    name_width = _NAME if barred else width - 11 * len(Verdict)
    heads = "".join(f"{verdict.value:>11}" for verdict in Verdict)
    yield paint(f"{'Protocol':<{name_width}}{heads}", "heading")
    for name, protocol in summary["protocols"].items():
        counts = protocol["verdicts"]
        cells = "".join(_count(counts[verdict.value], verdict, paint) for verdict in Verdict)
        line = f"{_short(name, min(_NAME - 1, name_width)):<{name_width}}{cells}"
        yield f"{line} {bar(counts)}" if barred else line


def _count(count: int, verdict: Verdict, paint: Paint) -> str:
    """A count in the colour of its verdict; nothing is there to be seen of none."""
    text = f"{count:>11,}"
    return paint(text, verdict.value) if count else text


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


def _most(
    heading: str, entries: list[tuple[str, int]], total: int, paint: Paint, width: int
) -> Iterator[str]:
    yield ""
    yield paint(heading, "heading")
    for text, count in entries[:_MOST]:
        share = f"{100 * count // total if total else 0} %"
        yield f"  {_short(text, width - 26):<{width - 25}}{count:>12,} {share:>6}"
    if not entries:
        yield "  none"


def _label(concept: str, vocabulary: Vocabulary) -> str:
    return f"{concept}: {vocabulary.concepts[concept].label}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _short(text: str, width: int) -> str:
    """`text` in at most `width` columns of a terminal."""
    if cells(text) <= width:
        return text
    kept = text[: width - 1]
    while cells(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"
