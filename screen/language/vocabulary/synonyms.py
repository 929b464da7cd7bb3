"""What people call a concept."""

from collections.abc import Iterable, Mapping

from screen.model.concept import Concept, Vocabulary
from screen.units.folding import plain_name


def names_of(concepts: Iterable[Concept]) -> dict[str, tuple[str, ...]]:
    """For each name, label and synonym, in its letters and digits, the concepts that it can mean.

    A concept's own name means that concept alone.
    """
    concepts = tuple(concepts)
    names: dict[str, tuple[str, ...]] = {}
    for concept in concepts:
        for name in (concept.label, *concept.synonyms):
            known = names.get(plain_name(name), ())
            if concept.name not in known:
                names[plain_name(name)] = (*known, concept.name)
    names.update({plain_name(concept.name): (concept.name,) for concept in concepts})
    return names


def narrowed(
    name: str, values: Iterable[str], vocabulary: Vocabulary
) -> Mapping[str, tuple[str, ...]]:
    """The names of a vocabulary, with `name` settled by its recorded values where they can.

    `PCR: positive` is the test for the virus; a number may be that test's or the protein's.
    """
    asked, values = plain_name(name), tuple(values)
    concepts = vocabulary.names.get(asked, ())
    trees = [(each, vocabulary.concepts[each].tree) for each in concepts]
    fitting = [each for each, tree in trees if tree and all(v in tree.parents for v in values)]
    if len(concepts) > 1 and len(fitting) == 1 and values:
        return {**vocabulary.names, asked: (fitting[0],)}
    return vocabulary.names
