"""A site's own file: unit spellings of its laboratories, and how old a value may be.

    unit_aliases: {mil/mm3: 10*3/uL}
    staleness: {platelets: 72 h, creatinine: 7 d}
    no_childbearing_potential: {from: 60 a, below: 10 a}

Neither is part of a protocol: a verdict that rests on a staleness limit says "site policy".
"""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from screen.language.durations import NotADuration, duration
from screen.language.files import read_document, shown_path
from screen.language.tree import Node, Pairs, Problems, check_keys, pairs_of, text_of
from screen.model.concept import NoPotential, Vocabulary
from screen.problems import Kind
from screen.units.text import what_is_known
from screen.units.unit import UnknownUnit, unit_of

_NO_POTENTIAL = "no_childbearing_potential"
UNITS = ("a", "mo", "wk", "d")
_MOST_DIGITS = 6


class Site(Struct, frozen=True):
    """`staleness` is in microseconds per concept; `digest` is the SHA-256 of the file."""

    unit_aliases: Mapping[str, str]
    staleness: Mapping[str, int]
    digest: str
    no_potential: NoPotential | None = None

    def extend(self, vocabulary: Vocabulary) -> Vocabulary:
        """The vocabulary with the site's unit spellings, which win over the program's own."""
        aliases = {**vocabulary.unit_aliases, **self.unit_aliases}
        return replace(
            vocabulary, unit_aliases=MappingProxyType(aliases), no_potential=self.no_potential
        )


def load_site(path: Path, vocabulary: Vocabulary) -> Site:
    """Read a site file. Raises ProblemsFound with everything that is wrong with it."""
    problems = Problems(shown_path(path))
    tree, data = read_document(path, problems)
    top = pairs_of(tree, "a site file", problems) or Pairs((), 1, 1)
    check_keys(top, "the file", (), ("unit_aliases", "staleness", _NO_POTENTIAL), problems)
    aliases = _aliases(top.get("unit_aliases"), vocabulary, problems)
    staleness = _staleness(top.get("staleness"), vocabulary, problems)
    potential = no_potential_from(top.get(_NO_POTENTIAL), problems)
    problems.check()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Site(aliases, staleness, digest, potential)


def no_potential_from(node: Node | None, problems: Problems) -> NoPotential | None:
    """`{from: 60 a, below: 10 a}`: ages at which no childbearing potential is assumed."""
    body = pairs_of(node, _NO_POTENTIAL, problems)
    if body is None:
        return None
    check_keys(body, _NO_POTENTIAL, (), ("from", "below"), problems)
    limits: list[tuple[Fraction, str] | None] = []
    for key in ("from", "below"):
        text = text_of(body.get(key), f"{_NO_POTENTIAL}.{key}", problems)
        number, _, unit = (text or "").partition(" ")
        is_whole = number.isdecimal() and number.isascii() and len(number) <= _MOST_DIGITS
        fits = is_whole and unit.strip() in UNITS
        if text is not None and not fits:
            about, detail = f"{_NO_POTENTIAL}.{key}", "a whole age, such as 60 a"
            problems.add(Kind.NOT_ACCEPTED, body.get(key), about=about, value=text, detail=detail)
        limits.append((Fraction(int(number)), unit.strip()) if fits else None)
    return NoPotential(*limits)


def _aliases(node: Node | None, vocabulary: Vocabulary, problems: Problems) -> dict[str, str]:
    aliases = {}
    for name, value in (pairs_of(node, "unit_aliases", problems) or Pairs((), 1, 1)).pairs:
        unit = text_of(value, name.value, problems)
        if unit is None:
            continue
        try:
            aliases[name.value] = unit_of(None, unit, vocabulary)
        except UnknownUnit as error:
            detail = what_is_known(error, None)
            problems.add(Kind.UNKNOWN_UNIT, value, value=unit, detail=detail)
    return aliases


def _staleness(node: Node | None, vocabulary: Vocabulary, problems: Problems) -> dict[str, int]:
    limits = {}
    for name, value in (pairs_of(node, "staleness", problems) or Pairs((), 1, 1)).pairs:
        if name.value not in vocabulary.concepts:
            known, names = tuple(vocabulary.concepts), vocabulary.names
            problems.add(Kind.UNKNOWN_CONCEPT, name, value=name.value, allowed=known, names=names)
            continue
        text = text_of(value, name.value, problems)
        if text is None:
            continue
        try:
            limits[name.value] = duration(text)
        except NotADuration as error:
            problems.add(Kind.NOT_A_DURATION, value, value=text, detail=str(error))
    return limits
