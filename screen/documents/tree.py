"""A document as it was written: text with positions, before anything is made of it.

Scalars stay text: `no`, `2020-03-21` and `0.50` arrive as they stand in the file.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from screen.problems import Kind, Problem, ProblemsFound

_MOST_PROBLEMS = 100
_MOST_FOR_NEAREST = 20
_OF_CONCEPTS = (Kind.UNKNOWN_CONCEPT, Kind.UNKNOWN_COLUMN, Kind.UNKNOWN_PATIENT_COLUMN)


class Text(NamedTuple):
    """A scalar. `empty` marks a value that is not there at all (YAML and JSON null)."""

    value: str
    line: int
    column: int
    empty: bool = False


class Items(Struct, frozen=True, gc=False):
    """A list."""

    items: "tuple[Node, ...]"
    line: int
    column: int


class Pairs(Struct, frozen=True, gc=False):
    """A mapping in the order of the file; the keys are distinct."""

    pairs: "tuple[tuple[Text, Node], ...]"
    line: int
    column: int

    def get(self, key: str) -> "Node | None":
        """Find the value of `key`; None if it is not there."""
        for name, node in self.pairs:
            if name.value == key:
                return node
        return None

    def key(self, key: str) -> Text | None:
        """Find `key` itself, for its position."""
        for name, _ in self.pairs:
            if name.value == key:
                return name
        return None


Node = Text | Items | Pairs


class Problems:
    """Collects what is wrong with one file, so that everything can be said at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(
        self,
        kind: Kind,
        node: Node | None = None,
        *,
        value: str = "",
        about: str = "",
        allowed: tuple[str, ...] = (),
        suggest: bool = True,
        detail: str = "",
        line: int | None = None,
        column: int | None = None,
        names: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Note a problem at `node` (or at `line` and `column`).

        `allowed` are the accepted names; with `suggest` the nearest to `value` is looked up. Where
        they are concepts, `names` holds what else they are called (`Vocabulary.names`).
        Raises ProblemsFound when there are more than anybody would read.
        """
        if node is not None:
            line, column = node.line, node.column
        meant: tuple[str, ...] = ()
        if allowed and suggest and len(self.found) < _MOST_FOR_NEAREST:
            meant = _meant(kind, value, allowed, names or {})
        nearest, either = (meant[0], ()) if len(meant) == 1 else ("", meant)
        self.found.append(
            Problem(kind, self.file, line, column, value, about, allowed, nearest, detail, either)
        )
        if len(self.found) >= _MOST_PROBLEMS:
            self.found.append(Problem(Kind.TOO_MANY, self.file, detail=str(_MOST_PROBLEMS)))
            raise ProblemsFound(self.found)

    def check(self) -> None:
        """Raise ProblemsFound, in the order of the file, if there is anything to say."""
        if self.found:
            raise ProblemsFound(sorted(self.found, key=lambda p: (p.line or 0, p.column or 0)))


def _meant(
    kind: Kind, value: str, allowed: tuple[str, ...], names: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """What `value` was probably meant to be. A hint to another test is worse than none."""
    from screen.documents.nearest import meant_by, nearest_name

    if kind in _OF_CONCEPTS:
        return meant_by(value, allowed, names)
    nearest = nearest_name(value, allowed)
    return (nearest,) if nearest else ()


def pairs_of(node: Node | None, about: str, problems: Problems) -> Pairs | None:
    """`node` if it is a mapping; otherwise a problem and None (None stays silent)."""
    if node is None or isinstance(node, Pairs):
        return node
    problems.add(Kind.WRONG_SHAPE, node, about=about, detail="keys with values")
    return None


def items_of(node: Node | None, about: str, problems: Problems) -> tuple[Node, ...] | None:
    """The items of a list; otherwise a problem and None."""
    if node is None:
        return None
    if isinstance(node, Items):
        return node.items
    problems.add(Kind.WRONG_SHAPE, node, about=about, detail="a list")
    return None


def text_of(node: Node | None, about: str, problems: Problems, *, longest: int = 0) -> str | None:
    """The text of a scalar that is there; otherwise a problem and None."""
    if node is None:
        return None
    if not isinstance(node, Text):
        problems.add(Kind.WRONG_SHAPE, node, about=about, detail="one value")
        return None
    value = node.value.strip()
    if node.empty or not value:
        problems.add(Kind.NO_VALUE, node, about=about)
        return None
    if longest and len(value) > longest:
        problems.add(Kind.TOO_LONG, node, about=about, detail=str(longest))
        return None
    if longest and not value.isprintable():
        problems.add(Kind.CONTROL_CHARACTER, node, about=about, value=value)
        return None
    return value


def check_keys(
    node: Pairs,
    about: str,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    problems: Problems,
) -> None:
    """Report the keys of `node` that nobody knows, and the required ones that are not there."""
    there = set()
    for name, _ in node.pairs:
        there.add(name.value)
        if name.value not in required and name.value not in optional:
            allowed = (*required, *optional)
            problems.add(Kind.UNKNOWN_KEY, name, value=name.value, allowed=allowed)
    for key in required:
        if key not in there:
            problems.add(Kind.MISSING_KEY, node, value=key, about=about)
