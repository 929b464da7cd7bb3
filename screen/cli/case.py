"""`trialscreen case`: screen case files and show the verdicts."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli import output
from screen.cli.options import Format, Ledger, Protocols, Rules, ScreenedAt, Shown
from screen.cli.shower import Shower


def case(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Case files, YAML or JSON.")
    ],
    protocol: Protocols = None,
    rules: Rules = None,
    screened_at: ScreenedAt = None,
    format: Shown = Format.TABLE,  # noqa: A002
    ledger: Ledger = None,
) -> int:
    """Screen the cases in FILE... against the protocols and show why."""
    from screen.cli.ledger import check_ledger, record
    from screen.cli.rules import load_rules
    from screen.cli.screening import Screenings
    from screen.engine.decide import Screener
    from screen.explain.background import Background

    check_ledger(ledger)
    vocabulary, protocols = load_rules(rules, protocol)
    screenings = Screenings(files, Screener(vocabulary, protocols), screened_at)
    shown = Shower(format, several=len(files) > 1)
    for screened in screenings:
        record(ledger, screened)
        background = Background(screened, vocabulary)
        match format:
            case Format.JSON:
                from screen.explain.result import case_result

                shown.entry(case_result(background))
            case Format.MARKDOWN:
                from screen.explain.markdown import case_markdown

                shown.text(case_markdown(background))
            case Format.TABLE:
                from screen.explain.table import case_table

                shown.text(case_table(background, output.painter(), output.width()))
    shown.finish()
    return screenings.status()
