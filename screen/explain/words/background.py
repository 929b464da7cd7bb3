"""What the words are about: the case, the vocabulary's words, and the site's own policy."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from screen.explain.words.concept_names import spoken
from screen.model.case import Case
from screen.model.concept import Concept, Vocabulary
from screen.model.fact import QualityNote
from screen.model.screening import ScreenedCase


class Background(Struct, frozen=True):
    """A screened case with the vocabulary it was screened by.

    `staleness` is the site's own limit per concept, in microseconds.
    """

    screened: ScreenedCase
    vocabulary: Vocabulary
    staleness: Mapping[str, int] = MappingProxyType({})

    @property
    def case(self) -> Case:
        """The case that was screened."""
        return self.screened.case

    @property
    def quality(self) -> tuple[QualityNote, ...]:
        """The remarks about its records."""
        return self.screened.quality

    def concept(self, name: str) -> Concept:
        """The concept `name` of the vocabulary. Raises KeyError."""
        return self.vocabulary.concepts[name]

    def label(self, name: str) -> str:
        """What the concept is called in the middle of a sentence."""
        concept = self.concept(name)
        return spoken(name, concept.label, concept.kind)
