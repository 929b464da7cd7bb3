"""LOINC and SNOMED CT codes of a long table to concepts of the vocabulary."""

from collections.abc import Mapping
from typing import NamedTuple

from screen.model.concept import Vocabulary

# How sites and FHIR write the systems.
SYSTEMS = {
    "loinc": "loinc",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "ln": "loinc",
    "snomed": "snomed",
    "snomed ct": "snomed",
    "snomed-ct": "snomed",
    "sct": "snomed",
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
}


class Coded(NamedTuple):
    """What a code says of a record: its concept, contexts by name, the values of coded answers,
    and its own value where only its presence is told (empty: the table's word).
    """

    concept: str
    contexts: Mapping[str, str]
    values: Mapping[str, str]
    value: str


Codes = Mapping[tuple[str, str], Coded | None]


def codes_of(vocabulary: Vocabulary) -> Codes:
    """What a code says, by `system` as written (or empty) and `code`; None where it is one of
    several concepts.
    """
    found: dict[tuple[str, str], list[Coded]] = {}
    for concept in vocabulary.concepts.values():
        for code in concept.codes:
            named = [name for name, system in SYSTEMS.items() if system == code.system.lower()]
            said = Coded(concept.name, dict(code.contexts), dict(code.values), code.value)
            for system in (*named, ""):
                found.setdefault((system, code.code), []).append(said)
    return {
        key: said[0] if all(other == said[0] for other in said) else None
        for key, said in found.items()
    }
