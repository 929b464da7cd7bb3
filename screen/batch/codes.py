"""LOINC and SNOMED CT codes of a long table to concepts of the vocabulary."""

from typing import TYPE_CHECKING

from screen.model.concept import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

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


def code_table(vocabulary: Vocabulary) -> "pa.Table":
    """`system` as written (or empty), `code`, and the `concept`; null where a code has several."""
    import pyarrow as pa

    concepts: dict[tuple[str, str], set[str]] = {}
    for concept in vocabulary.concepts.values():
        for code in concept.codes:
            named = [name for name, system in SYSTEMS.items() if system == code.system.lower()]
            for system in (*named, ""):
                concepts.setdefault((system, code.code), set()).add(concept.name)
    keys = sorted(concepts)
    names = [next(iter(concepts[key])) if len(concepts[key]) == 1 else None for key in keys]
    return pa.table(
        {
            "system": pa.array([system for system, _ in keys], pa.string()),
            "code": pa.array([code for _, code in keys], pa.string()),
            "concept": pa.array(names, pa.string()),
        }
    )
