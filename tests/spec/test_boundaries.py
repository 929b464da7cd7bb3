"""Every limit of every protocol, at it and one step to either side, in every unit that is accepted.

The limits are copied from the sources (registry records and one paper), not from the protocol
files. A value just at a limit is converted into each unit by the UCUM library on exact
fractions, not by the vocabulary's own factors; where it has no finite decimal there, its two
neighbors stand in for it.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from screen.engine.decide import Screener
from screen.intake.document import case_from_tree
from screen.language.load import default_rules_dir, load_vocabulary
from screen.language.tree import Problems
from screen.language.yamltext import read_yaml
from screen.model.concept import Concept, Vocabulary
from screen.model.criterion import Comparisons, leaves
from screen.model.protocol import Protocol
from screen.model.truth import Truth
from screen.units.number import decimal_text

HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

# In g/mol, from the abridged standard atomic weights: creatinine C4H7N3O, hemoglobin's monomer.
MOLAR_MASS = {"creatinine": Fraction("113.12"), "hemoglobin": Fraction("16114.5")}

# By UCUM a metre of mercury is 133.322 kPa. The library has 133.322387415 Pa for a millimetre.
PASCALS_IN_MMHG = Fraction("133.322")

AT = "2020-05-11T08:00:00+02:00"
SCREENED_AT = "2020-05-11T09:00:00+02:00"


@dataclass(frozen=True)
class Limit:
    """One limit of one criterion.

    `recorded` is what the case holds a value of, with the keys `also`; `beside` is what else the
    case must hold for the criterion to hang on this limit alone, `age` its patient's years.
    """

    protocol: str
    criterion: str
    recorded: str
    sign: str
    limit: str
    unit: str
    beside: Mapping[str, str] = field(default_factory=dict)
    also: str = ""
    age: str = "40 a"

    def __str__(self) -> str:
        name = f"{self.protocol} {self.criterion}: {self.recorded}"
        return f"{name} {self.sign} {self.limit} {self.unit}"


ROOM_AIR = "on: room_air"
NO_RATIO = {"pf_ratio": "{value: 500 mm[Hg]}"}
HIGH_SATURATION = {"spo2": "{value: 99 %, on: room_air}"}
HALF_OXYGEN = {"fio2": f"{{value: 50 %, at: {AT}}}"}
SEGMENTED_AND_BANDS = {"neutrophils_percent": "45 %", "bands_percent": "5 %"}
INFILTRATES = {"lung_infiltrates": "present", "respiratory_rate": "18 /min"}
WELL_CHILD = {
    name: "absent"
    for name in (
        ("dyspnea", "cyanosis", "intermittent_apnea", "lethargy")
        + ("convulsions", "feeding_difficulty", "dehydration")
    )
} | {"work_of_breathing": "normal"}
ILL_CHILD = WELL_CHILD | {"dyspnea": "present"}
NORMAL = "{value: 20 U/L, upper_limit: 40 U/L, at: " + AT + "}"

LIMITS = [
    # Mexico: adults; platelets below 20 000 and neutrophils below 500 per cubic millimetre.
    Limit("NCT04334044", "adult", "age", ">=", "18", "a"),
    Limit("NCT04334044", "thrombocytopenia", "platelets", "<", "20000", "/mm3"),
    Limit("NCT04334044", "neutropenia", "neutrophils", "<", "500", "/mm3"),
    Limit(
        *("NCT04334044", "neutropenia", "leukocytes", "<", "1000", "/mm3"),
        beside=SEGMENTED_AND_BANDS,
    ),
    # RESPIRE: 93 % or less in ambient air; PaO2/FiO2 below 250 but not below 100 mmHg; 1000
    # neutrophils or fewer, 100 000 platelets or fewer.
    Limit("NCT04361903", "adult", "age", ">=", "18", "a"),
    *(
        Limit("NCT04361903", "desaturation", by, "<=", "93", "%", also=ROOM_AIR)
        for by in ("spo2", "sao2", "oxygen_saturation")
    ),
    Limit("NCT04361903", "moderate-hypoxemia", "pf_ratio", ">=", "100", "mm[Hg]"),
    Limit("NCT04361903", "moderate-hypoxemia", "pf_ratio", "<", "250", "mm[Hg]"),
    Limit(
        *("NCT04361903", "moderate-hypoxemia", "pao2", ">=", "50", "mm[Hg]"),
        beside=HALF_OXYGEN,
        also=f"at: {AT}",
    ),
    Limit(
        *("NCT04361903", "moderate-hypoxemia", "pao2", "<", "125", "mm[Hg]"),
        beside=HALF_OXYGEN,
        also=f"at: {AT}",
    ),
    Limit("NCT04361903", "neutropenia", "neutrophils", "<=", "1000", "/mm3"),
    Limit("NCT04361903", "thrombocytopenia", "platelets", "<=", "100000", "/mm3"),
    # Florence: 93 % or less in air, and/or PaO2/FiO2 of 300 mmHg or less.
    *(
        Limit("vannucchi-2020", "desaturation", by, "<=", "93", "%", NO_RATIO, ROOM_AIR)
        for by in ("spo2", "sao2", "oxygen_saturation")
    ),
    Limit("vannucchi-2020", "desaturation", "pf_ratio", "<=", "300", "mm[Hg]", HIGH_SATURATION),
    Limit(
        *("vannucchi-2020", "desaturation", "pao2", "<=", "150", "mm[Hg]"),
        beside=HALF_OXYGEN | HIGH_SATURATION,
        also=f"at: {AT}",
    ),
    # Managed access: from 6 years; from 12 years a rate of 30 or more, 93 % or less, a ratio below
    # 300; under 12 years a saturation below 92 %; creatinine above 2 mg/dL, clearance below 30.
    Limit("NCT04337359", "minimum-age", "age", ">=", "6", "a"),
    Limit(
        *("NCT04337359", "severe-disease", "respiratory_rate", ">=", "30", "/min"),
        beside=INFILTRATES | NO_RATIO | HIGH_SATURATION,
    ),
    *(
        Limit(
            *("NCT04337359", "severe-disease", by, "<=", "93", "%"),
            beside=INFILTRATES | NO_RATIO,
            also=ROOM_AIR,
        )
        for by in ("spo2", "sao2", "oxygen_saturation")
    ),
    Limit(
        *("NCT04337359", "severe-disease", "pf_ratio", "<", "300", "mm[Hg]"),
        beside=INFILTRATES | HIGH_SATURATION,
    ),
    *(
        Limit(
            *("NCT04337359", "severe-disease", by, "<", "92", "%"),
            beside=WELL_CHILD,
            also=ROOM_AIR,
            age="8 a",
        )
        for by in ("spo2", "sao2", "oxygen_saturation")
    ),
    # A sick child without a finding in the lungs is severe from 6 and no longer from 12 years; with
    # a fast breath and infiltrates, and no sign of a child's disease, only from 12.
    Limit("NCT04337359", "severe-disease", "age", ">=", "6", "a", ILL_CHILD | HIGH_SATURATION),
    Limit(
        *("NCT04337359", "severe-disease", "age", "<", "12", "a"),
        beside=ILL_CHILD | HIGH_SATURATION | {"lung_infiltrates": "absent"},
    ),
    Limit(
        *("NCT04337359", "severe-disease", "age", ">=", "12", "a"),
        beside=WELL_CHILD | HIGH_SATURATION | INFILTRATES | {"respiratory_rate": "30 /min"},
    ),
    Limit(
        *("NCT04337359", "renal-impairment", "creatinine", ">", "2", "mg/dL"),
        beside={"creatinine_clearance": "90 mL/min"},
    ),
    Limit(
        *("NCT04337359", "renal-impairment", "creatinine_clearance", "<", "30", "mL/min"),
        beside={"creatinine": "1 mg/dL"},
    ),
    # RuxCoFlam: above 37.3 °C, SpO2 below 93 %, a score of 10 or more; transaminases above 5 times
    # the upper limit (of 40 U/L here); 500 neutrophils, 50 000 platelets, 6 g/dL of hemoglobin.
    Limit("NCT04338958", "adult", "age", ">=", "18", "a"),
    Limit("NCT04338958", "fever", "body_temperature", ">", "37.3", "Cel"),
    Limit(
        *("NCT04338958", "respiratory-symptoms-or-desaturation", "spo2", "<", "93", "%"),
        beside={"respiratory_symptoms": "absent"},
    ),
    Limit(
        *("NCT04338958", "hyperinflammation", "covid_inflammation_score", ">=", "10", "{score}"),
    ),
    Limit(
        *("NCT04338958", "raised-transaminases", "alt", ">", "200", "U/L"),
        beside={"ast": NORMAL},
        also=f"upper_limit: 40 U/L, at: {AT}",
    ),
    Limit(
        *("NCT04338958", "raised-transaminases", "ast", ">", "200", "U/L"),
        beside={"alt": NORMAL},
        also=f"upper_limit: 40 U/L, at: {AT}",
    ),
    Limit("NCT04338958", "neutropenia", "neutrophils", "<", "500", "/uL"),
    Limit("NCT04338958", "thrombocytopenia", "platelets", "<", "50000", "/uL"),
    Limit("NCT04338958", "anemia", "hemoglobin", "<", "6", "g/dL"),
    # Wuhan: 18 to 75 years. Verona: 18 to 90 years.
    Limit("ChiCTR2000029580", "adult", "age", ">=", "18", "a"),
    Limit("ChiCTR2000029580", "adult", "age", "<=", "75", "a"),
    Limit("NCT04438629", "adult", "age", ">=", "18", "a"),
    Limit("NCT04438629", "adult", "age", "<=", "90", "a"),
]

# A computed value stands for the concept that the criterion asks about.
ASKED = {
    **dict.fromkeys(("spo2", "sao2"), "oxygen_saturation"),
    "pao2": "pf_ratio",
    "leukocytes": "neutrophils",
}


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_limit_in_every_unit(
    limit: Limit, protocols: Mapping[str, Protocol], vocabulary: Vocabulary
) -> None:
    protocol = protocols[limit.protocol]
    (criterion,) = (one for one in protocol.criteria if one.id == limit.criterion)
    screener = Screener(vocabulary, [replace(protocol, criteria=(criterion,))])
    wrong = []
    tried = 0
    for value, unit, code in written(limit, vocabulary):
        text = f"{decimal_text(value)} {unit}"
        case = case_from_tree(document(limit, text), "case", vocabulary)
        (result,) = screener.screen(case).screenings[0].results
        tried += 1
        if result.truth is not expected(limit, value, code):
            wrong.append((text, result.truth, result.reasons))
    assert wrong == []
    assert tried >= 3 * len(spellings(vocabulary.concepts[limit.recorded], vocabulary)) - tried


def expected(limit: Limit, value: Fraction, code: str) -> Truth:
    """By the sign and the limit of the source; an age counts in completed years."""
    measured = converted(value, code, limit.unit, limit.recorded)
    if limit.recorded == "age":
        measured = Fraction(measured // 1)
    return Truth.MET if HOLDS[limit.sign](measured, Fraction(limit.limit)) else Truth.NOT_MET


def written(limit: Limit, vocabulary: Vocabulary) -> Iterator[tuple[Fraction, str, str]]:
    """Values around the limit, the unit as it is written, and the UCUM code that it stands for."""
    turns = [Fraction(limit.limit)]
    if limit.recorded == "age":
        turns.append(turns[0] + 1)  # 75 years are complete until the day before the 76th birthday
    for unit, code in spellings(vocabulary.concepts[limit.recorded], vocabulary):
        for turn in turns:
            for value in around(converted(turn, limit.unit, code, limit.recorded)):
                yield value, unit, code


def around(value: Fraction) -> tuple[Fraction, ...]:
    """A step of one digit more to either side; the neighbors, if there is no finite decimal."""
    text = decimal_text(value)
    if text.startswith("~"):
        grid = 10**12
        below = Fraction(value * grid // 1, grid)
        return (below, below + Fraction(1, grid))
    step = Fraction(1, 10 ** (len(text.partition(".")[2]) + 1))
    return (value - step, value, value + step)


def spellings(concept: Concept, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Every unit of a concept as it may be written, with its UCUM code."""
    assert concept.unit is not None
    codes = dict.fromkeys([concept.unit, *concept.scales])
    aliases = [(alias, code) for alias, code in vocabulary.unit_aliases.items() if code in codes]
    return [*((code, code) for code in codes), *aliases]


@cache
def registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry(non_int_type=Fraction)


@cache
def converted(value: Fraction, source: str, target: str, concept: str) -> Fraction:
    """`value` from one UCUM unit to another, by the library."""
    units = registry()

    def unit(code: str) -> Any:
        if code in ("{score}", "{points}"):
            return units.dimensionless
        return units.from_ucum(code).units

    into = unit(target)
    if "mm[Hg]" in (source, target) and "[Hg]" not in f"{source if source != 'mm[Hg]' else target}":
        if target == "mm[Hg]":
            pascals = units.Quantity(value, unit(source)).to("pascal").magnitude
            return Fraction(pascals) / PASCALS_IN_MMHG
        return Fraction(units.Quantity(value * PASCALS_IN_MMHG, "pascal").to(into).magnitude)
    quantity = units.Quantity(value, unit(source))
    if quantity.dimensionality != into.dimensionality:
        molar = units.Quantity(MOLAR_MASS[concept], "gram / mole")
        quantity = quantity / molar if "mol" in target else quantity * molar
    return Fraction(quantity.to(into).magnitude)


def document(limit: Limit, text: str) -> Any:
    """The case: the value that is tried, and what stands beside it."""
    observations = {name: value for name, value in limit.beside.items()}
    patient = f"{{sex: male, age: {limit.age}}}"
    if limit.recorded == "age":
        patient = f'{{sex: male, age: "{text}"}}'
    else:
        also = f", {limit.also}" if limit.also else ""
        observations[limit.recorded] = f'{{value: "{text}"{also}}}'
    lines = [f"  {name}: {value}" for name, value in observations.items()]
    problems = Problems("case")
    tree = read_yaml(
        "\n".join(
            ["case: B", f"screened_at: {SCREENED_AT}", f"patient: {patient}", "observations:"]
            + (lines or ["  dyspnea: absent"])
        ),
        problems,
    )
    problems.check()
    return tree


def test_a_printed_limit_in_every_unit(
    protocols: Mapping[str, Protocol], vocabulary: Vocabulary
) -> None:
    """48 U/L in every unit, under a result of 240 U/L, which is 5 times that and not more."""
    protocol = protocols["NCT04338958"]
    (criterion,) = (one for one in protocol.criteria if one.id == "raised-transaminases")
    screener = Screener(vocabulary, [replace(protocol, criteria=(criterion,))])
    wrong = []
    for unit, code in spellings(vocabulary.concepts["alt"], vocabulary):
        printed = converted(Fraction(48), "U/L", code, "alt")
        below, at, above = around(printed)
        for value, truth in ((below, Truth.MET), (at, Truth.NOT_MET), (above, Truth.NOT_MET)):
            limit = Limit(
                *("NCT04338958", "raised-transaminases", "alt", ">", "240", "U/L"),
                beside={"ast": NORMAL},
                also=f'upper_limit: "{decimal_text(value)} {unit}", at: {AT}',
            )
            case = case_from_tree(document(limit, "240 U/L"), "case", vocabulary)
            (result,) = screener.screen(case).screenings[0].results
            if result.truth is not truth:
                wrong.append((unit, value, result.truth))
    assert wrong == []


def test_the_table_holds_every_limit_of_the_protocols(protocols: Mapping[str, Protocol]) -> None:
    """As many limits for each concept of each criterion as its protocol has comparisons."""
    written_down: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for limit in LIMITS:
        leaf = (limit.protocol, limit.criterion)
        if limit.recorded in ("pao2", "leukocytes"):
            continue
        asked = limit.recorded if leaf[1].startswith("respiratory-") else ASKED.get(
            limit.recorded, limit.recorded
        )
        written_down.setdefault((*leaf, asked), set()).add((limit.sign, limit.limit))
    in_protocols: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for protocol in protocols.values():
        for criterion in protocol.criteria:
            for leaf_of in leaves(criterion.when):
                if isinstance(leaf_of.test, Comparisons):
                    for part in leaf_of.test.parts:
                        key = (protocol.id, criterion.id, leaf_of.concept)
                        found = (part.operator.value, part.text.split()[1])
                        in_protocols.setdefault(key, set()).add(found)
    assert written_down.keys() == in_protocols.keys()
    assert {key: len(found) for key, found in written_down.items()} == {
        key: len(found) for key, found in in_protocols.items()
    }


def test_the_vocabulary_states_the_molar_masses_that_are_used_here() -> None:
    vocabulary = load_vocabulary(default_rules_dir())
    stated = {name: vocabulary.concepts[name].molar_mass for name in MOLAR_MASS}
    assert stated == MOLAR_MASS
