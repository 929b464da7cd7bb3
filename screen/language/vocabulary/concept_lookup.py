"""The concept that a person names."""

from screen.documents.tree import Problems
from screen.model.concept import Vocabulary
from screen.problems import Kind, ProblemsFound
from screen.units.folding import plain_name


def concept_called(name: str, vocabulary: Vocabulary) -> str:
    """The concept of this name or synonym. Raises ProblemsFound if it is none, or several."""
    if name in vocabulary.concepts:
        return name
    meant = vocabulary.names.get(plain_name(name), ())
    if len(meant) == 1:
        return meant[0]
    problems = Problems("")
    allowed = tuple(vocabulary.concepts)
    problems.add(Kind.UNKNOWN_CONCEPT, value=name, allowed=allowed, names=vocabulary.names)
    raise ProblemsFound(problems.found)
