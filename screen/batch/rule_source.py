"""Which rules a batch runs by, in a form that other processes can load again."""

import json
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from screen.batch.mapping.model import with_aliases
from screen.documents.text_files import shown_path
from screen.language.loading.rules import Rules, load_rules
from screen.problems import Kind, Problem, ProblemsFound


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

    def load(self) -> Rules:
        """The rules, with the spellings of units of the mapping.

        Raises ProblemsFound with everything that is wrong with any of them, or if they are no
        longer what was read first.
        """
        rules = load_rules(self.folder, self.ids or None, self.site)
        aliases = dict(self.aliases)
        rules = replace(rules, vocabulary=with_aliases(rules.vocabulary, aliases))
        if self.read and self.read != _digest(rules):
            folder = shown_path(rules.folder)
            detail = "the rules, or the site's own file, were changed while they were used"
            raise ProblemsFound([Problem(Kind.UNREADABLE, folder, detail=detail)])
        return rules

    def held_to(self, rules: Rules) -> "RuleSource":
        """The same, which from now on loads these very rules or refuses to."""
        return replace(self, read=_digest(rules))

    def with_mapping(self, aliases: Mapping[str, str]) -> "RuleSource":
        """The same, with the spellings of units of a mapping."""
        return replace(self, aliases=tuple(sorted(aliases.items())))


def _digest(rules: Rules) -> str:
    return json.dumps([rules.digests, rules.site_digest], sort_keys=True)
