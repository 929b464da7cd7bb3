"""From finished parts to the files of the output folder."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.batch.counts.set_aside_counts import RecordCounts
from screen.batch.counts.verdict_counts import Tally
from screen.batch.deciding.part_outcome import MissingCounts
from screen.batch.inputs.delivery import Delivery
from screen.batch.inputs.long.long_table import HIDDEN
from screen.batch.inputs.opened import Input
from screen.batch.mapping.model import Mapping as SiteMapping
from screen.batch.options import EngineName, FileFormat, Options
from screen.batch.output.manifest import (
    SUMMARY,
    Checked,
    FileUsed,
    InputUsed,
    Manifest,
    RulesUsed,
    write_manifest,
)
from screen.batch.output.verdict_files import write_csv, write_parquet
from screen.batch.output.work_folder import PartState, WorkFolder, json_text, write_text
from screen.batch.tables.block import Reject
from screen.batch.tables.stream import file_digest
from screen.language.loading.rules import Rules
from screen.program import FORMAT, PROGRAM

if TYPE_CHECKING:
    import pyarrow as pa

REJECTS = "rejects.csv"
_MOST_REASONS = 200


@dataclass(slots=True)
class Counts:
    """What the deliveries and parts of one pass add up to."""

    parts: int = 0
    cases: int = 0
    screened: int = 0
    refused: int = 0
    lost_rows: int = 0
    by_plan: int = 0
    missing: MissingCounts = field(default_factory=MissingCounts)
    records: RecordCounts = field(default_factory=RecordCounts)
    reasons: Counter[str] = field(default_factory=Counter)

    def add_rejects(self, rejects: Iterable[Reject]) -> None:
        """Count lines of rejects.csv by their reasons, whatever the cells were."""
        for reject in rejects:
            reason = re.sub('"[^"]*"', '"…"', reject.reason)
            known = reason in self.reasons or len(self.reasons) < _MOST_REASONS
            self.reasons[reason if known else "other reasons"] += 1

    def add_delivery(self, delivery: Delivery) -> None:
        """Count what was refused before anything could be decided."""
        self.cases += delivery.refused_cases
        self.refused += delivery.refused_cases
        self.lost_rows += delivery.lost_rows

    def add_part(self, state: PartState) -> None:
        """Count a decided part."""
        self.parts += 1
        self.cases += state.cases
        self.screened += state.screened
        self.refused += state.cases - state.screened
        self.missing.update(state.missing)
        self.by_plan += state.by_plan
        self.records.update(state.counts)


def finish(
    options: Options,
    loaded: Rules,
    mapping: SiteMapping | None,
    source: Input,
    work: WorkFolder,
    counts: Counts,
    checked: Callable[[], int],
) -> dict[str, Any]:
    """Write verdicts, summary and manifest into the work folder; gives the summary.

    `checked` waits for the sampled check, and gives how many cases it decided again.
    """
    tally = Tally(loaded.protocols)
    verdicts = f"verdicts.{options.format.value}"
    write = write_csv if options.format is FileFormat.CSV else write_parquet
    write(work.outputs / verdicts, _counted(work, counts.parts, tally))
    summary = _summary(tally, counts, source, mapped=mapping is not None)
    lines = sum(sum(p["verdicts"].values()) for p in summary["protocols"].values())
    if lines != counts.screened * len(loaded.protocols) or (
        counts.cases != counts.screened + counts.refused
    ):
        raise AssertionError("cases were lost on the way")
    write_text(work.outputs / SUMMARY, json_text(summary))
    outputs = {name: file_digest(work.outputs / name) for name in (REJECTS, SUMMARY, verdicts)}
    manifest = Manifest(
        program=PROGRAM,
        format=FORMAT,
        engine=options.engine.value,
        screened_at=options.screened_at,
        strict=options.rules.strict,
        input=InputUsed(
            path=_seen_from(options.out, options.input),
            more=tuple(_seen_from(options.out, path) for path in options.more),
            patients=relative(options.patients, options.out),
            files=dict(sorted(source.digests().items())),
        ),
        mapping=_file(options, options.mapping, mapping.digest, mapping.tzdata)
        if mapping
        else None,
        rules=RulesUsed(relative(options.rules.folder, options.out), loaded.digests),
        site=_file(options, options.rules.site, loaded.site_digest) if loaded.site_digest else None,
        cases=summary["cases"],
        decided_by=_deciders(options, counts),
        checked=Checked("all" if options.check is None else options.check, checked()),
        outputs=outputs,
    )
    write_manifest(work.outputs, manifest)
    return summary


def _file(options: Options, path: Path | None, digest: str, tzdata: str = "") -> FileUsed:
    assert path is not None
    return FileUsed(_seen_from(options.out, path), digest, tzdata)


def relative(path: Path | None, out: Path) -> str | None:
    """`path` as seen from the output folder, so that both can move together; None for none."""
    return None if path is None else _seen_from(out, path)


def _seen_from(out: Path, path: Path) -> str:
    return Path(os.path.relpath(path.resolve(), out.resolve())).as_posix()


def _deciders(options: Options, counts: Counts) -> dict[str, int]:
    if options.engine is EngineName.RULES:
        return {"rules": counts.screened}
    return {options.engine.value: counts.by_plan, "reference": counts.screened - counts.by_plan}


def _counted(work: WorkFolder, parts: int, tally: Tally) -> Iterator["pa.Table"]:
    for number in range(parts):
        verdicts = work.verdicts(number)
        tally.add(verdicts)
        yield verdicts


def _summary(tally: Tally, counts: Counts, source: Input, mapped: bool) -> dict[str, Any]:
    cases, criteria = counts.missing.cases, counts.missing.criteria
    missing = sorted(cases, key=lambda name: (-cases[name], -criteria[name], name))
    notes: Mapping[str, Mapping[str, int]] = source.notes()
    return {
        "program": PROGRAM,
        "format": FORMAT,
        "cases": {
            "in": counts.cases,
            "screened": counts.screened,
            "rejected": counts.refused,
            "rows_of_no_case": counts.lost_rows,
        },
        "protocols": tally.summary(),
        "rejects": [
            {"reason": reason, "lines": lines}
            for reason, lines in sorted(counts.reasons.items(), key=lambda e: (-e[1], e[0]))
        ],
        "set_aside": counts.records.summary(),
        "never_read": list(counts.records.never_read()) if mapped else [],
        "missing": {name: {"cases": cases[name], "criteria": criteria[name]} for name in missing},
        "left_out": {
            name: dict(values) for name, values in notes.items() if values and name != HIDDEN
        },
        HIDDEN: dict(notes.get(HIDDEN, {})),
    }
