"""The screening log: one row for each recorded case and protocol, with the reasons for failure."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from screen.audit.check.case_check import CaseChecker
from screen.audit.check.changes import Present
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.criteria_json import Conditions
from screen.audit.entry.shelf import Shelf
from screen.audit.entry.truth_json import truth_from
from screen.audit.ledger.find import entries, entries_and_faults, subject_of
from screen.audit.ledger.line import Entry
from screen.audit.sheets.sheet import Row, Sheet
from screen.audit.show.entry_text import person
from screen.explain.words.plain_text import counted
from screen.model.criterion import Criterion
from screen.model.screening import Effect, effect_of
from screen.program import NOTICE

COLUMNS = (
    "Entry",
    "Case",
    "Screened at",
    "Protocol",
    "Version",
    "Verdict",
    "Reasons for failure",
    "Unknown",
    "Assumed",
    "Corrections by people",
    "Signed",
    "Recorded at",
    "By",
    "Changed since",
)
_MARKS = {"ineligible": "fails", "undecided": "unknown", "pending": "unknown"}


def screening_log(ledger: Path, rules: Path) -> tuple[Sheet, list[str]]:
    """The log of every case entry of a ledger, and what is wrong with the ledger.

    Says first how many rows rest on files that have changed since. Raises ProblemsFound if
    the ledger cannot be read.
    """
    remarks: dict[int, list[Entry]] = {}
    faults: list[str] = []
    head = ""
    for item in entries_and_faults(ledger):
        if not isinstance(item, Entry):
            faults.append(item.text)
            continue
        head = f"{item.number} {item.hash}"
        subject = subject_of(item.body)
        if subject is not None:
            remarks.setdefault(subject, []).append(item)
    unproved: list[int] = []
    rows = tuple(_rows(ledger, rules, remarks, faults, unproved))
    stale = sum(bool(row.cells[-1]) for row in rows)
    told = [("Ledger", ledger.name), ("Last entry", head)]
    if stale:
        told.insert(0, ("Not current", f"{stale} rows rest on files that have changed since"))
    if unproved:
        count = counted(len(unproved), "entry", "entries")
        told.append(("Not proved", f"{count} without values or of an earlier version"))
    if faults:
        told.insert(0, ("Damaged", f"{len(faults)} faults; audit verify names them"))
    return Sheet("Screening log", tuple(told), COLUMNS, rows, (NOTICE,)), faults


def _rows(
    ledger: Path,
    rules: Path,
    remarks: dict[int, list[Entry]],
    faults: list[str],
    unproved: list[int],
) -> Iterator[Row]:
    """The rows; what is not true of a case that is shown in one goes to `faults`, the number of
    an entry whose truths could not be proved again to `unproved`.
    """
    present, checker = Present(ledger, rules), CaseChecker()
    for entry in entries(ledger):
        checker.take(entry.body)
        if entry.kind == "case":
            found = checker.check(entry.body)
            faults += (f"entry {entry.number}: {sentence}" for sentence in found.wrong)
            unproved += [entry.number] if found.unsaid else []
            changes = present.changes(entry.body)
            changed = "\n".join(change.text for change in changes)
            for screening in entry.body["screenings"]:
                yield _row(entry, screening, checker.shelf, remarks.get(entry.number, []), changed)


def _row(
    entry: Entry, screening: Json, shelf: Shelf, remarks: Iterable[Entry], changed: str
) -> Row:
    body = entry.body
    conditions = shelf.of(screening["conditions"])
    failing = list(_named(screening, conditions, Effect.FAILS))
    unknown = list(_named(screening, conditions, Effect.UNKNOWN))
    cells = (
        str(entry.number),
        str(body["case"]),
        str(body["screened_at"]),
        str(screening["protocol"]),
        str(screening["version"]),
        str(screening["verdict"]),
        "\n".join(failing),
        "\n".join(unknown),
        ", ".join(screening["assumed"]),
        "\n".join(_corrections(screening, remarks)),
        "\n".join(_signatures(remarks)),
        str(body["recorded_at"]),
        person(body),
        changed,
    )
    return Row(cells, _MARKS.get(str(screening["verdict"]), ""))


def _named(screening: Json, conditions: Conditions | None, effect: Effect) -> Iterator[str]:
    for criterion in conditions.protocol.criteria if conditions else ():
        recorded = screening["truths"].get(criterion.id)
        if recorded is not None and _effect(criterion, recorded) is effect:
            yield f"{criterion.id}: {criterion.text} ({', '.join(criterion.citation.at)})"


def _effect(criterion: Criterion, recorded: Any) -> Effect:
    truth, _ = truth_from(recorded)
    return effect_of(criterion.kind, truth)


def _corrections(screening: Json, remarks: Iterable[Entry]) -> Iterator[str]:
    for entry in remarks:
        body = entry.body
        if entry.kind == "note" and body["protocol"] == screening["protocol"]:
            finding = body["finding"].replace("_", " ")
            yield (
                f"{body['criterion']}: {finding} by {person(body)} (entry {entry.number}): "
                f"{body['reason']}"
            )


def _signatures(remarks: Iterable[Entry]) -> Iterator[str]:
    for entry in remarks:
        if entry.kind == "signature":
            body = entry.body
            yield f"{body['meaning']} by {body['name']} at {body['signed_at']}"
