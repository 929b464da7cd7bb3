"""Deciding again from the original files, and comparing with what was recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screen.audit.check.changes import Present
from screen.audit.check.replay_batch import batch_differences
from screen.audit.entry.canonical_json import Json, canonical_bytes
from screen.audit.entry.decision import decision_json, result_digest
from screen.audit.entry.entry_form import LEFT_OUT
from screen.audit.entry.truth_json import truth_words
from screen.audit.ledger.find import entries_and_faults
from screen.audit.ledger.read import Found
from screen.audit.privacy.case_key import keyed
from screen.changes import Change
from screen.engine.decide import Screener
from screen.explain.show.json_result import case_result
from screen.explain.words.background import Background
from screen.intake.casefile import read_case_file
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids
from screen.language.protocol.persons import with_persons
from screen.language.site.site_file import load_site
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.problems import ProblemsFound, worded

SAME, DIFFERENT, NOT_DECIDED = "same", "different", "not decided again"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One entry decided again.

    `changes` are files and versions that are not as they were; `differences` say, criterion by
    criterion, what came out otherwise.
    """

    number: int
    case: str
    outcome: str
    changes: tuple[Change, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether every truth came out as recorded, from files that are as they were.

        Newer rules or another program are shown, and do not count as long as nothing else
        comes of them.
        """
        if self.differences or self.outcome == DIFFERENT:
            return False
        return all(change.role in ("rules", "program") for change in self.changes)


class Replayer:
    """Replays entries of one ledger by the rules in `rules`.

    Input files are looked for where they were, as seen from the ledger; or in `folder`, by
    their digests, whatever their names are.
    """

    def __init__(
        self, ledger: Path, rules: Path, folder: Path | None = None, key: bytes | None = None
    ) -> None:
        self._ledger = ledger
        self._rules = rules
        self._is_elsewhere = folder is not None
        self._key = key
        self._present = Present(ledger, rules, folder)
        self.faults: list[str] = []
        self._vocabulary: Vocabulary | None = None
        self._screeners: dict[
            tuple[tuple[str, ...], Path | None], tuple[Screener, Mapping[str, int]]
        ] = {}

    def replay(self, number: int | None = None) -> Iterator[Replayed]:
        """Every case and batch, or the one entry with `number`. Raises ProblemsFound.

        What is wrong with the ledger itself is in `faults` afterwards.
        """
        for entry in entries_and_faults(self._ledger):
            if isinstance(entry, Found):
                self.faults.append(entry.text)
                continue
            if number is not None and entry.number != number:
                continue
            if entry.kind == "case":
                yield self._case(entry.number, entry.body)
            elif entry.kind == "batch":
                yield self._batch(entry.number, entry.body)

    def _batch(self, number: int, body: Json) -> Replayed:
        """A batch is run again, where its files are as they were and lie where they did."""
        present = self._present
        versions = [*present.rule_changes(body), *present.program_change(body)]
        given, written = list[Change](), list[Change]()
        for file in (*body["inputs"], *body["site"].values()):
            given += self._present.found("input", file)[1]
        for file in body["outputs"]:
            written += self._present.found("output", file)[1]
        changes = (*versions, *given, *written)
        if given or "folder" not in body or self._is_elsewhere:
            return Replayed(number, "", NOT_DECIDED, changes)
        again = batch_differences(body, self._ledger, self._rules, exactly=not versions)
        try:
            differences = tuple(again)
        except ProblemsFound as found:
            differences = tuple(worded(problem) for problem in found.problems)
        return Replayed(number, "", DIFFERENT if differences else SAME, changes, differences)

    def _case(self, number: int, body: Json) -> Replayed:
        path, changes = self._present.found("input", body["input"])
        policy, policy_changes = None, []
        for name, file in body["site"].items():
            found, its_changes = self._present.found("site", file)
            policy = found if name == "policy" else policy
            policy_changes += its_changes
        changes = [
            *self._present.rule_changes(body),
            *changes,
            *policy_changes,
            *self._present.program_change(body),
        ]
        case = str(body["case"])
        if path is None or policy_changes:
            return Replayed(number, case, NOT_DECIDED, tuple(changes))
        try:
            candidates = list(self._decided(path, body, policy))
        except ProblemsFound as found:
            differences = tuple(worded(problem) for problem in found.problems)
            return Replayed(number, case, DIFFERENT, tuple(changes), differences)
        if not candidates:
            difference = "the file holds no such case"
            return Replayed(number, case, DIFFERENT, tuple(changes), (difference,))
        same_rules = not any(change.role in ("rules", "program") for change in changes)
        compared = [_compared(body, again, exactly=same_rules) for again in candidates]
        best = min(compared, key=len)
        outcome = DIFFERENT if best else SAME
        return Replayed(number, case, outcome, tuple(changes), tuple(best))

    def _decided(self, path: Path, body: Json, policy: Path | None) -> Iterator[Json]:
        """What each case of the file that may be the recorded one comes to now."""
        screener, staleness = self._screener([s["protocol"] for s in body["screenings"]], policy)
        redact = body.get("redacted") is True
        given = body.get("screened_at_given")
        for case in read_case_file(path, screener.vocabulary, given):
            if not self._may_be(case, str(body["case"])):
                continue
            screened = screener.screen(case)
            again = {
                **decision_json(screened, screener.vocabulary, redact=redact),
                "screened_at": LEFT_OUT if redact else case.screened_at.text,
            }
            if "result" in body:
                result = case_result(Background(screened, screener.vocabulary, staleness))
                again["result"] = result_digest(result, case.origin)
            yield again

    def _may_be(self, case: Case, recorded: str) -> bool:
        if recorded == LEFT_OUT:
            return True
        if not recorded.startswith("hmac-sha256:"):
            return case.id == recorded
        # Without the site's key, a case is known by coming out byte for byte as recorded.
        return self._key is None or keyed(case.id, self._key) == recorded

    def _screener(
        self, ids: Sequence[str], policy: Path | None
    ) -> tuple[Screener, Mapping[str, int]]:
        """The screener for some protocols under a site's policy, made once for each."""
        known = (tuple(ids), policy)
        if known not in self._screeners:
            if self._vocabulary is None:
                self._vocabulary = load_vocabulary(self._rules)
            vocabulary, staleness = self._vocabulary, dict[str, int]()
            protocols = [load_protocol(self._rules, one, vocabulary) for one in ids]
            vocabulary = with_persons(vocabulary, protocols, protocol_ids(self._rules))
            if policy is not None:
                site = load_site(policy, vocabulary)
                vocabulary, staleness = site.extend(vocabulary), dict(site.staleness)
            self._screeners[known] = Screener(vocabulary, protocols, staleness), staleness
        return self._screeners[known]


def _compared(body: Json, again: Json, *, exactly: bool) -> list[str]:
    """What came out otherwise. `exactly`: by the same rules and program, to the last byte."""
    told = []
    for was, now in zip(body["screenings"], again["screenings"], strict=True):
        if was["verdict"] != now["verdict"]:
            told.append(f"{was['protocol']}: was {was['verdict']}, is {now['verdict']} now")
        for name in sorted({*was["truths"], *now["truths"]}):
            before, after = was["truths"].get(name), now["truths"].get(name)
            if before != after:
                said = f"was {truth_words(before)}, is {truth_words(after)} now"
                told.append(f"{was['protocol']}: {name} {said}")
    if exactly and not told:
        recorded = {name: body.get(name) for name in again}
        if canonical_bytes(recorded) != canonical_bytes(again):
            parts = sorted(name for name in again if again[name] != body.get(name))
            told.append(f"the truths are the same, but not every byte: {', '.join(parts)}")
    return told
