"""Where a batch keeps what is finished, part by part, until everything is.

The folder stands beside the output and has its name with `.partial` behind it. A part counts
as soon as its state file has its name; every file is on the disk before that. The output
appears by renaming the whole folder.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from screen.batch.block import Reject
from screen.batch.outcome import MissingCounts, Outcome
from screen.batch.set_aside import RecordCounts, as_json, from_json
from screen.language.files import shown_path
from screen.problems import Kind, Problem, ProblemsFound

if TYPE_CHECKING:
    import pyarrow as pa

_PLAN = "plan.json"
_PARTS = "parts"


@dataclass(frozen=True, slots=True)
class PartState:
    """A finished part: what it was decided from, and what came of it beside the verdicts."""

    digest: str
    duplicates: str
    screened: int
    cases: int
    rejects: tuple[Reject, ...]
    missing: MissingCounts
    by_plan: int
    counts: RecordCounts


class WorkFolder:
    """The work folder of one output folder; use as a context, which holds its lock."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.path = out.with_name(f"{out.name}.partial")
        self._lock: IO[str] | None = None

    def open(self, plan: Mapping[str, Any], resume: bool) -> tuple[str, ...]:
        """Make the folder ready for a batch by `plan`; gives what differs from the plan before.

        What an earlier run left is used only with `resume`, and only if it had the same plan.
        Raises ProblemsFound if another run is at work, or if the folder is not ours.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._refuse_foreign()
        self.path.mkdir(exist_ok=True)
        self._take_lock()
        before = self._plan_before()
        changed = tuple(key for key in plan if before is not None and before.get(key) != plan[key])
        if not resume or before is None or changed:
            self._clear()
            (self.path / _PARTS).mkdir()
            write_text(self.path / _PLAN, json_text(plan))
        return changed if resume else ()

    def close(self) -> None:
        """Let the lock go."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def discard(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def state(self, number: int) -> PartState | None:
        """The state of a part that is finished; None if it is not."""
        try:
            found = json.loads(self._file(number, "json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        rejects = tuple(Reject(*reject) for reject in found.pop("rejects"))
        missing = MissingCounts(*(Counter(counts) for counts in found.pop("missing")))
        records, set_aside = found.pop("counts")
        counts = RecordCounts(Counter(records), from_json(set_aside))
        return PartState(rejects=rejects, missing=missing, counts=counts, **found)

    def keep(self, number: int, digest: str, duplicates: str, outcome: Outcome) -> PartState:
        """Write a finished part to the disk."""
        write_arrow(self._file(number, "arrow"), outcome.verdicts)
        import pyarrow as pa

        write_arrow(self._file(number, "ids"), pa.table({"case": outcome.ids}))
        state = PartState(
            digest,
            duplicates,
            outcome.screened,
            len(outcome.ids),
            outcome.rejects,
            outcome.missing,
            outcome.by_plan,
            outcome.counts,
        )
        fields = {name: getattr(state, name) for name in PartState.__slots__}
        fields["missing"] = [outcome.missing.cases, outcome.missing.criteria]
        fields["counts"] = [outcome.counts.records, as_json(outcome.counts.set_aside)]
        write_text(self._file(number, "json"), json.dumps(fields, ensure_ascii=False))
        return state

    def forget(self, number: int) -> None:
        """Let a part be decided again."""
        self._file(number, "json").unlink(missing_ok=True)

    def verdicts(self, number: int) -> "pa.Table":
        """The verdicts of a finished part."""
        return read_arrow(self._file(number, "arrow"))

    def ids(self, number: int) -> "pa.Table":
        """The ids of all cases of a finished part, in one column `case`."""
        return read_arrow(self._file(number, "ids"))

    def publish(self, overwrite: bool) -> None:
        """Give the folder its final name, with the outputs alone in it."""
        shutil.rmtree(self.path / _PARTS)
        for name in (_PLAN, "lock"):
            (self.path / name).unlink(missing_ok=True)
        sync_folder(self.path)
        old = self.out.with_name(f"{self.out.name}.replaced")
        if overwrite and self.out.exists():
            shutil.rmtree(old, ignore_errors=True)
            self.out.rename(old)
        self.path.rename(self.out)
        sync_folder(self.out.parent)
        shutil.rmtree(old, ignore_errors=True)

    def _file(self, number: int, kind: str) -> Path:
        return self.path / _PARTS / f"{number:06d}.{kind}"

    def _refuse_foreign(self) -> None:
        if not self.path.exists():
            return
        ours = self.path.is_dir() and (
            (self.path / _PLAN).exists() or not any(n.name != "lock" for n in self.path.iterdir())
        )
        if not ours:
            raise ProblemsFound([Problem(Kind.NOT_OURS, shown_path(self.path))])

    def _take_lock(self) -> None:
        import fcntl

        self._lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            raise ProblemsFound([Problem(Kind.OUTPUT_BUSY, shown_path(self.out))]) from error

    def _plan_before(self) -> dict[str, Any] | None:
        try:
            found = json.loads((self.path / _PLAN).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _clear(self) -> None:
        # The plan goes last: as long as it is there, the folder is known to be ours.
        for entry in sorted(self.path.iterdir(), key=lambda entry: entry.name == _PLAN):
            if entry.name == "lock":
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a whole file, on the disk before it has its name."""
    with fresh(path) as file:
        file.write(text.encode())


def write_arrow(path: Path, table: "pa.Table") -> None:
    """Write a table for ourselves."""
    import pyarrow as pa

    with fresh(path) as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read_arrow(path: Path) -> "pa.Table":
    """Read what `write_arrow` wrote."""
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


@contextmanager
def fresh(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name only when it is complete and on the disk."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put the names in a folder on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def json_text(value: object) -> str:
    """JSON for people and for digests: the same value gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def digest_of(texts: Mapping[str, int]) -> str:
    """A digest of names with numbers; empty for none."""
    if not texts:
        return ""
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()
