"""Records of what a leaf asks about that did not count for it, each with the reason."""

from collections.abc import Iterator

from msgspec import Struct

from screen.explain.words.background import Background
from screen.facts.usable import record_order
from screen.facts.window import Place, place
from screen.model.case import Observation
from screen.model.criterion import Selection
from screen.model.fact import Evidence, Fact, Quality
from screen.model.truth import Reason


class SetAside(Struct, frozen=True):
    """`by_policy`: the site's own limit and not the protocol's made it too old."""

    observation: Observation
    why: Reason | Quality
    by_policy: bool = False


def asked_concepts(name: str, background: Background) -> tuple[str, ...]:
    """The concept, then those that it is derived from."""
    names = [name]
    derivation = background.concept(name).derivation
    for part in derivation.inputs if derivation else ():
        if part in background.vocabulary.concepts:
            names += asked_concepts(part, background)
    return tuple(dict.fromkeys(names))


def records_of(name: str, background: Background) -> tuple[Observation, ...]:
    """Everything recorded of a concept, in an order that no file can change."""
    found = [record for record in background.case.observations if record.concept == name]
    return tuple(sorted(found, key=record_order))


def set_aside(selection: Selection, fact: Fact, background: Background) -> tuple[SetAside, ...]:
    """What was recorded but lies outside the leaf's window or context, or cannot be used."""
    used = set(_observations(fact.evidence))
    found = []
    for name in asked_concepts(selection.concept, background):
        for record in records_of(name, background):
            asked = selection_for(name, selection, background)
            reason = None if record in used else _why(record, asked, background)
            if reason is not None:
                found.append(reason)
    return tuple(found)


def selection_for(name: str, selection: Selection, background: Background) -> Selection:
    """What is asked of an input: as the leaf, and by a formula where the derivation says so."""
    derivation = background.concept(selection.concept).derivation
    return selection.by(derivation.formula_of(name) if derivation else None)


def _observations(evidence: tuple[Evidence, ...]) -> Iterator[Observation]:
    for item in evidence:
        if item.observation is not None and item.flaw is None and not item.perhaps:
            yield item.observation
        yield from _observations(item.inputs)


def _why(record: Observation, selection: Selection, background: Background) -> SetAside | None:
    for note in background.quality:
        if note.dropped and note.observation == record:
            return SetAside(record, note.quality)
    policy = background.staleness.get(record.concept) if selection.within is None else None
    within = selection.within if policy is None else policy
    if within is not None:
        where = place(record.at, background.case.screened_at, within)
        if where is not Place.INSIDE:
            why = Reason.STALE if where is Place.OUTSIDE else Reason.UNDATED
            return SetAside(record, why, policy is not None)
    for context, asked in selection.contexts:
        recorded = record.context(context)
        tree = background.vocabulary.contexts[context]
        if recorded is None or not tree.is_within(recorded, asked):
            return SetAside(record, Reason.CONTEXT)
    return None
