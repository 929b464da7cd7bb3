"""Checking a whole ledger in one pass: chain, proofs, and signatures."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from screen.audit.check.case_check import CaseChecker
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.entry_form import misfit
from screen.audit.failures import not_accepted
from screen.audit.ledger.line import Entry
from screen.audit.ledger.read import Found, Fragment, read_ledger

_DIGEST_BYTES = 32
MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: who signed which entry with which meaning, and with which key."""

    entry: int
    signs: int
    name: str
    meaning: str
    signed_at: str
    key: str
    trusted: bool


@dataclass(slots=True)
class Report:
    """What a check of a ledger found. `wrong` is what fails it; `remarks` is worth knowing.

    `anchor` is the number of the entry whose hash was asked for. `wrong` holds at most
    `MOST_NAMED` sentences, and `more_wrong` counts the others.
    """

    ledger: str
    entries: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    head: str = ""
    truths_proved: int = 0
    truths_without_values: int = 0
    truths_not_proved: int = 0
    texts_not_checked: int = 0
    last_time: str = ""
    receipt: int | None = None
    entries_without_values: int = 0
    signatures: list[Signed] = field(default_factory=list)
    anchor: int | None = None
    wrong: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    more_wrong: int = 0

    def add(self, sentence: str) -> None:
        """Note something that fails the ledger."""
        if len(self.wrong) < MOST_NAMED:
            self.wrong.append(sentence)
        else:
            self.more_wrong += 1

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.wrong

    @property
    def signed_until(self) -> str:
        """When the last signature of a given key was made; "" if there is none."""
        return max((s.signed_at for s in self.signatures if s.trusted), default="")

    @property
    def signed_up_to(self) -> int:
        """The last entry under a signature of a given key; 0 if there is none."""
        return max((s.signs for s in self.signatures if s.trusted), default=0)


_NOTED = re.compile(r"(?:sha256:)?([0-9a-f]{12,64})")


def noted(head: str, about: str = "a noted head") -> str:
    """The digits of a head that somebody noted. Raises ProblemsFound if it is none."""
    found = _NOTED.fullmatch(head.strip().lower())
    if found is None:
        detail = "sha256: and 64 hexadecimal digits, or at least the first 12 of them"
        raise not_accepted(about, head, detail)
    return found[1]


def verify(
    path: Path, keys: Collection[str] = (), head: str | None = None, receipt: Json | None = None
) -> Report:
    """Check the ledger at `path`. Raises ProblemsFound if it cannot be read at all, or if
    `head` is none.

    `keys` are the public keys that signatures are trusted under (`signing.read_public_key`);
    each must have signed something. `head` is a hash that somebody noted earlier: the entry
    must still be there. It may be shortened to its first 12 digits or more.
    `receipt` is what a signature left (`receipt.read_receipt`): both the signed entry and the
    signature must still be there.
    """
    return _Check(path, frozenset(keys), head, receipt).run()


class _Check:
    def __init__(
        self, path: Path, keys: frozenset[str], head: str | None, receipt: Json | None
    ) -> None:
        self._path = path
        self._keys = keys
        self._anchor = None if head is None else noted(head)
        self._receipt = receipt
        self._format = 1
        self._report = Report(path.name)
        self._checker = CaseChecker()
        # 32 bytes for each entry, so that a signature or a note finds the entry that it is about.
        self._hashes = bytearray()
        self._last_time = ""

    def run(self) -> Report:
        report = self._report
        for item in read_ledger(self._path):
            match item:
                case Found():
                    report.add(item.text)
                case Fragment():
                    report.remarks.append(item.text)
                case Entry():
                    self._entry(item)
        self._at_the_end()
        return report

    def _entry(self, entry: Entry) -> None:
        report, body = self._report, entry.body
        report.entries += 1
        report.kinds[entry.kind] = report.kinds.get(entry.kind, 0) + 1
        report.head = entry.hash
        self._note_hash(entry)
        recorded_at = str(body.get("recorded_at", ""))
        if recorded_at < self._last_time:
            report.remarks.append(
                f"entry {entry.number} is dated before the one it follows: a clock was set back"
            )
        self._last_time = report.last_time = recorded_at
        wrong = misfit(body)
        if not wrong and entry.format < self._format:
            wrong = "it has an older form than the entry before it"
        self._format = max(self._format, entry.format)
        if wrong:
            report.add(f"entry {entry.number}: {wrong}")
            return
        self._checker.take(body)
        checks = {"case": self._case, "signature": self._signature, "note": self._note}
        check = checks.get(entry.kind)
        for sentence in check(body) if check else ():
            report.add(f"entry {entry.number}: {sentence}")

    def _note_hash(self, entry: Entry) -> None:
        raw = bytes.fromhex(entry.hash.removeprefix("sha256:"))
        at = (entry.number - 1) * _DIGEST_BYTES
        if at == len(self._hashes):
            self._hashes += raw
        elif at < len(self._hashes) + (1 << 20):
            # Entries are missing or stand elsewhere, which is a fault already.
            self._hashes.extend(bytes(max(0, at - len(self._hashes))))
            self._hashes[at : at + _DIGEST_BYTES] = raw
        if self._anchor and entry.hash.removeprefix("sha256:").startswith(self._anchor):
            self._report.anchor = entry.number

    def _case(self, body: Json) -> Iterator[str]:
        found = self._checker.check(body)
        report = self._report
        report.truths_proved += found.proved
        report.truths_without_values += found.without_values
        report.entries_without_values += bool(found.without_values)
        report.texts_not_checked += found.texts_not_checked
        if found.by_earlier_meaning:
            report.truths_not_proved += found.by_earlier_meaning
            report.remarks.append(
                f"entry {body['number']}: chain intact, not proved again: {body['program']} "
                "decided it, and this version means something else by its criteria"
            )
        yield from found.wrong

    def _signature(self, body: Json) -> Iterator[str]:
        from screen.audit.people.signing import is_genuine

        if not is_genuine(body):
            yield "the signature is not genuine: it was not made with the key that it names"
            return
        yield from self._about(body["signs"], "signs")
        self._report.signatures.append(
            Signed(
                int(body["number"]),
                int(body["signs"]["number"]),
                body["name"],
                body["meaning"],
                body["signed_at"],
                body["key"],
                body["key"] in self._keys,
            )
        )

    def _note(self, body: Json) -> Iterator[str]:
        yield from self._about(body.get("about"), "is about")

    def _about(self, about: Any, verb: str) -> Iterator[str]:
        """Whether the entry that another one names is the one that stands there."""
        try:
            number, named = int(about["number"]), bytes.fromhex(about["hash"][len("sha256:") :])
        except (TypeError, KeyError, ValueError):
            yield f"it does not say what it {verb}"
            return
        at = (number - 1) * _DIGEST_BYTES
        if number < 1 or self._hashes[at : at + _DIGEST_BYTES] != named:
            yield f"it {verb} an entry {number} that is not the one which stands there"

    def _at_the_end(self) -> None:
        report = self._report
        if not report.entries and not report.wrong:
            report.add("it holds no entry, so there is nothing that could be whole")
        if self._receipt is not None:
            self._held_to(self._receipt)
        signing = {signed.key for signed in report.signatures}
        if missing := len(self._keys - signing):
            report.add(
                f"{missing} of the given public keys signed nothing here: "
                "a signature was cut off, or another key was used"
            )
        if self._anchor and report.anchor is None:
            report.add(
                "no entry has the hash that was noted: entries were cut off or replaced, "
                "or it belongs to another ledger"
            )

    def _held_to(self, receipt: Json) -> None:
        """Whether both entries that a receipt names stand where they stood."""
        for name in ("signed", "signature"):
            number, digest = receipt[name]["number"], receipt[name]["hash"]
            at = (number - 1) * _DIGEST_BYTES
            here = self._hashes[at : at + _DIGEST_BYTES]
            if here.hex() != digest.removeprefix("sha256:"):
                self._report.add(
                    f"the receipt names entry {number}, and that one is not here: entries were cut "
                    "off or replaced, or it belongs to another ledger"
                )
                return
        self._report.receipt = receipt["signature"]["number"]
