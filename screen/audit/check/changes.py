"""Whether a stored result still rests on the files that it was made from."""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from screen.audit.entry.canonical_json import Json
from screen.digests import digest_of_file
from screen.problems import ProblemsFound
from screen.program import PROGRAM

CHANGED, GONE = "has changed since", "is gone"
VOCABULARY = "vocabulary"
MOST_FILES = 200_000


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was: `what` it is, and `how` it differs, in words.

    `role` is `rules`, `input`, `site`, `output` or `program`.
    """

    role: str
    what: str
    how: str

    @property
    def text(self) -> str:
        """`rule file protocols/x/protocol.yaml has changed since`."""
        return f"{self.what} {self.how}"


@dataclass(slots=True)
class Digests:
    """The digests of files as they are now, each worked out once; "" for one that is gone."""

    known: dict[Path, str] = field(default_factory=dict)

    def of(self, path: Path) -> str:
        """The digest of a file, or of a folder of cases; "" for what can be neither."""
        if path not in self.known:
            try:
                digest = folder_digest(path) if path.is_dir() else digest_of_file(path)
            except (OSError, ProblemsFound):
                digest = ""
            self.known[path] = digest
        return self.known[path]

    def vocabulary(self, rules: Path) -> str:
        """The digest of all vocabulary files together, as `Vocabulary.digest` has it."""
        folder = rules / VOCABULARY
        if folder not in self.known:
            combined = hashlib.sha256()
            for path in sorted(folder.glob("*.yaml")):
                digest = self.of(path).removeprefix("sha256:")
                combined.update(path.name.encode() + b"\0" + bytes.fromhex(digest))
            self.known[folder] = f"sha256:{combined.hexdigest()}"
        return self.known[folder]


def folder_digest(path: Path) -> str:
    """The digest of a folder of case files, as a batch records it. Raises OSError, ProblemsFound.

    A ledger can name any folder, so one that holds more than any site's is not searched.
    """
    from screen.batch.inputs.documents.document_files import FolderInput

    if sum(1 for _ in islice(path.rglob("*"), MOST_FILES + 1)) > MOST_FILES:
        raise OSError(errno.EFBIG, "it holds too many files")
    combined = hashlib.sha256()
    for file in FolderInput(path).files:
        digest = bytes.fromhex(digest_of_file(file).removeprefix("sha256:"))
        combined.update(os.fsencode(file.relative_to(path).as_posix()) + b"\0" + digest)
    return f"sha256:{combined.hexdigest()}"


def rule_changes(recorded: Mapping[str, str], rules: Path, now: Digests) -> Iterator[Change]:
    """The recorded rule files (digest by path in the rules folder) that are not as they were.

    A vocabulary file that came after counts too, because all of them are read.
    """
    names = dict(recorded)
    whole = names.pop(VOCABULARY, None)
    if whole is not None:
        if whole != now.vocabulary(rules):
            yield Change("rules", "the vocabulary", CHANGED)
    else:
        for path in sorted((rules / VOCABULARY).glob("*.yaml")):
            name = f"{VOCABULARY}/{path.name}"
            if name not in recorded:
                yield Change("rules", f"rule file {name}", "was not there")
    yield from file_changes("rule", names.items(), rules, now)


def file_changes(
    role: str, recorded: Iterable[tuple[str, str]], folder: Path, now: Digests
) -> Iterator[Change]:
    """The files (path as seen from `folder`, digest) that are changed or gone.

    `role` is `rule`, `input`, `site` or `output`.
    """
    for name, digest in recorded:
        found = now.of(folder / name)
        if found != digest:
            kind = "rules" if role == "rule" else role
            yield Change(kind, f"{role} file {name}", CHANGED if found else GONE)


def program_change(recorded: str) -> Iterator[Change]:
    """Whether another version of the program made it."""
    if recorded != PROGRAM:
        yield Change("program", f"the program was {recorded},", f"and is {PROGRAM} now")


def entry_changes(
    body: Json, ledger: Path, rules: Path, now: Digests | None = None
) -> tuple[Change, ...]:
    """What has changed since a case or a batch was recorded in `ledger`.

    Files of which only the digest was recorded cannot be looked up, and are left out.
    """
    if body.get("kind") not in ("case", "batch"):
        return ()
    now = now or Digests()
    folder = ledger.absolute().parent
    inputs = [body["input"]] if body["kind"] == "case" else body["inputs"]
    return (
        *rule_changes(body["rules"], rules, now),
        *file_changes("input", _named(inputs), folder, now),
        *file_changes("site", _named(body.get("site", {}).values()), folder, now),
        *file_changes("output", _named(body.get("outputs", [])), folder, now),
        *program_change(str(body.get("decided_by", body["program"]))),
    )


def _named(files: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for file in files:
        if "path" in file:
            yield file["path"], file["digest"]


def announcement(changes: Iterable[Change]) -> str:
    """What stands before a stored result that is no longer current; "" if it is."""
    told = "".join(f"  {change.text}\n" for change in changes)
    return f"Not current: this was decided before something changed.\n{told}" if told else ""
