"""Which of the remaining values a leaf is about (`docs/semantics.md`, section 2, step 4)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from screen.model.concept import Concept
from screen.model.criterion import Pick
from screen.model.fact import Evidence, Fact, Quantifier, Value
from screen.model.quantity import Amount
from screen.model.truth import Reason, ordered


def picked(evidence: Sequence[Evidence], pick: Pick, concept: Concept) -> Fact:
    """The fact that `pick` makes of one or more pieces of evidence.

    Undated evidence is used only when nothing dated is left. What may lie in the window is never
    picked from; it keeps a fact open where it could be what is picked. A record without a value
    does so too, wherever it lies.
    """
    bounds = [item for item in evidence if item.bound]
    ranked = _ranked([item for item in evidence if not item.bound])
    if not any(item.flaw is None and not item.perhaps for item in ranked):
        return _nothing_sure(ranked)
    match pick:
        case Pick.LATEST:
            return _at_one_time(_latest(ranked), concept, bounds)
        case Pick.EARLIEST:
            return _at_one_time(_earliest(ranked), concept, [])
        case Pick.LOWEST | Pick.HIGHEST:
            return _extreme_in_value(ranked, pick)
        case Pick.ANY | Pick.EVERY:
            return _one_by_one(ranked, pick)


def _ranked(evidence: list[Evidence]) -> list[Evidence]:
    """What is dated, and what may be: of a record that cannot be read, the time may be unread."""
    if all(item.at is None for item in evidence):
        return evidence
    return [i for i in evidence if i.at is not None or i.flaw is Reason.UNREADABLE]


def _nothing_sure(evidence: Sequence[Evidence]) -> Fact:
    """Nothing to pick from: no value at all, or none that is surely in the window."""
    reasons = [item.flaw or Reason.UNDATED for item in evidence]
    return Fact((), Quantifier.ONE, ordered(reasons), tuple(evidence))


def _latest(evidence: list[Evidence]) -> list[Evidence]:
    """All that may be the latest: those than which none in the window is surely later."""
    sure = [item.at.start for item in evidence if item.at is not None and not item.perhaps]
    if not sure:
        return evidence
    return [item for item in evidence if item.at is None or item.at.end >= max(sure)]


def _earliest(evidence: list[Evidence]) -> list[Evidence]:
    sure = [item.at.end for item in evidence if item.at is not None and not item.perhaps]
    if not sure:
        return evidence
    return [item for item in evidence if item.at is None or item.at.start <= min(sure)]


def _at_one_time(found: list[Evidence], concept: Concept, bounds: list[Evidence]) -> Fact:
    """The fact of what may be the latest (earliest): each of it may be the one."""
    flaws = [item.flaw for item in found if item.flaw is not None]
    if flaws:
        return Fact((), Quantifier.ONE, ordered(flaws), tuple(found))
    agreed = _agreed([item for item in found if not item.perhaps], concept)
    if agreed is None and _differ_at_one_time(found, concept):
        return Fact((), Quantifier.ONE, (Reason.CONFLICTING,), tuple(found))
    limits = _newest(bounds)
    overturned = [item for item in found if any(_overturns(limit, item) for limit in limits)]
    if overturned:
        left = [*_but(found, overturned), *limits]
        values = tuple(_distinct(left))
        shown = (*found, *limits)
        quantifier = Quantifier.ONE if len(values) == 1 else Quantifier.ALIKE
        return Fact(values, quantifier, (), shown, superseded=True)
    together = _agreed(found, concept)
    if together is not None:
        newer = tuple(limit for limit in limits if all(_is_newer(limit, i) for i in found))
        return Fact((together,), Quantifier.ONE, (), tuple(found), beside=newer)
    certain = [agreed] if agreed is not None else _distinct(_sure(found))
    doubtful = [value for value in _distinct(_in_doubt(found)) if value not in certain]
    values = (*certain, *doubtful)
    return Fact(values, Quantifier.ALIKE, (), tuple(found), perhaps=len(doubtful))


def _differ_at_one_time(found: list[Evidence], concept: Concept) -> bool:
    """Whether two records of the very same time disagree, whatever is asked of them."""
    by_time: dict[object, list[Evidence]] = {}
    for item in found:
        if not item.perhaps:
            span = None if item.at is None else (item.at.start, item.at.end)
            by_time.setdefault(span, []).append(item)
    return any(_agreed(items, concept) is None for items in by_time.values())


def _newest(bounds: list[Evidence]) -> list[Evidence]:
    return _latest([limit for limit in bounds if not limit.perhaps])


def _overturns(limit: Evidence, item: Evidence) -> bool:
    """Whether a newer input makes an older value impossible."""
    if not _is_newer(limit, item):
        return False
    amounts = limit.amount, item.amount
    return amounts[0] is not None and amounts[1] is not None and _apart(amounts[0], amounts[1])


def _is_newer(limit: Evidence, item: Evidence) -> bool:
    return limit.at is not None and item.at is not None and limit.at.start > item.at.end


def _apart(one: Amount, other: Amount) -> bool:
    """Whether no value lies in both."""
    return _below(one, other) or _below(other, one)


def _below(one: Amount, other: Amount) -> bool:
    if one.high is None or other.low is None:
        return False
    touch = one.high == other.low
    return one.high < other.low or (touch and (one.high_open or other.low_open))


def _sure(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Values that are surely in the window."""
    return [item for item in evidence if item.flaw is None and not item.perhaps]


def _in_doubt(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Values that may lie in the window."""
    return [item for item in evidence if item.flaw is None and item.perhaps]


def _hidden(evidence: Iterable[Evidence]) -> tuple[Reason, ...]:
    return ordered(item.flaw for item in evidence if item.flaw is not None)


def _but(evidence: Iterable[Evidence], others: list[Evidence]) -> list[Evidence]:
    return [item for item in evidence if item not in others]


def _one_by_one(evidence: list[Evidence], pick: Pick) -> Fact:
    certain = _distinct(_sure(evidence))
    doubtful = [value for value in _distinct(_in_doubt(evidence)) if value not in certain]
    return Fact(
        (*certain, *doubtful),
        Quantifier.ANY if pick is Pick.ANY else Quantifier.EVERY,
        (),
        tuple(evidence),
        perhaps=len(doubtful),
        hidden=_hidden(evidence),
    )


def _agreed(evidence: list[Evidence], concept: Concept) -> Value | None:
    if concept.tree is not None:
        states = frozenset(item.state for item in evidence if item.state is not None)
        state = concept.tree.most_specific(states)
        return None if state is None else Value(state=state)
    amounts = {item.amount for item in evidence}
    if len(amounts) != 1:
        return None
    return Value(
        amount=amounts.pop(),
        upper=_one_of({item.upper for item in evidence}),
        lower=_one_of({item.lower for item in evidence}),
    )


def _extreme_in_value(evidence: list[Evidence], pick: Pick) -> Fact:
    """The lowest (highest) amount; an interval where a result such as `<0.3` leaves it open.

    With a record in doubt it may be that one; with one that has no value, lower (higher) still.
    """
    sure, hidden = _sure(evidence), _hidden(evidence)
    values = [_extreme(sure, pick)]
    for item in _in_doubt(evidence):
        value = _extreme([*sure, item], pick)
        if value not in values:
            values.append(value)
    if hidden:
        values = [_or_beyond(value, pick) for value in values]
    shown = [
        item
        for item in evidence
        if item.amount is None
        or any(v.amount and item.amount.overlaps(v.amount.low, v.amount.high) for v in values)
    ]
    quantifier = Quantifier.ONE if len(values) == 1 else Quantifier.ALIKE
    perhaps = len(values) - 1
    return Fact(tuple(values), quantifier, (), tuple(shown), perhaps=perhaps, hidden=hidden)


def _extreme(evidence: list[Evidence], pick: Pick) -> Value:
    amounts = [item.amount for item in evidence if item.amount is not None]
    extreme = _lowest(amounts) if pick is Pick.LOWEST else _highest(amounts)
    stating = [
        item
        for item in evidence
        if item.amount is not None and item.amount.overlaps(extreme.low, extreme.high)
    ]
    upper = _one_of({item.upper for item in stating})
    return Value(amount=extreme, upper=upper, lower=_one_of({item.lower for item in stating}))


def _or_beyond(value: Value, pick: Pick) -> Value:
    """The extreme together with a value that nobody knows: it can only lie further out.

    Its reference limits are not known either.
    """
    amount = value.amount
    assert amount is not None
    if pick is Pick.LOWEST:
        return Value(amount=Amount(None, amount.high, False, amount.high_open))
    return Value(amount=Amount(amount.low, None, amount.low_open, False))


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


def _distinct(evidence: Iterable[Evidence]) -> list[Value]:
    values = [Value(item.amount, item.state, item.upper, item.lower) for item in evidence]
    return list(dict.fromkeys(values))
