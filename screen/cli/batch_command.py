"""`trialscreen batch`: screen a folder or a table of cases into an output folder."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli import output
from screen.cli.shared_options import (
    By,
    CaseKey,
    Ledger,
    Protocols,
    Redact,
    Rules,
    ScreenedAt,
    Site,
)
from screen.problems import ProblemsFound

_CHECK = "How many cases the reference evaluator decides again: a number, all, or none."


def batch(
    input: Annotated[  # noqa: A002
        list[Path] | None,
        typer.Argument(
            metavar="INPUT...",
            help="A folder of case files, a JSON lines file, or tables of one shape"
            " (CSV, XLSX, Parquet).",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The folder to write.", show_default=False),
    ] = None,
    map: Annotated[  # noqa: A002
        Path | None,
        typer.Option(
            "--map", metavar="FILE", help="How the site's table is read.", show_default=False
        ),
    ] = None,
    patients: Annotated[
        Path | None,
        typer.Option(
            "--patients",
            metavar="FILE",
            help="The patients of a table with one observation per row.",
            show_default=False,
        ),
    ] = None,
    protocol: Protocols = None,
    rules: Rules = None,
    site: Site = None,
    screened_at: ScreenedAt = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="columns|rules|spark", help="What decides.")
    ] = "columns",
    format: Annotated[  # noqa: A002
        str, typer.Option("--format", metavar="parquet|csv", help="How verdicts are written.")
    ] = "parquet",
    check: Annotated[str, typer.Option("--check", metavar="N|all|none", help=_CHECK)] = "200",
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=0, help="Processes; 0: one per processor.")
    ] = 0,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Reject a case if any of its records cannot be read."),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue what an earlier run left unfinished.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the output folder if it exists.")
    ] = False,
    map_template: Annotated[
        Path | None,
        typer.Option(
            "--map-template",
            metavar="INPUT",
            help="Only write a first draft of a mapping for this table.",
            show_default=False,
        ),
    ] = None,
    ledger: Ledger = None,
    by: By = None,
    redact: Redact = False,
    case_key: CaseKey = None,
) -> int:
    """Screen every case of INPUT and write verdicts, rejects, summary and manifest."""
    if map_template is not None:
        return _template(map_template, rules)
    if not input or out is None:
        missing = "--out DIR" if input else "INPUT"
        raise typer.BadParameter(f"{missing} is needed", param_hint="batch")

    from screen.batch.deciding.check_process import started_beside
    from screen.batch.options import EngineName, FileFormat, Options
    from screen.batch.rule_source import RuleSource

    _check_recording(ledger, by, case_key)
    options = Options(
        input=input[0],
        more=tuple(input[1:]),
        out=out,
        rules=RuleSource(rules, tuple(protocol or ()), site, strict=strict),
        mapping=map,
        patients=patients,
        engine=EngineName(_one_of(engine, tuple(EngineName), "--engine")),
        format=FileFormat(_one_of(format, tuple(FileFormat), "--format")),
        screened_at=screened_at,
        workers=workers,
        check=_check(check),
        resume=resume,
        overwrite=overwrite,
        beside=tuple(path for path in (ledger, case_key) if path is not None),
    )
    numbers: list[int] = []
    finished_in: list[Path] = []

    def recorded(finished: Path) -> None:
        if ledger is not None:
            hidden = redact or case_key is not None
            finished_in.append(finished)
            numbers.append(_record(ledger, out, finished, by=by, redact=hidden))

    with started_beside(options) as beside:
        from screen.batch.output.progress import Progress
        from screen.batch.run import run

        with Progress(output.message) as progress:
            try:
                result = run(options, progress, recorded, beside)
            except KeyboardInterrupt:
                output.message("stopped; what is finished is kept, and --resume continues with it")
                raise
            except ProblemsFound as found:
                if not finished_in:
                    raise
                output.problems(found)
                if not numbers:
                    output.message(
                        f"every case is screened, but not recorded, so {out} did not get its name; "
                        "once the ledger can be written, --resume records it"
                    )
                    return output.NOTHING_DONE
                output.message(
                    f"recorded as entry {numbers[0]} ({ledger}), but {out} did not get its name; "
                    "--resume goes on with it"
                )
                return output.SOME_REFUSED
    from screen.batch.output.closing_report import never_read, report

    done = f"recorded as entry {numbers[0]} ({ledger}, written to {out})" if numbers else ""
    text = report(
        result.summary, result.rules.vocabulary, output.painter(), min(output.width(), 80)
    )
    if output.told(text, done or f"written to {out}") != output.DONE:
        return output.SOME_REFUSED
    for concept in result.never_read:
        output.message(never_read(concept, result.summary))
    if result.refused:
        output.message(f"not everything was screened: see {out / 'rejects.csv'}")
        return output.SOME_REFUSED if result.screened else output.NOTHING_DONE
    return output.SOME_REFUSED if result.never_read else output.DONE


def _check_recording(ledger: Path | None, by: str | None, case_key: Path | None) -> None:
    """Raise ProblemsFound before anything is screened if it could not be recorded."""
    if ledger is None:
        return
    from screen.audit.entry.stamp import given_name
    from screen.audit.ledger.append import check_appendable
    from screen.audit.ledger.find import check_whole
    from screen.audit.privacy.case_key import read_case_key

    given_name(by)
    if case_key is not None:
        read_case_key(case_key)
    check_appendable(ledger)
    check_whole(ledger)


def _record(ledger: Path, out: Path, finished: Path, *, by: str | None, redact: bool) -> int:
    from screen.audit.recording.batch_entry import record_batch

    return record_batch(ledger, out, by=by, redact=redact, finished=finished)


def _template(table: Path, rules: Path | None) -> int:
    from screen.batch.mapping.draft import template
    from screen.batch.rule_source import RuleSource

    output.result(template(table, RuleSource(rules).load().vocabulary), as_utf8=True)
    return output.DONE


def _one_of(value: str, allowed: tuple[str, ...], option: str) -> str:
    if value not in allowed:
        choices = ", ".join(allowed)
        raise typer.BadParameter(f"{value!r} is not one of {choices}", param_hint=option)
    return value


def _check(value: str) -> int | None:
    if value == "all":
        return None
    if value == "none":
        return 0
    if value.isdecimal() and len(value) < 12:
        return int(value)
    raise typer.BadParameter(f"{value!r} is not a number, all or none", param_hint="--check")
