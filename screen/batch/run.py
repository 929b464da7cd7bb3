"""A whole batch: every part decided, checked and kept, then the output in one step."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from screen.batch.counts.duplicate_ids import IdStore
from screen.batch.deciding.check_process import Beside
from screen.batch.deciding.engines import Engine, open_engine
from screen.batch.deciding.sampled_check import Sample
from screen.batch.inputs.delivery import Delivery
from screen.batch.inputs.opened import Input, open_input
from screen.batch.inputs.part import AnyPart
from screen.batch.mapping.mapping_file import load_mapping
from screen.batch.mapping.model import Mapping as SiteMapping
from screen.batch.options import EngineName, Options, Watcher
from screen.batch.output.claim import say_what_was_replaced
from screen.batch.output.finish import REJECTS, Counts, finish
from screen.batch.output.kept_apart import check_apart, place_of
from screen.batch.output.ownership import named
from screen.batch.output.verdict_files import reject_writer
from screen.batch.output.work_folder import PartState, WorkFolder, digest_of
from screen.batch.working_ahead import working_ahead
from screen.language.loading.rules import Rules
from screen.problems import Kind, Problem, ProblemsFound
from screen.program import PROGRAM

_BLOCK = 1_000_000  # more than a block of any table has
_CASES = {EngineName.RULES: 1_000, EngineName.COLUMNS: _BLOCK, EngineName.SPARK: _BLOCK}

# A delivery with its number, how much of how much of the input was read when it came, and about how
# many cases there are in all.
_Numbered = tuple[int, Delivery, tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Result:
    """A finished batch, as its summary.json says it, and the rules that it was decided by."""

    summary: Mapping[str, Any]
    rules: Rules

    @property
    def rejected(self) -> int:
        return int(self.summary["cases"]["rejected"])

    @property
    def screened(self) -> int:
        return int(self.summary["cases"]["screened"])

    @property
    def never_read(self) -> tuple[str, ...]:
        """The concepts of a mapping of which no cell at all could be read."""
        return tuple(self.summary["never_read"])

    @property
    def refused(self) -> bool:
        """Whether anything was not screened: a case, or a row of no case."""
        return self.rejected > 0 or self.summary["cases"]["rows_of_no_case"] > 0


def run(
    options: Options,
    watcher: Watcher,
    recorded: Callable[[Path], None] | None = None,
    beside: Beside | None = None,
) -> Result:
    """Screen everything and write the output folder.

    `recorded` is called with the folder of the finished files before they get the output's name:
    what stands under it has been recorded. The process `beside` takes over the sampled check.

    Raises ProblemsFound if nothing can be done: an input, mapping or rule that cannot be used,
    an output that exists or cannot be written, a check that found a difference.
    """
    import duckdb

    out = place_of(options)
    work = WorkFolder(out, watcher.say)
    try:
        work.check_free(resume=options.resume, overwrite=options.overwrite)
        check_apart(out, options)
        say_what_was_replaced(out, watcher.say)
    except OSError as error:
        raise not_written(out, error) from error
    loaded = options.rules.load()
    options = replace(options, rules=options.rules.held_to(loaded))
    mapping = _mapping(options, loaded)
    if mapping is not None and mapping.unit_aliases:
        options = replace(options, rules=options.rules.with_mapping(mapping.unit_aliases))
        loaded = options.rules.load()
    source = open_input(
        options.input,
        mapping,
        loaded.vocabulary,
        options.patients,
        options.screened_at,
        options.more,
    )
    try:
        plan = _plan(options, loaded, mapping)
        changed = work.open(plan, resume=options.resume, overwrite=options.overwrite)
        if changed:
            watcher.say(f"starting over, because this is not as before: {', '.join(changed)}")
        engine = open_engine(options, loaded)
        try:
            batch = _Batch(options, loaded, source, work, engine, watcher, recorded, beside)
            return batch.run(mapping)
        finally:
            engine.close()
    except (OSError, duckdb.IOException) as error:
        raise not_written(work.out, error) from error
    except BrokenExecutor as error:
        raise ProblemsFound([Problem(Kind.PROCESS_ENDED, named(work.out))]) from error
    finally:
        work.close()


def not_written(out: Path, error: Exception) -> ProblemsFound:
    """What to say when the disk is full, or the folder cannot be written."""
    detail = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    return ProblemsFound([Problem(Kind.NOT_WRITTEN, named(out), detail=detail)])


class _Batch:
    def __init__(
        self,
        options: Options,
        loaded: Rules,
        source: Input,
        work: WorkFolder,
        engine: Engine,
        watcher: Watcher,
        recorded: Callable[[Path], None] | None,
        beside: Beside | None,
    ) -> None:
        if beside is not None:
            beside.load(options.rules, options.screened_at)
        self._beside = beside
        self._recorded = recorded
        self._options = options
        self._loaded = loaded
        self._source = source
        self._work = work
        self._engine = engine
        self._watcher = watcher

    def run(self, mapping: SiteMapping | None) -> Result:
        with IdStore(self._work.path / "ids.duckdb") as ids:
            counts, sample = self._pass(ids, known=False)
            again = [
                number
                for number in range(counts.parts)
                if self._duplicates_of(number) != digest_of(ids.duplicates(number))
            ]
            if again:
                # Which cases are there twice is known only at the end of the input.
                for number in again:
                    self._work.forget(number)
                counts, sample = self._pass(ids, known=True)
        checked = sample.check()
        summary = finish(
            self._options, self._loaded, mapping, self._source, self._work, counts, checked
        )
        if self._recorded is not None:
            self._recorded(self._work.outputs)
        self._work.publish()
        return Result(summary, self._loaded)

    def _pass(self, ids: IdStore, known: bool) -> tuple[Counts, Sample]:
        """Decide every part that is not finished; `known`: it is known which ids are twice."""
        counts = Counts()
        sample = Sample(self._options, self._loaded, self._beside, ids.cursor())
        deliveries = self._source.deliveries(_CASES[self._options.engine], self._work.path)
        with (
            closing(deliveries),
            reject_writer(self._work.outputs / REJECTS) as reject,
            working_ahead(self._engine.lanes) as ahead,
        ):
            numbered = self._numbered(deliveries, sample)
            for (number, delivery, read, expected), state in ahead.in_order(
                numbered, self._start(ids, known)
            ):
                counts.add_delivery(delivery)
                reject(delivery.rejects)
                counts.add_rejects(delivery.rejects)
                if not known:
                    ids.add_refused(delivery.refused_ids)
                if state is None or delivery.part is None:
                    continue
                self._watcher.read(*read)
                if not known:
                    ids.add(number, self._work.ids(number))
                counts.add_part(state)
                ids_of, verdicts = self._work.ids(number), self._work.verdicts(number)
                sample.offer(delivery.part, ids_of, verdicts, expected)
                reject(state.rejects)
                counts.add_rejects(state.rejects)
        return counts, sample

    def _numbered(self, deliveries: Iterable[Delivery], sample: Sample) -> Iterator[_Numbered]:
        """The deliveries, each with the number of its part (or of the next, if it has none)."""
        number = cases = 0
        for delivery in deliveries:
            read = self._source.progress()
            if delivery.part is None or not len(delivery.part):
                yield number, delivery, read, 0
                continue
            cases += len(delivery.part)
            expected = self._source.count() or cases * read[1] // max(read[0], 1)
            sample.look_ahead(delivery.part, expected)
            yield number, delivery, read, expected
            number += 1

    def _start(
        self, ids: IdStore, known: bool
    ) -> Callable[[_Numbered], Callable[[], PartState | None]]:
        def start(numbered: _Numbered) -> Callable[[], PartState | None]:
            number, delivery, _, _ = numbered
            if delivery.part is None or not len(delivery.part):
                return lambda: None
            duplicates = ids.duplicates(number) if known else {}
            return partial(self._finished, number, delivery.part, duplicates)

        return start

    def _duplicates_of(self, number: int) -> str:
        state = self._work.state(number)
        return state.duplicates if state else ""

    def _finished(self, number: int, part: AnyPart, duplicates: Mapping[str, int]) -> PartState:
        digest = part.digest()
        state = self._work.state(number)
        if state is not None and state.digest == digest:
            self._watcher.cases(state.cases)
            return state
        outcome = self._engine.decide(part, duplicates, self._watcher.cases)
        return self._work.keep(number, digest, digest_of(duplicates), outcome)


def _mapping(options: Options, loaded: Rules) -> SiteMapping | None:
    if options.mapping is None:
        return None
    return load_mapping(options.mapping, loaded.vocabulary)


def _plan(options: Options, loaded: Rules, mapping: SiteMapping | None) -> dict[str, Any]:
    """Everything but the cases themselves that the verdicts follow from."""
    return {
        "program": PROGRAM,
        "engine": options.engine.value,
        "rules": loaded.digests,
        "mapping": mapping.digest if mapping else "",
        "site": loaded.site_digest,
        "screened at": options.screened_at or "",
        "strict": options.rules.strict,
    }
