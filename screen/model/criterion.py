"""What a protocol asks: leaves that test one concept, and their logical combination."""

from collections.abc import Iterator, Mapping
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import ClassVar, final, get_args

from msgspec import Struct
from msgspec.structs import replace

from screen.model.case import CONTEXTS


class Pick(Enum):
    """Which of several observations a leaf is about."""

    LATEST = "latest"
    EARLIEST = "earliest"
    LOWEST = "lowest"
    HIGHEST = "highest"
    ANY = "any"
    EVERY = "every"


class Operator(Enum):
    """Strict and inclusive limits, as the source wrote them."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "="


class Reference(Enum):
    """The limit printed with the result itself, by which a multiple is meant."""

    UPPER = "xULN"
    LOWER = "xLLN"


class Comparison(Struct, frozen=True):
    """`limit` is in the concept's canonical unit, or a multiple of the `reference` limit.

    The limit of an age is in the unit in which its leaf counts.

    `text` is the comparison as the protocol writes it, in the source's own unit.
    """

    operator: Operator
    limit: Fraction
    reference: Reference | None
    text: str


@final
class Comparisons(Struct, frozen=True, tag=True):
    """All of several comparisons hold of the same value."""

    parts: tuple[Comparison, ...]

    @property
    def text(self) -> str:
        return ", ".join(part.text for part in self.parts)


@final
class OneOf(Struct, frozen=True, tag=True):
    """The recorded value is one of these, or a kind of one of these."""

    values: tuple[str, ...]

    @property
    def text(self) -> str:
        return " or ".join(self.values)


Test = Comparisons | OneOf


class Selection(Struct, frozen=True):
    """Which observations of a concept count: the part of a leaf that does not test a value.

    `within` is in microseconds before the screening; `within_text` is as it was written.
    Leaves of any protocol that share a selection share one fact.
    An age is `counted` in completed units of the test's own unit (`a`, `mo`, `wk`, `d`), or is
    `exact` to the day.
    """

    concept: str
    within: int | None = None
    within_text: str = ""
    on: str | None = None
    assay: str | None = None
    specimen: str | None = None
    pick: Pick = Pick.LATEST
    formula: str | None = None
    counted: str = ""
    exact: bool = False

    @property
    def contexts(self) -> tuple[tuple[str, str], ...]:
        """The contexts that are asked for, as (context, value)."""
        asked = zip(CONTEXTS, (self.on, self.assay, self.specimen, self.formula), strict=True)
        return tuple((name, value) for name, value in asked if value is not None)

    def by(self, formula: str | None) -> "Selection":
        """The same, where only what was worked out by `formula` counts, if one is given."""
        return self if formula is None else replace(self, formula=formula)


@final
class Leaf(Struct, frozen=True, tag=True):
    """A test of one concept. `unrecorded_absent`: no record at all counts as not met."""

    selection: Selection
    test: Test
    unrecorded_absent: bool = False

    @property
    def concept(self) -> str:
        return self.selection.concept


@final
class All(Struct, frozen=True, tag=True):
    """Every child holds."""

    word: ClassVar[str] = "all"
    children: "tuple[Condition, ...]"


@final
class Any(Struct, frozen=True, tag=True):
    """At least one child holds."""

    word: ClassVar[str] = "any"
    children: "tuple[Condition, ...]"


@final
class Not(Struct, frozen=True, tag=True):
    """The child does not hold."""

    word: ClassVar[str] = "not"
    child: "Condition"


@final
class AtLeast(Struct, frozen=True, tag=True):
    """`count` or more of the children hold."""

    word: ClassVar[str] = "at_least"
    count: int
    children: "tuple[Condition, ...]"


Combination = All | Any | Not | AtLeast
Condition = Leaf | Combination

COMBINATIONS: Mapping[str, type[Combination]] = MappingProxyType(
    {kind.word: kind for kind in get_args(Combination)}
)
"""By the word under which it is written, each way in which conditions are combined.

Who reads a condition matches the class found here, and who has one matches the condition: a
class that is added to `Combination` is missed at both by the type checker.
"""


def children_of(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case Leaf():
            return ()
        case Not(child):
            return (child,)
        case All(children) | Any(children) | AtLeast(_, children):
            return children


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf from left to right, repeats included."""
    if isinstance(condition, Leaf):
        yield condition
    for child in children_of(condition):
        yield from leaves(child)


class CriterionKind(Enum):
    """Whether a criterion has to be met, or must not be."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


class Citation(Struct, frozen=True):
    """Where a criterion comes from: a source of the protocol, and lines of its own lists.

    `at` holds `inclusion N`, `exclusion N` or `structured NAME`.
    """

    source: str
    at: tuple[str, ...]


class Criterion(Struct, frozen=True):
    """One criterion; `text` is in our own words, `line` is its line in the protocol file.

    `person` is what a person is asked by it, if anything.
    """

    id: str
    kind: CriterionKind
    text: str
    citation: Citation
    when: Condition
    note: str = ""
    line: int = 0
    person: str = ""
