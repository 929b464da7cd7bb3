"""Whole numbers for exact amounts: one grid per concept, fine enough for all that is asked.

An amount is kept as a *position*: twice the amount in steps of the concept's grid, one more
for an open lower end (just above that point), one less for an open upper end (just below).
Every limit of a protocol lies on the grid, so comparing positions as whole numbers gives what
comparing the exact amounts would give. An end without limit is NULL.

A quotient can lie between two grid points. The grid of a ratio is finer than the distance
between any two quotients that can come about, so rounding down keeps equal ones equal and
different ones different.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from screen.engine.columns.dialect import WIDEST
from screen.model.concept import Concept, Derivation, Method, Vocabulary
from screen.model.criterion import Comparisons, Leaf
from screen.model.quantity import Scale

PLACES = 6
"""Decimal places that are read; a number with more goes the long way, case by case."""
MILLION = 10**PLACES

COARSE = 1000
"""Grid points between two amounts that a ratio can be computed from (three decimals)."""
_MOST_DIGITS = 12
_FEWEST_DIGITS = 4
PERCENT = 100


class NotPlannable(ValueError):
    """A vocabulary or protocol whose numbers do not fit; it is decided case by case."""


@dataclass(frozen=True, slots=True)
class Grid:
    """`steps` grid points make one canonical unit.

    Numbers with at most `digits` before the point can be taken.
    """

    steps: int
    digits: int

    def position(self, amount: Fraction) -> int:
        """The position of an amount that lies on the grid."""
        position = 2 * amount * self.steps
        if position.denominator != 1:
            raise NotPlannable(f"{amount} does not lie on a grid of {self.steps}")
        if abs(position) >= WIDEST:
            raise NotPlannable("a limit needs more than 37 digits")
        return position.numerator

    def line(self, scale: Scale) -> tuple[int, int] | None:
        """Position = a x number in millionths + b; None if the grid is too coarse or too fine."""
        slope = 2 * scale.factor * self.steps / MILLION
        start = 2 * scale.offset * self.steps
        if slope.denominator != 1 or start.denominator != 1:
            return None
        if slope * 10 ** (self.digits + PLACES) + abs(start) >= WIDEST:
            return None
        return slope.numerator, start.numerator


def ratio_factor(top: Grid, bottom: Grid, result: Grid) -> int:
    """K so that the ratio of a pressure p to a share q in per cent is k x p / q on its grid.

    p and q in coarse steps (see `COARSE`).
    """
    factor = PERCENT * result.steps * Fraction(bottom.steps, top.steps)
    if factor.denominator != 1:
        raise NotPlannable("the grid of a ratio does not fit its inputs")
    return factor.numerator


def share_divisor(count: Grid, percent: Grid, result: Grid) -> tuple[int, int]:
    """(a, b) so that count x percent, both in steps, times a / b is the share in its steps."""
    factor = Fraction(result.steps, count.steps * percent.steps * PERCENT)
    return factor.numerator, factor.denominator


def grids(vocabulary: Vocabulary, leaves: Sequence[Leaf]) -> dict[str, Grid]:
    """A grid for every quantity of the vocabulary, fine enough for all `leaves`."""
    quantities = {name: c for name, c in vocabulary.concepts.items() if c.unit is not None}
    steps = {name: _own_steps(concept) for name, concept in quantities.items()}
    multiples = dict.fromkeys(quantities, Fraction(1))
    for leaf in leaves:
        if not isinstance(leaf.test, Comparisons):
            continue
        for part in leaf.test.parts:
            parts = part.limit.denominator
            if part.reference is None:
                steps[leaf.concept] = lcm(steps[leaf.concept], parts)
                continue
            # A multiple of a printed limit must lie on the grid, wherever the value comes from.
            for name in _sources(leaf.concept, quantities):
                steps[name] = lcm(steps[name], _own_steps(quantities[name]) * parts)
                multiples[name] = max(multiples[name], abs(part.limit))
    asked = dict(steps)
    derivations = [c.derivation for c in quantities.values() if c.derivation is not None]
    for _ in range(len(quantities) + 1):
        before = dict(steps)
        for derivation in derivations:
            _join(derivation, quantities, steps, asked)
        if steps == before:
            break
    else:
        raise NotPlannable("derived values go round in a circle")
    found = {
        name: Grid(steps[name], _digits(name, concept, steps[name], multiples[name]))
        for name, concept in quantities.items()
    }
    _check_limits(found, leaves)
    return found


def _check_limits(found: Mapping[str, Grid], leaves: Iterable[Leaf]) -> None:
    for leaf in leaves:
        for part in leaf.test.parts if isinstance(leaf.test, Comparisons) else ():
            if part.reference is None:
                found[leaf.concept].position(part.limit)


def _sources(name: str, quantities: Mapping[str, Concept]) -> set[str]:
    """A concept and everything that it can be derived from."""
    found, waiting = set[str](), [name]
    while waiting:
        concept = quantities.get(waiting.pop())
        if concept is not None and concept.name not in found:
            found.add(concept.name)
            waiting.extend(concept.derivation.inputs if concept.derivation else ())
    return found


def _own_steps(concept: Concept) -> int:
    """Fine enough for every unit, and for the ends of the plausible range."""
    scales = (Scale(Fraction(1)), *concept.scales.values())
    ends = [end for end in (concept.plausible_low, concept.plausible_high) if end is not None]
    fine = lcm(*(MILLION * scale.factor.denominator for scale in scales))
    return lcm(fine, *(s.offset.denominator for s in scales), *(e.denominator for e in ends))


def _join(
    derivation: Derivation,
    quantities: Mapping[str, Concept],
    steps: dict[str, int],
    asked: Mapping[str, int],
) -> None:
    """Make the grids of a derived value and of its inputs fit together."""
    inputs = [name for name in derivation.inputs if name in quantities]
    own = derivation.name
    match derivation.method:
        case Method.FIRST_OF:
            common = lcm(*(steps[name] for name in (*inputs, own)))
            steps.update(dict.fromkeys((*inputs, own), common))
        case Method.SHARE:
            count, *percents = inputs
            common = lcm(*(steps[name] for name in percents))
            steps.update(dict.fromkeys(percents, common))
            steps[own] = lcm(steps[own], steps[count] * common * PERCENT)
        case Method.RATIO:
            top, bottom = (steps[name] // COARSE for name in inputs)
            finest = max(top * PERCENT * bottom, asked[own])
            fine = lcm(steps[own], top)
            while fine < finest * finest:
                fine *= 10
            steps[own] = fine
        case _:
            pass


def _digits(name: str, concept: Concept, steps: int, multiple: Fraction) -> int:
    """How many digits before the point can be taken without leaving the whole numbers."""
    scales = (Scale(Fraction(1)), *concept.scales.values())
    steepest = max(scale.factor for scale in scales) * 2 * steps * max(multiple, Fraction(1))
    offset = max(abs(scale.offset) for scale in scales) * 2 * steps
    for digits in range(_MOST_DIGITS, _FEWEST_DIGITS - 1, -1):
        if steepest * 10**digits + offset < WIDEST:
            return digits
    raise NotPlannable(f"{name}: its numbers need more than 37 digits")
