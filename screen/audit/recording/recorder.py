"""What a command hands its results to: everything about a run that every entry shares."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from screen.audit.entry.stamp import given_name
from screen.audit.ledger.append import check_appendable
from screen.audit.ledger.find import check_whole
from screen.audit.privacy.case_key import read_case_key
from screen.audit.recording.case_entry import SiteFiles, record_case
from screen.audit.recording.file_digests import (
    SourceFile,
    digest_rules,
    relative_to_ledger,
    source_file,
)
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.model.screening import ScreenedCase


class Recorder:
    """Records the cases of one run in a ledger.

    Made before anything is screened: it raises ProblemsFound at once for a ledger that cannot
    take an entry, for a name or a key that is none, and for rules that changed since they were
    loaded.
    """

    def __init__(
        self,
        ledger: Path,
        rules: Path,
        vocabulary: Vocabulary,
        protocols: Sequence[Protocol],
        *,
        screened_at: str | None = None,
        site: SiteFiles | None = None,
        by: str | None = None,
        redact: bool = False,
        case_key: Path | None = None,
    ) -> None:
        self._ledger = ledger
        self._vocabulary = vocabulary
        self._rules = digest_rules(rules, vocabulary, protocols)
        self._screened_at = screened_at
        self._site = site
        self._by = given_name(by)
        self._redact = redact
        self._case_key = None if case_key is None else read_case_key(case_key)
        self._last: tuple[str, SourceFile] | None = None
        check_appendable(ledger)
        check_whole(ledger)

    def record(
        self,
        screened: ScreenedCase,
        result: Mapping[str, Any] | None = None,
        *,
        digest: str = "",
    ) -> int:
        """Record one case of the file that it came from; the answer is the entry's number.

        `digest` is that of the bytes it was read from; without one the file is read again.
        `result` is its JSON result, where that is what is shown. Call this before anything of
        the case is shown. Raises ProblemsFound if it is not recorded.
        """
        return record_case(
            self._ledger,
            screened,
            self._vocabulary,
            self._rules,
            self._source(screened.case.origin, digest),
            screened_at=self._screened_at,
            site=self._site,
            by=self._by,
            redact=self._redact,
            case_key=self._case_key,
            result=result,
        )

    def _source(self, origin: str, digest: str) -> SourceFile:
        """The cases of one file follow each other, so its digest is worked out once."""
        if digest:
            return SourceFile(relative_to_ledger(Path(origin), self._ledger), digest)
        if self._last is None or self._last[0] != origin:
            self._last = (origin, source_file(Path(origin), self._ledger))
        return self._last[1]
