"""The test of a leaf: `< 20000 /mm3`, `>= 100 mm[Hg], < 250 mm[Hg]`, `present`, a list."""

from fractions import Fraction

from msgspec.structs import replace

from screen.documents.tree import Items, Node, Problems, text_of
from screen.model.concept import Concept, Vocabulary
from screen.model.concept import Kind as ConceptKind
from screen.model.criterion import Comparison, Comparisons, OneOf, Operator, Reference, Test
from screen.problems import Kind
from screen.units.number import decimal_text
from screen.units.scales import scale_for
from screen.units.text import (
    Fault,
    NotMeasured,
    Split,
    is_ambiguous,
    known_unit,
    split_quantity,
    two_readings,
)
from screen.units.unit import unit_scale

OwnUnits = dict[str, Comparisons]

_SIGNS = "<>=≤≥!~"
_REFERENCES = {member.value: member for member in Reference}


def test_from_node(
    node: Node, concept: Concept, vocabulary: Vocabulary, problems: Problems
) -> Test | None:
    """The test at `node` for `concept`; None after noting what is wrong with it."""
    if concept.kind is ConceptKind.QUANTITY:
        text = text_of(node, concept.name, problems)
        return None if text is None else _comparisons(text, node, concept, vocabulary, problems)
    return _one_of(node, concept, problems)


def _one_of(node: Node, concept: Concept, problems: Problems) -> OneOf | None:
    nodes = node.items if isinstance(node, Items) else (node,)
    values = []
    for item in nodes:
        text = text_of(item, concept.name, problems)
        if text is None:
            continue
        if text[0] in _SIGNS:
            problems.add(Kind.COMPARISON_ON_FINDING, item, about=concept.name, value=text)
        elif concept.tree is None or text not in concept.tree.parents:
            allowed = concept.tree.values if concept.tree else ()
            problems.add(Kind.UNKNOWN_VALUE, item, value=text, about=concept.name, allowed=allowed)
        elif text in values:
            problems.add(Kind.AGAINST_ITSELF, item, about=concept.name, detail=f"{text} twice")
        else:
            values.append(text)
    if not nodes:
        problems.add(Kind.NO_VALUE, node, about=concept.name)
    return OneOf(tuple(values)) if values and len(values) == len(nodes) else None


def in_own_units(test: Comparisons, concept: Concept, vocabulary: Vocabulary) -> OwnUnits:
    """The comparisons of an age by the unit in which each counts, its limit in that unit.

    The canonical unit is "".
    """
    found: dict[str, list[Comparison]] = {}
    for part in test.parts:
        _, rest = _operator(part.text)
        unit, scale = unit_scale(concept, split_quantity(rest).unit, vocabulary)
        assert scale is not None
        own = replace(part, limit=(part.limit - scale.offset) / scale.factor)
        found.setdefault("" if unit == concept.unit else unit, []).append(own)
    return {unit: Comparisons(tuple(parts)) for unit, parts in found.items()}


def _comparisons(
    text: str, node: Node, concept: Concept, vocabulary: Vocabulary, problems: Problems
) -> Comparisons | None:
    parts = [
        _comparison(part.strip(), node, concept, vocabulary, problems) for part in text.split(",")
    ]
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    for reference in {part.reference for part in good}:
        if not _can_hold([part for part in good if part.reference is reference]):
            problems.add(Kind.IMPOSSIBLE, node, value=text)
            return None
    return Comparisons(good)


def _comparison(
    text: str, node: Node, concept: Concept, vocabulary: Vocabulary, problems: Problems
) -> Comparison | None:
    """One comparison, with its limit in the canonical unit of `concept`."""
    if not any(c.isdigit() for c in text) or text[0] not in _SIGNS + "-0123456789":
        example = f'"<= 5 {concept.unit}"'
        problems.add(Kind.VALUE_ON_QUANTITY, node, about=concept.name, value=text, detail=example)
        return None
    operator, rest = _operator(text)
    if operator is None:
        allowed = tuple(member.value for member in Operator)
        sign = text[: len(text) - len(text.lstrip(_SIGNS))]
        problems.add(Kind.UNKNOWN_OPERATOR, node, value=sign, allowed=allowed, suggest=False)
        return None
    try:
        split = split_quantity(rest)
    except NotMeasured as error:
        problems.add(Kind.NOT_A_COMPARISON, node, value=text, detail=error.reason)
        return None
    if split.sign:
        detail = "one sign, such as < or >="
        problems.add(Kind.NOT_A_COMPARISON, node, value=text, detail=detail)
        return None
    reference = _REFERENCES.get(split.unit)
    limit: Fraction | None = split.number
    if reference is None:
        limit = _canonical(split, node, concept, vocabulary, problems)
    elif split.number <= 0:
        limit = None
        detail = "a multiple is above zero"
        problems.add(Kind.NOT_A_COMPARISON, node, value=text, detail=detail)
    return None if limit is None else Comparison(operator, limit, reference, " ".join(text.split()))


def _canonical(
    split: Split,
    node: Node,
    concept: Concept,
    vocabulary: Vocabulary,
    problems: Problems,
) -> Fraction | None:
    """The limit in the canonical unit; None after noting what is wrong with its unit."""
    if not split.unit:
        value = decimal_text(split.number)
        problems.add(Kind.NO_UNIT, node, value=value, detail=concept.unit or "")
        return None
    try:
        scale = scale_for(concept, known_unit(split, vocabulary, concept))
    except NotMeasured as error:
        _note(error, split, node, problems)
        return None
    if scale is None:
        detail = f"in {concept.unit}"
        problems.add(
            Kind.WRONG_DIMENSION, node, value=split.unit, about=concept.name, detail=detail
        )
        return None
    if is_ambiguous(split, concept, scale):
        value = f"{split.written} {split.unit}"
        detail = two_readings(split)
        problems.add(Kind.NOT_A_COMPARISON, node, value=value, detail=detail)
        return None
    return split.number * scale.factor + scale.offset


def _note(error: NotMeasured, split: Split, node: Node, problems: Problems) -> None:
    """Why what stands behind the number is no unit."""
    if error.fault is Fault.NOT_A_QUANTITY:
        value = f"{split.written} {split.unit}"
        problems.add(Kind.NOT_A_COMPARISON, node, value=value, detail=error.reason)
    elif f"x{split.unit}" in _REFERENCES:
        detail = f"; a multiple of the laboratory's limit is x{split.unit}"
        problems.add(Kind.UNKNOWN_UNIT, node, value=split.unit, detail=detail)
    else:
        problems.add(Kind.UNKNOWN_UNIT, node, value=split.unit, detail=error.reason)


def _operator(text: str) -> tuple[Operator | None, str]:
    """The operator that `text` starts with (equality if none) and what follows it."""
    sign = text[: len(text) - len(text.lstrip(_SIGNS))]
    plain = sign.replace("≤", "<=").replace("≥", ">=")
    for member in Operator:
        if plain == member.value:
            return member, text[len(sign) :].strip()
    return (None, "") if sign else (Operator.EQ, text)


def _can_hold(parts: list[Comparison]) -> bool:
    """Whether some number meets all of `parts` (which share their reference)."""
    lows = [p for p in parts if p.operator in (Operator.GT, Operator.GE, Operator.EQ)]
    highs = [p for p in parts if p.operator in (Operator.LT, Operator.LE, Operator.EQ)]
    if not lows or not highs:
        return True
    low, high = max(p.limit for p in lows), min(p.limit for p in highs)
    open_low = any(p.operator is Operator.GT and p.limit == low for p in lows)
    open_high = any(p.operator is Operator.LT and p.limit == high for p in highs)
    return low < high or (low == high and not open_low and not open_high)
