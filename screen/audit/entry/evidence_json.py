"""Amounts, values and evidence as JSON without loss, and back."""

from fractions import Fraction
from typing import Any

from screen.audit.entry.canonical_json import Json
from screen.model.case import Observation, Status
from screen.model.fact import Evidence, Value
from screen.model.moment import Moment
from screen.model.quantity import Amount
from screen.model.truth import Reason


def number_text(number: Fraction) -> str:
    """`90`, `-1/3`: the exact number, as a whole number or a reduced fraction."""
    return str(number)


def number_from(text: str) -> Fraction:
    """The number that `number_text` wrote. Raises ValueError and TypeError."""
    above, _, below = text.partition("/")
    return Fraction(int(above), int(below) if below else 1)


def amount_json(amount: Amount) -> Any:
    """`"90"`, or an interval: `from`/`above` its low end and `to`/`below` its high end."""
    if amount.low is not None and amount.is_exact:
        return number_text(amount.low)
    ends: Json = {}
    if amount.low is not None:
        ends["above" if amount.low_open else "from"] = number_text(amount.low)
    if amount.high is not None:
        ends["below" if amount.high_open else "to"] = number_text(amount.high)
    return ends


def amount_from(recorded: Any) -> Amount:
    """The amount that `amount_json` wrote. Raises ValueError, KeyError or TypeError."""
    if isinstance(recorded, str):
        return Amount.exactly(number_from(recorded))
    low_open, high_open = "above" in recorded, "below" in recorded
    low = recorded.get("above", recorded.get("from"))
    high = recorded.get("below", recorded.get("to"))
    return Amount(
        None if low is None else number_from(low),
        None if high is None else number_from(high),
        low_open,
        high_open,
    )


def value_json(value: Value | Evidence) -> Json:
    """What a test is applied to: an amount with its reference limits, or a state."""
    entry: Json = {}
    if value.amount is not None:
        entry["amount"] = amount_json(value.amount)
    if value.state is not None:
        entry["state"] = value.state
    if value.upper is not None:
        entry["upper"] = number_text(value.upper)
    if value.lower is not None:
        entry["lower"] = number_text(value.lower)
    return entry


def value_from(recorded: Json) -> Value:
    """The value that `value_json` wrote. Raises ValueError, KeyError or TypeError."""
    amount, upper, lower = (recorded.get(name) for name in ("amount", "upper", "lower"))
    return Value(
        None if amount is None else amount_from(amount),
        recorded.get("state"),
        None if upper is None else number_from(upper),
        None if lower is None else number_from(lower),
    )


def evidence_json(item: Evidence, origin: str) -> Json:
    """One piece of evidence, with the record that it comes from or the inputs of its formula.

    Its place in the case file, `origin`, is `line:column`: a copy of the file proves as much.
    """
    entry = {"concept": item.concept, "text": item.text, **value_json(item)}
    if item.at is not None:
        entry |= {"at": item.at.text, "start": item.at.start}
        if not item.at.is_instant:
            entry["end"] = item.at.end
    if item.observation is not None:
        entry |= _record_json(item.observation, origin)
    if item.inputs:
        entry["inputs"] = [evidence_json(part, origin) for part in item.inputs]
    if item.formula:
        entry["formula"] = item.formula
    if item.gap is not None:
        entry["gap"] = item.gap
    if item.unit:
        entry["unit"] = item.unit
    if item.flaw is not None:
        entry["flaw"] = item.flaw.value
    marks = {"perhaps": item.perhaps, "bound": item.bound}
    return entry | {name: True for name, is_so in marks.items() if is_so}


def _record_json(record: Observation, origin: str) -> Json:
    given = {
        "on": record.on,
        "assay": record.assay,
        "specimen": record.specimen,
        "status": None if record.status is Status.FINAL else record.status.value,
        "source": record.source,
        "sample": record.sample,
        "by_formula": record.formula,
        "where": place_in(record.where, origin),
    }
    return {name: value for name, value in given.items() if value}


def place_in(where: str, origin: str) -> str:
    """`file:line:column` without the file."""
    return where.removeprefix(origin).removeprefix(":") if origin else where


def evidence_from(recorded: Json) -> Evidence:
    """As much of the evidence as a pick and a window ask about. Raises like `value_from`."""
    value = value_from(recorded)
    at = None
    if "start" in recorded:
        start: int = recorded["start"]
        at = Moment(recorded["at"], start, recorded.get("end", start))
    return Evidence(
        recorded["concept"],
        recorded["text"],
        at,
        value.amount,
        value.state,
        value.upper,
        value.lower,
        inputs=tuple(evidence_from(part) for part in recorded.get("inputs", ())),
        unit=recorded.get("unit", ""),
        flaw=Reason(recorded["flaw"]) if "flaw" in recorded else None,
        perhaps=bool(recorded.get("perhaps", False)),
        bound=bool(recorded.get("bound", False)),
    )
