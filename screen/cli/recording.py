"""Where a command hands over what it screened to be recorded."""

from pathlib import Path
from typing import TYPE_CHECKING

from screen.language.loading.rules import Rules

if TYPE_CHECKING:
    from screen.audit.recording.recorder import Recorder


def recorder_for(
    ledger: Path | None,
    rules: Rules,
    *,
    screened_at: str | None = None,
    by: str | None = None,
    redact: bool = False,
    case_key: Path | None = None,
) -> "Recorder | None":
    """What records each case before it is shown; None without a ledger.

    Raises ProblemsFound at once where something should be recorded and cannot be.
    """
    if ledger is None:
        return None
    from screen.audit.recording.case_entry import SiteFiles
    from screen.audit.recording.recorder import Recorder

    return Recorder(
        ledger,
        rules.folder,
        rules.vocabulary,
        rules.protocols,
        screened_at=screened_at,
        site=SiteFiles(policy=rules.site, staleness=rules.staleness, read=rules.site_digest),
        by=by,
        redact=redact,
        case_key=case_key,
    )
