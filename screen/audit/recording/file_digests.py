"""The files that a result rests on: their digests, and where they lie."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.audit.failures import cannot_read
from screen.digests import combined_digest, digest_of, digest_of_file
from screen.documents.text_files import LARGEST_FILE
from screen.files import read_file, reason_of
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Kind as Wrong
from screen.problems import Problem, ProblemsFound


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read: its digest, and its path ("" where that is not to be told)."""

    path: str
    digest: str


def recorded_file(file: SourceFile, hidden: bool) -> Json:
    """What an entry holds of a file; `hidden`: its name may tell who the patient is."""
    named = file.path and not hidden
    return {"path": file.path, "digest": file.digest} if named else {"digest": file.digest}


@dataclass(frozen=True, slots=True)
class RulesDigest:
    """The digest of every vocabulary and protocol file, by its path in the rules folder."""

    files: Mapping[str, str]

    def of(self, protocols: Iterable[Protocol]) -> dict[str, str]:
        """The files that these protocols use: theirs, and the whole vocabulary."""
        used = {protocol.file for protocol in protocols}
        return {
            name: digest
            for name, digest in sorted(self.files.items())
            if name in used or name.startswith("vocabulary/")
        }


def digest_rules(rules: Path, vocabulary: Vocabulary, protocols: Iterable[Protocol]) -> RulesDigest:
    """The digests of the files under `rules` that were loaded as `vocabulary` and `protocols`.

    Raises ProblemsFound if one of them has changed since it was loaded.
    """
    files: dict[str, str] = {}
    changed: list[Path] = []
    for path in sorted((rules / "vocabulary").glob("*.yaml")):
        files[f"vocabulary/{path.name}"] = digest_of(_read(path))
    combined = combined_digest((Path(name).name.encode(), digest) for name, digest in files.items())
    if vocabulary.digest and vocabulary.digest != combined:
        changed.append(rules / "vocabulary")
    for protocol in protocols:
        if not protocol.file:
            continue
        digest = files[protocol.file] = digest_of(_read(rules / protocol.file))
        if digest != protocol.digest:
            changed.append(rules / protocol.file)
    if changed:
        raise ProblemsFound(
            [
                Problem(Wrong.UNREADABLE, str(path), detail="it has changed since it was loaded")
                for path in changed
            ]
        )
    return RulesDigest(files)


def source_file(path: Path, ledger: Path) -> SourceFile:
    """The digest of a file, with its path as seen from the ledger's folder."""
    try:
        return SourceFile(relative_to_ledger(path, ledger), digest_of_file(path))
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None


def relative_to_ledger(path: Path, ledger: Path) -> str:
    """How to get from the ledger's folder to `path`, with `/` between the names.

    Raises ProblemsFound for a name that is no text.
    """
    folder = ledger.absolute().parent
    try:
        return _text_of(Path(os.path.relpath(path.absolute(), folder)), path)
    except ValueError:
        # Another drive: there is no way from one to the other.
        return _text_of(path.absolute(), path)


def _text_of(way: Path, path: Path) -> str:
    """A path as text that every reader reads, whatever the terminal is said to speak."""
    try:
        return os.fsencode(way.as_posix()).decode("utf-8")
    except UnicodeError:
        raise ProblemsFound([Problem(Wrong.NAME_NOT_TEXT, str(path))]) from None


def _read(path: Path) -> bytes:
    try:
        return read_file(path, LARGEST_FILE)
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None
