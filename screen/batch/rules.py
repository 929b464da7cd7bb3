"""Which rules a batch runs by, in a form that other processes can load again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from screen.batch.mapping.model import with_aliases
from screen.documents.text_files import shown_path
from screen.language.folder import default_rules_dir
from screen.language.rules import load_rules
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Kind, Problem, ProblemsFound


class Loaded(NamedTuple):
    """Rules that were read and checked; `site` is the digest of the site's own file."""

    vocabulary: Vocabulary
    protocols: tuple[Protocol, ...]
    staleness: Mapping[str, int]
    site: str = ""


class RuleSource(Struct, frozen=True):
    """A folder of rules (None: those that come with the program), the protocols asked for, and
    the site's own file.

    `aliases` are the spellings of units that a mapping adds. `strict`: a record that cannot be
    read refuses its case, instead of being set aside. `read` is the digest of what was read
    first, so that whoever loads them again has the same rules.
    """

    folder: Path | None = None
    ids: tuple[str, ...] = ()
    site: Path | None = None
    aliases: tuple[tuple[str, str], ...] = ()
    strict: bool = False
    read: str = ""

    def load(self) -> Loaded:
        """The vocabulary and the protocols, each once; all by default, sorted by id.

        Raises ProblemsFound with everything that is wrong with any of them, or if they are no
        longer what was read first.
        """
        loaded = self._load()
        if self.read and self.read != self._digest(loaded):
            folder = shown_path(self.folder or default_rules_dir())
            detail = "the rules, or the site's own file, were changed while they were used"
            raise ProblemsFound([Problem(Kind.UNREADABLE, folder, detail=detail)])
        return loaded

    def _load(self) -> Loaded:
        vocabulary, protocols = load_rules(self.folder, self.ids or None)
        if self.site is None:
            return Loaded(with_aliases(vocabulary, dict(self.aliases)), protocols, {})
        from screen.language.site.site_file import load_site

        site = load_site(self.site, vocabulary)
        vocabulary = with_aliases(site.extend(vocabulary), dict(self.aliases))
        return Loaded(vocabulary, protocols, site.staleness, site.digest)

    def held_to(self, loaded: Loaded) -> "RuleSource":
        """The same, which from now on loads these very rules or refuses to."""
        return replace(self, read=self._digest(loaded))

    def _digest(self, loaded: Loaded) -> str:
        return json.dumps([self.digests(loaded), loaded.site], sort_keys=True)

    def with_mapping(self, aliases: Mapping[str, str]) -> "RuleSource":
        """The same, with the spellings of units of a mapping."""
        return replace(self, aliases=tuple(sorted(aliases.items())))

    def digests(self, loaded: Loaded) -> dict[str, str]:
        """The SHA-256 of the vocabulary and of every protocol, by name."""
        protocols = {protocol.id: protocol.digest for protocol in loaded.protocols}
        return {"vocabulary": loaded.vocabulary.digest, **protocols}
