"""The claim of one run on an output: a work folder beside it, and the step to its final name.

The folder has the name of the output with `.partial` behind it, and holds

    lock            held as long as the run lasts
    mark.json       that the folder is ours, how far publishing is, and a token nobody can guess
    work-TOKEN      what only the run itself needs
    out-TOKEN       the files of the output
    old-TOKEN       the output that is being replaced, for the moment of the exchange

An output appears by the rename of `out-TOKEN`, and only then anything else is removed, the mark
last. So after a kill between any two steps the next run knows what is there, and goes on.
"""

import json
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from screen import disk
from screen.batch.output.claim_lock import locked
from screen.batch.output.manifest import MANIFEST
from screen.batch.output.ownership import (
    Tree,
    check_tree,
    is_finished,
    is_own_folder,
    is_taken,
    named,
    remove_tree,
    written_files,
)
from screen.files import read_file
from screen.problems import Kind, Problem, ProblemsFound
from screen.writing import UNFINISHED, write_file

PARTIAL, REPLACED = ".partial", ".replaced"
PLAN = "plan.json"
_LOCK, _MARK = "lock", "mark.json"
_WHAT, _FORMAT = "work folder of a batch", 1
_LARGEST_MARK = 1 << 20
# Nobody makes a folder with these bits by hand. It has them from its first moment on, until its
# mark is there, and again when only that is left of it.
_BARE = 0o1700
_WORKING, _PUBLISHING, _PUBLISHED = "working", "publishing", "published"

_OUTPUTS = r"(verdicts|cases)\.(parquet|csv)|rejects\.csv|summary\.json|manifest\.json"
_PARTS = rf"{re.escape(PLAN)}|[0-9]{{6,}}\.(arrow|ids|json)"
_STORES = r"(ids|observations)\.(spool|duckdb(\.[a-z.]+)?)"
_SPILLED: Tree = {r"duckdb_temp_[\w.-]+": None}
_OUT: Tree = {rf"({_OUTPUTS})({UNFINISHED})?": None}
_WORK: Tree = {
    rf"({_PARTS})({UNFINISHED})?|{_STORES}": None,
    r"(ids|observations)\.duckdb\.tmp": _SPILLED,
}
_HEAD: Tree = {_LOCK: None, rf"{re.escape(_MARK)}({UNFINISHED})?": None}


class Claim:
    """One run's claim on the output `out`; `take` it first, and `release` it in the end.

    Messages for a person go to `say`.
    """

    def __init__(self, out: Path, say: Callable[[str], None]) -> None:
        self.out = out
        self.path = out.with_name(f"{out.name}{PARTIAL}")
        self._say = say
        self._lock: int | None = None
        self._token = ""
        self._phase = _WORKING
        self._old_names: tuple[str, ...] = ()

    @property
    def work(self) -> Path:
        """The folder of what only the run needs."""
        return self.path / f"work-{self._token}"

    @property
    def outputs(self) -> Path:
        """The folder that becomes the output."""
        return self.path / f"out-{self._token}"

    @property
    def is_published(self) -> bool:
        """Whether the output has its name already, from a run that was stopped right after."""
        return self._phase == _PUBLISHED

    def take(self) -> None:
        """Make or find the work folder, and put right what a run left that was stopped.

        Raises ProblemsFound if another run is at work, or anything is there that is not ours;
        OSError.
        """
        make_parents(self.out.parent)
        is_new = False
        while self._lock is None:
            self._give_back_output()
            try:
                disk.make_folder(self.path, _BARE)
                disk.sync_folder(self.out.parent)
                is_new = True
            except FileExistsError:
                is_new = False
                self._check_ours()
            self._lock = locked(self.path, _LOCK, named(self.out))
        # Not every disk keeps bits; a folder that was made just now needs none to be known.
        mark = self._check_ours() if not is_new or is_taken(self.path / _MARK) else None
        if mark is None:
            was_bare = not is_new
            self._token = secrets.token_hex(16)
        else:
            was_bare = False
            self._token, self._phase = mark["token"], mark["phase"]
            self._old_names = tuple(mark["old"])
        self._recover(was_bare)
        self._write_mark(self._phase)
        self._set_mode(0o700)
        if is_taken(self.outputs):
            # What was finished of the output is soon made again; what was not may not stay.
            remove_tree(self.outputs, _OUT)
        for folder in (self.work, self.outputs):
            if not is_taken(folder):
                disk.make_folder(folder)

    def clear(self) -> None:
        """Remove what an earlier run worked with."""
        self._remove_parts()
        disk.make_folder(self.work)

    def publish(self, overwrite: bool, may_stay: bool) -> None:
        """Give the output its name.

        `may_stay`: an output that is there already stays if it has the same bytes. Raises
        ProblemsFound, and leaves everything as it is, if something is there that may not be
        replaced; OSError.
        """
        disk.sync_folder(self.outputs)
        if not is_taken(self.out):
            self._exchange(())
        elif overwrite:
            self._exchange(written_files(self.out))
        elif not (may_stay and self._is_same()):
            raise ProblemsFound([Problem(Kind.OUTPUT_EXISTS, named(self.out))])
        self._remove_work()

    def release(self) -> None:
        """Let the lock go."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _set_mode(self, mode: int) -> None:
        with suppress(PermissionError):  # of a disk that keeps none
            disk.set_mode(self.path, mode)

    def _is_same(self) -> bool:
        """Whether the output that is there is, byte for byte, the one that was made."""
        names = written_files(self.out)
        return names == written_files(self.outputs) and (
            (self.out / MANIFEST).read_bytes() == (self.outputs / MANIFEST).read_bytes()
        )

    @property
    def _old(self) -> Path:
        return self.path / f"old-{self._token}"

    def _exchange(self, old: tuple[str, ...]) -> None:
        self._old_names = old
        self._write_mark(_PUBLISHING)
        if old:
            disk.rename(self.out, self._old)
        try:
            disk.rename(self.outputs, self.out)
        except OSError:
            if old:
                disk.rename(self._old, self.out)
            raise
        disk.sync_folder(self.out.parent)
        disk.sync_folder(self.path)

    def _recover(self, was_bare: bool) -> None:
        """Whatever step of publishing a run was stopped at: back to before it, or on behind it."""
        is_published = is_taken(self.out) and (
            was_bare
            or self._phase == _PUBLISHED
            or (self._phase == _PUBLISHING and not is_taken(self.outputs))
        )
        if not was_bare and is_taken(self._old):
            if not is_taken(self.out):
                disk.rename(self._old, self.out)
                disk.sync_folder(self.out.parent)
                self._say(f"{named(self.out)}: the earlier output is back; a run was stopped")
                is_published = False
            elif is_published:
                self._remove_old()
            else:
                raise ProblemsFound([Problem(Kind.OUTPUT_WAITS, named(self._old))])
        self._phase = _PUBLISHED if is_published else _WORKING
        self._old_names = ()

    def _remove_parts(self) -> None:
        check_tree(self.work, _WORK)
        if is_taken(self.work / PLAN):
            # First, because without it nothing else that is there counts.
            disk.remove_file(self.work / PLAN)
            disk.sync_folder(self.work)
        remove_tree(self.work, _WORK)

    def _remove_old(self) -> None:
        """Remove the output that was replaced, or move it out if anything was added to it."""
        try:
            remove_tree(self._old, dict.fromkeys(map(re.escape, self._old_names)))
        except ProblemsFound:
            name = f"{self.out.name}{REPLACED}-{secrets.token_hex(8)}"
            moved = self.out.with_name(name)
            disk.rename(self._old, moved)
            self._say(f"something was added to the earlier output; it is kept as {named(moved)}")

    def _remove_work(self) -> None:
        """Remove the work folder; the output is there, and nothing that happens here undoes it."""
        try:
            if is_taken(self._old):
                self._remove_old()
            if is_taken(self.work):
                self._remove_parts()
            if is_taken(self.outputs):
                remove_tree(self.outputs, _OUT)
            check_tree(self.path, _HEAD)
            self._set_mode(_BARE)
            # What is left of a mark that was being written goes first, the mark itself last.
            last = {_MARK: 1, _LOCK: 2}
            for path in sorted(self.path.iterdir(), key=lambda path: last.get(path.name, 0)):
                disk.remove_file(path)
            disk.remove_folder(self.path)
            disk.sync_folder(self.out.parent)
        except ProblemsFound as found:
            self._say(f"{found}; {named(self.path)} is no longer needed")
        except OSError as error:
            self._say(f"{named(self.path)} is no longer needed, but stays: {error.strerror}")

    def _give_back_output(self) -> None:
        """A finished output under the name of the work folder gets its own name.

        Earlier versions of the program could be stopped so.
        """
        if is_taken(self.path) and not is_taken(self.out) and is_finished(self.path):
            disk.rename(self.path, self.out)
            disk.sync_folder(self.out.parent)
            # A folder of the run has to be there, which tells that the output may stay.
            disk.make_folder(self.path, _BARE)
            self._say(f"{named(self.out)}: the output of a run that was stopped has its name now")

    def _check_ours(self) -> Any:
        """The mark of the work folder; None where it has none yet, or none any more.

        Raises ProblemsFound if the folder, or anything in it, is not ours.
        """
        status = self.path.lstat()
        if not is_own_folder(self.path) or status.st_uid != os.geteuid():
            raise ProblemsFound([Problem(Kind.NOT_OURS, named(self.path))])
        if not is_taken(self.path / _MARK):
            if status.st_mode & 0o1777 != _BARE:
                raise ProblemsFound([Problem(Kind.NOT_OURS, named(self.path))])
            check_tree(self.path, _HEAD)
            return None
        mark = self._read_mark()
        if mark is None:
            raise ProblemsFound([Problem(Kind.NOT_OURS, named(self.path))])
        token = mark["token"]
        inside: dict[str, Tree | None] = {
            f"work-{token}": _WORK,
            f"out-{token}": _OUT,
            f"old-{token}": {".*": None},
        }
        check_tree(self.path, {**_HEAD, **inside})
        return mark

    def _read_mark(self) -> Any:
        try:
            mark = json.loads(read_file(self.path / _MARK, _LARGEST_MARK, follow=False))
            is_ours = (
                mark["trialscreen"] == _WHAT
                and mark["format"] == _FORMAT
                and re.fullmatch("[0-9a-f]{32}", mark["token"])
                and mark["phase"] in (_WORKING, _PUBLISHING, _PUBLISHED)
                and all(isinstance(name, str) for name in mark["old"])
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return mark if is_ours else None

    def _write_mark(self, phase: str) -> None:
        self._phase = phase
        mark = {
            "trialscreen": _WHAT,
            "format": _FORMAT,
            "token": self._token,
            "phase": phase,
            "old": self._old_names,
        }
        write_file(self.path / _MARK, f"{json.dumps(mark)}\n".encode())


def say_what_was_replaced(out: Path, say: Callable[[str], None]) -> None:
    """What became of an output that an earlier version of the program was replacing."""
    old = out.with_name(f"{out.name}{REPLACED}")
    if is_taken(old):
        whose = "an earlier output" if is_finished(old) else "not known to be ours"
        say(f"{named(old)} is {whose}; it stays as it is")


def make_parents(folder: Path) -> None:
    """Make a folder and those that it lies in, as far as they are not there."""
    if not folder.exists():
        make_parents(folder.parent)
        try:
            disk.make_folder(folder)
        except FileExistsError:
            return
