"""A site's own file: unit spellings of its laboratories, and how old a value may be.

    unit_aliases: {mil/mm3: 10*3/uL}
    staleness: {platelets: 72 h, creatinine: 7 d}
    no_childbearing_potential: {from: 60 a, below: 10 a}

Neither is part of a protocol: a verdict that rests on a staleness limit says "site policy".
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from screen.documents.text_files import read_document, shown_path
from screen.documents.tree import Problems, pairs_of
from screen.language.durations import NotADuration, duration
from screen.model.concept import NoPotential, Vocabulary
from screen.problems import Kind
from screen.units.text import what_is_known
from screen.units.unit import UnknownUnit, unit_of

if TYPE_CHECKING:
    from screen.documents.written import Texts


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
    from screen.documents.form_reader import fitted
    from screen.language.site.site_form import SiteForm

    problems = Problems(shown_path(path))
    tree, data = read_document(path, problems)
    top = pairs_of(tree, "a site file", problems)
    problems.check()
    assert top is not None
    form = fitted(SiteForm, top, problems) or SiteForm()
    aliases = _aliases(form.unit_aliases, vocabulary, problems)
    staleness = _staleness(form.staleness, vocabulary, problems)
    problems.check()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Site(aliases, staleness, digest, form.no_potential)


def _aliases(written: "Texts", vocabulary: Vocabulary, problems: Problems) -> dict[str, str]:
    aliases = {}
    for name, unit in written.items():
        try:
            aliases[str(name)] = unit_of(None, unit, vocabulary)
        except UnknownUnit as error:
            detail = what_is_known(error, None)
            problems.add(Kind.UNKNOWN_UNIT, unit.node, value=unit, detail=detail)
    return aliases


def _staleness(written: "Texts", vocabulary: Vocabulary, problems: Problems) -> dict[str, int]:
    limits = {}
    for name, text in written.items():
        if name not in vocabulary.concepts:
            problems.add(
                Kind.UNKNOWN_CONCEPT,
                name.node,
                value=name,
                allowed=tuple(vocabulary.concepts),
                names=vocabulary.names,
            )
            continue
        try:
            limits[str(name)] = duration(text)
        except NotADuration as error:
            problems.add(Kind.NOT_A_DURATION, text.node, value=text, detail=str(error))
    return limits
