"""Records, derived values and remarks as entries of the JSON result."""

from typing import Any

from screen.explain.why.set_aside import SetAside
from screen.explain.words.amounts import age_text, amount_text, span_text
from screen.explain.words.background import Background
from screen.explain.words.record_words import unit_of_amount
from screen.model.case import Case, Observation, Status
from screen.model.fact import Evidence, QualityNote

Json = dict[str, Any]


def canonical_text(item: Evidence, background: Background) -> str:
    """The value in the canonical unit of its concept, exactly; the state of a finding."""
    if item.amount is None:
        return item.state or ""
    return amount_text(item.amount, unit_of_amount(item, background))


def evidence_entry(item: Evidence, background: Background) -> Json:
    """One piece of evidence; a derived value carries its inputs, its formula and their gap."""
    record = item.observation
    entry: Json = {
        "concept": item.concept,
        "value": item.text,
        "canonical": canonical_text(item, background),
        "at": item.at.text if item.at else None,
        "age": age_text(item.at, background.case.screened_at),
        "source": record.source if record else "",
    }
    if record is not None:
        entry |= _more(record)
    if item.inputs:
        entry["inputs"] = [evidence_entry(part, background) for part in item.inputs]
    if item.formula:
        entry["formula"] = item.formula
    if item.gap is not None:
        entry["gap"] = span_text(item.gap)
    if item.flaw is not None:
        entry["no_value"] = item.flaw.value
    if item.perhaps:
        entry["may_lie_outside"] = True
    if item.bound:
        entry["bound"] = True
    return entry


def set_aside_entry(one: SetAside, background: Background) -> Json:
    """A record that did not count, and why."""
    record = one.observation
    entry = _record(record, background.case) | {"why": one.why.value}
    return entry | {"by": "site policy"} if one.by_policy else entry


def quality_entry(note: QualityNote, case: Case) -> Json:
    """A remark about a record. `dropped` is false where it was used all the same."""
    record = note.observation
    entry: Json = {
        "concept": record.concept,
        "value": record.text,
        "reason": note.quality.value,
        "at": record.at.text if record.at else None,
        "age": age_text(record.at, case.screened_at),
        "source": record.source,
        "dropped": note.dropped,
    }
    if note.detail:
        entry["detail"] = note.detail
    return entry | _more(record)


def _record(record: Observation, case: Case) -> Json:
    return {
        "concept": record.concept,
        "value": record.text,
        "at": record.at.text if record.at else None,
        "age": age_text(record.at, case.screened_at),
        "source": record.source,
    } | _more(record)


def _more(record: Observation) -> Json:
    """What was recorded besides, as far as it was.

    The place in the file is left out: the result is the same whatever the order of the file.
    """
    upper, lower = record.upper_limit, record.lower_limit
    given = {
        "on": record.on,
        "assay": record.assay,
        "specimen": record.specimen,
        "upper_limit": upper.text if upper else None,
        "lower_limit": lower.text if lower else None,
        "status": None if record.status is Status.FINAL else record.status.value,
        "sample": record.sample,
        "formula": record.formula,
    }
    return {name: value for name, value in given.items() if value}
