"""What was decided about one case, as an entry holds it: truths, reasons and the proof.

The same case, rules and program give the same bytes, wherever the case file lies.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from screen.audit.entry.canonical_json import Json, canonical_bytes
from screen.audit.entry.criteria_json import Conditions
from screen.audit.entry.evidence_json import place_in
from screen.audit.entry.fact_json import facts_json
from screen.audit.entry.truth_json import truth_json
from screen.digests import digest_of
from screen.explain.why.deciding import assumptions, leaf_judgements
from screen.model.concept import Vocabulary
from screen.model.fact import Fact, QualityNote
from screen.model.screening import CriterionResult, ScreenedCase, Screening

_compiled: dict[str, Conditions] = {}


def conditions_of(screening: Screening, vocabulary: Vocabulary) -> Conditions:
    """The conditions of a screening's protocol, worked out once for each version."""
    protocol = screening.protocol
    found = _compiled.get(protocol.id)
    if found is None or found.protocol is not protocol or found.vocabulary is not vocabulary:
        found = _compiled[protocol.id] = Conditions(protocol, vocabulary)
    return found


def decision_json(screened: ScreenedCase, vocabulary: Vocabulary, *, redact: bool) -> Json:
    """Verdicts, every truth with its reasons, and the facts that prove them.

    `decision` is the digest of all that; redacted, it stands instead of the facts.
    """
    screenings = [
        screening_json(screening, conditions_of(screening, vocabulary))
        for screening in screened.screenings
    ]
    origin = screened.case.origin
    whole = {
        "screenings": screenings,
        **facts_json(_facts(screened, vocabulary), origin),
        "quality": [_quality_json(note, origin) for note in screened.quality],
    }
    digest = digest_of(canonical_bytes(whole))
    if redact:
        return {"screenings": screenings, "redacted": True, "decision": digest}
    return {**whole, "decision": digest}


def _quality_json(note: QualityNote, origin: str) -> Json:
    record = note.observation
    entry = {
        "concept": record.concept,
        "quality": note.quality.value,
        "dropped": note.dropped,
        "text": record.text,
    }
    where = place_in(record.where, origin)
    return {**entry, "where": where} if where else entry


def screening_json(screening: Screening, conditions: Conditions) -> Json:
    """One protocol's verdict, and the truth of every criterion by its id."""
    protocol = screening.protocol
    return {
        "protocol": protocol.id,
        "version": protocol.version,
        "digest": protocol.digest,
        "conditions": conditions.digest,
        **outcome_json(screening),
    }


def outcome_json(screening: Screening) -> Json:
    """What came of one protocol: verdict, truths by criterion, and which of them are assumed."""
    return {
        "verdict": screening.verdict.value,
        "truths": {
            result.criterion.id: truth_json(result.truth, result.reasons)
            for result in screening.results
        },
        "assumed": assumed_in(screening.results),
    }


def assumed_in(results: Iterable[CriterionResult]) -> list[str]:
    """The criteria whose truth rests on something that was taken as absent."""
    return [result.criterion.id for result in results if assumptions(result)]


def _facts(screened: ScreenedCase, vocabulary: Vocabulary) -> Iterator[tuple[str, Fact]]:
    """The fact of each distinct selection that a criterion asks about."""
    seen: set[str] = set()
    for screening in screened.screenings:
        conditions = conditions_of(screening, vocabulary)
        for result, keys in zip(screening.results, conditions.keys, strict=True):
            for leaf, key in zip(leaf_judgements(result.judgement), keys, strict=True):
                if key not in seen and leaf.fact is not None:
                    seen.add(key)
                    yield key, leaf.fact


def result_digest(result: Mapping[str, Any], origin: str) -> str:
    """The digest of the JSON result of one case, whatever its file is called.

    The file's name is taken out of each record's `where`, which leaves line and column.
    """
    try:
        text, prefix = msgspec.json.encode(result), msgspec.json.encode(origin)
    except UnicodeEncodeError:
        # Half a character, which a YAML escape can make and UTF-8 cannot hold.
        text, prefix = (
            json.dumps(part, separators=(",", ":")).encode("ascii") for part in (result, origin)
        )
    if origin:
        # Quotes inside a string are escaped, so this can only be the key "where".
        text = text.replace(b'"where":' + prefix[:-1] + b":", b'"where":"')
    return digest_of(text)
