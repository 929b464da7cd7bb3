"""What a record of one concept says of another: `implies` of a vocabulary entry.

dyspnea: {..., implies: [{is: present, then: {respiratory_symptoms: present}}]}
spo2: {..., implies: [{on: invasive_ventilation, then: {invasive_ventilation: present}}]}
"""

from collections.abc import Mapping

from screen.documents.tree import (
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    items_of,
    pairs_of,
    text_of,
)
from screen.model.concept import Concept, Implication, ValueTree
from screen.problems import Kind

"""What a code may say of a record besides its concept."""


def implications_from_node(
    node: Node | None, about: str, problems: Problems
) -> tuple[Implication, ...]:
    """The implications of one concept, each for one other concept."""
    found = []
    for item in items_of(node, f"{about}.implies", problems) or ():
        body = pairs_of(item, f"{about}.implies", problems)
        if body is None:
            continue
        check_keys(body, f"{about}.implies", ("then",), ("is", "on"), problems)
        value = text_of(body.get("is"), f"{about}.implies.is", problems)
        on = text_of(body.get("on"), f"{about}.implies.on", problems)
        if value is None and on is None:
            detail = "is, on, or both"
            problems.add(Kind.WRONG_SHAPE, body, about=f"{about}.implies", detail=detail)
        then = pairs_of(body.get("then"), f"{about}.implies.then", problems)
        for name, said in then.pairs if then else ():
            text = text_of(said, f"{about}.implies.{name.value}", problems)
            if text is not None:
                found.append(Implication(name.value, text, value, on))
    return tuple(found)


def check_meaning(
    top: Pairs,
    concepts: Mapping[str, Concept],
    contexts: Mapping[str, ValueTree],
    problems: Problems,
) -> None:
    """Every specimen, value and concept that an entry names is one that there is."""
    for name, body in top.pairs:
        concept = concepts.get(name.value)
        if concept is None or not isinstance(body, Pairs):
            continue
        for specimen in concept.specimens:
            _known(specimen, contexts["specimen"], "specimen", body.get("specimens"), problems)
        for code in concept.codes:
            for key, value in code.contexts:
                _known(value, contexts.get(key, ValueTree({})), key, body.get("codes"), problems)
            for value in (*(meaning for _, meaning in code.values), code.value):
                if value:
                    tree = concept.tree or ValueTree({})
                    _known(value, tree, concept.name, body.get("codes"), problems)
        node = body.get("implies")
        for implication in concept.implies:
            other = concepts.get(implication.concept)
            if other is None or other.tree is None:
                problems.add(
                    Kind.UNKNOWN_CONCEPT, node, value=implication.concept, allowed=tuple(concepts)
                )
            else:
                _known(implication.then, other.tree, other.name, node, problems)
            if implication.value is not None:
                tree = concept.tree or ValueTree({})
                _known(implication.value, tree, concept.name, node, problems)
            if implication.on is not None:
                _known(implication.on, contexts["on"], "on", node, problems)


def _known(
    value: str, tree: ValueTree, about: str, node: Node | Text | None, problems: Problems
) -> None:
    if value not in tree.parents:
        problems.add(Kind.UNKNOWN_VALUE, node, value=value, about=about, allowed=tree.values)
