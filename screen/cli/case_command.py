"""`trialscreen case`: screen case files and show the verdicts."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from screen.cli import output
from screen.cli.result_writer import ResultWriter
from screen.cli.shared_options import (
    By,
    CaseKey,
    Format,
    Ledger,
    Protocols,
    Redact,
    Rules,
    ScreenedAt,
    Shown,
    Site,
)
from screen.problems import ProblemsFound

if TYPE_CHECKING:
    from screen.explain.words.background import Background


def case(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Case files, YAML or JSON.", readable=False),
    ],
    protocol: Protocols = None,
    rules: Rules = None,
    site: Site = None,
    screened_at: ScreenedAt = None,
    format: Shown = Format.TABLE,  # noqa: A002
    ledger: Ledger = None,
    by: By = None,
    redact: Redact = False,
    case_key: CaseKey = None,
) -> int:
    """Screen the cases in FILE... against the protocols and show why."""
    from screen.cli.recording import recorder_for
    from screen.cli.screened_files import Screenings
    from screen.engine.decide import Screener
    from screen.explain.words.background import Background
    from screen.language.loading.rules import load_rules

    loaded = load_rules(rules, protocol, site)
    vocabulary, staleness = loaded.vocabulary, loaded.staleness
    recorder = recorder_for(
        ledger,
        loaded,
        screened_at=screened_at,
        by=by,
        redact=redact,
        case_key=case_key,
    )
    screenings = Screenings(files, Screener(vocabulary, loaded.protocols, staleness), screened_at)

    numbers: list[int] = []

    def recorded() -> Iterator[Background]:
        for screened in screenings:
            if recorder is not None:
                numbers.append(recorder.record(screened, digest=screenings.digest))
            yield Background(screened, vocabulary, staleness)

    shown = ResultWriter(format, several=len(files) > 1)
    try:
        _show(recorded(), shown, format, several=len(files) > 1)
    except output.NotShown as error:
        output.not_shown(error, _done(numbers, ledger))
        return output.SOME_REFUSED
    except ProblemsFound as found:
        if not numbers:
            raise
        output.problems(found)
        output.message(f"{_done(numbers, ledger)}; what follows was neither recorded nor shown")
        with suppress(output.NotShown):
            shown.finish()
        return output.SOME_REFUSED
    return screenings.status()


def _done(numbers: list[int], ledger: Path | None) -> str:
    """What the ledger holds of a run that ended early; "" where it holds nothing."""
    if not numbers:
        return ""
    several = (
        f"entries {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"entry {numbers[0]}"
    )
    return f"recorded as {several} ({ledger})"


def _show(
    backgrounds: "Iterator[Background]",
    shown: ResultWriter,
    form: Format,
    *,
    several: bool,
) -> None:
    match form:
        case Format.JSON:
            from screen.explain.show.json_result import case_result

            for background in backgrounds:
                shown.entry(_with_until(case_result(background), background))
        case Format.MARKDOWN:
            from screen.explain.show.markdown import case_markdown

            for background in backgrounds:
                shown.text(case_markdown(background))
        case Format.TABLE:
            _tables(backgrounds, shown, several=several)
    shown.finish()


def _with_until(result: "dict[str, Any]", background: "Background") -> "dict[str, Any]":
    """The result, of which each screening says until when its verdict holds.

    A ledger proves what was decided; this says what time alone would make of it, so it is added
    to what is shown and to nothing that is recorded.
    """
    from screen.engine.until import until

    for told, screening in zip(result["screenings"], background.screened.screenings, strict=True):
        told["until"] = until(
            background.case,
            screening.protocol,
            screening.verdict,
            background.vocabulary,
            background.staleness,
        )
    return result


def _tables(backgrounds: "Iterator[Background]", shown: ResultWriter, *, several: bool) -> None:
    """Each case in full; of several files, what matters of each case if it is not the only one."""
    from screen.explain.show.bedside_table import case_table

    paint, width = output.painter(), output.width()
    first_two = list(islice(backgrounds, 2))
    backgrounds = chain(first_two, backgrounds)
    if not several or len(first_two) < 2:
        for background in backgrounds:
            shown.text(case_table(background, paint, width))
        return
    from screen.explain.show.overview import case_overview, overviews_end

    for background in backgrounds:
        output.result(f"{case_overview(background, paint, width)}\n")
    output.result(overviews_end(width))
