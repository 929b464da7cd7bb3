"""More protocols than there are: the seven again, under other names and with other limits."""

from collections.abc import Sequence
from fractions import Fraction

from msgspec.structs import replace

from screen.model.criterion import All, Any, AtLeast, Comparisons, Condition, Leaf, Not
from screen.model.protocol import Protocol


def repeated(protocols: Sequence[Protocol], count: int | None) -> list[Protocol]:
    """`count` protocols; every limit of a copy is moved, so that no two share their leaves."""
    if count is None:
        return list(protocols)
    made = []
    for number in range(count):
        original = protocols[number % len(protocols)]
        copy = number // len(protocols)
        criteria = tuple(
            replace(criterion, when=_moved(criterion.when, Fraction(copy, 100)))
            for criterion in original.criteria
        )
        made.append(replace(original, id=f"{original.id}-{copy}", criteria=criteria))
    return made


def _moved(condition: Condition, by: Fraction) -> Condition:
    match condition:
        case All(children):
            return All(tuple(_moved(child, by) for child in children))
        case Any(children):
            return Any(tuple(_moved(child, by) for child in children))
        case AtLeast(count, children):
            return AtLeast(count, tuple(_moved(child, by) for child in children))
        case Not(child):
            return Not(_moved(child, by))
        case Leaf(selection, Comparisons(parts), absent):
            moved = tuple(replace(part, limit=part.limit * (1 + by)) for part in parts)
            return Leaf(selection, Comparisons(moved), absent)
        case Leaf():
            return condition
