"""Files to text: whatever can be wrong with a file before its meaning matters."""

from pathlib import Path

from screen.documents.tree import Node, Problems
from screen.documents.yaml_text import read_yaml
from screen.files import read_file, unreadable
from screen.problems import Kind

LARGEST_FILE = 10 * 1024 * 1024
_LARGEST_TEXT = "10 MB"


def read_bytes(path: Path, problems: Problems) -> bytes:
    """The bytes of a regular file of at most 10 MB. Raises ProblemsFound."""
    data = b""
    try:
        data = read_file(path, LARGEST_FILE)
    except OSError as error:
        why = unreadable(error, problems.file, _LARGEST_TEXT)
        problems.add(why.kind, detail=why.detail)
    problems.check()
    return data


def decoded(data: bytes, problems: Problems) -> str:
    """UTF-8 text, with or without a byte-order mark. Raises ProblemsFound."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(Kind.NOT_TEXT, line=line)
    else:
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            problems.add(Kind.NOT_TEXT, line=line, detail=": it holds a null character")
        elif not text.strip():
            problems.add(Kind.EMPTY)
    problems.check()
    return text


def read_document(path: Path, problems: Problems) -> tuple[Node, bytes]:
    """The tree of a YAML file and the file's bytes. Raises ProblemsFound."""
    data = read_bytes(path, problems)
    tree = read_yaml(decoded(data, problems), problems)
    if tree is None:
        problems.add(Kind.EMPTY)
        problems.check()
        raise AssertionError("unreachable: an empty file is a problem")
    return tree, data


def shown_path(path: Path) -> str:
    """`path` relative to the working folder where it lies inside it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (OSError, ValueError, RuntimeError):
        # RuntimeError: a link that leads to itself.
        return str(path)
