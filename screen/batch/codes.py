"""LOINC and SNOMED CT codes of a long table to concepts of the vocabulary."""

from collections.abc import Mapping

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


def codes_of(vocabulary: Vocabulary) -> Mapping[tuple[str, str], str | None]:
    """The concept by `system` as written (or empty) and `code`; None where a code has several."""
    concepts: dict[tuple[str, str], set[str]] = {}
    for concept in vocabulary.concepts.values():
        for code in concept.codes:
            named = [name for name, system in SYSTEMS.items() if system == code.system.lower()]
            for system in (*named, ""):
                concepts.setdefault((system, code.code), set()).add(concept.name)
    return {key: next(iter(names)) if len(names) == 1 else None for key, names in concepts.items()}
