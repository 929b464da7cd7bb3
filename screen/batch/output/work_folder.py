"""Where a batch keeps what is finished, part by part, until everything is.

A part counts as soon as its state file has its name; every file is on the disk before that.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen import disk
from screen.batch.counts.set_aside_counts import RecordCounts, as_json, from_json
from screen.batch.deciding.part_outcome import MissingCounts, Outcome
from screen.batch.output.claim import PLAN, Claim
from screen.batch.output.ownership import is_taken, named, written_files
from screen.batch.tables.block import Reject
from screen.batch.tables.stream import file_digest
from screen.files import read_file
from screen.problems import Kind, Problem, ProblemsFound
from screen.writing import fresh, write_file

if TYPE_CHECKING:
    import pyarrow as pa

_LARGEST_PLAN = 64 << 20
_TABLES = ("arrow", "ids")


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
    """The work folder of one output folder; `open` it first, and `close` it in the end.

    Messages for a person go to `say`.
    """

    def __init__(self, out: Path, say: Callable[[str], None]) -> None:
        self.out = out
        self._claim = Claim(out, say)
        self._overwrite = self._may_stay = False

    @property
    def path(self) -> Path:
        """The folder of what is gone when the output is there."""
        return self._claim.work

    @property
    def outputs(self) -> Path:
        """The folder of the files of the output."""
        return self._claim.outputs

    def check_free(self, *, resume: bool, overwrite: bool) -> None:
        """Refuse, before anything is done, an output that may not be replaced.

        With `resume` an output that is finished may be there: it stays if the same comes out.
        Raises ProblemsFound; OSError.
        """
        if not is_taken(self.out):
            return
        if overwrite or resume:
            written_files(self.out)
        elif not is_taken(self._claim.path):
            raise ProblemsFound([Problem(Kind.OUTPUT_EXISTS, named(self.out))])

    def open(self, plan: Mapping[str, Any], *, resume: bool, overwrite: bool) -> tuple[str, ...]:
        """Make the folder ready for a batch by `plan`; gives what differs from the plan before.

        What an earlier run left is used only with `resume`, and only if it had the same plan.
        Raises ProblemsFound if another run is at work, or if the folder is not ours.
        """
        self._claim.take()
        self._overwrite, self._may_stay = overwrite, resume or self._claim.is_published
        if is_taken(self.out) and not (overwrite or self._may_stay):
            raise ProblemsFound([Problem(Kind.OUTPUT_EXISTS, named(self.out))])
        before = self._plan_before()
        changed = tuple(key for key in plan if before is not None and before.get(key) != plan[key])
        if not resume or before is None or changed:
            self._claim.clear()
            write_text(self.path / PLAN, json_text(plan))
        return changed if resume else ()

    def close(self) -> None:
        """Let the lock go."""
        self._claim.release()

    def publish(self) -> None:
        """Give the output its name, and remove everything else."""
        self._claim.publish(self._overwrite, self._may_stay)

    def state(self, number: int) -> PartState | None:
        """The state of a part that is finished; None if it is not, or is not as it was written."""
        try:
            seal, _, body = self._file(number, "json").read_bytes().partition(b"\n")
            if seal != _seal(body):
                return None
            found = json.loads(body)
            files = found.pop("files")
            if any(file_digest(self._file(number, kind)) != files[kind] for kind in _TABLES):
                return None
        except FileNotFoundError:
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
        fields["files"] = {kind: file_digest(self._file(number, kind)) for kind in _TABLES}
        body = json.dumps(fields, ensure_ascii=False).encode()
        write_file(self._file(number, "json"), _seal(body) + b"\n" + body)
        return state

    def forget(self, number: int) -> None:
        """Let a part be decided again."""
        if is_taken(file := self._file(number, "json")):
            disk.remove_file(file)

    def verdicts(self, number: int) -> "pa.Table":
        """The verdicts of a finished part."""
        return read_arrow(self._file(number, "arrow"))

    def ids(self, number: int) -> "pa.Table":
        """The ids of all cases of a finished part, in one column `case`."""
        return read_arrow(self._file(number, "ids"))

    def _file(self, number: int, kind: str) -> Path:
        return self.path / f"{number:06d}.{kind}"

    def _plan_before(self) -> dict[str, Any] | None:
        try:
            found = json.loads(read_file(self.path / PLAN, _LARGEST_PLAN, follow=False))
        except (FileNotFoundError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _seal(body: bytes) -> bytes:
    """What tells that the state of a part is as it was written."""
    return hashlib.sha256(body).hexdigest().encode()


def write_text(path: Path, text: str) -> None:
    """Write a whole file, on the disk before it has its name."""
    write_file(path, text.encode())


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


def json_text(value: object) -> str:
    """JSON for people and for digests: the same value gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def digest_of(texts: Mapping[str, int]) -> str:
    """A digest of names with numbers; empty for none."""
    if not texts:
        return ""
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()
