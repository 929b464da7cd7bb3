"""Which conditions of a criterion settle its truth, and which assumptions that rests on."""

from collections.abc import Iterator

from screen.model.criterion import All, Any, AtLeast, Leaf, Not
from screen.model.screening import CriterionResult, Judgement
from screen.model.truth import Truth


def leaf_judgements(judgement: Judgement) -> Iterator[Judgement]:
    """Every judged leaf from left to right."""
    if isinstance(judgement.condition, Leaf):
        yield judgement
    for child in judgement.children:
        yield from leaf_judgements(child)


def deciding(judgement: Judgement) -> tuple[Judgement, ...]:
    """The judged leaves without which the truth of `judgement` would not be what it is.

    Where one child is enough (one that is met, for `any`), those that rest on an assumption
    are left out when another settles it from what was recorded.
    """
    if isinstance(judgement.condition, Leaf):
        return (judgement,)
    children = [child for child in judgement.children if _counts(judgement, child)]
    if _one_is_enough(judgement):
        firm = [child for child in children if not any(_assumed(child))]
        children = firm or children
    return tuple(leaf for child in children for leaf in deciding(child))


def _counts(parent: Judgement, child: Judgement) -> bool:
    match parent.condition:
        case Not():
            return True
        case Leaf() | All() | Any() | AtLeast():
            return child.truth is parent.truth


def _one_is_enough(judgement: Judgement) -> bool:
    match judgement.condition:
        case Any():
            return judgement.truth is Truth.MET
        case AtLeast(count, _):
            return count == 1 and judgement.truth is Truth.MET
        case All():
            return judgement.truth is Truth.NOT_MET
        case Leaf() | Not():
            return False


def _assumed(judgement: Judgement) -> Iterator[Judgement]:
    return (leaf for leaf in deciding(judgement) if leaf.assumed)


def assumptions(result: CriterionResult) -> tuple[Judgement, ...]:
    """The leaves that were taken as absent because nothing was recorded, where that matters.

    Of a criterion that is settled by something recorded, none; of one that is unknown, all.
    """
    judgement = result.judgement
    if judgement.truth is Truth.UNKNOWN:
        return tuple(leaf for leaf in leaf_judgements(judgement) if leaf.assumed)
    return tuple(_assumed(judgement))
