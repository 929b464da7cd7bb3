"""What the records of one concept say of another: dyspnea is a respiratory symptom."""

from collections.abc import Mapping, Sequence

from screen.facts.usable import Usable
from screen.model.concept import Concept, Implication, Vocabulary
from screen.model.fact import Evidence

Implying = Mapping[str, Sequence[tuple[Concept, Implication]]]


def implying(vocabulary: Vocabulary) -> Implying:
    """The concepts whose records say something of others, by the concept they speak of."""
    found: dict[str, list[tuple[Concept, Implication]]] = {}
    for source in vocabulary.concepts.values():
        for implication in source.implies:
            found.setdefault(implication.concept, []).append((source, implication))
    return found


def implied_for(
    name: str, usable: Usable, vocabulary: Vocabulary, known: Implying
) -> tuple[Evidence, ...]:
    """The values of a concept that follow from records of others, each at its record's time.

    Implications do not chain: only what is recorded implies something
    (`docs/semantics.md`, section 6).
    """
    return tuple(
        Evidence(
            name,
            f"{source.name} {item.text}",
            item.at,
            state=implication.then,
            inputs=(item,),
            formula=_in_words(source, implication),
        )
        for source, implication in known.get(name, ())
        for item in usable.pool(source.name).evidence
        if _holds(implication, item, source, vocabulary)
    )


def _holds(
    implication: Implication, item: Evidence, source: Concept, vocabulary: Vocabulary
) -> bool:
    if implication.value is not None:
        if item.state is None or source.tree is None:
            return False
        if not source.tree.is_within(item.state, implication.value):
            return False
    if implication.on is None:
        return True
    on = None if item.observation is None else item.observation.on
    return on is not None and vocabulary.contexts["on"].is_within(on, implication.on)


def _in_words(source: Concept, implication: Implication) -> str:
    said = implication.value or f"on {implication.on}"
    return f"{source.label} ({said.replace('_', ' ')}) implies it"


def contradicted(evidence: Sequence[Evidence], concept: Concept) -> bool:
    """Whether an implied value and a recorded one disagree where either has no time.

    With times they compete by them like any two records.
    """
    if concept.tree is None:
        return False
    implied = [item for item in evidence if item.inputs and item.state is not None]
    recorded = [item for item in evidence if not item.inputs and item.state is not None]
    return any(
        (one.at is None) is not (other.at is None)
        and concept.tree.most_specific(frozenset((one.state or "", other.state or ""))) is None
        for one in implied
        for other in recorded
    )
