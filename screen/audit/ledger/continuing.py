"""A new ledger that begins with the head of an older one."""

from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.stamp import given_name, stamp
from screen.audit.failures import cannot_write, not_accepted
from screen.audit.ledger.append import Head, append
from screen.audit.ledger.find import entries
from screen.audit.ledger.line import Entry
from screen.problems import Kind, Problem, ProblemsFound


def continue_ledger(old: Path, new: Path, by: str | None = None) -> Entry:
    """Begin the ledger `new` with the head of `old`, which stays as it is, damaged or not.

    Raises ProblemsFound if `old` holds no whole entry, or `new` holds anything already.
    """
    name = given_name(by)
    last = None
    for entry in entries(old):
        last = entry
    if last is None:
        raise not_accepted("the ledger", "a file without entries", "one with entries", str(old))
    try:
        old.name.encode()
    except UnicodeError:
        raise ProblemsFound([Problem(Kind.NAME_NOT_TEXT, str(old))]) from None
    continues: Json = {"number": last.number, "hash": last.hash}

    def make(head: Head) -> Json:
        if head.number:
            raise cannot_write(new, "it holds entries already, and a head stands first")
        body = {"kind": "continues", "continues": continues, "ledger_name": old.name}
        return {**body, **stamp(name)}

    return append(new, make)
