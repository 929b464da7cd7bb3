"""The vocabulary: what can be observed, in which units or values, and what is derived."""

from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from types import MappingProxyType

from msgspec import Struct, field

from screen.model.quantity import Amount, Scale


class Kind(Enum):
    """How a concept is recorded: measured, found, or said by a person."""

    QUANTITY = "quantity"
    FINDING = "finding"
    ATTESTATION = "attestation"


class Method(Enum):
    """How a derived concept comes about; `facts.derive` holds one function for each."""

    COMPLETED_YEARS = "completed_years"
    RATIO = "ratio"
    SHARE = "share"
    FIRST_OF = "first_of"
    ABSENT_FOR_MALE = "absent_for_male"
    ROOM_AIR = "room_air"


class Code(Struct, frozen=True):
    """A code of a terminology; `system` is `loinc` or `snomed`.

    `contexts` is what the code itself says of a record, as (context, value): LOINC 94500-6 is a
    PCR of a respiratory specimen. `values` is what coded answers to it mean, as (answer, value);
    `value` is what it means where a table says only that it is there (empty: the table's word).
    """

    system: str
    code: str
    display: str
    contexts: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    value: str = ""


class ValueTree(Struct, frozen=True):
    """The values of a finding or a context: `parents[child]` is the more general value.

    `inconclusive` values (a pending test) are met when asked for by name and decide nothing else.
    """

    parents: Mapping[str, str | None]
    inconclusive: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self.parents)

    def is_within(self, value: str, ancestor: str) -> bool:
        """Whether `value` is `ancestor` or one of its kinds."""
        current: str | None = value
        while current is not None:
            if current == ancestor:
                return True
            current = self.parents[current]
        return False

    def most_specific(self, values: frozenset[str]) -> str | None:
        """The one value that all of `values` agree with, or None if they disagree.

        `present` and `active` agree (on `active`); `active` and `latent` do not.
        """
        for candidate in values:
            if all(self.is_within(candidate, other) for other in values):
                return candidate
        return None


class Derivation(Struct, frozen=True):
    """A declared formula: what a derived value is computed from.

    `formulas`: of an input, only what was worked out by that formula counts.
    `at_most_apart` is in microseconds: how far apart in time the inputs may lie.
    `undated_together` says whether inputs without any time may be combined.
    """

    name: str
    method: Method
    inputs: tuple[str, ...]
    text: str
    source: str
    at_most_apart: int | None = None
    undated_together: bool = False
    formulas: tuple[tuple[str, str], ...] = ()

    def formula_of(self, name: str) -> str | None:
        """The formula by which an input has to be worked out, if it has to."""
        return dict(self.formulas).get(name)


class Implication(Struct, frozen=True):
    """A record of one concept that says something of another: dyspnea is a respiratory symptom.

    It holds of a record whose value is `value` or a kind of it (if one is given), and whose
    `on` is the context given (if one is); then `concept` has the value `then` at the same time.
    """

    concept: str
    then: str
    value: str | None = None
    on: str | None = None


class Concept(Struct, frozen=True):
    """One thing that can be recorded about a patient.

    A quantity has a canonical `unit`, exact `scales` for the other units that the vocabulary
    accepts, and a `plausible` closed range in the canonical unit; nothing lies between zero and
    `least`, because there is no fraction of a cell. A finding or an attestation
    has a `tree` of values. `molar_mass` is in g/mol. `synonyms` are what else people call it.
    `specimens` are those that a quantity can be measured in (any, if there are none).
    `implies` is what its records say of other concepts.
    """

    name: str
    label: str
    kind: Kind
    unit: str | None = None
    scales: Mapping[str, Scale] = field(default_factory=lambda: MappingProxyType({}))
    plausible_low: Fraction | None = None
    plausible_high: Fraction | None = None
    least: Fraction | None = None
    molar_mass: Fraction | None = None
    tree: ValueTree | None = None
    derivation: Derivation | None = None
    codes: tuple[Code, ...] = ()
    note: str = ""
    synonyms: tuple[str, ...] = ()
    specimens: tuple[str, ...] = ()
    implies: tuple[Implication, ...] = ()

    def is_plausible(self, amount: Amount) -> bool:
        """Whether some value of `amount`, in the canonical unit, can be one of a person."""
        if not amount.overlaps(self.plausible_low, self.plausible_high):
            return False
        low, high = amount.low, amount.high
        return self.least is None or low is None or high is None or low <= 0 or high >= self.least


class NoPotential(Struct, frozen=True):
    """A site's own policy: from which age, and below which, no childbearing potential is assumed.

    Each is a number of completed units (`a`, `mo`, `wk`, `d`), or not said.
    """

    at_least: tuple[Fraction, str] | None = None
    below: tuple[Fraction, str] | None = None


class Vocabulary(Struct, frozen=True):
    """Every concept by name, the contexts (`on`, `assay`, `specimen`), and the unit aliases.

    `names` holds the concepts that a name or synonym stands for, by its letters and digits
    (`units.folding.plain_name`). `refused_units` says why nobody can tell what a word of a unit
    means. `no_potential` is a site's own policy. `asked` holds, by protocol in lower case, the
    criteria of which a person is asked; None for a protocol that was not read. `digest` is the
    SHA-256 of the files that it was read from.
    """

    concepts: Mapping[str, Concept]
    contexts: Mapping[str, ValueTree]
    unit_aliases: Mapping[str, str]
    room_air: Derivation | None
    digest: str = ""
    no_potential: NoPotential | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    refused_units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    asked: Mapping[str, tuple[str, ...] | None] = field(
        default_factory=lambda: MappingProxyType({})
    )
