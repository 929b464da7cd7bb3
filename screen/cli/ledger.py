"""Where a command hands over what it screened to be recorded."""

from pathlib import Path

import typer

from screen.model.screening import ScreenedCase


def check_ledger(ledger: Path | None) -> None:
    """Refuse to start where something should be recorded and cannot be."""
    if ledger is not None:
        raise typer.BadParameter(
            "this version cannot record yet; leave it out", param_hint="--ledger"
        )


def record(ledger: Path | None, screened: ScreenedCase) -> None:
    """Record one screened case in `ledger`, before any of it is shown; nothing without one."""
