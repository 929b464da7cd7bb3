"""Why nothing was added to a ledger, or why it cannot be read at all."""

from pathlib import Path

from screen.problems import Kind, Problem, ProblemsFound


def cannot_read(path: Path, detail: str) -> ProblemsFound:
    """The ledger, a key or an input file cannot be read."""
    return ProblemsFound([Problem(Kind.UNREADABLE, str(path), detail=detail)])


def cannot_write(path: Path, detail: str) -> ProblemsFound:
    """Nothing was added, or what was added is not known to be safe on the disk."""
    return ProblemsFound([Problem(Kind.NOT_WRITTEN, str(path), detail=detail)])


def no_such_file(path: Path) -> ProblemsFound:
    """There is no such file."""
    return ProblemsFound([Problem(Kind.MISSING_FILE, str(path))])


def not_accepted(about: str, value: str, detail: str, file: str = "") -> ProblemsFound:
    """`about` must be `detail`, and not `value`."""
    return ProblemsFound(
        [Problem(Kind.NOT_ACCEPTED, file, value=value, about=about, detail=detail)]
    )


def reason_of(error: OSError) -> str:
    """The operating system's own words, without a path."""
    return (error.strerror or type(error).__name__).lower()
