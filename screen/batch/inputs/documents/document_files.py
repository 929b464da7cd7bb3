"""Cases that come as documents: a folder of case files, or JSON lines."""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from screen.batch.columns.places import Place
from screen.batch.tables.stream import HashedFile
from screen.documents.json_text import read_json
from screen.documents.text_files import decoded, read_bytes, shown_path
from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.documents.yaml_text import read_yaml
from screen.files import SameFile, refusal
from screen.problems import Kind, Problem, ProblemsFound

if TYPE_CHECKING:
    import pyarrow as pa

CASE_FILES = (".yaml", ".yml", ".json")
_PART_BYTES = 64 << 20
_LONGEST_LINE = 10 << 20


class Document(NamedTuple):
    """One case as it was read: its tree, or what kept it from becoming one.

    `table`: it was made of cells, and its columns are those of a part.
    """

    input: str
    row: int | None
    case: str
    tree: Node | None
    problems: Problems
    table: bool = False


class Source(NamedTuple):
    """One text that holds cases: a case file, or one line (`row`) of JSON lines."""

    input: str
    row: int | None
    data: bytes
    faults: tuple[Problem, ...] = ()

    @property
    def is_json(self) -> bool:
        return self.row is not None or self.input.lower().endswith(".json")


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """Some case files, or some lines of a file, in their order.

    A file may hold several cases: `counts` says how many, if it is known. `only` are the
    numbers of the cases of each file that belong to the part, None for all.
    """

    sources: tuple[Source, ...]
    counts: tuple[int, ...] | None = None
    only: tuple[frozenset[int], ...] | None = None

    def __len__(self) -> int:
        return len(self.sources)

    def ids(self) -> None:
        """They stand in the documents, which are not read yet."""

    def slice(self, start: int, length: int) -> "DocumentPart":
        """Some of the files or lines."""
        inside = slice(start, start + length)
        only = self.only and self.only[inside]
        return DocumentPart(self.sources[inside], self.counts and self.counts[inside], only)

    def take(self, positions: "pa.Int64Array") -> "DocumentPart":
        """The documents at `positions` alone."""
        wanted = set(positions.to_pylist())
        kept, only = [], []
        position = 0
        for at, source in enumerate(self.sources):
            numbers = self._numbers(at)
            chosen = frozenset(n for place, n in enumerate(numbers, position) if place in wanted)
            position += len(numbers)
            if chosen:
                kept.append(source)
                only.append(chosen)
        return DocumentPart(tuple(kept), None, tuple(only))

    def _numbers(self, at: int) -> Sequence[int]:
        if self.only is not None:
            return sorted(self.only[at])
        source = self.sources[at]
        if source.row is not None:
            return (0,)
        return range(self.counts[at] if self.counts else len(documents_of(source)))

    def of_case(self, case: str) -> "DocumentPart":
        """The files or lines in which the id of a case may stand."""
        spelled = (case.encode(), json.dumps(case)[1:-1].encode())
        found = [s for s in self.sources if any(text in s.data for text in spelled)]
        # Escapes can spell an id in many ways.
        odd = [s for s in self.sources if b"\\" in s.data and s not in found]
        return DocumentPart(tuple(found + odd))

    def documents(self) -> Iterator[Document]:
        """The cases as trees, each with what its reader found wrong."""
        for at, source in enumerate(self.sources):
            for number, document in enumerate(documents_of(source)):
                if self.only is None or number in self.only[at]:
                    yield document

    def place(self, row: int | None, column: int | None) -> Place:
        """The line and the column themselves: documents name their file in their problems."""
        return Place("", row, column)

    def digest(self) -> str:
        hashed = hashlib.sha256()
        for source in self.sources:
            head = f"{source.input}\0{source.row}\0{len(source.data)}\0{source.faults}\0"
            hashed.update(head.encode())
            hashed.update(source.data)
        return hashed.hexdigest()


class FolderInput:
    """The case files of a folder, those in folders below it included, sorted by path.

    A site's mapping may lie beside its cases: it is none, and `mappings` counts it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.name = shown_path(folder)
        self.files = sorted(
            (
                path
                for path in folder.rglob("*")
                if path.suffix.lower() in CASE_FILES and not path.is_dir()
            ),
            key=lambda path: path.relative_to(folder).as_posix(),
        )
        if not self.files:
            raise ProblemsFound([Problem(Kind.NO_CASE_FILES, self.name)])
        self.mappings: dict[str, int] = {}
        self._read = 0
        self._hash = hashlib.sha256()
        self._unread = self._sources()

    def progress(self) -> tuple[int, int]:
        return self._read, len(self.files)

    def digest(self) -> str:
        """The SHA-256 over the relative name and the SHA-256 of every file."""
        while next(self._unread, None) is not None:
            pass
        return f"sha256:{self._hash.hexdigest()}"

    def parts(self, cases: int) -> Iterator[DocumentPart]:
        yield from _parts(self._unread, cases)

    def _sources(self) -> Iterator[Source]:
        for path in self.files:
            written = os.fsencode(path.relative_to(self.path).as_posix())
            # A name need not be text, and has to be written down.
            name = written.decode(errors="backslashreplace")
            problems = Problems(name)
            data = b""
            faults: tuple[Problem, ...] = ()
            try:
                data = read_bytes(path, problems)
            except ProblemsFound as found:
                faults = found.problems
            self._hash.update(written + b"\0" + hashlib.sha256(data).digest())
            self._read += 1
            source = Source(name, None, data, faults)
            if _is_mapping(source):
                self.mappings[name] = 1
            else:
                yield source


class LinesInput:
    """A file with one case in JSON on each line, plain or gzip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = shown_path(path)
        self._same = SameFile(path, self.name)
        try:
            self._same.open().close()
        except OSError as error:
            raise refusal(error, self.name) from error
        self._file: HashedFile | None = None
        self._digest = ""

    def progress(self) -> tuple[int, int]:
        if self._file is None:
            return 0, self.path.stat().st_size
        return self._file.position, self._file.size

    def digest(self) -> str:
        return self._digest or self._same.digest()

    def parts(self, cases: int) -> Iterator[DocumentPart]:
        yield from _parts(self._sources(), cases)

    def _sources(self) -> Iterator[Source]:
        try:
            self._file = HashedFile(self._same)
        except OSError as error:
            raise refusal(error, self.name) from error
        rest = b""
        row = 0
        for chunk in self._chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                row += 1
                if line.strip():
                    yield self._line(line, row)
            if len(rest) > _LONGEST_LINE:
                detail = f"line {row + 1} is longer than 10 MB"
                raise ProblemsFound([Problem(Kind.UNREADABLE, self.name, detail=detail)])
        if rest.strip():
            yield self._line(rest, row + 1)

    def _line(self, line: bytes, row: int) -> Source:
        return Source(self.path.name, row, line.removeprefix(b"\xef\xbb\xbf") if row == 1 else line)

    def _chunks(self) -> Iterator[bytes]:
        assert self._file is not None
        try:
            packed = self._file.compressed
            reader = gzip.GzipFile(fileobj=self._file) if packed else self._file  # type: ignore[call-overload]
            while chunk := reader.read(1 << 20):
                yield chunk
            self._digest = self._file.digest()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            detail = "the compressed data is damaged or ends too early"
            raise ProblemsFound([Problem(Kind.UNREADABLE, self.name, detail=detail)]) from error
        except OSError as error:
            raise refusal(error, self.name) from error
        finally:
            self._file.close()


def _parts(sources: Iterator[Source], cases: int) -> Iterator[DocumentPart]:
    """Parts of at most `cases` sources and about 64 MB."""
    waiting: list[Source] = []
    size = 0
    for source in sources:
        waiting.append(source)
        size += len(source.data)
        if len(waiting) >= cases or size > _PART_BYTES:
            yield DocumentPart(tuple(waiting))
            waiting, size = [], 0
    if waiting:
        yield DocumentPart(tuple(waiting))


def documents_of(source: Source) -> Sequence[Document]:
    """The cases in one file or line, each with what its reader found wrong."""
    problems = Problems(source.input)
    tree: Node | None = None
    try:
        if source.faults:
            raise ProblemsFound(source.faults)
        text = decoded(source.data, problems)
        if source.is_json:
            tree = read_json(text, problems, source.row or 1)
        else:
            tree = read_yaml(text, problems)
        if tree is None or (isinstance(tree, Items) and not tree.items):
            problems.add(Kind.EMPTY)
            problems.check()
    except ProblemsFound as found:
        problems.found = list(found.problems)
        return [Document(source.input, source.row, "", None, problems)]
    assert tree is not None
    if isinstance(tree, Items) and source.row is None:
        if problems.found:
            return [Document(source.input, None, "", None, problems)]
        return [
            Document(source.input, item.line, _id(item), item, Problems(source.input))
            for item in tree.items
        ]
    return [Document(source.input, source.row or 1, _id(tree), tree, problems)]


def _is_mapping(source: Source) -> bool:
    """Whether a file says how a table is read: it has `columns`, and nothing of a case."""
    if b"columns" not in source.data or source.is_json:
        return False
    (first, *more) = documents_of(source)
    if more or not isinstance(first.tree, Pairs):
        return False
    keys = {name.value for name, _ in first.tree.pairs}
    return "columns" in keys and not keys & {"case", "patient", "observations"}


def _id(tree: Node) -> str:
    node = getattr(tree, "get", lambda _: None)("case")
    text = node.value.strip() if isinstance(node, Text) else ""
    # Half a character, which JSON can spell, is no text that could be written down.
    return text.encode(errors="replace").decode()
