"""The rules that are asked for: as they were last read, or read now."""

from collections.abc import Iterable
from pathlib import Path

from screen.language.folder import default_rules_dir
from screen.language.protocol.persons import with_persons
from screen.language.snapshot import load_snapshot
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Problem, ProblemsFound

Rules = tuple[Vocabulary, tuple[Protocol, ...]]


def load_rules(folder: Path | None, ids: Iterable[str] | None = None) -> Rules:
    """The vocabulary and the protocols asked for, each once; all, sorted by id, by default.

    Raises ProblemsFound with everything that is wrong with any of them.
    """
    rules = folder or default_rules_dir()
    wanted = None if ids is None else tuple(ids)
    return _kept(rules, wanted) or _read(rules, wanted)


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
    return with_persons(snapshot.vocabulary, protocols, known), protocols


def _read(rules: Path, wanted: tuple[str, ...] | None) -> Rules:
    from screen.language.load import load_protocol, load_vocabulary, protocol_ids

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
    return with_persons(vocabulary, read, _ids(rules)), read


def _ids(rules: Path) -> tuple[str, ...]:
    """The ids of all protocols, as far as they can be read."""
    from screen.language.load import protocol_ids

    try:
        return protocol_ids(rules)
    except ProblemsFound:
        return ()
