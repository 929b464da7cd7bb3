"""Draws vocabularies, and says what protocols and cases are drawn about.

The vocabulary is the program's own, with one finding added whose tree of values is drawn too.
Values and limits come from the same short lists, so that they often meet exactly.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Concept, Kind, ValueTree, Vocabulary
from screen.model.moment import DAY, HOUR

REAL = load_vocabulary(default_rules_dir())
DRAWN = "drawn_finding"

T = TypeVar("T")

# The numbers that values and limits of a concept are drawn from, in its canonical unit.
AMOUNTS = {
    "platelets": ("-1", "0", "19.999", "20", "20.001", "50", "100/3", "5000", "5001"),
    "alt": ("0", "40", "199.9", "200", "200.1", "400/3", "1000"),
    "spo2": ("0.93", "30", "91", "93", "93.4", "100"),
    "sao2": ("91", "93", "95", "101"),
    "oxygen_saturation": ("91", "93", "94"),
    "fio2": ("0.5", "20.9", "21", "25", "33", "50", "100"),
    "pao2": ("14", "33", "63", "75", "100", "751"),
    "pf_ratio": ("100", "150", "250", "300", "1000/3", "801"),
    "leukocytes": ("0", "1", "4", "10", "1726.6"),
    "neutrophils_percent": ("0", "45", "50", "100"),
    "bands_percent": ("0", "5", "10"),
    "neutrophils_total_percent": ("0", "50", "100"),
    "lymphocytes_percent": ("0", "20", "55"),
    "neutrophils": ("0.5", "1", "2", "5"),
    "body_temperature": ("37.3", "37.4", "39", "99"),
    "creatinine": ("1", "2", "2.001"),
    "age": ("17", "17.9", "18", "62", "75", "131"),
}
FINDINGS = (
    *("tuberculosis", "sars_cov_2_test", "pregnancy", "lung_infiltrates", "informed_consent"),
    *("other_safety_concern", "dyspnea", "respiratory_symptoms", "other_infection", DRAWN),
)
CONTEXTS = {
    "on": ("room_air", "oxygen", "face_mask"),
    "assay": ("pcr", "antigen"),
    "specimen": ("respiratory", "sputum", "stool"),
}
WINDOWS = ((HOUR, "1 h"), (DAY, "24 h"), (2 * DAY, "2 d"))


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """The real one with a finding of a drawn tree, up to three levels deep."""
    parents: dict[str, str | None] = {}
    for number in range(draw(st.integers(2, 6))):
        open_to = [name for name in parents if _depth(name, parents) < 2]
        parents[f"value_{number}"] = draw(st.sampled_from([None, *open_to]))
    inconclusive = draw(st.sets(st.sampled_from(sorted(parents)), max_size=2))
    tree = ValueTree(MappingProxyType(parents), frozenset(inconclusive))
    finding = Concept(DRAWN, "Drawn finding", Kind.FINDING, tree=tree)
    return replace(REAL, concepts=MappingProxyType({**REAL.concepts, DRAWN: finding}))


def _depth(name: str, parents: dict[str, str | None]) -> int:
    above = parents[name]
    return 0 if above is None else 1 + _depth(above, parents)


def concepts() -> st.SearchStrategy[list[str]]:
    """A few concepts, so that a protocol often asks about what a case records."""
    return st.lists(_SOME_CONCEPT, min_size=1, max_size=4, unique=True)


_SOME_CONCEPT = st.sampled_from([*AMOUNTS, *FINDINGS, DRAWN, DRAWN, DRAWN])


def of_concept(
    build: Callable[[Concept], st.SearchStrategy[T]], vocabulary: Vocabulary, name: str
) -> st.SearchStrategy[T]:
    """What `build` makes of a concept, kept from one example to the next where that is the same."""
    concept = vocabulary.concepts[name]
    if concept is not REAL.concepts.get(name):
        return build(concept)
    key = (build.__name__, name)
    if key not in _KEPT:
        _KEPT[key] = build(concept)
    return _KEPT[key]


_KEPT: dict[tuple[str, str], st.SearchStrategy[Any]] = {}


def policies(names: list[str]) -> st.SearchStrategy[dict[str, int]]:
    """A site's own staleness limits; mostly none."""
    some = st.dictionaries(st.sampled_from(names), st.sampled_from([HOUR, DAY]), max_size=2)
    return st.one_of(st.just({}), some)
