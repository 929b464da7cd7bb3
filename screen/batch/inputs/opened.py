"""An input, whatever its format, as deliveries: some cases each, in the order of the file."""

from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Protocol

from screen.batch.cells.mapped_table import MappedTable
from screen.batch.cells.transform import Mapped
from screen.batch.inputs.delivery import Delivery
from screen.batch.inputs.documents.document_files import FolderInput, LinesInput
from screen.batch.inputs.long.long_table import (
    HIDDEN,
    LongInput,
    check_names_differ,
    hidden,
    left_out,
)
from screen.batch.inputs.part import WidePart
from screen.batch.mapping.model import Mapping, Shape
from screen.batch.tables.block import Reject
from screen.batch.tables.opening import DOCUMENTS, open_table, suffix_of
from screen.batch.tables.source import Reading
from screen.documents.text_files import shown_path
from screen.files import is_folder, is_there
from screen.model.concept import Vocabulary
from screen.problems import Kind, Problem, ProblemsFound, message

_MOST_FILES, _MOST_LINES = 2_000, 10_000  # that are in memory at a time


class Input(Protocol):
    """Cases to screen."""

    name: str

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, the one with the cases or observations first."""
        ...

    def deliveries(self, cases: int, work: Path) -> Generator[Delivery, None, None]:
        """Everything from the first to the last, about `cases` at a time. May be asked again.

        `work` is a folder for what does not fit into memory.
        """
        ...

    def progress(self) -> tuple[int, int]:
        """How much of how much was read; the second is 0 if unknown."""
        ...

    def count(self) -> int:
        """How many cases there are in all; 0 as long as that is not known."""
        ...

    def digests(self) -> dict[str, str]:
        """The SHA-256 of every file, by name. Asked after the last delivery."""
        ...

    def notes(self) -> dict[str, dict[str, int]]:
        """What was left out on purpose, and how often. Asked after the last delivery."""
        ...


def open_input(
    path: Path,
    mapping: Mapping | None,
    vocabulary: Vocabulary,
    patients: Path | None = None,
    screened_at: str | None = None,
    more: Sequence[Path] = (),
) -> Input:
    """The input in `path`; `screened_at` is given where the file need not say it.

    `more` are further tables of the same shape.

    Raises ProblemsFound, before any row is read, if it cannot be used.
    """
    missing = [file for file in (path, *more) if not is_there(file)]
    if missing:
        raise ProblemsFound([Problem(Kind.MISSING_FILE, shown_path(file)) for file in missing])
    for file in (path, *more) if more else ():
        if is_folder(file) or suffix_of(file) in DOCUMENTS:
            raise ProblemsFound([Problem(Kind.SEVERAL_INPUTS, shown_path(file))])
    if is_folder(path) or suffix_of(path) in DOCUMENTS:
        if patients is not None:
            raise ProblemsFound([Problem(Kind.NO_ROWS_OF_CASES, shown_path(path))])
        return _DocumentInput(path)
    _check_patients(mapping, patients)
    required = ("case",) if screened_at is not None else ("case", "screened_at")
    if patients is not None or _is_long(path, mapping):
        return LongInput(path, mapping, vocabulary, patients, required, more)
    return _WideInput((path, *more), mapping, vocabulary, required)


def _check_patients(mapping: Mapping | None, patients: Path | None) -> None:
    """A file of patients and a mapping that has its patients elsewhere do not go together."""
    if mapping is None:
        return
    if patients is None and mapping.patients is not None and mapping.patients.line:
        line = mapping.patients.line
        raise ProblemsFound([Problem(Kind.NO_PATIENTS_FILE, mapping.file, line)])
    if patients is not None and mapping.shape is Shape.WIDE:
        detail = ", series or long; the mapping's shape is wide"
        raise ProblemsFound([Problem(Kind.NO_ROWS_OF_CASES, mapping.file, detail=detail)])


def _is_long(path: Path, mapping: Mapping | None) -> bool:
    """Whether a case has several rows: the mapping says so, or the columns are of that kind."""
    if mapping is not None:
        return mapping.shape is not Shape.WIDE
    header = open_table(path, Reading()).header
    return "value" in header and ("concept" in header or "code" in header)


class _DocumentInput:
    def __init__(self, path: Path) -> None:
        self._source = FolderInput(path) if is_folder(path) else LinesInput(path)
        self.paths = (path,)
        self.name = self._source.name
        self._before = ""

    def deliveries(self, cases: int, work: Path) -> Generator[Delivery, None, None]:  # noqa: ARG002
        self._source = type(self._source)(self.paths[0])
        most = _MOST_FILES if isinstance(self._source, FolderInput) else _MOST_LINES
        for part in self._source.parts(min(cases, most)):
            yield Delivery(part)
        if self._before not in ("", self._source.digest()):
            detail = "it was changed while it was read; run it again"
            raise ProblemsFound([Problem(Kind.UNREADABLE, self.name, detail=detail)])
        self._before = self._source.digest()

    def progress(self) -> tuple[int, int]:
        return self._source.progress()

    def count(self) -> int:
        return 0

    def digests(self) -> dict[str, str]:
        return {self.paths[0].name: self._source.digest()}

    def notes(self) -> dict[str, dict[str, int]]:
        source = self._source
        return {"mappings": source.mappings} if isinstance(source, FolderInput) else {}


class _WideInput:
    def __init__(
        self,
        paths: tuple[Path, ...],
        mapping: Mapping | None,
        vocabulary: Vocabulary,
        required: Sequence[str],
    ) -> None:
        check_names_differ(paths)
        self._tables = [MappedTable(path, mapping, vocabulary, required) for path in paths]
        self._reading = self._tables[0]
        self.paths = paths
        self.name = self._reading.source.name

    def deliveries(self, cases: int, work: Path) -> Generator[Delivery, None, None]:  # noqa: ARG002
        for path, table in zip(self.paths, self._tables, strict=True):
            self._reading = table
            for mapped, unreadable in table.blocks():
                part = WidePart(path.name, mapped.table, mapped.rows, table.columns)
                good, unusable, ids = _refused(part, mapped)
                rejects = sorted((*unreadable, *unusable), key=lambda reject: reject.row or 0)
                count = len({reject.row for reject in rejects})
                yield Delivery(None, tuple(rejects), count, refused_ids=ids)
                if len(good) <= cases:
                    yield Delivery(good)
                    continue
                for start in range(0, len(good), cases):
                    yield Delivery(good.slice(start, cases))

    def progress(self) -> tuple[int, int]:
        return self._reading.source.progress()

    def count(self) -> int:
        return 0

    def digests(self) -> dict[str, str]:
        return {table.source.path.name: table.source.digest() for table in self._tables}

    def notes(self) -> dict[str, dict[str, int]]:
        nothing: Counter[str] = Counter()
        for table in self._tables:
            nothing.update(table.not_recorded())
        return {
            "not_recorded": dict(sorted(nothing.items())),
            "rows": left_out(self._tables),
            HIDDEN: hidden(self._tables),
        }


def _refused(
    part: WidePart, mapped: Mapped
) -> tuple[WidePart, tuple[Reject, ...], tuple[str, ...]]:
    """The part without the rows that cannot be used, these rows, and the ids in them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from screen.problems import shown

    ids = part.table["case"].combine_chunks()
    bad_rows = pa.array([cell.row for cell in mapped.bad], pa.int64())
    unusable = pc.or_(pc.is_in(part.rows, bad_rows), pc.is_null(ids))
    if not pc.any(unusable).as_py():
        return part, (), ()
    positions = pc.indices_nonzero(unusable)
    names = dict(
        zip(part.rows.take(positions).to_pylist(), ids.take(positions).to_pylist(), strict=True)
    )
    rejects = [
        Reject(
            part.input, cell.row, shown(names[cell.row] or ""), cell.column, cell.value, cell.reason
        )
        for cell in mapped.bad
    ]
    told = {cell.row for cell in mapped.bad}
    no_case = message(Problem(Kind.NO_CASE))
    rejects += [
        Reject(part.input, row, "", part.columns.of_site("case"), "", no_case)
        for row in names
        if row not in told
    ]
    good = part.take(pc.indices_nonzero(pc.invert(unusable)))
    return good, tuple(rejects), tuple(name.strip() for name in names.values() if name)
