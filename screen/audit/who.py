"""Who is at the keyboard, and what time it is: the only clock of the program."""

import getpass
import os
from datetime import UTC, datetime

from screen.audit.canonical import Json
from screen.audit.failures import not_accepted
from screen.explain.program import PROGRAM

_LONGEST_NAME = 200


def stamp(by: str | None) -> Json:
    """When an entry is written, for whom, by which account, and with which program.

    Taken under the lock, so that the times of the entries follow their order.
    """
    account = login()
    return {"recorded_at": now(), "by": by or account, "account": account, "program": PROGRAM}


def checked_name(name: str | None, about: str = "the name given with --by") -> str | None:
    """The name of a person, as it can be printed. Raises ProblemsFound for what is none."""
    if name is None:
        return None
    name = name.strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        detail = f"1 to {_LONGEST_NAME} characters that can be printed"
        raise not_accepted(about, name[:_LONGEST_NAME], detail)
    return name


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
