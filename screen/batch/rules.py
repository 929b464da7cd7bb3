"""Which rules a batch runs by, in a form that other processes can load again."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from screen.language.rules import load_rules
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol


class Loaded(NamedTuple):
    """Rules that were read and checked; `site` is the digest of the site's own file."""

    vocabulary: Vocabulary
    protocols: tuple[Protocol, ...]
    staleness: Mapping[str, int]
    site: str = ""


class RuleSource(Struct, frozen=True):
    """A folder of rules (None: those that come with the program), the protocols asked for, and
    the site's own file.
    """

    folder: Path | None = None
    ids: tuple[str, ...] = ()
    site: Path | None = None

    def load(self) -> Loaded:
        """The vocabulary and the protocols, each once; all by default, sorted by id.

        Raises ProblemsFound with everything that is wrong with any of them.
        """
        vocabulary, protocols = load_rules(self.folder, self.ids or None)
        if self.site is None:
            return Loaded(vocabulary, protocols, {})
        from screen.language.site import load_site

        site = load_site(self.site, vocabulary)
        return Loaded(site.extend(vocabulary), protocols, site.staleness, site.digest)

    def digests(self, loaded: Loaded) -> dict[str, str]:
        """The SHA-256 of the vocabulary and of every protocol, by name."""
        protocols = {protocol.id: protocol.digest for protocol in loaded.protocols}
        return {"vocabulary": loaded.vocabulary.digest, **protocols}
