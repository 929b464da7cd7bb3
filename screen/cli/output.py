"""Results to standard output, messages to standard error, colour only on a terminal."""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import StringIO

import typer

from screen.problems import ProblemsFound, worded

DONE = 0
SOME_REFUSED = 1
NOTHING_DONE = 2
PIPE_CLOSED = 141

_IN_A_PIPE = 80
_STREAMS = 3
_NARROWEST = 60
_STYLES: dict[str, dict[str, str | bool]] = {
    "eligible": {"fg": "green", "bold": True},
    "pending": {"fg": "cyan", "bold": True},
    "undecided": {"fg": "yellow", "bold": True},
    "ineligible": {"fg": "red", "bold": True},
    "satisfied": {"fg": "green"},
    "fails": {"fg": "red"},
    "unknown": {"fg": "yellow"},
    "heading": {"bold": True},
}


def result(text: str, *, as_utf8: bool = False) -> None:
    """Write `text` to standard output. A reader that went away ends the program quietly.

    `as_utf8` for formats that are UTF-8 whatever the terminal speaks.
    """
    try:
        buffer = getattr(sys.stdout, "buffer", None)
        if as_utf8 and buffer is not None:
            sys.stdout.flush()
            buffer.write(text.encode("utf-8", "backslashreplace"))
        else:
            sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _give_up(sys.stdout)
        raise typer.Exit(PIPE_CLOSED) from None
    except (OSError, ValueError) as error:
        # ValueError: the stream was closed before the program began.
        _give_up(sys.stdout)
        raise NotShown(getattr(error, "strerror", None) or "standard output is closed") from None


class NotShown(Exception):
    """Standard output takes no more: a full disk, a closed stream. Its text says why."""


class _Closed(StringIO):
    """Standard output or error of a process that was started without one."""

    def write(self, _: str, /) -> int:
        raise OSError(errno.EBADF, "it is closed")


def open_streams() -> None:
    """See that no file takes the number of a standard stream that is closed, and that writing to
    one fails in words.
    """
    if sys.stdout is not None and sys.stderr is not None:
        return
    while os.open(os.devnull, os.O_RDWR) < _STREAMS:
        pass
    sys.stdout = sys.stdout or _Closed()
    sys.stderr = sys.stderr or _Closed()


def told(text: str, done: str, *, said: str = "") -> int:
    """Say what came of something that was done already; gives the exit status.

    Where it cannot be said, standard error hears what was `done`, and nothing is unsaid.
    """
    if said:
        message(said)
    try:
        result(text)
    except NotShown as error:
        not_shown(error, done)
        return SOME_REFUSED
    return DONE


def not_shown(error: NotShown, done: str = "") -> None:
    """Say on standard error that the answer could not be shown, and what was done all the same."""
    reason = str(error).lower()
    tail = f"the answer could not be shown: {reason}"
    message(f"{done}, but {tail}" if done else tail)


def _give_up(stream: object) -> None:
    """Python flushes once more at its end, and would complain."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())  # type: ignore[attr-defined]
        os.close(null)


def message(text: str) -> None:
    """Write one line for a person to standard error, with control characters made visible.

    Where standard error takes nothing, nobody can be told.
    """
    from screen.quoting import visible

    try:
        sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        _give_up(sys.stderr)


def problems(found: ProblemsFound, hint: str = "") -> None:
    """Write each problem on a line of its own to standard error."""
    for problem in found.problems:
        message(worded(problem) + hint)


def painter() -> Callable[[str, str], str]:
    """How to colour a text: not at all in a pipe, with `NO_COLOR`, or on a dumb terminal."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or not sys.stdout.isatty():
        return lambda text, _: text
    return lambda text, style: typer.style(text, **_STYLES[style]) if style in _STYLES else text  # type: ignore[arg-type]


def width() -> int:
    """Columns to fill: those of the terminal between 60 and 100, 80 in a pipe.

    A terminal that says 0, as one that nobody has sized does, is filled like a pipe.
    """
    columns = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
    return min(max(columns, _NARROWEST), 100) if columns else _IN_A_PIPE
