"""What a name that nobody knows was probably meant to be."""

from collections.abc import Iterable, Mapping
from itertools import chain

from screen.units.folding import plain_name

_SHORTEST_FOR_LIKENESS = 5
_LONG = 10
_LONGEST = 60  # letters that are compared


def meant_by(
    value: str, allowed: Iterable[str], names: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Which of `allowed` a name can mean: by its letters, as a synonym, or with a slip or two.

    A name of four letters or fewer is never guessed by likeness, and never offered so: GPT is
    no slip for GOT, nor PaCO2 for PaO2. Nothing is offered where the digits differ, or where two
    are as near.
    """
    asked = plain_name(value)
    known: dict[str, tuple[str, ...]] = {plain_name(name): (name,) for name in allowed}
    offered = frozenset(chain.from_iterable(known.values()))
    for name, concepts in names.items():
        if offered.issuperset(concepts):
            known.setdefault(name, concepts)
    for form in (asked, asked.removesuffix("s")):
        if form in known:
            return known[form]
    if not _is_long(asked):
        return ()
    most = 1 if len(asked) < _LONG else 2
    near: dict[tuple[str, ...], int] = {}
    for name, concepts in known.items():
        if _is_long(name) and _digits(name) == _digits(asked):
            slips = _slips(asked, name, most)
            if slips <= most:
                near[concepts] = min(slips, near.get(concepts, slips))
    best = [concepts for concepts, slips in near.items() if slips == min(near.values())]
    return best[0] if len(best) == 1 else ()


def nearest_name(value: str, names: Iterable[str]) -> str:
    """The one of `names` that `value` was probably meant to be, or ""."""
    from difflib import get_close_matches

    asked = value.strip()[:_LONGEST]
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(name.casefold(), name)
    folded = asked.casefold()
    for candidate in (folded, folded.replace(" ", "_").replace("-", "_")):
        if candidate in known:
            return known[candidate]
    close = get_close_matches(folded, list(known), n=1, cutoff=0.6)
    return known[close[0]] if close else ""


def _is_long(name: str) -> bool:
    return len([c for c in name if c.isalpha()]) >= _SHORTEST_FOR_LIKENESS


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())


def _slips(one: str, other: str, most: int) -> int:
    """How many letters are left out, added, changed or swapped; `most` + 1 if it is more.

    The optimal string alignment distance of Damerau.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return min(rows[-1][-1], most + 1)
