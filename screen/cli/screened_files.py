"""From files to screened cases, with everything that was refused told and counted."""

import gc
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from screen.cli import output
from screen.engine.chaining import ChainingFailure
from screen.engine.decide import Disagreement, Screener
from screen.engine.grid import NotRepresentable
from screen.intake.casefile import open_case_file
from screen.model.case import Case
from screen.model.screening import ScreenedCase
from screen.problems import ProblemsFound

# So many cases cannot leave much behind (see `main`, which turns the garbage collector off).
_FEW = 100
_FOR_FOLDERS = "; to screen a folder: trialscreen batch"


class Screenings:
    """Screens every case of every file; iterate once, then ask for the exit status.

    A file that is refused is named on standard error and does not stop the others.
    """

    def __init__(
        self, files: Sequence[Path], screener: Screener, screened_at: str | None = None
    ) -> None:
        self._files = files
        self._screener = screener
        self._screened_at = screened_at
        self._screened = 0
        self._refused = 0
        self.digest = ""
        """The SHA-256 of the file that the case before you was read from."""

    def __iter__(self) -> Iterator[ScreenedCase]:
        for path in self._files:
            if self._screened > _FEW and not gc.isenabled():
                gc.freeze()
                gc.enable()
            complete = True
            for case in self._cases(path):
                screened = self._screen(case)
                if screened is None:
                    complete = False
                else:
                    self._screened += 1
                    yield screened
            self._refused += not complete

    def _cases(self, path: Path) -> list[Case]:
        try:
            found = open_case_file(path, self._screener.vocabulary, self._screened_at)
        except ProblemsFound as wrong:
            # Unlike Path.is_dir, this never raises, whatever may not be looked into.
            is_folder = os.path.isdir(path)  # noqa: PTH112
            output.problems(wrong, _FOR_FOLDERS if is_folder else "")
            self._refused += 1
            return []
        self.digest = found.digest
        return found.cases

    def _screen(self, case: Case) -> ScreenedCase | None:
        try:
            return self._screener.screen(case)
        except (Disagreement, ChainingFailure, NotRepresentable) as error:
            output.message(f"{case.origin}: case {case.id}: {error}")
            return None

    def status(self) -> int:
        """The exit status, after telling how many files were refused if others were not."""
        if not self._refused:
            return output.DONE
        if not self._screened:
            return output.NOTHING_DONE
        output.message(f"{self._refused} of {len(self._files)} files refused")
        return output.SOME_REFUSED
