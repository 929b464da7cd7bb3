"""One record or derived value with all that is known of it, for the whole tree."""

from collections.abc import Iterator

from screen.explain.why.because import leaf_sentence
from screen.explain.why.set_aside import SetAside, set_aside
from screen.explain.words.amounts import age_text, amount_text, span_text, when_text
from screen.explain.words.background import Background
from screen.explain.words.record_words import context_phrase
from screen.model.case import Case, Observation, Status
from screen.model.criterion import Leaf
from screen.model.fact import Evidence
from screen.model.moment import Moment
from screen.model.screening import Judgement

# Any other status than final that leaves a result in use.
_COUNTED = (Status.PRELIMINARY, Status.AMENDED, Status.CORRECTED)


def evidence_statement(item: Evidence, background: Background) -> str:
    """The value as written, in the canonical unit where that differs, its time, age and place."""
    case = background.case
    shown = item.text
    if item.amount is not None:
        canonical = amount_text(item.amount, background.concept(item.concept).unit)
        if canonical != item.text:
            shown = f"{item.text} = {canonical}"
    elif item.state is not None and item.state != item.text:
        shown = f"{item.text} = {item.state}"
    if item.observation is None:
        timed = _timed(item.at, case) if item.inputs else ""
        return f"{item.concept}: {shown}{timed}"
    return f"{item.concept}: {shown}{_details(item.observation, case)}"


def evidence_of(judgement: Judgement) -> tuple[Evidence, ...]:
    """What counts for a judged leaf; nothing for a condition that is no leaf."""
    return judgement.fact.evidence if judgement.fact is not None else ()


def other_statements(judgement: Judgement, background: Background) -> Iterator[str]:
    """What was recorded for a leaf but did not count; that nothing was, where so it is."""
    leaf, fact = judgement.condition, judgement.fact
    if not isinstance(leaf, Leaf) or fact is None:
        return
    aside = set_aside(leaf.selection, fact, background)
    if not fact.evidence and not aside:
        yield leaf_sentence(judgement, background)
    for one in aside:
        yield set_aside_statement(one, background)


def set_aside_statement(one: SetAside, background: Background) -> str:
    """A record that did not count, as it was written, and why."""
    why = one.why.value.replace("_", " ")
    policy = ", by site policy" if one.by_policy else ""
    record = one.observation
    told = f"{record.concept}: {record.text}{_details(record, background.case)}"
    return f"did not count ({why}{policy}): {told}"


def inputs_of(item: Evidence) -> Iterator[str]:
    """How a derived value comes about: the formula, and how far apart its inputs lie."""
    if item.formula:
        yield f"formula: {item.formula}"
    if item.gap is not None:
        yield f"gap between the inputs: {span_text(item.gap)}"


def _details(record: Observation, case: Case) -> str:
    contexts = (("on", record.on), ("assay", record.assay), ("specimen", record.specimen))
    told = "".join(context_phrase(name, value) for name, value in contexts if value)
    told += _timed(record.at, case)
    limits = (("upper", record.upper_limit), ("lower", record.lower_limit))
    more = [f"{side} limit {limit.text}" for side, limit in limits if limit is not None]
    if record.status in _COUNTED:
        more.append(record.status.value)
    if record.source:
        more.append(f"source: {record.source}")
    if record.sample:
        more.append(f"sample: {record.sample}")
    if record.where:
        more.append(f"at {record.where}")
    return "".join([told, *(f"; {part}" for part in more)])


def _timed(at: Moment | None, case: Case) -> str:
    if at is None:
        return ", no time recorded"
    age = age_text(at, case.screened_at)
    return f",{when_text(at)}" + (f" ({age} before the screening)" if age else "")
