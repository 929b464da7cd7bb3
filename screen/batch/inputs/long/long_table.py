"""Tables with many rows to a case: a series of samplings, or one observation per row."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path

from screen.batch.cells.mapped_table import MappedTable
from screen.batch.cells.transform import Mapped
from screen.batch.columns.answer_columns import answer_columns
from screen.batch.columns.contract_columns import Columns
from screen.batch.inputs.delivery import Delivery
from screen.batch.inputs.long.codes import codes_of
from screen.batch.inputs.long.grouped import Grouped
from screen.batch.inputs.long.observed import Observed, of_long, of_series
from screen.batch.inputs.long.store import Store
from screen.batch.inputs.long.word_lists import WordLists
from screen.batch.mapping.model import LAST, Mapping, Shape
from screen.batch.tables.block import Reject
from screen.batch.working_ahead import read_ahead, working_ahead
from screen.documents.text_files import shown_path
from screen.model.concept import Vocabulary
from screen.problems import Kind, Problem, ProblemsFound

_STORE = "observations.duckdb"
_Block = tuple[Mapped, tuple[Reject, ...]]
_THREADS = 1  # beside those that read and keep


class LongInput:
    """A series or a long table, and perhaps a file of patients beside it."""

    def __init__(
        self,
        path: Path,
        mapping: Mapping | None,
        vocabulary: Vocabulary,
        patients: Path | None,
        required: Sequence[str],
        more: Sequence[Path] = (),
    ) -> None:
        if patients is not None and patients.name == path.name and not _is_same(patients, path):
            raise ProblemsFound([Problem(Kind.SAME_NAME, shown_path(patients))])
        check_names_differ((path, *more, *([patients] if patients and more else ())))
        self._mapping = mapping
        self._vocabulary = vocabulary
        self._series = mapping is not None and mapping.shape is Shape.SERIES
        shape = Shape.SERIES if self._series else Shape.LONG
        needed = ["case"] if patients else [*required]
        if not self._series and not (mapping and mapping.presence):
            needed.append("value")
        self._patients: MappedTable | None = None
        if patients is not None:
            of_patients = mapping.patients if mapping else None
            self._patients = MappedTable(
                patients, of_patients, vocabulary, required, Shape.PATIENTS
            )
        elsewhere = self._patients.source.header if self._patients else ()
        self._observed = [
            MappedTable(file, mapping, vocabulary, needed, shape, elsewhere)
            for file in (path, *more)
        ]
        self._table = self._observed[0]
        if any(table.columns.names != self._table.columns.names for table in self._observed):
            raise ProblemsFound([Problem(Kind.OTHER_SHAPE, shown_path(path))])
        self._concepts = tuple(
            name for name in self._table.columns.names if name in vocabulary.concepts
        )
        files = (path, *more)
        self._paths = files if patients is None else (*files, patients)
        self.name = self._table.source.name
        self._reading = self._table
        self._not_used: dict[str, int] = {}
        self._codes = codes_of(vocabulary)
        self._count = 0
        self._last = mapping is not None and mapping.screened_at == LAST

    @property
    def paths(self) -> tuple[Path, ...]:
        """The observations, and the patients if they are a file of their own."""
        return self._paths

    def deliveries(self, cases: int, work: Path) -> Generator[Delivery, None, None]:
        """The cases in the order of their first rows (or of the patients file)."""
        file = work / _STORE
        file.unlink(missing_ok=True)
        patients = self._patients
        observed = [table.source.path.name for table in self._observed]
        answers = answer_columns(patients.columns.names) if patients else ()
        store = Store(file, observed, patients.source.path.name if patients else "", answers)
        try:
            self._load(store)
            grouped = Grouped(store, self._last, self._table.columns.of_site("at"))
            self._not_used = dict(sorted(store.not_used.items()))
            self._count = grouped.count
            known = self._table.columns
            columns = Columns(self._concepts, known.origin, known.places)
            yield from grouped.deliveries(cases, columns, patients.columns if patients else columns)
        finally:
            store.close()
            file.unlink(missing_ok=True)

    def progress(self) -> tuple[int, int]:
        """How much of the file that is being read was read."""
        return self._reading.source.progress()

    def count(self) -> int:
        """How many cases there are, once all is read."""
        return self._count

    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file."""
        return {table.source.path.name: table.source.digest() for table in self._tables()}

    def notes(self) -> dict[str, dict[str, int]]:
        """Cells that stood for nothing, and codes that are no concept here."""
        nothing: Counter[str] = Counter()
        for table in self._tables():
            nothing.update(table.not_recorded())
        return {
            "not_recorded": dict(sorted(nothing.items())),
            "not_used": self._not_used,
            "rows": left_out(self._tables()),
            HIDDEN: hidden(self._tables()),
        }

    def _tables(self) -> tuple[MappedTable, ...]:
        tables = tuple(self._observed)
        return (*tables, self._patients) if self._patients else tables

    def _load(self, store: Store) -> None:
        if self._patients is not None:
            self._reading = self._patients
            of_patients = self._mapping.patients if self._mapping else None
            bases = of_patients.bases if of_patients else ()
            for mapped, unreadable in self._patients.blocks():
                store.add_unreadable(unreadable, are_patients=True)
                store.add_patients(mapped, bases)
        # One thread makes the columns of all blocks, one after the other.
        start = partial(self._start, WordLists())
        for file, table in enumerate(self._observed):
            self._reading = table
            blocks = self._in_time(read_ahead(table.blocks()), store)
            with working_ahead(_THREADS) as ahead:
                for (mapped, unreadable), observed in ahead.in_order(blocks, start):
                    store.add_unreadable(unreadable)
                    store.add_observed(mapped, observed, file, with_age=not self._series)
                    if self._last and self._patients is not None:
                        store.add_times(mapped, file)

    def _in_time(self, blocks: Iterator[_Block], store: Store) -> Iterator[_Block]:
        """The blocks, with times that are counted from those of the patients, who are known now."""
        of_patients = self._mapping.patients if self._mapping else None
        for mapped, unreadable in blocks:
            counts = of_patients is not None and of_patients.bases
            yield store.counted_from_bases(mapped) if counts else mapped, unreadable

    def _start(self, lists: WordLists, block: _Block) -> Callable[[], Observed]:
        """How the observations of a block are found, which is done beside the reading."""
        table = block[0].table
        if self._series:
            return partial(of_series, table, lists, self._concepts)
        units = self._mapping.units if self._mapping else {}
        presence = self._mapping is not None and bool(self._mapping.presence)
        return partial(of_long, table, lists, self._codes, units, presence)


def left_out(tables: Sequence[MappedTable]) -> dict[str, int]:
    """How many rows a mapping leaves out, and why."""
    counts: Counter[str] = Counter()
    for table in tables:
        counts.update(table.left_out())
    return dict(sorted(counts.items()))


HIDDEN = "hidden_rows"
"""Among what an input notes: rows that are screened although a sheet does not show them."""


def hidden(tables: Sequence[MappedTable]) -> dict[str, int]:
    """How many rows the sheets of each file do not show."""
    counts: Counter[str] = Counter()
    for table in tables:
        counts.update(table.hidden())
    return dict(sorted(counts.items()))


def check_names_differ(paths: Sequence[Path]) -> None:
    """Every file has a name of its own, by which rejects.csv tells its rows."""
    seen: set[str] = set()
    for path in paths:
        if path.name in seen:
            raise ProblemsFound([Problem(Kind.SAME_NAME_TWICE, shown_path(path))])
        seen.add(path.name)


def _is_same(patients: Path, path: Path) -> bool:
    """Whether both are one file, of which they are two sheets."""
    return patients.resolve() == path.resolve()
