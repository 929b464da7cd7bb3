"""The vocabulary files to concepts, contexts and unit aliases."""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from msgspec.structs import replace

from screen.documents.tree import (
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    items_of,
    pairs_of,
    text_of,
)
from screen.language.identifiers import check_concept
from screen.language.vocabulary.derivations import derivations_from_tree
from screen.language.vocabulary.implications import check_meaning, implications_from_node
from screen.language.vocabulary.synonyms import names_of
from screen.language.vocabulary.value_trees import tree_from_node
from screen.model.case import CONTEXTS
from screen.model.concept import Code, Concept, Kind, ValueTree, Vocabulary
from screen.model.quantity import Scale
from screen.problems import Kind as Wrong
from screen.problems import ProblemsFound
from screen.units.number import NotANumber, exact_fraction

FILES = (
    "quantities.yaml",
    "findings.yaml",
    "attestations.yaml",
    "derivations.yaml",
    "contexts.yaml",
    "units.yaml",
)

_ALSO = ("codes", "note", "synonyms", "implies")
_QUANTITY = ("units", "plausible", "least", "molar_mass", "molar_mass_source", "specimens", *_ALSO)
_FINDING = ("inconclusive", *_ALSO)


def vocabulary_from_trees(
    trees: Mapping[str, Node], notes: Mapping[str, Problems], digest: str
) -> Vocabulary:
    """The vocabulary in the trees of its files. Raises ProblemsFound with everything wrong."""
    tops = {
        name: pairs_of(trees.get(name), "the file", notes[name]) or Pairs((), 1, 1)
        for name in FILES
    }
    for name in FILES[:2]:
        if name not in trees:
            notes[name].add(Wrong.MISSING_FILE)
    concepts: dict[str, Concept] = {}
    for file, build in (
        ("quantities.yaml", _quantity),
        ("findings.yaml", _finding),
        ("attestations.yaml", _attestation),
    ):
        for key, node in tops[file].pairs:
            if not check_concept(key, notes[file]):
                continue
            if key.value in concepts:
                notes[file].add(Wrong.TWO_KINDS, key, value=key.value)
            elif (body := pairs_of(node, key.value, notes[file])) is not None:
                concepts[key.value] = build(key.value, body, notes[file])
    derivations = derivations_from_tree(
        tops["derivations.yaml"], concepts, notes["derivations.yaml"]
    )
    for name, derivation in derivations.items():
        if name in concepts:
            concepts[name] = replace(concepts[name], derivation=derivation)
    contexts = _contexts(tops["contexts.yaml"], notes["contexts.yaml"])
    for file in ("quantities.yaml", "findings.yaml"):
        check_meaning(tops[file], concepts, contexts, notes[file])
    vocabulary = Vocabulary(
        concepts=MappingProxyType(concepts),
        contexts=MappingProxyType(contexts),
        unit_aliases=MappingProxyType(_texts(tops["units.yaml"], "aliases", notes["units.yaml"])),
        room_air=derivations.get("room_air"),
        digest=digest,
        names=MappingProxyType(names_of(concepts.values())),
        refused_units=MappingProxyType(_texts(tops["units.yaml"], "refused", notes["units.yaml"])),
    )
    check_keys(tops["units.yaml"], "the file", (), ("aliases", "refused"), notes["units.yaml"])
    found = [problem for name in sorted(notes) for problem in notes[name].found]
    if found:
        raise ProblemsFound(found)
    return vocabulary


def _quantity(name: str, body: Pairs, problems: Problems) -> Concept:
    check_keys(body, name, ("label", "unit"), _QUANTITY, problems)
    low, high = _plausible(body.get("plausible"), name, problems)
    return Concept(
        name,
        text_of(body.get("label"), f"{name}.label", problems) or name,
        Kind.QUANTITY,
        unit=_unit(body.get("unit"), f"{name}.unit", problems),
        scales=MappingProxyType(_scales(body.get("units"), name, problems)),
        plausible_low=low,
        plausible_high=high,
        least=_number(body.get("least"), f"{name}.least", problems),
        molar_mass=_number(body.get("molar_mass"), f"{name}.molar_mass", problems),
        codes=_codes(body.get("codes"), name, problems),
        note=text_of(body.get("note"), f"{name}.note", problems) or "",
        synonyms=_synonyms(body, name, problems),
        specimens=_names(body, "specimens", name, problems),
        implies=implications_from_node(body.get("implies"), name, problems),
    )


def _finding(name: str, body: Pairs, problems: Problems) -> Concept:
    check_keys(body, name, ("label", "values"), _FINDING, problems)
    return _stated(name, body, Kind.FINDING, problems)


def _attestation(name: str, body: Pairs, problems: Problems) -> Concept:
    check_keys(body, name, ("label", "values"), ("codes", "note", "synonyms"), problems)
    return _stated(name, body, Kind.ATTESTATION, problems)


def _stated(name: str, body: Pairs, kind: Kind, problems: Problems) -> Concept:
    return Concept(
        name,
        text_of(body.get("label"), f"{name}.label", problems) or name,
        kind,
        tree=tree_from_node(body, name, problems),
        codes=_codes(body.get("codes"), name, problems),
        note=text_of(body.get("note"), f"{name}.note", problems) or "",
        synonyms=_synonyms(body, name, problems),
        implies=implications_from_node(body.get("implies"), name, problems),
    )


def _synonyms(body: Pairs, about: str, problems: Problems) -> tuple[str, ...]:
    return _names(body, "synonyms", about, problems)


def _names(body: Pairs, key: str, about: str, problems: Problems) -> tuple[str, ...]:
    items = items_of(body.get(key), f"{about}.{key}", problems) or ()
    texts = (text_of(item, f"{about}.{key}", problems) for item in items)
    return tuple(text for text in texts if text is not None)


def _contexts(top: Pairs, problems: Problems) -> dict[str, ValueTree]:
    check_keys(top, "the file", (), CONTEXTS, problems)
    contexts = {name: ValueTree(MappingProxyType({})) for name in CONTEXTS}
    for name, node in top.pairs:
        body = pairs_of(node, name.value, problems)
        if body is not None and name.value in contexts:
            check_keys(body, name.value, ("values",), ("aliases", "inconclusive", "note"), problems)
            contexts[name.value] = tree_from_node(body, name.value, problems)
    return contexts


def _texts(top: Pairs, key: str, problems: Problems) -> dict[str, str]:
    """A section of names with a text each."""
    body = pairs_of(top.get(key), key, problems) or Pairs((), 1, 1)
    texts = {name.value: text_of(node, name.value, problems) for name, node in body.pairs}
    return {name: text for name, text in texts.items() if text is not None}


_EVERYDAY = re.compile(
    r"(10\*[0-9]{1,2}|%|1|Cel|K|Hz|a|mo|wk|d|h|min|\[degF\]|(mm|cm)\[Hg\]|[kmunpfdchM]?(g|L|mol|U|kat|Pa|m|s|bar)"
    r"|\{[^{}]*\})?(/([kmunpfdc]?(g|L|mol|m|s)[23]?|\{[^{}]*\}|min|h|d))*(\{[^{}]*\})?"
)
"""Units that need no library to be known: it takes longer to load than all the rules do."""


def _unit(node: Node | None, about: str, problems: Problems) -> str | None:
    """The code of a unit that there is."""
    unit = text_of(node, about, problems)
    if unit is not None and not _is_unit(unit):
        problems.add(Wrong.UNKNOWN_UNIT, node, value=unit)
        return None
    return unit


def _is_unit(unit: str) -> bool:
    if _EVERYDAY.fullmatch(unit):
        return True
    from screen.units.library import is_ucum

    return is_ucum(unit)


def _scales(node: Node | None, about: str, problems: Problems) -> dict[str, Scale]:
    body = pairs_of(node, f"{about}.units", problems) or Pairs((), 1, 1)
    scales = {}
    for name, value in body.pairs:
        offset: Fraction | None = Fraction(0)
        factor_node: Node | None = value
        if not _is_unit(name.value):
            problems.add(Wrong.UNKNOWN_UNIT, name, value=name.value)
        if isinstance(value, Pairs):
            check_keys(value, name.value, ("factor",), ("offset",), problems)
            factor_node = value.get("factor")
            if value.get("offset") is not None:
                offset = _number(value.get("offset"), f"{about}.{name.value}", problems)
        factor = _number(factor_node, f"{about}.{name.value}", problems)
        if factor is not None and factor <= 0:
            problems.add(
                Wrong.NOT_ACCEPTED, value, about=name.value, detail="above zero", value=str(factor)
            )
        elif factor is not None and offset is not None:
            scales[name.value] = Scale(factor, offset)
    return scales


def _plausible(
    node: Node | None, about: str, problems: Problems
) -> tuple[Fraction | None, Fraction | None]:
    items = items_of(node, f"{about}.plausible", problems)
    if items is None:
        return None, None
    bounds = [
        None if isinstance(item, Text) and item.empty else _number(item, about, problems)
        for item in items
    ]
    if len(bounds) != 2 or (
        bounds[0] is not None and bounds[1] is not None and bounds[0] >= bounds[1]
    ):
        detail = "two numbers, the lower one first"
        problems.add(Wrong.WRONG_SHAPE, node, about=f"{about}.plausible", detail=detail)
        return None, None
    return bounds[0], bounds[1]


def _codes(node: Node | None, about: str, problems: Problems) -> tuple[Code, ...]:
    codes = []
    for item in items_of(node, f"{about}.codes", problems) or ():
        body = pairs_of(item, f"{about}.codes", problems)
        if body is None:
            continue
        optional = ("display", "values", "value", *CONTEXTS)
        check_keys(body, f"{about}.codes", ("system", "code"), optional, problems)
        system, code, display = (
            text_of(body.get(key), f"{about}.codes.{key}", problems) or ""
            for key in ("system", "code", "display")
        )
        said = ((key, text_of(body.get(key), f"{about}.codes.{key}", problems)) for key in CONTEXTS)
        contexts = tuple((key, value) for key, value in said if value is not None)
        values = _answers(body.get("values"), f"{about}.codes.values", problems)
        value = text_of(body.get("value"), f"{about}.codes.value", problems) or ""
        codes.append(Code(system, code, display, contexts, values, value))
    return tuple(codes)


def _answers(node: Node | None, about: str, problems: Problems) -> tuple[tuple[str, str], ...]:
    """What coded answers mean, in the order of the file."""
    body = pairs_of(node, about, problems)
    pairs = body.pairs if body else ()
    texts = ((key.value, text_of(value, about, problems)) for key, value in pairs)
    return tuple((answer, meaning) for answer, meaning in texts if meaning is not None)


def _number(node: Node | None, about: str, problems: Problems) -> Fraction | None:
    text = text_of(node, about, problems)
    if text is None:
        return None
    try:
        return exact_fraction(text)
    except NotANumber as error:
        problems.add(Wrong.NOT_ACCEPTED, node, about=about, value=text, detail=f"a number: {error}")
        return None
