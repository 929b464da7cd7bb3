"""What is ours in a folder, known for certain; nothing else is ever removed.

A finished output is ours as far as everything in it is what its manifest says. What a run works
with has names from a list, in folders whose names nobody can have guessed.
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from screen import disk
from screen.batch.output.manifest import MANIFEST, read_outputs
from screen.documents.text_files import shown_path
from screen.files import open_regular, reason_of
from screen.problems import Kind, Problem, ProblemsFound

_BLOCK = 1 << 20

Tree = Mapping[str, "Tree | None"]
"""Patterns of the names in a folder: None for a file, a tree for a folder."""


def is_taken(path: Path) -> bool:
    """Whether anything has this name, a link that leads nowhere included. Raises OSError."""
    return os.path.lexists(path)


def check_tree(folder: Path, tree: Tree) -> None:
    """Raises ProblemsFound with the first thing in `folder` that is not of `tree`."""
    for path, inside in _entries(folder, tree):
        if inside is not None:
            check_tree(path, inside)


def remove_tree(folder: Path, tree: Tree) -> None:
    """Remove a folder, thing by thing. Raises ProblemsFound, before anything is removed, with the
    first that is not of `tree`.
    """
    check_tree(folder, tree)
    for path, inside in _entries(folder, tree):
        if inside is None:
            disk.remove_file(path)
        else:
            remove_tree(path, inside)
    disk.remove_folder(folder)


def written_files(folder: Path) -> tuple[str, ...]:
    """The files of a finished output, all of them and each as its manifest says.

    Raises ProblemsFound with the first thing that was added, changed or taken away since.
    """
    outputs = _outputs(folder)
    names = sorted((*outputs, MANIFEST))
    check_tree(folder, dict.fromkeys(map(re.escape, names)))
    for name, digest in sorted(outputs.items()):
        path = folder / name
        try:
            found = _digest(path)
        except OSError as error:
            raise _problem(Kind.OUTPUT_CHANGED, path, reason_of(error)) from error
        if found != digest:
            raise _problem(Kind.OUTPUT_CHANGED, path, "other bytes than its manifest says")
    return tuple(names)


def is_finished(folder: Path) -> bool:
    """Whether a folder is a finished output in which everything is as it was written."""
    try:
        written_files(folder)
    except ProblemsFound:
        return False
    return True


def is_own_folder(path: Path) -> bool:
    """Whether a folder itself has this name, and no link to one."""
    return is_taken(path) and stat.S_ISDIR(path.lstat().st_mode)


def _outputs(folder: Path) -> Mapping[str, str]:
    """What a manifest says of the files beside it."""
    if not is_own_folder(folder):
        raise _problem(Kind.NOT_OURS, folder)
    try:
        outputs = read_outputs(folder)
    except (OSError, ValueError, RecursionError):
        raise _problem(Kind.NOT_OURS, folder) from None
    if not outputs or not all(_is_plain(name) for name in outputs):
        raise _problem(Kind.NOT_OURS, folder)
    return outputs


def _is_plain(name: str) -> bool:
    return name == Path(name).name and name not in ("", ".", "..")


def _entries(folder: Path, tree: Tree) -> list[tuple[Path, Tree | None]]:
    """The things in a folder, each with what may lie in it (None in a file)."""
    found = []
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 -- names, to be looked at one by one
        path = folder / name
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue  # another run is at work; it is found out by the lock
        is_inner = stat.S_ISDIR(mode)
        fitting = [
            inside
            for pattern, inside in tree.items()
            if re.fullmatch(pattern, name) and (inside is not None) == is_inner
        ]
        if not fitting or not (is_inner or stat.S_ISREG(mode)):
            raise _problem(Kind.OUTPUT_ADDED, path)
        found.append((path, fitting[0]))
    return found


def _digest(path: Path) -> str:
    handle = open_regular(path, follow=False)
    hashed = hashlib.sha256()
    try:
        while block := os.read(handle, _BLOCK):
            hashed.update(block)
    finally:
        os.close(handle)
    return f"sha256:{hashed.hexdigest()}"


def named(path: Path) -> str:
    """The path as people know it: of a link its own name, not that of what it leads to."""
    return str(Path(shown_path(path.parent)) / path.name)


def _problem(kind: Kind, path: Path, detail: str = "") -> ProblemsFound:
    return ProblemsFound([Problem(kind, named(path), detail=detail)])
