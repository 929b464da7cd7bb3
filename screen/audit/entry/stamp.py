"""Who is at the keyboard, and what time it is: the only clock of the program."""

import getpass
import os
from datetime import UTC, datetime

from screen.audit.entry.canonical_json import Json
from screen.audit.failures import not_accepted
from screen.program import PROGRAM

LONGEST_NAME = 200


def login() -> str:
    """The account that runs this process, which no environment variable can change."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return "unknown"


def now() -> str:
    """The time of day in UTC, as `2020-03-21T08:10:30.123456Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stamp(by: str | None) -> Json:
    """When, by whom, and by which program something is recorded, as every entry says it.

    `by` is the name that was given, checked by `given_name`; the account stands beside it always.
    """
    account = login()
    return {"recorded_at": now(), "by": by or account, "account": account, "program": PROGRAM}


def given_name(name: str | None, about: str = "the name (--by)") -> str | None:
    """A name that was given for a person, without blanks around it; None if none was.

    Raises ProblemsFound for one that is blank, not printable, no Unicode or too long.
    """
    if name is None:
        return None
    text = as_unicode(name).strip()
    if not text or not text.isprintable() or len(text) > LONGEST_NAME:
        detail = f"a person's name in 1 to {LONGEST_NAME} printable characters"
        raise not_accepted(about, name, detail)
    return text


def as_unicode(text: str) -> str:
    """Text of a command line that is UTF-8, whatever the terminal is said to speak.

    Text that is none stays as it is: half characters in it, which are not printable.
    """
    if text.isascii():
        return text
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        return text
