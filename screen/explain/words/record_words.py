"""A recorded or derived value in words: what, in which context, when."""

from collections.abc import Iterator

from screen.explain.words.amounts import amount_text, when_text
from screen.explain.words.background import Background
from screen.model.case import CONTEXTS, Observation, Status
from screen.model.criterion import Selection
from screen.model.fact import Evidence, Fact, Quantifier, Value

_ROOM_AIR = ("on", "room_air")


def context_phrase(context: str, value: str) -> str:
    """` on room air`, ` by PCR`, ` in a respiratory specimen`."""
    spoken = value.replace("_", " ")
    match context:
        case "on":
            return f" on {spoken}"
        case "formula":
            return f" by the formula {spoken}"
        case "assay":
            return f" by {spoken.upper() if len(spoken) <= 3 else spoken}"
        case _:
            article = "an" if spoken[:1] in "aeiou" else "a"
            return f" in {article} {spoken} specimen"


def record_phrase(record: Observation, background: Background) -> str:
    """`SpO2 88 % on oxygen at 2020-03-21T08:10`: a record as it stands, with its contexts."""
    contexts = ((name, record.context(name)) for name in CONTEXTS)
    told = "".join(context_phrase(name, value) for name, value in contexts if value)
    return f"{background.label(record.concept)} {record.text}{told}{when_text(record.at)}"


def value_text(value: Value, item: Evidence, background: Background) -> str:
    """The value as written, or in the canonical unit where it was computed or is a range."""
    if value.state is not None:
        return value.state
    unit = unit_of_amount(item, background)
    as_recorded = item.observation is not None and not item.unit
    if as_recorded and item.amount == value.amount:
        return item.text
    return amount_text(value.amount, unit) if value.amount is not None else item.text


def unit_of_amount(item: Evidence, background: Background) -> str | None:
    """The unit in which the amount of a value is: the canonical one, or the one it counts in."""
    return item.unit or background.concept(item.concept).unit


def attributes(item: Evidence, selection: Selection) -> str:
    """What belongs to a value in a sentence: its context where one is asked, inputs and time."""
    told = "".join(_context(item, name, asked) for name, asked in selection.contexts)
    if item.inputs:
        return f"{told} (from {item.text}){when_text(item.at)}"
    if item.observation is None:
        return f"{told} ({item.text})"
    preliminary = item.observation.status is Status.PRELIMINARY
    return told + when_text(item.at) + (" (preliminary)" if preliminary else "")


def _context(item: Evidence, name: str, asked: str) -> str:
    recorded = item.observation.context(name) if item.observation else None
    if recorded is not None:
        return context_phrase(name, recorded)
    return " with FiO2 of room air" if (name, asked) == _ROOM_AIR else ""


def values_of(fact: Fact) -> Iterator[tuple[Value, Evidence]]:
    """Each value of a fact with its evidence; for a single value, the piece that states it."""
    usable = [item for item in fact.evidence if item.flaw is None]
    if fact.quantifier in (Quantifier.ANY, Quantifier.EVERY):
        for item in usable:
            yield Value(item.amount, item.state, item.upper, item.lower), item
        return
    for value in fact.values:
        stating = (
            item for item in usable if item.state == value.state and item.amount == value.amount
        )
        yield value, next(stating, usable[0])
