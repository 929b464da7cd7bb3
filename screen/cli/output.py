"""Results to standard output, messages to standard error, colour only on a terminal."""

import os
import sys
from collections.abc import Callable

import typer

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
        # Python flushes once more at its end, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(PIPE_CLOSED) from None


def message(text: str) -> None:
    """Write one line for a person to standard error, with control characters made visible."""
    from screen.explain.plain import visible

    sys.stderr.write(f"{visible(text)}\n")
    sys.stderr.flush()


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
