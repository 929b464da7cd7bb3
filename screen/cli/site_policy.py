"""What a site's own file adds to the rules, for every command that screens."""

from collections.abc import Mapping
from pathlib import Path

from screen.model.concept import Vocabulary

Staleness = Mapping[str, int]


def with_site(vocabulary: Vocabulary, file: Path | None) -> tuple[Vocabulary, Staleness]:
    """The vocabulary with the site's unit spellings, and its limits in microseconds per concept.

    To be called after the protocols were read, which mean the same everywhere, and before the
    cases are. Raises ProblemsFound.
    """
    return with_policy(vocabulary, file)[:2]


def with_policy(vocabulary: Vocabulary, file: Path | None) -> tuple[Vocabulary, Staleness, str]:
    """As `with_site`, and the SHA-256 of what was read ("" without a file)."""
    if file is None:
        return vocabulary, {}, ""
    from screen.language.site.site_file import load_site

    site = load_site(file, vocabulary)
    return site.extend(vocabulary), site.staleness, site.digest
