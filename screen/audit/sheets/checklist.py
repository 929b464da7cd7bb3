"""The eligibility checklist of one case and one protocol: what a person goes through and signs."""

from collections.abc import Iterator

from screen.audit.sheets.sheet import Row, Sheet
from screen.explain.why.because import because
from screen.explain.why.deciding import assumptions, deciding
from screen.explain.words.amounts import amount_text
from screen.explain.words.background import Background
from screen.explain.words.truth_words import TRUTH_WORDS
from screen.model.case import Measured
from screen.model.fact import Evidence
from screen.model.screening import CriterionResult, Effect, Screening
from screen.model.truth import Truth
from screen.program import NOTICE, PROGRAM

COLUMNS = (
    "No.",
    "Kind",
    "Criterion",
    "Text",
    "Source",
    "Version",
    "Value",
    "Unit",
    "Date",
    "Source record",
    "Program's finding",
    "Effect",
    "Attention",
    "Why",
    "Person's finding",
    "Initials",
)
WITHHELD = "withheld"
_SIGN = "Name: ____________________   Signature: ____________________   Date: ______________"


def checklist(screening: Screening, background: Background, *, redact: bool = False) -> Sheet:
    """One row for each criterion, in the order of the protocol.

    `redact` leaves out the values, their times and the sentences that hold them.
    """
    protocol, case = screening.protocol, background.case
    head = (
        ("Protocol", f"{protocol.id}: {protocol.title}"),
        ("Protocol version", protocol.version),
        ("Protocol file", protocol.digest),
        ("Vocabulary", background.vocabulary.digest),
        ("Case", WITHHELD if redact else case.id),
        ("Screened at", case.screened_at.text),
        ("Program", PROGRAM),
        ("Program's verdict", screening.verdict.value),
        *(() if protocol.complete else (("Note", "part of this protocol's source is not known"),)),
    )
    rows = tuple(
        _row(number, result, screening, background, redact=redact)
        for number, result in enumerate(screening.results, 1)
    )
    return Sheet(
        f"Eligibility checklist {protocol.id}", head, COLUMNS, rows, (NOTICE, _SIGN, _SIGN)
    )


def _row(
    number: int,
    result: CriterionResult,
    screening: Screening,
    background: Background,
    *,
    redact: bool,
) -> Row:
    criterion = result.criterion
    columns = _columns(result, background)
    why = because(result, background)
    if redact:
        columns = [WITHHELD if any(column) else "" for column in columns]
        why = ", ".join(reason.value.replace("_", " ") for reason in result.reasons)
    attention, mark = _attention(result)
    source = screening.protocol.sources.get(criterion.citation.source)
    cited = source.id if source is not None else criterion.citation.source
    return Row(
        (
            str(number),
            criterion.kind.value,
            criterion.id,
            criterion.text,
            f"{cited}: {', '.join(criterion.citation.at)}",
            source.date if source is not None else screening.protocol.version,
            *columns,
            _finding(result),
            result.effect.value,
            attention,
            why,
            "",
            "",
        ),
        mark,
    )


def _columns(result: CriterionResult, background: Background) -> list[str]:
    """Value, unit, date and source record of what decided; a line for each of several."""
    items = [
        item
        for leaf in deciding(result.judgement)
        if leaf.fact is not None
        for item in leaf.fact.evidence
    ]
    several = len({item.concept for item in items}) > 1
    cells = dict.fromkeys(
        _cells(item, background, background.label(item.concept) if several else "")
        for item in items
    )
    return ["\n".join(parts) for parts in zip(*cells, strict=True)] or ["", "", "", ""]


def _finding(result: CriterionResult) -> str:
    if result.truth is not Truth.UNKNOWN:
        return TRUTH_WORDS[result.truth]
    reasons = ", ".join(reason.value.replace("_", " ") for reason in result.reasons)
    return f"unknown: {reasons}"


def _attention(result: CriterionResult) -> tuple[str, str]:
    if result.effect is Effect.UNKNOWN:
        return "UNKNOWN", "unknown"
    if assumptions(result):
        return "ASSUMED", "assumed"
    return "", "fails" if result.effect is Effect.FAILS else ""


def _cells(item: Evidence, background: Background, label: str) -> tuple[str, str, str, str]:
    """Value (after its `label`), unit, date and source record of one piece of evidence."""
    value, unit = _value(item, background)
    if label:
        value = f"{label}: {value}"
    record = item.observation
    parts = list(_source(item)) if record is None else [record.source, record.where]
    return value, unit, item.at.text if item.at else "", ", ".join(part for part in parts if part)


def _value(item: Evidence, background: Background) -> tuple[str, str]:
    if item.amount is None:
        return item.state or item.text, ""
    measured = item.observation.value if item.observation is not None else None
    if isinstance(measured, Measured):
        return amount_text(measured.amount, None), measured.unit or ""
    unit = background.concept(item.concept).unit
    return amount_text(item.amount, None), unit or ""


def _source(item: Evidence) -> Iterator[str]:
    """What a computed value comes from."""
    if item.inputs:
        yield "computed from"
        for part in item.inputs:
            record = part.observation
            place = f" ({record.where})" if record is not None and record.where else ""
            yield f"{part.concept} {part.text}{place}"
    else:
        yield item.text
