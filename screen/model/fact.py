"""What a case says about one selection: values with their evidence, or reasons why none."""

from enum import Enum
from fractions import Fraction

from msgspec import Struct

from screen.model.case import Observation
from screen.model.moment import Moment
from screen.model.quantity import Amount
from screen.model.truth import Reason


class Evidence(Struct, frozen=True):
    """An observation that counts, in the canonical unit of its concept; or a derived value.

    One of `amount` (quantities) and `state` (findings, attestations) is set.
    `upper` and `lower` are the reference limits in the canonical unit.
    A derived value has `inputs`, a `formula` in words, and `gap`: microseconds between inputs.

    `unit` is the unit of the amount where it is not the canonical one (an age in months).

    A record that counts and gives no value has neither, and a `flaw` that says why.
    `perhaps`: it may lie in the window that is asked for, and may not.
    `bound`: no value of its own, but what a newer input leaves possible of an older value.
    """

    concept: str
    text: str
    at: Moment | None
    amount: Amount | None = None
    state: str | None = None
    upper: Fraction | None = None
    lower: Fraction | None = None
    observation: Observation | None = None
    inputs: "tuple[Evidence, ...]" = ()
    formula: str = ""
    gap: int | None = None
    unit: str = ""
    flaw: Reason | None = None
    perhaps: bool = False
    bound: bool = False


class Value(Struct, frozen=True):
    """What a test is applied to. A point or interval for a quantity, a state for the rest."""

    amount: Amount | None = None
    state: str | None = None
    upper: Fraction | None = None
    lower: Fraction | None = None


class Quantifier(Enum):
    """How the truths of several values make one truth; ONE where there is a single value.

    ALIKE: each of them may be the one that is asked for, so they decide only together.
    """

    ONE = "one"
    ALIKE = "alike"
    ANY = "any"
    EVERY = "every"


class Fact(Struct, frozen=True):
    """The outcome of one selection on one case.

    Either `values` is not empty and `reasons` is, or the other way round. `unrecorded` says
    that nothing at all was recorded (the only state that `unrecorded: absent` speaks about).
    `site_policy` says that a site's own staleness limit took part.

    The last `perhaps` of the values are those that the fact has only if a record that may lie
    in the window does. `hidden` are the reasons of records which count and give no value: one
    more value, and nobody knows which. `superseded`: a newer input made an older value
    impossible, and the value is what it leaves. `beside` is what newer inputs leave possible of
    an older value that stands.
    """

    values: tuple[Value, ...]
    quantifier: Quantifier
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    unrecorded: bool = False
    site_policy: bool = False
    perhaps: int = 0
    hidden: tuple[Reason, ...] = ()
    superseded: bool = False
    beside: tuple[Evidence, ...] = ()

    @property
    def certain(self) -> int:
        """How many of the values the fact has wherever the records in doubt lie."""
        return len(self.values) - self.perhaps


class Quality(Enum):
    """Why an observation was dropped, or kept with a remark."""

    ENTERED_IN_ERROR = "entered-in-error"
    CANCELLED = "cancelled"
    FUTURE = "future"
    NO_UNIT = "no_unit"
    WRONG_UNIT = "wrong_unit"
    IMPLAUSIBLE = "implausible"
    AMBIGUOUS = "ambiguous"
    UNREADABLE = "unreadable"
    REPLACED = "replaced"
    CONTEXT = "context"
    UNSPECIFIC = "unspecific"
    CONFLICTING = "conflicting"
    PRELIMINARY = "preliminary"
    UNUSABLE_LIMIT = "unusable_limit"


class QualityNote(Struct, frozen=True):
    """One remark about one observation, with what was wrong; `dropped` is False for a remark."""

    observation: Observation
    quality: Quality
    dropped: bool
    detail: str = ""
