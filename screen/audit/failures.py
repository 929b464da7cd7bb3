"""Why nothing was added to a ledger, or why it cannot be read at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screen.problems import Kind, Problem, ProblemsFound


def cannot_read(path: Path, detail: str) -> ProblemsFound:
    """The ledger, a key or an input file cannot be read."""
    return ProblemsFound([Problem(Kind.UNREADABLE, str(path), detail=detail)])


def cannot_write(path: Path, detail: str) -> ProblemsFound:
    """Nothing was added, or what was added is not known to be safe on the disk."""
    return ProblemsFound([Problem(Kind.NOT_WRITTEN, str(path), detail=detail)])


def not_unicode(path: Path, body: Any) -> ProblemsFound:
    """Nothing was added, because some text of the entry is half a character."""
    name, text = next(_halves(body, "it"), ("it", ""))
    return ProblemsFound([Problem(Kind.NOT_UNICODE, str(path), about=name, value=text)])


def _halves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """The texts that no file can hold, with what they are."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _halves(key, name)
            yield from _halves(part, str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _halves(part, name)


def no_such_file(path: Path) -> ProblemsFound:
    """There is no such file."""
    return ProblemsFound([Problem(Kind.MISSING_FILE, str(path))])


def not_accepted(about: str, value: str, detail: str, file: str = "") -> ProblemsFound:
    """`about` must be `detail`, and not `value`."""
    return ProblemsFound(
        [Problem(Kind.NOT_ACCEPTED, file, value=value, about=about, detail=detail)]
    )
