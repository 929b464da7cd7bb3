"""Which data items a case would need: asked for, not recorded, and a criterion waits for them."""

from collections.abc import Mapping, Sequence, Set

from screen.model.case import Case
from screen.model.concept import Method, Vocabulary
from screen.model.criterion import leaves
from screen.model.protocol import Protocol

BIRTH_DATE = "birth_date"  # also the name of its column
MALE = "sex: male"


class Missing:
    """For the criteria of some protocols, the concepts that each of them reads.

    A concept is missing in a case when a protocol is not decided, a criterion of it that reads
    the concept is unknown, and neither the concept nor what it is derived from is recorded.
    What a protocol takes for absent where it is not recorded is never missing.
    """

    def __init__(self, vocabulary: Vocabulary, protocols: Sequence[Protocol]) -> None:
        self._vocabulary = vocabulary
        self.readers: dict[str, list[tuple[str, int]]] = {}
        for protocol in protocols:
            for position, criterion in enumerate(protocol.criteria):
                asked = {
                    leaf.concept for leaf in leaves(criterion.when) if not leaf.unrecorded_absent
                }
                for concept in asked:
                    self.readers.setdefault(concept, []).append((protocol.id, position))

    def of_case(self, open_letters: Mapping[str, str], recorded: Set[str]) -> dict[str, int]:
        """The missing concepts, each with how many criteria wait for it.

        `open_letters` holds the truths (M N U) of every protocol that is not decided.
        """
        found = {}
        for concept, readers in self.readers.items():
            waiting = sum(
                open_letters[protocol][position] == "U"
                for protocol, position in readers
                if protocol in open_letters
            )
            if waiting and not is_known(concept, recorded, self._vocabulary):
                found[concept] = waiting
        return found


def recorded_in(case: Case) -> Set[str]:
    """The concepts with any observation, and what the patient record says."""
    found = {observation.concept for observation in case.observations}
    if case.patient.birth_date is not None:
        found.add(BIRTH_DATE)
    if case.patient.sex == "male":
        found.add(MALE)
    return found


def is_known(concept: str, recorded: Set[str], vocabulary: Vocabulary) -> bool:
    """Whether the concept, or what it is derived from, is recorded at all."""
    if concept in recorded:
        return True
    derivation = vocabulary.concepts[concept].derivation
    if derivation is None:
        return False
    inputs = [
        name in recorded or (name in vocabulary.concepts and is_known(name, recorded, vocabulary))
        for name in derivation.inputs
    ]
    match derivation.method:
        case Method.ABSENT_FOR_MALE:
            return MALE in recorded
        case Method.SHARE | Method.RATIO:
            return all(inputs)
        case Method.FIRST_OF | Method.COMPLETED_YEARS | Method.ROOM_AIR:
            return any(inputs)
