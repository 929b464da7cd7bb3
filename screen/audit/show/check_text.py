"""What a check or a replay found, in words and as JSON."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screen.audit.check.verify import Report
from screen.audit.entry.canonical_json import Json
from screen.audit.people.signing import fingerprint
from screen.explain.words.plain_text import counted, wrapped
from screen.quoting import visible

if TYPE_CHECKING:
    from screen.audit.check.replay import Replayed

WIDTH = 80
LIMIT = (
    "Whole entries that were cut off {after} cannot be seen here. Note the head, and give it to "
    "verify --head later; or sign, keep the receipt, and give it to --signed-up-to."
)


def report_json(report: Report) -> Json:
    """Everything about a check; `ok` is whether nothing was found wrong."""
    return {
        "ok": report.is_whole,
        "ledger": report.ledger,
        "entries": report.entries,
        "kinds": dict(sorted(report.kinds.items())),
        "head": report.head or None,
        "truths_proved": report.truths_proved,
        "truths_without_values": report.truths_without_values,
        "entries_without_values": report.entries_without_values,
        "truths_not_proved": report.truths_not_proved,
        "texts_not_checked": report.texts_not_checked,
        "last_time": report.last_time or None,
        "receipt": report.receipt,
        "anchor": report.anchor,
        "signatures": [
            {
                "entry": one.entry,
                "signs": one.signs,
                "name": one.name,
                "meaning": one.meaning,
                "signed_at": one.signed_at,
                "key": one.key,
                "trusted": one.trusted,
            }
            for one in report.signatures
        ],
        "signed_up_to": report.signed_up_to,
        "signed_until": report.signed_until or None,
        "problems": report.wrong,
        "more_problems": report.more_wrong,
        "remarks": report.remarks,
    }


def report_text(report: Report) -> str:
    """The same for a person, in lines of at most 80 columns; problems are told apart."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(report.kinds.items()))
    wrong = len(report.wrong) + report.more_wrong
    state = counted(wrong, "problem") if wrong else _nothing_wrong(report)
    yield f"{counted(report.entries, 'entry', 'entries')}{f' ({kinds})' if kinds else ''}: {state}"
    yield f"{counted(report.truths_proved, 'truth')} proved again from the recorded evidence"
    if report.truths_without_values:
        held = counted(report.entries_without_values, "entry", "entries")
        yield (f"{counted(report.truths_without_values, 'truth')} cannot be: {held} without values")
    if report.texts_not_checked:
        units = counted(report.texts_not_checked, "text")
        yield f"{units} in units that only the vocabulary converts: shown with the amount"
    for one in report.signatures:
        trust = "by a given key" if one.trusted else "by a key that was not given"
        told = (
            f"entry {one.entry}: {one.name} {one.meaning} entry {one.signs} at {one.signed_at}, "
            f"{trust} ({fingerprint(one.key)})"
        )
        yield from wrapped(told, WIDTH, "", "  ")
    if report.signed_up_to:
        told = (
            f"signed by given keys: everything up to entry {report.signed_up_to}, last at "
            f"{report.signed_until}"
        )
        yield from wrapped(told, WIDTH, "", "  ")
    elif report.signatures:
        yield "signed by given keys: nothing; say whose with --pub"
    if report.receipt is not None:
        yield f"the receipt is that of entry {report.receipt} of {report.entries}"
    if report.anchor is not None:
        yield f"the noted hash is entry {report.anchor} of {report.entries}"
    for remark in report.remarks:
        yield from wrapped(remark, WIDTH, "", "  ")
    if report.head:
        yield f"head  {report.head}"
    yield from wrapped(LIMIT.format(after=_known_end(report)), WIDTH)


def _known_end(report: Report) -> str:
    """After which entry nothing is known; what was noted elsewhere says that it was there."""
    noted = max(report.anchor or 0, report.receipt or 0)
    if noted:
        return f"after entry {noted}"
    return f"after entry {report.entries}" if report.entries else "its end"


def _nothing_wrong(report: Report) -> str:
    """A truth of an earlier version that this one would not give is not proved, nor wrong."""
    if report.truths_not_proved:
        return f"chain intact, not proved again: {counted(report.truths_not_proved, 'truth')}"
    return "nothing wrong"


def replayed_json(one: "Replayed") -> Json:
    """One replayed entry."""
    return {
        "number": one.number,
        "case": one.case,
        "outcome": one.outcome,
        "ok": one.is_good,
        "changes": [
            {"role": change.role, "what": change.what, "how": change.how} for change in one.changes
        ],
        "differences": list(one.differences),
    }


def replayed_text(one: "Replayed") -> str:
    """One replayed entry, in a line and one more for each thing that is not as it was."""
    subject = f" case {one.case}" if one.case else " batch"
    lines = list(wrapped(f"entry {one.number}{subject}: {one.outcome}", WIDTH))
    for text in (*(change.text for change in one.changes), *one.differences):
        lines += wrapped(visible(text), WIDTH, "  ", "    ")
    return "\n".join(lines) + "\n"
