"""An output and everything else that a run is given lie apart: none of them in another."""

import os
from collections.abc import Iterator
from pathlib import Path

from screen.batch.options import Options
from screen.batch.output.claim import PARTIAL
from screen.batch.output.ownership import is_taken, named
from screen.language.loading.own_folder import default_rules_dir
from screen.problems import Kind, Problem, ProblemsFound, shown


def place_of(options: Options) -> Path:
    """Where the output of a run is to lie, with every link on the way followed.

    Raises ProblemsFound if it is a link itself, or no name; or if the name of anything that the
    run is given is no text, so that it could not be written down.
    """
    for path in (options.out, *_given(options)):
        check_is_text(path)
    try:
        return _resolved(options.out)
    except (OSError, RuntimeError, ValueError) as error:
        # RuntimeError: a link that leads to itself. ValueError: a null byte.
        words = getattr(error, "strerror", None) or "a bad path"
        raise ProblemsFound([Problem(Kind.NOT_WRITTEN, str(options.out), detail=words)]) from error


def check_apart(out: Path, options: Options) -> None:
    """Raises ProblemsFound if the output would lie in anything that the run is given, or hold it.

    OSError.
    """
    for path in _given(options):
        _check_apart(out, path)


def check_is_text(path: Path) -> None:
    """Raises ProblemsFound for a name that is not UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ProblemsFound([Problem(Kind.NAME_NOT_TEXT, str(path))]) from None


def _resolved(out: Path) -> Path:
    if out.name in ("", ".."):
        out = out.resolve()
    if not out.name:
        raise ProblemsFound([Problem(Kind.NO_OUTPUT, str(out))])
    if out.is_symlink():
        raise ProblemsFound([Problem(Kind.OUTPUT_LINK, named(out))])
    return out.parent.resolve() / out.name


def _given(options: Options) -> Iterator[Path]:
    """Everything that the run reads or keeps, and the folder in which it works."""
    rules = options.rules
    given = (options.input, *options.more, options.mapping, options.patients, rules.site)
    for path in (*given, *options.beside, rules.folder or default_rules_dir()):
        if path is not None:
            yield path
    yield Path.cwd()


def _check_apart(out: Path, path: Path) -> None:
    """`path` under its own name and where it leads to; `out` and the folder beside it."""
    try:
        names = (path.parent.resolve() / path.name, path.resolve())
    except (OSError, RuntimeError, ValueError):
        return  # who reads it says what is wrong with it
    for one in names:
        for place in (out, out.with_name(f"{out.name}{PARTIAL}")):
            if any(_is_same(place, above) for above in (one, *one.parents)):
                held = "the working folder" if path == Path.cwd() else _shown(path)
                raise ProblemsFound([Problem(Kind.OUTPUT_HOLDS, named(place), detail=held)])
        if path != Path.cwd() and any(_is_same(one, above) for above in out.parents):
            raise ProblemsFound([Problem(Kind.OUTPUT_INSIDE, named(out), detail=_shown(path))])


def _shown(path: Path) -> str:
    """A path inside a sentence."""
    return shown(named(path), 200)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names stand for one thing, on a disk that knows several names for it, too."""
    if one == other:
        return True
    return is_taken(one) and is_taken(other) and os.path.samestat(one.lstat(), other.lstat())
