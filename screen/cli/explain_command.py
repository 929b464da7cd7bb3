"""`trialscreen explain`: the whole tree of one protocol, for a case file or a case of a batch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screen.cli import output
from screen.cli.result_writer import ResultWriter
from screen.cli.shared_options import (
    By,
    CaseKey,
    Format,
    Ledger,
    Redact,
    Rules,
    ScreenedAt,
    Shown,
    Site,
)

if TYPE_CHECKING:
    from screen.batch.back_to_case import NotScreened
    from screen.explain.words.background import Background


def explain(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A case file, YAML or JSON; with --from, the id of a case."
        ),
    ],
    protocol: Annotated[str, typer.Argument(metavar="ID", help="The protocol.")],
    rules: Rules = None,
    site: Site = None,
    screened_at: ScreenedAt = None,
    format: Shown = Format.TABLE,  # noqa: A002
    batch: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="DIR",
            help="The output folder of a batch: explain a case of it.",
            show_default=False,
        ),
    ] = None,
    input: Annotated[  # noqa: A002
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help="Where the input of that batch is now, if it was moved.",
            show_default=False,
        ),
    ] = None,
    ledger: Ledger = None,
    by: By = None,
    redact: Redact = False,
    case_key: CaseKey = None,
) -> int:
    """Show one protocol whole: conditions, evidence, rules."""
    if batch is not None:
        if site is not None:
            raise typer.BadParameter("is for case files, not for --from", param_hint="--site")
        return _from_batch(batch, file, protocol, input, rules, format)
    from screen.cli.recording import recorder_for
    from screen.cli.screened_files import Screenings
    from screen.engine.decide import Screener
    from screen.explain.words.background import Background
    from screen.language.loading.rules import load_rules

    loaded = load_rules(rules, [protocol], site)
    vocabulary, staleness = loaded.vocabulary, loaded.staleness
    recorder = recorder_for(
        ledger,
        loaded,
        screened_at=screened_at,
        by=by,
        redact=redact,
        case_key=case_key,
    )
    screener = Screener(vocabulary, loaded.protocols, staleness)
    screenings = Screenings([Path(file)], screener, screened_at)
    shown = ResultWriter(format)
    for screened in screenings:
        if recorder is not None:
            recorder.record(screened, digest=screenings.digest)
        _show(shown, Background(screened, vocabulary, staleness), format)
    shown.finish()
    return screenings.status()


def _from_batch(
    out: Path,
    case: str,
    protocol: str,
    input: Path | None,  # noqa: A002
    rules: Path | None,
    format: Format,  # noqa: A002
) -> int:
    from screen.batch.back_to_case import NotScreened, look_up
    from screen.explain.words.background import Background

    try:
        found = look_up(out, case, protocol, input=input, rules=rules)
    except NotScreened as refused:
        return _not_screened(refused, format)
    for change in found.changes:
        output.message(f"changed since: {change}")
    shown = ResultWriter(format)
    _show(shown, Background(found.screened, found.vocabulary, found.staleness), format)
    shown.finish()
    return output.SOME_REFUSED if found.changes else output.DONE


def _not_screened(found: "NotScreened", format: Format) -> int:  # noqa: A002
    """Why the batch refused a case: row, column and reason of each line about it."""
    if format is Format.JSON:
        import json

        rejects = [reject._asdict() for reject in found.rejects]
        text = {"case": found.case, "screened": False, "rejects": rejects}
        output.result(json.dumps(text, ensure_ascii=False, indent=2) + "\n")
        return output.SOME_REFUSED
    from screen.explain.words.plain_text import wrapped
    from screen.quoting import visible

    lines = [f"{found.case} was not screened:"]
    for reject in found.rejects:
        place = f"{reject.input}, row {reject.row}" if reject.row else reject.input
        column = f", column {reject.column}" if reject.column else ""
        lines += [f"  {line}" for line in wrapped(f"{place}{column}: {reject.reason}", 78)]
    output.result("".join(f"{visible(line)}\n" for line in lines))
    return output.SOME_REFUSED


def _show(shown: ResultWriter, background: "Background", format: Format) -> None:  # noqa: A002
    (screening,) = background.screened.screenings
    match format:
        case Format.JSON:
            from screen.explain.show.json_result import explanation

            shown.entry(explanation(screening, background))
        case Format.MARKDOWN:
            from screen.explain.show.markdown import tree_markdown

            shown.text(tree_markdown(screening, background))
        case Format.TABLE:
            from screen.explain.show.whole_tree import case_tree

            paint, width = output.painter(), output.width()
            shown.text(case_tree(screening, background, paint, width))
