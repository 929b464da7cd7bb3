"""Which of the remaining values a leaf is about (step 4)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from screen.model.concept import Concept
from screen.model.criterion import Pick
from screen.model.fact import Evidence, Fact, Quantifier, Value
from screen.model.quantity import Amount
from screen.model.truth import Reason


def picked(evidence: Sequence[Evidence], pick: Pick, concept: Concept) -> Fact:
    """The fact that `pick` makes of one or more pieces of evidence.

    Undated evidence is used only when nothing dated is left.
    """
    ranked = [item for item in evidence if item.at is not None] or list(evidence)
    match pick:
        case Pick.LATEST | Pick.EARLIEST:
            return _at_one_time(_extreme_in_time(ranked, pick), concept)
        case Pick.LOWEST | Pick.HIGHEST:
            return _extreme_in_value(ranked, pick)
        case Pick.ANY | Pick.EVERY:
            quantifier = Quantifier.ANY if pick is Pick.ANY else Quantifier.EVERY
            return Fact(tuple(_distinct(ranked)), quantifier, (), tuple(ranked))


def _extreme_in_time(evidence: list[Evidence], pick: Pick) -> list[Evidence]:
    """All that may be the latest (earliest): those that no other is surely after (before)."""
    times = [item.at for item in evidence if item.at is not None]
    if not times:
        return evidence
    if pick is Pick.LATEST:
        last = max(at.start for at in times)
        return [item for item in evidence if item.at is not None and item.at.end >= last]
    first = min(at.end for at in times)
    return [item for item in evidence if item.at is not None and item.at.start <= first]


def _at_one_time(evidence: list[Evidence], concept: Concept) -> Fact:
    value = _agreed(evidence, concept)
    if value is None:
        return Fact((), Quantifier.ONE, (Reason.CONFLICTING,), tuple(evidence))
    return Fact((value,), Quantifier.ONE, (), tuple(evidence))


def _agreed(evidence: list[Evidence], concept: Concept) -> Value | None:
    if concept.tree is not None:
        states = frozenset(item.state for item in evidence if item.state is not None)
        state = concept.tree.most_specific(states)
        return None if state is None else Value(state=state)
    amounts = {item.amount for item in evidence}
    if len(amounts) > 1:
        return None
    return Value(
        amount=amounts.pop(),
        upper=_one_of({item.upper for item in evidence}),
        lower=_one_of({item.lower for item in evidence}),
    )


def _extreme_in_value(evidence: list[Evidence], pick: Pick) -> Fact:
    """The lowest (highest) amount; an interval where a result such as `<0.3` leaves it open."""
    amounts = [item.amount for item in evidence if item.amount is not None]
    extreme = _lowest(amounts) if pick is Pick.LOWEST else _highest(amounts)
    shown = [
        item
        for item in evidence
        if item.amount is not None and item.amount.overlaps(extreme.low, extreme.high)
    ]
    value = Value(
        amount=extreme,
        upper=_one_of({item.upper for item in shown}),
        lower=_one_of({item.lower for item in shown}),
    )
    return Fact((value,), Quantifier.ONE, (), tuple(shown))


def _lowest(amounts: list[Amount]) -> Amount:
    """The range in which the smallest of `amounts` lies: from the least low to the least high."""
    lows = [amount.low for amount in amounts]
    low = None if None in lows else min(bound for bound in lows if bound is not None)
    low_open = all(amount.low_open for amount in amounts if amount.low == low)
    highs = [amount.high for amount in amounts if amount.high is not None]
    high = min(highs, default=None)
    high_open = any(amount.high_open for amount in amounts if amount.high == high)
    return Amount(low, high, low_open and low is not None, high_open and high is not None)


def _highest(amounts: list[Amount]) -> Amount:
    mirrored = _lowest(
        [Amount(_negative(a.high), _negative(a.low), a.high_open, a.low_open) for a in amounts]
    )
    return Amount(
        _negative(mirrored.high), _negative(mirrored.low), mirrored.high_open, mirrored.low_open
    )


def _negative(bound: Fraction | None) -> Fraction | None:
    return None if bound is None else -bound


def _one_of(limits: Iterable[Fraction | None]) -> Fraction | None:
    """The one reference limit that the evidence agrees on, None if there is none."""
    known = {limit for limit in limits if limit is not None}
    return known.pop() if len(known) == 1 else None


def _distinct(evidence: list[Evidence]) -> list[Value]:
    values = [Value(item.amount, item.state, item.upper, item.lower) for item in evidence]
    return list(dict.fromkeys(values))
