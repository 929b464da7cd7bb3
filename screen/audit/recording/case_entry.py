"""Recording a screened case: one entry, with everything that proves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.decision import conditions_of, decision_json, result_digest
from screen.audit.entry.entry_form import LEFT_OUT
from screen.audit.entry.stamp import given_name, stamp
from screen.audit.ledger.append import Head, append
from screen.audit.privacy.case_key import shown_case
from screen.audit.recording.file_digests import (
    RulesDigest,
    SourceFile,
    recorded_file,
    relative_to_ledger,
    source_file,
)
from screen.model.concept import Vocabulary
from screen.model.screening import ScreenedCase

_UNTOLD: Json = {"screened_at": LEFT_OUT, "screened_us": [0, 0]}
"""Instead of the time of a screening, which with the rest may tell who it was."""

_SHELF = 64
"""How many versions of conditions are looked up rather than written again."""


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """What a site adds to the rules: its policy (and the limits read from it), its mapping.

    `read` is the digest of the bytes that the policy was read from, where that is known.
    """

    policy: Path | None = None
    staleness: Mapping[str, int] | None = None
    mapping: Path | None = None
    read: str = ""

    def files(self, ledger: Path) -> dict[str, SourceFile]:
        """Its files with their digests. Raises ProblemsFound if one cannot be read."""
        given = {"policy": None if self.read else self.policy, "mapping": self.mapping}
        found = {
            name: source_file(path, ledger) for name, path in given.items() if path is not None
        }
        if self.policy is not None and self.read:
            found["policy"] = SourceFile(relative_to_ledger(self.policy, ledger), self.read)
        return found


def record_case(
    ledger: Path,
    screened: ScreenedCase,
    vocabulary: Vocabulary,
    rules: RulesDigest,
    input_file: Path | SourceFile,
    *,
    screened_at: str | None = None,
    site: SiteFiles | None = None,
    by: str | None = None,
    redact: bool = False,
    case_key: bytes | None = None,
    result: Mapping[str, Any] | None = None,
) -> int:
    """Add one screened case; the answer is the entry's number, and the entry is on the disk.

    `screened_at` is the time that was given instead of the file's own. `result` is the JSON
    result that was shown, if any: a replay then compares it too. `redact` keeps values out,
    `case_key` makes the identifier a keyed hash (`privacy.read_case_key`); with either, no file
    is named. Raises ProblemsFound if the entry was not added.
    """
    site = site or SiteFiles()
    hidden = redact or case_key is not None
    source = source_file(input_file, ledger) if isinstance(input_file, Path) else input_file
    body = {
        **case_body(screened, vocabulary, rules, redact=redact, case_key=case_key),
        "input": recorded_file(source, hidden),
        "site": {name: recorded_file(file, hidden) for name, file in site.files(ledger).items()},
    }
    if result is not None:
        body["result"] = result_digest(result, screened.case.origin)
    if screened_at is not None and not redact:
        body["screened_at_given"] = screened_at
    # The stamp is taken under the lock, so that the times of the entries follow their order.
    name = given_name(by)
    used = {
        conditions.digest: conditions
        for conditions in (conditions_of(s, vocabulary) for s in screened.screenings)
    }

    def make(head: Head) -> Json:
        new = sorted(used.keys() - head.shelf.keys())
        number = head.number + 1
        shelf = {**head.shelf, **dict.fromkeys(new, number)}
        return {
            **body,
            **stamp(name),
            "conditions": {digest: used[digest].json for digest in new},
            "shelf": _kept(shelf, used.keys()),
        }

    return append(ledger, make).number


def case_body(
    screened: ScreenedCase,
    vocabulary: Vocabulary,
    rules: RulesDigest,
    *,
    redact: bool = False,
    case_key: bytes | None = None,
) -> Json:
    """What an entry holds of a case wherever its file lies: identifier, rules, decision."""
    case = screened.case
    body: Json = {
        "kind": "case",
        "case": shown_case(case.id, case_key, redact=redact),
        "screened_at": case.screened_at.text,
        "screened_us": [case.screened_at.start, case.screened_at.end],
        "rules": rules.of(screening.protocol for screening in screened.screenings),
        **decision_json(screened, vocabulary, redact=redact),
    }
    return {**body, **_UNTOLD} if redact else body


def _kept(shelf: dict[str, int], used: Any) -> dict[str, int]:
    """The shelf without its oldest conditions, so that an entry stays small."""
    newest = sorted(shelf, key=lambda digest: (digest in used, shelf[digest], digest))[-_SHELF:]
    return {digest: shelf[digest] for digest in sorted(newest)}
