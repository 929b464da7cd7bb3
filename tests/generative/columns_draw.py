"""Draws vocabularies, protocols and cases at random, from a seed, in all their oddity.

A case is drawn as text, the way a site would write it (`drawn_tables` makes tables of it).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from types import MappingProxyType

import msgspec

from screen.intake.keys import RECORD_KEYS
from screen.model import criterion
from screen.model.concept import (
    Concept,
    Derivation,
    Implication,
    Kind,
    Method,
    ValueTree,
    Vocabulary,
)
from screen.model.criterion import (
    COMBINATIONS,
    AtLeast,
    Citation,
    Comparison,
    Comparisons,
    Condition,
    Criterion,
    CriterionKind,
    Leaf,
    Not,
    OneOf,
    Operator,
    Pick,
    Reference,
    Selection,
)
from screen.model.moment import DAY, HOUR, MINUTE
from screen.model.protocol import Drug, Protocol
from screen.model.quantity import Scale
from screen.units.number import decimal_text

Record = dict[str, str]


@dataclass
class DrawnCase:
    """What a site wrote: patient columns, and (concept, record) in the order of the file."""

    patient: Record
    records: list[tuple[str, Record]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.patient["case"]


def small_vocabulary(rng: Random) -> Vocabulary:
    """A few concepts with awkward units and every kind of derived value."""

    def number(name: str, unit: str, low: object, high: object, **scales: object) -> Concept:
        own = {unit_: scale for unit_, scale in scales.items() if isinstance(scale, Scale)}
        ends = [None if end is None else Fraction(str(end)) for end in (low, high)]
        return Concept(name, name, Kind.QUANTITY, unit, MappingProxyType(own), ends[0], ends[1])

    def derived(concept: Concept, method: Method, *inputs: str, minutes: int = 60) -> Concept:
        together = rng.random() < 0.5
        derivation = Derivation(concept.name, method, inputs, "", "", minutes * MINUTE, together)
        return Concept(
            concept.name,
            concept.label,
            concept.kind,
            concept.unit,
            concept.scales,
            concept.plausible_low,
            concept.plausible_high,
            tree=concept.tree,
            derivation=derivation,
        )

    def saying(concept: Concept, *implies: Implication) -> Concept:
        return msgspec.structs.replace(concept, implies=implies)

    def named(name: str, kind: Kind = Kind.FINDING) -> Concept:
        trees = [
            ValueTree({"absent": None, "present": None}),
            ValueTree({"absent": None, "present": None, "active": "present", "old": "present"}),
            ValueTree({"absent": None, "present": None, "pending": None}, frozenset({"pending"})),
        ]
        return Concept(name, name, kind, tree=rng.choice(trees))

    sevenths = Scale(Fraction(1, 7))
    kilo = Scale(Fraction(1000))
    tilted = Scale(Fraction(5, 9), Fraction(-160, 9))
    percent = {"1": Scale(Fraction(100))}
    concepts = [
        derived(number("age", "a", 0, 130, mo=Scale(Fraction(1, 12))), Method.COMPLETED_YEARS),
        number("alpha", "g/L", 0, 100, **{"mg/L": Scale(Fraction(1, 1000)), "kg/L": kilo}),
        number("beta", "Cel", None, 60, **{"[degF]": tilted}),
        number(
            "gamma",
            "mm[Hg]",
            1,
            900,
            **{"kPa": Scale(Fraction(500000, 66661)), "{sevenths}": sevenths},
        ),
        saying(
            number("delta", "%", 20, 100, **percent),
            Implication("womb", "present", on="mask"),
        ),
        derived(
            number("quotient", "mm[Hg]", 1, 5000, kPa=Scale(Fraction(500000, 66661))),
            Method.RATIO,
            "gamma",
            "delta",
        ),
        number("count", "10*9/L", 0, 500, **{"/uL": Scale(Fraction(1, 1000))}),
        number("part", "%", 0, 100, **percent),
        number("other_part", "%", 0, 100),
        number("whole_part", "%", 0, 100),
        number("rest", "%", 0, 100),
        derived(
            number("share", "10*9/L", 0, 500, **{"/uL": Scale(Fraction(1, 1000))}),
            Method.SHARE,
            "count",
            "whole_part",
            "part",
            "other_part",
            "rest",
        ),
        derived(number("either", "g/L", 0, 100), Method.FIRST_OF, "alpha", "omega"),
        msgspec.structs.replace(number("omega", "g/L", None, None), specimens=("serum",)),
        saying(named("rash"), Implication("itch", "present", "present")),
        named("itch"),
        derived(
            Concept(
                "womb", "womb", Kind.FINDING, tree=ValueTree({"absent": None, "present": None})
            ),
            Method.ABSENT_FOR_MALE,
            "sex",
        ),
        named("consent", Kind.ATTESTATION),
    ]
    contexts = {
        "on": ValueTree(
            {"room_air": None, "oxygen": None, "mask": "oxygen"}, aliases={"air": "room_air"}
        ),
        "assay": ValueTree({"pcr": None, "antigen": None}),
        "specimen": ValueTree({"blood": None, "serum": "blood"}),
    }
    room_air = Derivation("room_air", Method.ROOM_AIR, ("delta",), "", "")
    return Vocabulary(
        MappingProxyType({c.name: c for c in concepts}),
        MappingProxyType(contexts),
        MappingProxyType({"mmHg": "mm[Hg]", "K/uL": "10*9/L", "109/L": "10*9/L"}),
        room_air,
    )


class Draw:
    """Draws from one random generator; the same seed draws the same again."""

    def __init__(
        self, seed: int, vocabulary: Vocabulary, concepts: Sequence[str], most: int = 7
    ) -> None:
        self.rng = Random(seed)
        self.vocabulary = vocabulary
        chosen = self.rng.sample(list(concepts), min(len(concepts), most))
        for name in list(chosen):
            derivation = vocabulary.concepts[name].derivation
            chosen += derivation.inputs if derivation else ()
        self.concepts = [
            vocabulary.concepts[name]
            for name in dict.fromkeys(chosen)
            if name in vocabulary.concepts
        ]
        self.keys = set(self.rng.sample([*RECORD_KEYS], self.rng.randint(2, len(RECORD_KEYS))))
        self.limits: dict[str, list[Fraction]] = {}

    # Protocols

    def protocol(self, name: str, criteria: int) -> Protocol:
        made = tuple(
            Criterion(
                f"c{number}",
                self.rng.choice(list(CriterionKind)),
                "",
                Citation("s", ()),
                self.condition(0),
            )
            for number in range(criteria)
        )
        return Protocol(name, "", "", self.rng.random() < 0.8, "", Drug("x"), {}, made)

    def condition(self, depth: int) -> Condition:
        if depth >= 3 or self.rng.random() < 0.45:
            return self.leaf()
        kind = self.rng.choice(list(COMBINATIONS.values()))
        match kind:
            case criterion.Not:
                return Not(self.condition(depth + 1))
            case criterion.All | criterion.Any:
                return kind(self.children(depth))
            case criterion.AtLeast:
                children = self.children(depth)
                return AtLeast(self.rng.randint(1, len(children)), children)

    def children(self, depth: int) -> tuple[Condition, ...]:
        return tuple(self.condition(depth + 1) for _ in range(self.rng.randint(1, 3)))

    def leaf(self) -> Leaf:
        rng = self.rng
        concept = rng.choice(self.concepts)
        within = rng.choice([None, None, HOUR, 12 * HOUR, DAY, 3 * DAY, DAY + 9 * HOUR])
        contexts = {
            name: rng.choice(list(tree.values)) if rng.random() < 0.15 else None
            for name, tree in self.vocabulary.contexts.items()
        }
        picks = list(Pick) if concept.unit else [Pick.LATEST, Pick.EARLIEST, Pick.ANY, Pick.EVERY]
        pick = rng.choice(picks) if rng.random() < 0.6 else Pick.LATEST
        selection = msgspec.structs.replace(
            Selection(concept.name, within, "", pick=pick), **contexts
        )
        if concept.tree is not None:
            values = rng.sample(list(concept.tree.values), rng.randint(1, 2))
            absent = concept.kind is Kind.FINDING and "absent" not in values
            return Leaf(selection, OneOf(tuple(values)), absent and rng.random() < 0.4)
        parts = tuple(self.comparison(concept) for _ in range(rng.choice([1, 1, 2])))
        return Leaf(selection, Comparisons(parts))

    def comparison(self, concept: Concept) -> Comparison:
        rng = self.rng
        operator = rng.choice(list(Operator))
        if rng.random() < 0.2:
            times = rng.choice([Fraction(1), Fraction(5), Fraction(3, 2), Fraction(5, 3)])
            return Comparison(operator, times, rng.choice(list(Reference)), "")
        limit = self._somewhere(concept)
        self.limits.setdefault(concept.name, []).append(limit)
        return Comparison(operator, limit, None, "")

    def _somewhere(self, concept: Concept) -> Fraction:
        low = concept.plausible_low if concept.plausible_low is not None else Fraction(-5)
        high = concept.plausible_high if concept.plausible_high is not None else Fraction(400)
        step = (high - low) / 20
        return low + step * self.rng.randint(0, 20)

    # Cases

    def case(self, name: str, most: int) -> DrawnCase:
        """A case with up to `most` records of each concept; `most` 1 fits a wide table."""
        rng = self.rng
        # The zone is written by hand, since it may be absent.
        screened = datetime(2020, 3, 21, 9, 0) + timedelta(days=rng.randint(0, 3))  # noqa: DTZ001
        zone = rng.choice(["+01:00", "Z", "-05:30", "", ""])
        whole_day = zone == "" and rng.random() < 0.2
        patient = {"case": name, "screened_at": self._written(screened, zone, whole_day)}
        if rng.random() < 0.8:
            patient["sex"] = rng.choice(["male", "female", "other", "unknown"])
        if rng.random() < 0.5:
            patient["birth_date"] = rng.choice(
                ["1957-03-21", "1957-03-22", "2002-02-28", "2000-02-29", "2020-03-20"]
            )
        if rng.random() < 0.01:
            patient["birth_date"] = rng.choice(["2031-01-01", "1957", "1957-02-30", "1957-8-2"])
        drawn = DrawnCase(patient)
        moments = [screened - timedelta(minutes=m) for m in (0, 20, 60, 61, 720, 1440, 1980, 4320)]
        moments += [screened + timedelta(minutes=30), screened - timedelta(days=2, hours=3)]
        for concept in self.concepts:
            if rng.random() < 0.75:
                times = 1 if most == 1 else rng.choice([1, 1, 2, most])
                for _ in range(times):
                    record = self.record(concept, moments, zone)
                    drawn.records.append((concept.name, record))
        rng.shuffle(drawn.records)
        return drawn

    def record(self, concept: Concept, moments: Sequence[datetime], zone: str) -> Record:
        rng = self.rng
        record = {"value": self.value(concept)}
        if rng.random() < 0.8:
            own = zone if rng.random() < 0.998 else rng.choice(["", "+02:00"])
            record["at"] = self._written(rng.choice(moments), own, rng.random() < 0.3)
        for name, tree in self.vocabulary.contexts.items():
            if rng.random() < 0.25:
                record[name] = rng.choice([*tree.values, *tree.aliases])
        if rng.random() < 0.15:
            record["status"] = rng.choice(
                ["final", "preliminary", "entered-in-error", "cancelled", "corrected"]
            )
        if rng.random() < 0.3:
            record["sample"] = rng.choice(["S1", "S2"])
        if rng.random() < 0.3:
            record["source"] = rng.choice(["ward", "laboratory"])
        if concept.unit is not None:
            for key in ("upper_limit", "lower_limit"):
                if rng.random() < 0.3:
                    record[key] = self._in_some_unit(concept, Fraction(rng.randint(1, 9)))
        if rng.random() < 0.002:
            record[rng.choice(["at", "on", "status"])] = "odd"
        return {key: text for key, text in record.items() if key == "value" or key in self.keys}

    def value(self, concept: Concept) -> str:
        rng = self.rng
        if concept.tree is not None:
            return "odd" if rng.random() < 0.002 else rng.choice(list(concept.tree.values))
        limits = self.limits.get(concept.name, [])
        near = rng.choice(limits) if limits and rng.random() < 0.6 else self._somewhere(concept)
        if rng.random() < 0.3:
            near += Fraction(rng.randint(-3, 3), 1000)
        if rng.random() < 0.05:
            near *= 50
        sign = rng.choice(["<", "<= ", ">", ">= ", "> "]) if rng.random() < 0.15 else ""
        text = self._in_some_unit(concept, near)
        if rng.random() < 0.03:
            text = text.split(" ")[0]
        if rng.random() < 0.02:
            text = text.split(" ")[0] + rng.choice([" kg", "  s", " mL/min", " gobbles", " 1e3"])
        if rng.random() < 0.01:
            return rng.choice(
                [
                    "odd",
                    "1,5 g/L",
                    "5-10 %",
                    "1e2 g/L",
                    "+5 %",
                    ".5 %",
                    "1.2345678 g/L",
                    "5. %",
                    "123456789012345678 g/L",
                    "1 000 /uL",
                    "5 g/L ",
                    "5 µg/mL",
                    "NaN %",
                    "5 % %",
                    "0x10",
                    "5109/L",
                    "5 109/L",
                    "<",
                    "\u2212 5 %",
                    "≥5 %",
                ]
            )
        return sign + text

    def _in_some_unit(self, concept: Concept, amount: Fraction) -> str:
        rng = self.rng
        assert concept.unit is not None
        unit, scale = concept.unit, Scale(Fraction(1))
        if concept.scales and rng.random() < 0.4:
            unit, scale = rng.choice(list(concept.scales.items()))
        number = (amount - scale.offset) / scale.factor
        if number.denominator not in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 1000):
            number = Fraction(round(number * 100), 100)
        spelled = [u for u, known in self.vocabulary.unit_aliases.items() if known == unit]
        if spelled and rng.random() < 0.3:
            unit = rng.choice(spelled)
        gap = "" if unit[0] in "%mgk" and rng.random() < 0.3 else " "
        return f"{decimal_text(number)}{gap}{unit}"

    def _written(self, moment: datetime, zone: str, whole_day: bool) -> str:
        if whole_day:
            return moment.strftime("%Y-%m-%d")
        form = self.rng.choice(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])
        return moment.strftime(form) + zone
