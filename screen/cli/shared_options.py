"""The arguments that several commands take."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a result is shown."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class Listing(StrEnum):
    """How a list or a description is shown."""

    TABLE = "table"
    JSON = "json"


Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="DIR", help="Folder of vocabulary and protocols.", show_default=False
    ),
]
ScreenedAt = Annotated[
    str | None,
    typer.Option(
        "--screened-at",
        metavar="T",
        help="Time of the screening, instead of the one in the file.",
        show_default=False,
    ),
]
Protocols = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--protocol",
        metavar="ID",
        help="Screen against this protocol only; may be given several times.",
        show_default=False,
    ),
]
Site = Annotated[
    Path | None,
    typer.Option(
        "--site",
        metavar="FILE",
        help="The site's own unit spellings and limits of age.",
        show_default=False,
    ),
]
Ledger = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        envvar="TRIALSCREEN_LEDGER",
        help="Record every verdict in this file.",
        show_default=False,
    ),
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who does it, if not the login.", show_default=False),
]
Redact = Annotated[
    bool,
    typer.Option(
        "--redact", help="Record digests and truths: no values, times, file names or identifiers."
    ),
]
CaseKey = Annotated[
    Path | None,
    typer.Option(
        "--case-key",
        metavar="FILE",
        help="Record identifiers as hashes keyed with this file (keygen --case-key).",
        show_default=False,
    ),
]
Shown = Annotated[Format, typer.Option("--format", help="How to show the result.")]
Listed = Annotated[Listing, typer.Option("--format", help="How to show it.")]
