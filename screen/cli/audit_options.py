"""The arguments that several audit commands take."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SheetFormat(StrEnum):
    """How a table for people is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"


class Finding(StrEnum):
    """What a person finds of a criterion."""

    MET = "met"
    NOT_MET = "not_met"


class Meaning(StrEnum):
    """What a signature means."""

    REVIEWED = "reviewed"
    APPROVED = "approved"


Ledger = Annotated[
    Path,
    typer.Option(
        "--ledger",
        metavar="FILE",
        envvar="TRIALSCREEN_LEDGER",
        help="The ledger.",
        show_default=False,
    ),
]
Number = Annotated[int, typer.Argument(metavar="N", help="The entry's number.", min=1)]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write to this new file.", show_default=False),
]
