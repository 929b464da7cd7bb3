"""What people add: a finding of their own on one criterion, and signatures.

Both are entries of the chain. They name the entry that they are about by number and hash, and
change nothing in it.
"""

from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.stamp import as_unicode, given_name, now, stamp
from screen.audit.failures import cannot_write, not_accepted
from screen.audit.ledger.append import append
from screen.audit.ledger.find import entries_and_faults, entry_numbered
from screen.audit.ledger.line import Entry
from screen.audit.people.signing import read_private_key, signature_json
from screen.documents.nearest import nearest_name
from screen.problems import Kind, Problem, ProblemsFound

FINDINGS = ("met", "not_met")
_LONGEST_REASON = 2000


def add_note(
    ledger: Path,
    number: int,
    protocol: str,
    criterion: str,
    finding: str,
    reason: str,
    by: str | None = None,
) -> int:
    """Add a person's finding on one criterion of a recorded case; the answer is its number.

    Raises ProblemsFound for an entry, a protocol or a criterion that is not there, and for a
    reason that is empty.
    """
    last_entry(ledger)
    entry = entry_numbered(ledger, number)
    if entry.kind != "case":
        raise not_accepted("the entry", str(number), "a screened case", str(ledger))
    screenings = {one["protocol"].lower(): one for one in entry.body["screenings"]}
    screening = screenings.get(protocol.lower())
    if screening is None:
        raise _unknown("the protocol", protocol, [s["protocol"] for s in entry.body["screenings"]])
    if criterion not in screening["truths"]:
        raise _unknown("the criterion", criterion, list(screening["truths"]))
    if finding not in FINDINGS:
        raise not_accepted("the finding", finding, " or ".join(FINDINGS))
    reason = as_unicode(reason).strip()
    if not reason or len(reason) > _LONGEST_REASON or not visible(reason):
        detail = f"said in 1 to {_LONGEST_REASON} characters that can be seen"
        raise not_accepted("the reason", reason, detail)
    name = given_name(by)
    body = {
        "kind": "note",
        "about": _name(entry),
        "protocol": screening["protocol"],
        "criterion": criterion,
        "program_said": screening["truths"][criterion],
        "finding": finding,
        "reason": reason,
    }
    return append(ledger, lambda _: {**body, **stamp(name)}).number


def add_signature(
    ledger: Path,
    key: Path,
    name: str,
    meaning: str,
    number: int | None = None,
    by: str | None = None,
) -> Entry:
    """Sign the entry with a number, or the last one, and so everything before it.

    Raises ProblemsFound for a key, a name or a meaning that is none, or a missing entry.
    """
    printed, account_name = given_name(name, "the name (--name)"), given_name(by)
    private = read_private_key(key)
    last = last_entry(ledger)
    signed = last if number is None else entry_numbered(ledger, number)
    signature = signature_json(private, _name(signed), printed or "", meaning, now())
    return append(ledger, lambda _: {"kind": "signature", **signature, **stamp(account_name)})


def last_entry(ledger: Path) -> Entry:
    """The last entry. Raises ProblemsFound if there is none, or anything is wrong before it."""
    last = None
    for item in entries_and_faults(ledger):
        if not isinstance(item, Entry):
            raise cannot_write(ledger, f"{item.text}. What is damaged is not signed")
        last = item
    if last is None:
        raise not_accepted("the ledger", "an empty file", "one with entries", str(ledger))
    return last


def visible(text: str) -> bool:
    """Whether all of a text can be seen; line breaks and tabs in it are blanks."""
    return all(c.isprintable() or c in "\n\t" for c in text)


def _name(entry: Entry) -> Json:
    return {"number": entry.number, "hash": entry.hash}


def _unknown(about: str, value: str, known: list[str]) -> ProblemsFound:
    detail = "one that the entry holds"
    nearest = nearest_name(value, known)
    return ProblemsFound(
        [
            Problem(
                Kind.NOT_ACCEPTED,
                value=value,
                about=about,
                allowed=tuple(known),
                nearest=nearest,
                detail=detail,
            )
        ]
    )
