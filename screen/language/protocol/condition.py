"""What a criterion asks (`when`): leaves, and `all`, `any`, `not`, `at_least` over them."""

import re

from msgspec.structs import replace

from screen.documents.tree import (
    Items,
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    items_of,
    pairs_of,
    text_of,
)
from screen.language.durations import NotADuration, duration
from screen.language.protocol.comparisons import in_own_units, test_from_node
from screen.language.protocol.persons import person_leaf
from screen.language.vocabulary.derivations import flag
from screen.model import criterion
from screen.model.case import CONTEXTS
from screen.model.concept import Concept, Method, ValueTree, Vocabulary
from screen.model.concept import Kind as ConceptKind
from screen.model.criterion import (
    COMBINATIONS,
    All,
    AtLeast,
    Combination,
    Comparisons,
    Condition,
    Leaf,
    Not,
    OneOf,
    Pick,
    Selection,
    Test,
)
from screen.problems import Kind

OPERATORS = (*COMBINATIONS, "person")
LEAF_KEYS = ("within", *CONTEXTS, "pick", "unrecorded", "exact")


def condition_from_node(
    node: Node, vocabulary: Vocabulary, problems: Problems, place: str = "person"
) -> Condition | None:
    """The condition at `node`; None after noting everything that is wrong inside it.

    `place` names what a person says of the criterion that holds it (`persons.person_concept`).
    """
    pairs = pairs_of(node, "a condition", problems)
    if pairs is None:
        return None
    # Every part is read even where only one may stand, so that all faults come out at once.
    parts = [_part(name, body, vocabulary, problems, place) for name, body in pairs.pairs]
    if len(parts) == 1:
        return parts[0]
    detail = f"one concept, or one of {', '.join(OPERATORS)}"
    problems.add(Kind.WRONG_SHAPE, node, about="a condition", detail=detail)
    return None


def _part(
    name: Text, body: Node, vocabulary: Vocabulary, problems: Problems, place: str
) -> Condition | None:
    if name.value == "person":
        return person_leaf(body, place, problems)
    kind = COMBINATIONS.get(name.value)
    if kind is not None:
        return _combination(kind, body, vocabulary, problems, place)
    concept = vocabulary.concepts.get(name.value)
    if concept is not None:
        return _leaf(body, concept, vocabulary, problems)
    allowed = (*vocabulary.concepts, *OPERATORS)
    names = vocabulary.names
    problems.add(Kind.UNKNOWN_CONCEPT, name, value=name.value, allowed=allowed, names=names)
    return None


def _combination(
    kind: type[Combination], body: Node, vocabulary: Vocabulary, problems: Problems, place: str
) -> Combination | None:
    match kind:
        case criterion.All | criterion.Any:
            children = _children(body, kind.word, vocabulary, problems, place)
            return None if children is None else kind(children)
        case criterion.Not:
            child = condition_from_node(body, vocabulary, problems, place)
            return None if child is None else Not(child)
        case criterion.AtLeast:
            return _at_least(body, vocabulary, problems, place)


def _children(
    node: Node, about: str, vocabulary: Vocabulary, problems: Problems, place: str
) -> tuple[Condition, ...] | None:
    items = items_of(node, about, problems)
    if items is None:
        return None
    if not items:
        problems.add(Kind.NO_VALUE, node, about=about)
        return None
    children = [condition_from_node(item, vocabulary, problems, place) for item in items]
    good = tuple(child for child in children if child is not None)
    return good if len(good) == len(children) else None


def _at_least(node: Node, vocabulary: Vocabulary, problems: Problems, place: str) -> AtLeast | None:
    word = AtLeast.word
    body = pairs_of(node, word, problems)
    if body is None:
        return None
    check_keys(body, word, ("count", "of"), (), problems)
    of = body.get("of")
    children = None if of is None else _children(of, f"{word}.of", vocabulary, problems, place)
    count = text_of(body.get("count"), f"{word}.count", problems)
    number = len(of.items) if isinstance(of, Items) else 0
    if count is None or not number:
        return None
    accepted = count.isdecimal() and count.isascii() and len(count) < 5
    if not accepted or not 1 <= int(count) <= number:
        where, detail = body.get("count"), str(number)
        problems.add(Kind.COUNT_OUT_OF_RANGE, where, value=count, about=AtLeast.word, detail=detail)
        return None
    return None if children is None else AtLeast(int(count), children)


def _leaf(
    node: Node, concept: Concept, vocabulary: Vocabulary, problems: Problems
) -> Condition | None:
    if not isinstance(node, Pairs):
        test = test_from_node(node, concept, vocabulary, problems)
        if test is None:
            return None
        return _counted(Leaf(Selection(concept.name), test), concept, vocabulary)
    before = len(problems.found)
    check_keys(node, concept.name, ("is",), LEAF_KEYS, problems)
    asked = node.get("is")
    test = None if asked is None else test_from_node(asked, concept, vocabulary, problems)
    window = _window(node.get("within"), concept, problems)
    contexts = {
        name: context_value(node.get(name), name, vocabulary, problems) for name in CONTEXTS
    }
    selection = Selection(
        concept.name,
        None if window is None else window[0],
        "" if window is None else window[1],
        contexts["on"],
        contexts["assay"],
        contexts["specimen"],
        _pick(node.get("pick"), concept, problems),
        contexts["formula"],
        exact=_exact(node.get("exact"), concept, problems),
    )
    absent = _unrecorded(node.get("unrecorded"), concept, test, problems)
    if test is None or len(problems.found) > before:
        return None
    return _counted(Leaf(selection, test, absent), concept, vocabulary)


def _counted(leaf: Leaf, concept: Concept, vocabulary: Vocabulary) -> Condition:
    """An age counts in completed units of the unit in which its test is written.

    A test in two units asks for both of them.
    """
    if not _is_age(concept) or not isinstance(leaf.test, Comparisons):
        return leaf
    parts = tuple(
        replace(leaf, selection=replace(leaf.selection, counted=unit), test=test)
        for unit, test in in_own_units(leaf.test, concept, vocabulary).items()
    )
    return parts[0] if len(parts) == 1 else All(parts)


def _is_age(concept: Concept) -> bool:
    return concept.derivation is not None and concept.derivation.method is Method.COMPLETED_YEARS


def _exact(node: Node | None, concept: Concept, problems: Problems) -> bool:
    """Whether an age is compared by its very day: `> 18 a` from the day after the birthday."""
    exact = flag(node, f"{concept.name}.exact", problems) or False
    if exact and not _is_age(concept):
        problems.add(Kind.NOT_ACCEPTED, node, about="exact", value="true", detail="only for an age")
    return exact


def _window(node: Node | None, concept: Concept, problems: Problems) -> tuple[int, str] | None:
    text = text_of(node, f"{concept.name}.within", problems)
    if text is None:
        return None
    try:
        return duration(text), " ".join(text.split())
    except NotADuration as error:
        problems.add(Kind.NOT_A_DURATION, node, value=text, detail=str(error))
        return None


def context_value(
    node: Node | None, context: str, vocabulary: Vocabulary, problems: Problems
) -> str | None:
    """The value of `on`, `assay` or `specimen`, its aliases resolved; None if there is none."""
    text = text_of(node, context, problems)
    if text is None:
        return None
    tree = vocabulary.contexts[context]
    value = tree.aliases.get(text, text)
    if value not in tree.parents:
        value = _spelled_alike(tree).get(_folded(text), "")
    if not value:
        allowed = (*tree.values, *tree.aliases)
        problems.add(Kind.UNKNOWN_VALUE, node, value=text, about=context, allowed=allowed)
        return None
    return value


def _spelled_alike(tree: ValueTree) -> dict[str, str]:
    """Every value and alias as `_folded` leaves it; a value wins over an alias."""
    spellings = {_folded(alias): value for alias, value in tree.aliases.items()}
    return spellings | {_folded(value): value for value in tree.values}


def _folded(text: str) -> str:
    """`Room Air`, `room-air` and `room_air` are one spelling, whatever the case and the joints."""
    return "_".join(re.split(r"[\s_-]+", text.casefold()))


def _pick(node: Node | None, concept: Concept, problems: Problems) -> Pick:
    text = text_of(node, f"{concept.name}.pick", problems)
    if text is None:
        return Pick.LATEST
    allowed = tuple(member.value for member in Pick)
    if text not in allowed:
        problems.add(Kind.UNKNOWN_VALUE, node, value=text, about="pick", allowed=allowed)
        return Pick.LATEST
    pick = Pick(text)
    if pick in (Pick.LOWEST, Pick.HIGHEST) and concept.kind is not ConceptKind.QUANTITY:
        problems.add(Kind.ONLY_FOR_QUANTITIES, node, value=text, about=concept.name)
    return pick


def _unrecorded(node: Node | None, concept: Concept, test: Test | None, problems: Problems) -> bool:
    text = text_of(node, f"{concept.name}.unrecorded", problems)
    if text is None:
        return False
    detail = ""
    if text != "absent":
        detail = f'not "{text[:20]}"'
    elif concept.kind is not ConceptKind.FINDING:
        detail = f"{concept.name} is none"
    elif isinstance(test, OneOf) and "absent" in test.values:
        detail = "the test itself asks for absent"
    if detail:
        problems.add(Kind.UNRECORDED, node, detail=detail)
    return not detail
