"""A recorded case, held to everything that can be told of it from the ledger alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from screen.audit.check.proof import prove
from screen.audit.check.proof_memory import RememberingDeduction
from screen.audit.check.text_proof import Untold, untold
from screen.audit.entry.canonical_json import Json, canonical_bytes
from screen.audit.entry.shelf import Shelf
from screen.audit.ledger.find import entries
from screen.digests import digest_of

_PARTS = ("screenings", "facts", "unrecorded", "quality")
_EARLIER = "trialscreen 0.1."
"""The versions by whose meaning a truth cannot be proved again here; they wrote format 1."""


@dataclass(slots=True)
class Checked:
    """How many truths were proved, how many hold no values to prove them with, how many were
    decided by the meaning of an earlier version and do not come out by today's; how many texts
    cannot be read again without the site's vocabulary; what is wrong.
    """

    proved: int = 0
    without_values: int = 0
    by_earlier_meaning: int = 0
    texts_not_checked: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def unsaid(self) -> str:
        """Why its truths were not proved again, in words; "" if they were."""
        if self.by_earlier_meaning:
            return "an earlier version decided it: chain intact, not proved again"
        return (
            "it holds no values, so its truths were not proved again" if self.without_values else ""
        )


class CaseChecker:
    """Checks case entries in the order of the ledger; their form has been checked (`forms`)."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self._deduction = RememberingDeduction()

    def take(self, body: Json) -> None:
        """Keep the conditions that an entry of any kind holds."""
        self.shelf.take(body)

    def check(self, body: Json) -> Checked:
        """Prove a case's truths, and hold texts and digest to what was judged.

        `take` has been given this entry, and all before it.
        """
        found = Checked()
        try:
            proof = prove(body, self.shelf, self._deduction)
            beside = list(self._beside(body))
        except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError):
            found.wrong.append("it does not hold what a recorded case holds")
            return found
        found.texts_not_checked = beside.count(Untold.CANNOT_TELL)
        found.wrong = [one for one in beside if isinstance(one, str)]
        found.without_values = proof.without_values
        if proof.wrong and body["_ledger"] == 1 and body["program"].startswith(_EARLIER):
            # What a truth meant then is not what it means now: that is no forgery.
            found.by_earlier_meaning = proof.proved
        else:
            found.proved = proof.proved
            found.wrong[:0] = proof.wrong
        if not proof.wrong and not found.wrong and not _is_decision(body):
            found.wrong.append("what it holds is not what the digest of its decision was made from")
        return found

    def _beside(self, body: Json) -> Iterator[str | Untold]:
        """What does not fit: conditions of another protocol, facts that nothing asks for, texts."""
        asked = []
        for screening in body["screenings"]:
            conditions = self.shelf.of(screening["conditions"])
            if conditions is None:
                continue
            asked.append(conditions)
            protocol = conditions.protocol
            if (screening["protocol"], screening["version"]) != (protocol.id, protocol.version):
                yield f"{screening['protocol']}: what it asked is that of another protocol"
        if "redacted" in body or len(asked) != len(body["screenings"]):
            return
        known = {key for one in asked for key in one.selections}
        names = {*body["facts"], *(key for keys in body["unrecorded"].values() for key in keys)}
        if names - known:
            yield f"{min(names - known)}: no criterion asks for it"
        yield from untold(body, asked)


def checked(ledger: Path, number: int) -> Checked:
    """What a check of one recorded case finds; nothing for other entries. Raises ProblemsFound."""
    checker = CaseChecker()
    for entry in entries(ledger):
        checker.take(entry.body)
        if entry.number == number:
            return checker.check(entry.body) if entry.kind == "case" else Checked()
    return Checked()


def _is_decision(body: Json) -> bool:
    """Whether the digest is that of what was decided; without values nobody can tell."""
    if "redacted" in body:
        return True
    whole = {name: body[name] for name in _PARTS}
    return digest_of(canonical_bytes(whole)) == str(body["decision"])
