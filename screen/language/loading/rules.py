"""The rules that are asked for, for every command: as they were last read, or read now."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.snapshot import load_snapshot
from screen.language.protocol.persons import with_persons
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Problem, ProblemsFound


class Rules(Struct, frozen=True):
    """What cases are screened by: the rules of a `folder`, and what a site adds in its own file.

    `protocols` are those that were asked for. `staleness` is the site's limit in microseconds
    per concept. `site` is the site's own file, and `site_digest` the SHA-256 of what was read of
    it ("" without one).
    """

    folder: Path
    vocabulary: Vocabulary
    protocols: tuple[Protocol, ...]
    staleness: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    site: Path | None = None
    site_digest: str = ""

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of the vocabulary and of every protocol, by name."""
        protocols = {protocol.id: protocol.digest for protocol in self.protocols}
        return {"vocabulary": self.vocabulary.digest, **protocols}


def load_rules(
    folder: Path | None, ids: Iterable[str] | None = None, site: Path | None = None
) -> Rules:
    """The rules of a folder (None: those that come with the program), with a site's own file.

    Of the protocols those asked for, each once; all, sorted by id, by default. Raises
    ProblemsFound with everything that is wrong with any of them.
    """
    rules = folder or default_rules_dir()
    wanted = None if ids is None else tuple(ids)
    found = _kept(rules, wanted) or _read(rules, wanted)
    return found if site is None else _with_site(found, site)


def _with_site(rules: Rules, file: Path) -> Rules:
    """The rules with what a site adds, after the protocols were read: they mean the same
    everywhere.
    """
    from screen.language.site.site_file import load_site

    site = load_site(file, rules.vocabulary)
    return replace(
        rules,
        vocabulary=site.extend(rules.vocabulary),
        staleness=site.staleness,
        site=file,
        site_digest=site.digest,
    )


def _kept(rules: Path, wanted: tuple[str, ...] | None) -> Rules | None:
    """The rules as they were last read; None if they changed, or one is not among them."""
    snapshot = load_snapshot(rules)
    if snapshot is None:
        return None
    known = {protocol.id.lower(): protocol for protocol in snapshot.protocols}
    names = list(dict.fromkeys(name.lower() for name in wanted or known))
    if not all(name in known for name in names):
        return None
    protocols = tuple(known[name] for name in names)
    return Rules(rules, with_persons(snapshot.vocabulary, protocols, known), protocols)


def _read(rules: Path, wanted: tuple[str, ...] | None) -> Rules:
    from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids

    vocabulary = load_vocabulary(rules)
    protocols: dict[str, Protocol] = {}
    wrong: list[Problem] = []
    for name in dict.fromkeys(wanted or protocol_ids(rules)):
        try:
            protocol = load_protocol(rules, name, vocabulary)
        except ProblemsFound as found:
            wrong.extend(found.problems)
        else:
            protocols.setdefault(protocol.id, protocol)
    if wrong:
        raise ProblemsFound(wrong)
    read = tuple(protocols.values())
    return Rules(rules, with_persons(vocabulary, read, _ids(rules)), read)


def _ids(rules: Path) -> tuple[str, ...]:
    """The ids of all protocols, as far as they can be read."""
    from screen.language.loading.rules_folder import protocol_ids

    try:
        return protocol_ids(rules)
    except ProblemsFound:
        return ()
