"""Whether the text that a person reads beside an amount or a state says the same."""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from screen.audit.canonical import Json
from screen.audit.conditions import Conditions
from screen.audit.exact import amount_from
from screen.explain.amounts import amount_text
from screen.model.quantity import Amount
from screen.units.text import NotMeasured, split_quantity

_IMPLIED = "sex male"
_BORN = re.compile(r"born (\d{4})-(\d\d)-(\d\d)")


def evidence_says(
    item: Json, asked: Iterable[Conditions], key: str, screened_at: str
) -> bool | None:
    """As `text_says`, with what the conditions say of its concept, or of the fact it is for.

    `key` is the fact's: oxygen saturation is asked for, and an arterial one is recorded.
    """
    unit, states = item.get("unit"), set[str]()
    for one in asked:
        concepts = one.vocabulary.concepts
        concept = concepts.get(item["concept"]) or concepts.get(key.partition(" ")[0])
        if concept is not None:
            unit = unit or concept.unit
            states |= set(concept.tree.parents if concept.tree else ())
    return text_says(item, unit, states, screened_at)


def text_says(item: Json, unit: str | None, states: Any, screened_at: str) -> bool | None:
    """Whether the text of a piece of evidence follows from what was recorded beside it.

    None where that cannot be told from the ledger: a unit that only the vocabulary converts.
    `unit` is the concept's own, `states` are the names of its values. Raises as `amount_from`.
    """
    text = item["text"]
    inputs = item.get("inputs")
    if inputs:
        return bool(text == ", ".join(f"{one['concept']} {one['text']}" for one in inputs))
    if "state" in item:
        return _names(text, item["state"], states)
    if "amount" not in item:
        return None
    amount = amount_from(item["amount"])
    born = _BORN.fullmatch(text)
    if born:
        return _is_age(born, amount, item.get("unit"), screened_at)
    return _measures(text, amount, item.get("unit") or unit)


def _names(text: str, state: str, states: Any) -> bool | None:
    plain = "_".join(text.strip().casefold().split())
    if plain == state.casefold() or (text == _IMPLIED and state == "absent"):
        return True
    return False if plain in {str(name).casefold() for name in states or ()} else None


def _is_age(born: re.Match[str], amount: Amount, unit: str | None, screened_at: str) -> bool | None:
    day = re.match(r"(\d{4})-(\d\d)-(\d\d)", screened_at)
    if unit != "a" or amount.low is None or day is None:
        return None
    (y, m, d), (year, month, date) = (tuple(map(int, one.groups())) for one in (born, day))
    age = year - y - ((month, date) < (m, d))
    return abs(amount.low - age) < 1


def _measures(text: str, amount: Amount, unit: str | None) -> bool | None:
    if text == amount_text(amount, unit):
        return True
    try:
        parts = split_quantity(text)
    except NotMeasured:
        return None
    if unit is None or not parts.unit:
        return None
    if parts.unit == unit:
        return _amount(parts) == amount
    from screen.units.library import library_scale

    scale = library_scale(parts.unit, unit, None)
    return None if scale is None else _amount(parts, scale.factor, scale.offset) == amount


def _amount(parts: Any, factor: Fraction = Fraction(1), offset: Fraction = Fraction(0)) -> Amount:
    found: Amount = parts.amount
    return found.scaled(factor, offset)
