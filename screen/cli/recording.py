"""Where a command hands over what it screened to be recorded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol

if TYPE_CHECKING:
    from screen.audit.recorder import Recorder


def recorder_for(
    ledger: Path | None,
    rules: Path | None,
    vocabulary: Vocabulary,
    protocols: Sequence[Protocol],
    *,
    screened_at: str | None = None,
    site: Path | None = None,
    staleness: Mapping[str, int] | None = None,
    policy: str = "",
    by: str | None = None,
    redact: bool = False,
    case_key: Path | None = None,
) -> "Recorder | None":
    """What records each case before it is shown; None without a ledger.

    `policy` is the SHA-256 of the bytes that the site's own file was read from.
    Raises ProblemsFound at once where something should be recorded and cannot be.
    """
    if ledger is None:
        return None
    from screen.audit.record import SiteFiles
    from screen.audit.recorder import Recorder
    from screen.language.load import default_rules_dir

    return Recorder(
        ledger,
        rules or default_rules_dir(),
        vocabulary,
        protocols,
        screened_at=screened_at,
        site=SiteFiles(policy=site, staleness=staleness, read=policy),
        by=by,
        redact=redact,
        case_key=case_key,
    )
