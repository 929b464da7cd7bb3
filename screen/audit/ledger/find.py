"""Finding entries in a ledger, each of them with its hash checked."""

import io
from collections.abc import Iterator
from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.shelf import Shelf
from screen.audit.failures import cannot_read, cannot_write, not_accepted
from screen.audit.ledger.line import LONGEST, Entry, follows, is_sealed
from screen.audit.ledger.read import Fault, Found, read_formed, read_ledger
from screen.files import is_there, open_file


def entries(path: Path) -> Iterator[Entry]:
    """Every entry that is whole, in order. Raises ProblemsFound for an unreadable file."""
    for item in read_formed(path):
        if isinstance(item, Entry):
            yield item


def entries_and_faults(path: Path) -> Iterator[Entry | Found]:
    """As `entries`, with what is wrong between them."""
    for item in read_formed(path):
        if isinstance(item, Entry | Found):
            yield item


def check_whole(path: Path) -> None:
    """Raise ProblemsFound for a ledger that is damaged anywhere, so that nothing is added to it
    without a word. A torn end is none: the next entry declares it.
    """
    if not is_there(path) or _is_chained(path):
        return
    for item in read_ledger(path):
        if isinstance(item, Found) and item.fault not in (Fault.TORN, Fault.NO_LINE_END):
            detail = f"{item.text}; nothing is added to it. Keep it, and go on with audit continue"
            raise cannot_write(path, detail)


def _is_chained(path: Path) -> bool:
    """Whether each line is sealed and names the one before it: hashed, and not taken apart.

    So a ledger of a hundred megabytes is looked at in a moment, every time something is recorded.
    """
    before = b""
    try:
        with io.BufferedReader(open_file(path), 1 << 20) as file:
            while line := file.readline(LONGEST):
                if not line.endswith(b"\n") or not is_sealed(line) or not follows(line, before):
                    return False
                before = line
    except OSError:
        return False
    return True


def entry_numbered(path: Path, number: int) -> Entry:
    """The entry with a number. Raises ProblemsFound if there is none, or it is damaged."""
    last = 0
    for item in read_formed(path):
        if isinstance(item, Found) and item.entry == number:
            raise cannot_read(path, item.text)
        if not isinstance(item, Entry):
            continue
        if item.number == number:
            return item
        last = item.number
    asked = f"from 1 to {last}" if last else "in a ledger that holds one"
    raise not_accepted("the entry", str(number), asked, str(path))


def about(path: Path, number: int) -> list[Entry]:
    """The notes and signatures that name an entry, in order."""
    return [entry for entry in entries(path) if subject_of(entry.body) == number]


def subject_of(body: Json) -> int | None:
    """The number of the entry that a note or a signature is about."""
    named = body.get("about") or body.get("signs")
    return int(named["number"]) if isinstance(named, dict) and "number" in named else None


def shelf_for(path: Path, body: Json) -> Shelf:
    """The conditions that an entry was decided by, from the entries that hold them."""
    holders = {
        body.get("shelf", {}).get(screening["conditions"]) for screening in body["screenings"]
    }
    shelf = Shelf()
    last = max((number for number in holders if number is not None), default=0)
    for entry in entries(path):
        if entry.number in holders:
            shelf.take(entry.body)
        if entry.number >= last:
            break
    return shelf
