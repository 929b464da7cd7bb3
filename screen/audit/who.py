"""Who is at the keyboard, and what time it is: the only clock of the program."""

import getpass
import os
from datetime import UTC, datetime


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
