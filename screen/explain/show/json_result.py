"""The result of one case as JSON, which scripts rely on (`docs/formats.md`).

Keys stand in a fixed order and nothing is sorted by anything but the case and the protocol, so
the same result is the same bytes.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from screen.explain.show.json_records import evidence_entry, quality_entry, set_aside_entry
from screen.explain.show.outline import deciding_criteria
from screen.explain.why.because import because, leaf_sentence
from screen.explain.why.deciding import assumptions, deciding, leaf_judgements
from screen.explain.why.set_aside import set_aside
from screen.explain.words.background import Background
from screen.explain.words.condition_words import kind_of
from screen.model.criterion import Citation, Leaf
from screen.model.screening import CriterionResult, Judgement, Screening
from screen.program import FORMAT, NOTICE, PROGRAM
from screen.quoting import escaped_json

Json = dict[str, Any]


_SIGNED: Json = {"format": FORMAT, "program": PROGRAM}


def json_text(value: object) -> str:
    """`value` as indented JSON that no terminal can be steered by, with a final line break.

    Each object at the top says its format and the program that wrote it.
    """
    told = [_signed(one) for one in value] if isinstance(value, list) else _signed(value)
    return escaped_json(json.dumps(told, ensure_ascii=False, indent=2)) + "\n"


def _signed(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return value | {name: told for name, told in _SIGNED.items() if name not in value}


def case_result(background: Background) -> Json:
    """The result of one case for every protocol that it was screened against."""
    case = background.case
    return {
        "case": case.id,
        "screened_at": case.screened_at.text,
        "program": PROGRAM,
        "screenings": [
            screening_result(screening, background) for screening in background.screened.screenings
        ],
        "data_quality": [quality_entry(note, case) for note in background.quality],
        "vocabulary": {"digest": background.vocabulary.digest},
        "format": FORMAT,
        "notice": NOTICE,
    }


def screening_result(screening: Screening, background: Background) -> Json:
    """One protocol: its verdict, every criterion, and what the verdict rests on.

    `decided_by` names the criteria that fail, or else those that are still unknown.
    """
    protocol = screening.protocol
    return {
        "protocol": protocol.id,
        "version": protocol.version,
        "digest": protocol.digest,
        "verdict": screening.verdict.value,
        "criteria": [criterion_result(result, background) for result in screening.results],
        "title": protocol.title,
        "drug": protocol.drug.name,
        "complete": protocol.complete,
        "by_person": list(screening.by_person),
        "decided_by": [result.criterion.id for result in deciding_criteria(screening)],
        "assumptions": [
            {"criterion": result.criterion.id, "concept": concept}
            for result in screening.results
            for concept in dict.fromkeys(_concepts(assumptions(result)))
        ],
    }


def _concepts(judgements: Iterable[Judgement]) -> Iterable[str]:
    return (leaf.condition.concept for leaf in judgements if isinstance(leaf.condition, Leaf))


def criterion_result(result: CriterionResult, background: Background) -> Json:
    """One criterion with its truth, its reasons and its evidence.

    `assumed`: an absence that nobody recorded takes part in the truth. `set_aside` lists what
    was recorded but did not count, where there is any.
    """
    criterion = result.criterion
    leaves = list(leaf_judgements(result.judgement))
    entry: Json = {
        "id": criterion.id,
        "kind": criterion.kind.value,
        "truth": result.truth.value,
        "effect": result.effect.value,
        "reasons": [reason.value for reason in result.reasons],
        "text": criterion.text,
        "source": source_entry(criterion.citation),
        "because": because(result, background),
        "evidence": _distinct(
            evidence_entry(item, background)
            for leaf in leaves
            if leaf.fact is not None
            for item in leaf.fact.evidence
            if item.flaw is None
        ),
        "assumed": bool(assumptions(result)),
    }
    aside = _distinct(item for leaf in leaves for item in _set_aside(leaf, background))
    if aside:
        entry["set_aside"] = aside
    if any(leaf.fact is not None and leaf.fact.site_policy for leaf in deciding(result.judgement)):
        entry["site_policy"] = True
    if criterion.note:
        entry["note"] = criterion.note
    return entry


def source_entry(citation: Citation) -> Json:
    """The source's name and the line, or the lines, of its own list."""
    at = citation.at
    return {"in": citation.source, "at": at[0] if len(at) == 1 else list(at)}


def _set_aside(judgement: Judgement, background: Background) -> list[Json]:
    leaf, fact = judgement.condition, judgement.fact
    if not isinstance(leaf, Leaf) or fact is None:
        return []
    found = set_aside(leaf.selection, fact, background)
    return [set_aside_entry(item, background) for item in found]


def _distinct(entries: Iterable[Json]) -> list[Json]:
    kept: list[Json] = []
    for entry in entries:
        if entry not in kept:
            kept.append(entry)
    return kept


def explanation(screening: Screening, background: Background) -> Json:
    """The result of one protocol with every condition, and the rules that fired, in order."""
    entry = case_result(background)
    told = screening_result(screening, background)
    for criterion, result in zip(told["criteria"], screening.results, strict=True):
        criterion["line"] = result.criterion.line
        criterion["conditions"] = condition_entry(result.judgement, background)
    protocol = screening.protocol
    told["file"] = protocol.file
    told["sources"] = [
        {"name": source.name, "title": source.title, "id": source.id, "date": source.date}
        for source in protocol.sources.values()
    ]
    told["not_screened"] = [
        {"source": source_entry(line.citation), "reason": line.reason}
        for line in protocol.not_screened
    ]
    told["firings"] = [
        {"condition": firing.condition, "holds": firing.holds, "rule": firing.rule}
        for firing in screening.firings
    ]
    return {**entry, "screenings": [told]}


def condition_entry(judgement: Judgement, background: Background) -> Json:
    """One condition of the tree and all below it."""
    condition = judgement.condition
    entry: Json = {
        "kind": kind_of(condition),
        "truth": judgement.truth.value,
        "reasons": [reason.value for reason in judgement.reasons],
    }
    if not isinstance(condition, Leaf) or judgement.fact is None:
        entry["children"] = [condition_entry(child, background) for child in judgement.children]
        return entry
    selection = condition.selection
    entry |= {"concept": selection.concept, "test": condition.test.text}
    entry |= dict(selection.contexts)
    if selection.within is not None:
        entry["within"] = selection.within_text
    entry["pick"] = selection.pick.value
    if condition.unrecorded_absent:
        entry["unrecorded"] = "absent"
    evidence: Sequence[Json] = [
        evidence_entry(item, background) for item in judgement.fact.evidence
    ]
    return entry | {
        "because": leaf_sentence(judgement, background),
        "evidence": evidence,
        "set_aside": _set_aside(judgement, background),
        "assumed": judgement.assumed,
        "site_policy": judgement.fact.site_policy,
    }
