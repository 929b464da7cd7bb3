"""The rules folder: its vocabulary, and its protocols."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from screen.documents.nearest import nearest_name
from screen.documents.text_files import decoded, read_bytes, read_document, shown_path
from screen.documents.tree import Node, Problems
from screen.documents.yaml_text import first_value
from screen.files import is_folder, is_there
from screen.language.protocol.protocol_file import protocol_from_tree
from screen.language.vocabulary.vocabulary_files import FILES, vocabulary_from_trees
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Kind, Problem, ProblemsFound

_PROTOCOL_FILE = "protocol.yaml"


def load_vocabulary(rules: Path) -> Vocabulary:
    """The vocabulary under `rules/vocabulary`. Raises ProblemsFound with everything wrong."""
    folder = rules / "vocabulary"
    _require_folder(rules)
    digest = hashlib.sha256()
    trees: dict[str, Node] = {}
    notes: dict[str, Problems] = {}
    wrong: list[Problem] = []
    for path in (path for path in _listed(folder) if path.suffix == ".yaml"):
        problems = notes[path.name] = Problems(shown_path(path))
        if path.name not in FILES:
            problems.add(Kind.UNKNOWN_KEY, value=path.name, allowed=FILES)
            continue
        try:
            trees[path.name], data = read_document(path, problems)
        except ProblemsFound as found:
            wrong.extend(found.problems)
            continue
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(data).digest())
    for name in FILES:
        notes.setdefault(name, Problems(shown_path(folder / name)))
    if wrong:
        raise ProblemsFound(wrong)
    return vocabulary_from_trees(trees, notes, f"sha256:{digest.hexdigest()}")


def protocol_ids(rules: Path) -> tuple[str, ...]:
    """The ids of all protocols, sorted. Only the head of each file is read.

    Raises ProblemsFound if there is no folder of protocols, no protocol in it, or a file in it
    is unreadable.
    """
    folders = _folders(rules)
    if not folders:
        raise ProblemsFound([Problem(Kind.EMPTY, shown_path(rules / "protocols"))])
    return tuple(sorted(_id_in(path) for path in folders.values()))


def load_protocol(rules: Path, protocol_id: str, vocabulary: Vocabulary) -> Protocol:
    """The protocol with this id, in upper or lower case. Raises ProblemsFound."""
    folders = _folders(rules)
    folder = folders.get(protocol_id.lower()) or _misplaced(protocol_id, folders)
    if folder is None:
        known = protocol_ids(rules)
        raise ProblemsFound(
            [
                Problem(
                    Kind.UNKNOWN_PROTOCOL,
                    value=protocol_id,
                    allowed=known,
                    nearest=nearest_name(protocol_id, known),
                )
            ]
        )
    path = folder / _PROTOCOL_FILE
    problems = Problems(shown_path(path))
    tree, data = read_document(path, problems)
    return protocol_from_tree(
        tree,
        vocabulary,
        problems,
        folder=folder.name,
        digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
        file=path.relative_to(rules).as_posix(),
    )


def _folders(rules: Path) -> dict[str, Path]:
    """The protocol folders by name; a folder without a protocol file is none.

    A broken link and a folder that may not be read count, so that no protocol is left out
    without a word.
    """
    protocols = _listed(rules / "protocols")
    return {path.name.lower(): path for path in protocols if _may_hold_a_protocol(path)}


def _may_hold_a_protocol(folder: Path) -> bool:
    try:
        (folder / _PROTOCOL_FILE).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _listed(folder: Path) -> list[Path]:
    """What a folder holds, sorted. Raises ProblemsFound if it cannot be looked into."""
    _require_folder(folder)
    problems = Problems(shown_path(folder))
    found: list[Path] = []
    try:
        found = sorted(folder.iterdir())
    except PermissionError:
        problems.add(Kind.UNREADABLE, detail="permission denied")
    except OSError as error:
        problems.add(Kind.UNREADABLE, detail=error.strerror or "not a folder")
    problems.check()
    return found


def _misplaced(protocol_id: str, folders: Mapping[str, Path]) -> Path | None:
    """The folder under another name whose protocol gives this id; reading it says so."""
    asked = protocol_id.lower()
    return next((path for path in folders.values() if _id_in(path).lower() == asked), None)


def _id_in(folder: Path) -> str:
    """The id that a protocol file gives; its folder's name if it gives none."""
    problems = Problems(shown_path(folder / _PROTOCOL_FILE))
    text = decoded(read_bytes(folder / _PROTOCOL_FILE, problems), problems)
    return first_value(text, "protocol") or folder.name


def _require_folder(folder: Path) -> None:
    problems = Problems(shown_path(folder))
    if not is_folder(folder):
        problems.add(Kind.NOT_A_FOLDER if is_there(folder) else Kind.MISSING_FILE)
    problems.check()
