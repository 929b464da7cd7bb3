"""`trialscreen checklist`: what a person goes through, fills in and signs."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli import output
from screen.cli.audit_options import Out, SheetFormat
from screen.cli.shared_options import Rules, ScreenedAt, Site


def checklist(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A case file, YAML or JSON.")],
    protocol: Annotated[str, typer.Option("-p", "--protocol", metavar="ID", help="The protocol.")],
    rules: Rules = None,
    site: Site = None,
    screened_at: ScreenedAt = None,
    format: Annotated[  # noqa: A002
        SheetFormat, typer.Option("--format", help="How to write it.")
    ] = SheetFormat.MARKDOWN,
    out: Out = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave out all values.")] = False,
) -> int:
    """Write the eligibility checklist of one case and protocol, to be filled in and signed."""
    from screen.audit.failures import not_accepted
    from screen.audit.sheets.checklist import checklist as checklist_of
    from screen.audit.sheets.sheet import FORMATS
    from screen.cli.screened_files import Screenings
    from screen.engine.decide import Screener
    from screen.explain.words.background import Background
    from screen.language.loading.rules import load_rules

    loaded = load_rules(rules, [protocol], site)
    vocabulary, staleness = loaded.vocabulary, loaded.staleness
    screener = Screener(vocabulary, loaded.protocols, staleness)
    screenings = Screenings([file], screener, screened_at)
    screened = list(screenings)
    if len(screened) > 1:
        raise not_accepted("the file", f"{len(screened)} cases", "one case", str(file))
    for one in screened:
        sheet = checklist_of(
            one.screenings[0], Background(one, vocabulary, staleness), redact=redact
        )
        written(FORMATS[format.value](sheet), out)
    return screenings.status()


def written(text: str, out: Path | None) -> None:
    """To standard output, or to a file that must not exist yet. Raises ProblemsFound."""
    from screen.audit.failures import cannot_write
    from screen.files import reason_of
    from screen.writing import write_new

    if out is None:
        output.result(text, as_utf8=True)
        return
    try:
        write_new(out, text.encode("utf-8", "backslashreplace"))
    except FileExistsError:
        raise cannot_write(out, "it exists already; choose another name") from None
    except OSError as error:
        raise cannot_write(out, reason_of(error)) from None
