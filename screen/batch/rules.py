"""Which rules a batch runs by, in a form that other processes can load again."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from screen.language.load import default_rules_dir, load_protocol, load_vocabulary, protocol_ids
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.problems import Problem, ProblemsFound


class Loaded(NamedTuple):
    """Rules that were read and checked."""

    vocabulary: Vocabulary
    protocols: tuple[Protocol, ...]


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A folder of rules (None: those that come with the program) and the protocols asked for."""

    folder: Path | None = None
    ids: tuple[str, ...] = ()

    def load(self) -> Loaded:
        """The vocabulary and the protocols, each once; all by default, sorted by id.

        Raises ProblemsFound with everything that is wrong with any of them.
        """
        folder = self.folder or default_rules_dir()
        vocabulary = load_vocabulary(folder)
        protocols: dict[str, Protocol] = {}
        wrong: list[Problem] = []
        for name in dict.fromkeys(self.ids or protocol_ids(folder)):
            try:
                protocol = load_protocol(folder, name, vocabulary)
            except ProblemsFound as found:
                wrong.extend(found.problems)
            else:
                protocols.setdefault(protocol.id, protocol)
        if wrong:
            raise ProblemsFound(wrong)
        return Loaded(vocabulary, tuple(protocols.values()))

    def digests(self, loaded: Loaded) -> dict[str, str]:
        """The SHA-256 of the vocabulary and of every protocol, by name."""
        protocols = {protocol.id: protocol.digest for protocol in loaded.protocols}
        return {"vocabulary": loaded.vocabulary.digest, **protocols}
