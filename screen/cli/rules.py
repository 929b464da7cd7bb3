"""The rules that a command works with."""

from collections.abc import Iterable
from pathlib import Path

from screen.language.load import default_rules_dir, load_protocol, load_vocabulary, protocol_ids
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Problem, ProblemsFound


def load_rules(
    folder: Path | None, ids: Iterable[str] | None = None
) -> tuple[Vocabulary, tuple[Protocol, ...]]:
    """The vocabulary and the protocols asked for, each once; all, sorted by id, by default.

    Raises ProblemsFound with everything that is wrong with any of them.
    """
    rules = folder or default_rules_dir()
    vocabulary = load_vocabulary(rules)
    protocols: dict[str, Protocol] = {}
    wrong: list[Problem] = []
    for name in dict.fromkeys(ids or protocol_ids(rules)):
        try:
            protocol = load_protocol(rules, name, vocabulary)
        except ProblemsFound as found:
            wrong.extend(found.problems)
        else:
            protocols.setdefault(protocol.id, protocol)
    if wrong:
        raise ProblemsFound(wrong)
    return vocabulary, tuple(protocols.values())
