"""What only a person can say of a criterion: `when: {person: "can be kept on prophylaxis"}`.

It is an attestation in place: a concept of the one criterion that asks it, which nobody has to
declare in the vocabulary. A case answers it under the protocol and the criterion's id
(`docs/semantics.md`, section 14).
"""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from msgspec.structs import replace

from screen.documents.tree import Items, Node, Pairs, Problems, Text, text_of
from screen.model.concept import Concept, Kind, ValueTree, Vocabulary
from screen.model.criterion import Leaf, OneOf, Selection
from screen.model.protocol import Protocol
from screen.problems import Kind as Wrong

PERSON = "person"
CONFIRMED, DENIED = "confirmed", "denied"
_ANSWERS = ValueTree(MappingProxyType({CONFIRMED: None, DENIED: None}))


def person_concept(protocol: str, criterion: str) -> str:
    """The name of what a person says of one criterion."""
    return f"{protocol}.{criterion}"


def person_leaf(node: Node, place: str, problems: Problems) -> Leaf | None:
    """The leaf that a person confirms; `place` is the name of its concept."""
    text = text_of(node, PERSON, problems)
    return None if text is None else Leaf(Selection(place), OneOf((CONFIRMED,)))


def person_text(when: Node | None, about: str, problems: Problems) -> str:
    """What a person is asked by a criterion, "" if nothing; a criterion asks once at most."""
    asked = list(_asked(when))
    if len(asked) > 1:
        problems.add(Wrong.SEVERAL_PERSONS, asked[1], about=about, detail=str(len(asked)))
    return asked[0].value.strip() if asked and isinstance(asked[0], Text) else ""


def _asked(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Items):
        for item in node.items:
            yield from _asked(item)
    elif isinstance(node, Pairs):
        for name, value in node.pairs:
            if name.value == PERSON:
                yield value
            else:
                yield from _asked(value)


def with_persons(
    vocabulary: Vocabulary, protocols: Iterable[Protocol], known: Iterable[str] = ()
) -> Vocabulary:
    """The vocabulary with what persons are asked by `protocols`.

    `known` are the ids of protocols that were not read: whom they ask nobody can tell here.
    """
    concepts = dict(vocabulary.concepts)
    asked: dict[str, tuple[str, ...] | None] = dict.fromkeys(name.lower() for name in known)
    for protocol in protocols:
        persons = [criterion for criterion in protocol.criteria if criterion.person]
        asked[protocol.id.lower()] = tuple(criterion.id for criterion in persons)
        for criterion in persons:
            name = person_concept(protocol.id, criterion.id)
            concepts[name] = Concept(name, criterion.person, Kind.ATTESTATION, tree=_ANSWERS)
    return replace(vocabulary, concepts=MappingProxyType(concepts), asked=MappingProxyType(asked))
