"""What a recorded entry rests on, as it is now: rules, program, inputs, site's files, outputs."""

import errno
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.changes import CHANGED, GONE, Change, changed
from screen.digests import combined_digest, digest_of_file
from screen.problems import ProblemsFound
from screen.program import PROGRAM

MOST_FILES = 200_000
_VOCABULARY = "vocabulary"


class Present:
    """The files that the entries of one ledger rest on, as they are now.

    Rule files lie in `rules`. Others are looked for where they were, as seen from the ledger; or,
    if one is given, anywhere in `folder`, by their digests. Each file is read once.
    """

    def __init__(self, ledger: Path, rules: Path, folder: Path | None = None) -> None:
        self._beside = ledger.absolute().parent
        self._rules = rules
        self._folder = folder
        self._digests: dict[Path, str] = {}
        self._by_digest: dict[str, Path] | None = None
        self._names: set[str] = set()

    def changes(self, body: Json) -> tuple[Change, ...]:
        """What has changed since a case or a batch was recorded; nothing for other entries.

        Files of which only the digest was recorded cannot be looked up, and are left out.
        """
        if body.get("kind") not in ("case", "batch"):
            return ()
        inputs = [body["input"]] if body["kind"] == "case" else body["inputs"]
        files = {
            "input": inputs,
            "site": body.get("site", {}).values(),
            "output": body.get("outputs", ()),
        }
        return (
            *self.rule_changes(body),
            *(
                change
                for role, recorded in files.items()
                for file in recorded
                if "path" in file
                for change in self._file_changes(role, file["path"], file["digest"])
            ),
            *self.program_change(body),
        )

    def rule_changes(self, body: Json) -> Iterator[Change]:
        """The rule files that are not as they were, by their paths in the folder of the rules.

        A vocabulary file that came after counts too, because all of them are read.
        """
        recorded = dict(body["rules"])
        vocabulary = recorded.pop(_VOCABULARY, None)
        if vocabulary is not None:
            yield from changed("rules", "the vocabulary", vocabulary, self._vocabulary())
        else:
            for path in sorted((self._rules / _VOCABULARY).glob("*.yaml")):
                name = f"{_VOCABULARY}/{path.name}"
                if name not in recorded:
                    yield Change("rules", f"rule file {name}", "was not there")
        for name, digest in recorded.items():
            yield from self._changed("rules", f"rule file {name}", digest, self._rules / name)

    def program_change(self, body: Json) -> Iterator[Change]:
        """Whether another version of the program made it."""
        was = str(body.get("decided_by", body["program"]))
        return changed("program", f"the program was {was},", was, PROGRAM, f"and is {PROGRAM} now")

    def found(self, role: str, file: Json) -> tuple[Path | None, list[Change]]:
        """Where a recorded file lies now; with what is wrong if it is not there as it was."""
        digest, name = file["digest"], file.get("path")
        if self._folder is not None:
            return self._found_in_folder(role, digest, name)
        if name is None:
            how = "was recorded without its name; say --input DIR"
            return None, [Change(role, f"the {role} file {digest}", how)]
        changes = list(self._file_changes(role, name, digest))
        return (None if changes else self._beside / name), changes

    def _found_in_folder(
        self, role: str, digest: str, name: str | None
    ) -> tuple[Path | None, list[Change]]:
        files = self._files_in_folder()
        if digest in files:
            return files[digest], []
        what = f"{role} file {Path(name).name}" if name else f"the {role} file {digest}"
        same_name = name is not None and Path(name).name in self._names
        return None, [Change(role, what, CHANGED if same_name else "is not in the folder")]

    def _files_in_folder(self) -> dict[str, Path]:
        """Every file by its digest; of equal ones, the first by name."""
        if self._by_digest is None:
            assert self._folder is not None
            files = sorted(path for path in self._folder.rglob("*") if path.is_file())
            self._by_digest = {self._digest(path): path for path in reversed(files)}
            self._names = {path.name for path in files}
        return self._by_digest

    def _file_changes(self, role: str, name: str, digest: str) -> Iterator[Change]:
        return self._changed(role, f"{role} file {name}", digest, self._beside / name)

    def _changed(self, role: str, what: str, digest: str, path: Path) -> Iterator[Change]:
        now = self._digest(path)
        return changed(role, what, digest, now, CHANGED if now else GONE)

    def _digest(self, path: Path) -> str:
        """The digest of a file, or of a folder of cases; "" for what can be neither."""
        if path not in self._digests:
            try:
                digest = folder_digest(path) if path.is_dir() else digest_of_file(path)
            except (OSError, ProblemsFound):
                digest = ""
            self._digests[path] = digest
        return self._digests[path]

    def _vocabulary(self) -> str:
        """The digest of all vocabulary files together."""
        files = sorted((self._rules / _VOCABULARY).glob("*.yaml"))
        return combined_digest((path.name.encode(), self._digest(path)) for path in files)


def folder_digest(path: Path) -> str:
    """The digest of a folder of case files, as a batch records it. Raises OSError, ProblemsFound.

    A ledger can name any folder, so one that holds more than any site's is not searched.
    """
    from screen.batch.inputs.documents.document_files import FolderInput

    if sum(1 for _ in islice(path.rglob("*"), MOST_FILES + 1)) > MOST_FILES:
        raise OSError(errno.EFBIG, "it holds too many files")
    return combined_digest(
        (os.fsencode(file.relative_to(path).as_posix()), digest_of_file(file))
        for file in FolderInput(path).files
    )


def announcement(changes: Iterable[Change]) -> str:
    """What stands before a stored result that is no longer current; "" if it is."""
    told = "".join(f"  {change.text}\n" for change in changes)
    return f"Not current: this was decided before something changed.\n{told}" if told else ""
