"""Results to standard output, messages to standard error, colour only on a terminal."""

import os
import sys
from collections.abc import Callable
from typing import TextIO

import typer

from screen.files import reason_of
from screen.problems import ProblemsFound, worded

DONE = 0
SOME_REFUSED = 1
NOTHING_DONE = 2
PIPE_CLOSED = 141

_IN_A_PIPE = 80
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


class NotShown(Exception):
    """Standard output takes no more: the disk behind it is full, say."""


_done: list[str] = []


def did(what: str) -> None:
    """Remember what has been done for good, to be told if the answer cannot be shown."""
    _done[:] = [what]


def done() -> str:
    """What has been done for good so far; empty if nothing."""
    return "".join(_done)


def nothing_done() -> None:
    """A new command begins."""
    _done.clear()


def result(text: str, *, as_utf8: bool = False) -> None:
    """Write `text` to standard output. A reader that went away ends the program quietly.

    `as_utf8` for formats that are UTF-8 whatever the terminal speaks. Raises NotShown.
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
        _to_nowhere(sys.stdout)
        raise typer.Exit(PIPE_CLOSED) from None
    except OSError as error:
        _to_nowhere(sys.stdout)
        raise NotShown(reason_of(error)) from None


def _to_nowhere(stream: TextIO) -> None:
    """Python flushes once more at its end, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def message(text: str) -> None:
    """Write one line for a person to standard error, with control characters made visible."""
    from screen.explain.plain import visible

    try:
        sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()
    except OSError:  # whom to tell?
        _to_nowhere(sys.stderr)


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
