"""What the criteria of a protocol asked, as JSON, and back: no rule file is needed to prove.

A protocol's conditions stand in full in the first entry that was decided by them; later
entries name them by digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any as Recorded

from screen.audit.entry.canonical_json import Json, canonical_bytes
from screen.audit.entry.evidence_json import number_from, number_text
from screen.audit.entry.fact_json import key_of
from screen.digests import digest_of
from screen.model import criterion as nodes
from screen.model.concept import Concept, Kind, ValueTree, Vocabulary
from screen.model.criterion import (
    COMBINATIONS,
    All,
    Any,
    AtLeast,
    Citation,
    Comparison,
    Comparisons,
    Condition,
    Criterion,
    CriterionKind,
    Leaf,
    Not,
    OneOf,
    Operator,
    Pick,
    Reference,
    Selection,
    leaves,
)
from screen.model.protocol import Drug, Protocol

DEEPEST = 48
"""Levels of a condition; no rule file is nested so deep."""


@dataclass(frozen=True)
class Conditions:
    """A protocol as far as its verdicts depend on it, with the values of its findings."""

    protocol: Protocol
    vocabulary: Vocabulary

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """For each criterion, the names of the facts of its leaves from left to right."""
        return tuple(
            tuple(key_of(leaf.selection) for leaf in leaves(criterion.when))
            for criterion in self.protocol.criteria
        )

    @cached_property
    def selections(self) -> dict[str, Selection]:
        """What each fact is a selection of, by its name."""
        return {
            key_of(leaf.selection): leaf.selection
            for criterion in self.protocol.criteria
            for leaf in leaves(criterion.when)
        }

    @cached_property
    def json(self) -> Json:
        """What an entry holds of it."""
        protocol = self.protocol
        asked = {leaf.concept for c in protocol.criteria for leaf in leaves(c.when)}
        concepts = {name: self.vocabulary.concepts[name] for name in sorted(asked)}
        return {
            "protocol": protocol.id,
            "version": protocol.version,
            "title": protocol.title,
            "complete": protocol.complete,
            "criteria": [_criterion_json(criterion) for criterion in protocol.criteria],
            "values": {
                name: {
                    "parents": dict(concept.tree.parents),
                    "inconclusive": sorted(concept.tree.inconclusive),
                }
                for name, concept in concepts.items()
                if concept.tree is not None
            },
            "units": {
                name: concept.unit for name, concept in concepts.items() if concept.unit is not None
            },
        }

    @cached_property
    def digest(self) -> str:
        """The digest of `json`, by which entries name it."""
        return digest_of(canonical_bytes(self.json))


def conditions_from(recorded: Json, known: dict[bytes, Condition] | None = None) -> Conditions:
    """The conditions that an entry holds. Raises ValueError, KeyError or TypeError.

    Equal conditions over equal values become one object, within this protocol and with those
    in `known`, so that what was judged once can be found again.
    """
    known = {} if known is None else known
    criteria = tuple(
        _criterion_from(criterion, recorded["values"], known) for criterion in recorded["criteria"]
    )
    names = {leaf.concept for criterion in criteria for leaf in leaves(criterion.when)}
    trees = {
        name: ValueTree(
            MappingProxyType(dict(tree["parents"])), frozenset(tree.get("inconclusive", ()))
        )
        for name, tree in recorded["values"].items()
    }
    protocol = Protocol(
        recorded["protocol"],
        recorded.get("title", ""),
        recorded["version"],
        recorded["complete"] is True,
        "",
        Drug(""),
        {},
        criteria,
    )
    return Conditions(protocol, _vocabulary(names, trees, recorded.get("units", {})))


def _vocabulary(
    names: set[str], trees: Mapping[str, ValueTree], units: Mapping[str, str]
) -> Vocabulary:
    concepts = {
        name: Concept(
            name,
            name,
            Kind.FINDING if name in trees else Kind.QUANTITY,
            unit=units.get(name),
            tree=trees.get(name),
        )
        for name in sorted(names)
    }
    return Vocabulary(concepts, {}, {}, None)


def _criterion_json(criterion: Criterion) -> Json:
    return {
        "id": criterion.id,
        "kind": criterion.kind.value,
        "text": criterion.text,
        "source": {"in": criterion.citation.source, "at": list(criterion.citation.at)},
        "when": condition_json(criterion.when),
    }


def _criterion_from(recorded: Json, values: Json, known: dict[bytes, Condition]) -> Criterion:
    source = recorded.get("source", {"in": "", "at": []})
    condition = condition_from(recorded["when"])
    trees = {leaf.concept: values.get(leaf.concept) for leaf in leaves(condition)}
    condition = known.setdefault(canonical_bytes([recorded["when"], trees]), condition)
    return Criterion(
        recorded["id"],
        CriterionKind(recorded["kind"]),
        recorded.get("text", ""),
        Citation(source["in"], tuple(source["at"])),
        condition,
    )


def condition_json(condition: Condition) -> Json:
    """A condition tree with its tests; limits in the canonical unit of the concept."""
    match condition:
        case Leaf():
            return _leaf_json(condition)
        case All(children):
            return {"all": [condition_json(child) for child in children]}
        case Any(children):
            return {"any": [condition_json(child) for child in children]}
        case Not(child):
            return {"not": condition_json(child)}
        case AtLeast(count, children):
            return {
                "at_least": {"count": count, "of": [condition_json(child) for child in children]}
            }


def condition_from(recorded: Json, depth: int = DEEPEST) -> Condition:
    """The condition that `condition_json` wrote. Raises ValueError, KeyError or TypeError.

    More than `depth` levels are no condition: a protocol has fewer.
    """
    if not depth:
        raise ValueError(recorded)
    less = depth - 1
    match next((COMBINATIONS[word] for word in COMBINATIONS if word in recorded), Leaf):
        case nodes.Leaf:
            return _leaf_from(recorded)
        case nodes.All:
            return All(tuple(condition_from(child, less) for child in recorded["all"]))
        case nodes.Any:
            return Any(tuple(condition_from(child, less) for child in recorded["any"]))
        case nodes.Not:
            return Not(condition_from(recorded["not"], less))
        case nodes.AtLeast:
            counted = recorded["at_least"]
            parts = tuple(condition_from(child, less) for child in counted["of"])
            return AtLeast(counted["count"], parts)


def _leaf_json(leaf: Leaf) -> Json:
    selection = leaf.selection
    entry: Json = {"concept": selection.concept, "is": _test_json(leaf), **dict(selection.contexts)}
    if selection.within is not None:
        entry |= {"within": selection.within, "within_text": selection.within_text}
    if selection.pick is not Pick.LATEST:
        entry["pick"] = selection.pick.value
    if selection.counted:
        entry["in"] = selection.counted
    if selection.exact:
        entry["exact"] = True
    if leaf.unrecorded_absent:
        entry["unrecorded"] = "absent"
    return entry


def _leaf_from(recorded: Json) -> Leaf:
    selection = Selection(
        recorded["concept"],
        recorded.get("within"),
        recorded.get("within_text", ""),
        recorded.get("on"),
        recorded.get("assay"),
        recorded.get("specimen"),
        Pick(recorded.get("pick", "latest")),
        recorded.get("formula"),
        recorded.get("in", ""),
        recorded.get("exact") is True,
    )
    return Leaf(selection, _test_from(recorded["is"]), recorded.get("unrecorded") == "absent")


def _test_json(leaf: Leaf) -> Recorded:
    match leaf.test:
        case OneOf(values):
            return {"values": list(values)}
        case Comparisons(parts):
            return {"comparisons": [_comparison_json(part) for part in parts]}


def _comparison_json(part: Comparison) -> Json:
    entry: Json = {"limit": number_text(part.limit), "op": part.operator.value, "text": part.text}
    if part.reference is not None:
        entry["times"] = part.reference.value
    return entry


def _test_from(recorded: Json) -> Comparisons | OneOf:
    if "values" in recorded:
        return OneOf(tuple(recorded["values"]))
    return Comparisons(
        tuple(
            Comparison(
                Operator(part["op"]),
                number_from(part["limit"]),
                Reference(part["times"]) if "times" in part else None,
                part["text"],
            )
            for part in recorded["comparisons"]
        )
    )
