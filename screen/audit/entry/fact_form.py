"""The form of what an entry holds of a case: facts, their values, and the evidence for them."""

from math import gcd
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from screen.model.case import Status
from screen.model.truth import Reason

Name = Annotated[str, Meta(min_length=1, max_length=1000)]
Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Texts = list[Text]
# An exact number: a whole one, or a fraction. Exponents of a recorded number are bounded.
Ratio = Annotated[
    str, Meta(pattern=r"\A(0|-?[1-9][0-9]{0,999}(/[1-9][0-9]{0,999})?)\Z", max_length=2001)
]


class Form(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly these keys, of exactly these types; what says nothing is left out."""


class Ends(Form):
    """An interval of amounts."""

    above: Ratio | UnsetType = UNSET
    below: Ratio | UnsetType = UNSET
    to: Ratio | UnsetType = UNSET
    low: Ratio | UnsetType = msgspec.field(default=UNSET, name="from")

    def __post_init__(self) -> None:
        if UNSET not in (self.above, self.low) or UNSET not in (self.below, self.to):
            raise ValueError("an interval has two ends")
        if self.low == self.to and self.low is not UNSET:
            raise ValueError("an interval of one number is that number")


class Value(Form):
    """What a test is applied to."""

    amount: Ratio | Ends | UnsetType = UNSET
    state: Name | UnsetType = UNSET
    upper: Ratio | UnsetType = UNSET
    lower: Ratio | UnsetType = UNSET

    def __post_init__(self) -> None:
        for number in (self.amount, self.upper, self.lower):
            if isinstance(number, str):
                _check_reduced(number)
            elif isinstance(number, Ends):
                for end in (number.above, number.below, number.to, number.low):
                    if isinstance(end, str):
                        _check_reduced(end)
        if (self.amount is UNSET) == (self.state is UNSET):
            raise ValueError("a value is an amount or a state")


class Evidence(Value, kw_only=True):
    """One piece of evidence: an amount, a state, or the reason why it has neither."""

    concept: Name
    text: str
    at: Name | UnsetType = UNSET
    start: int | UnsetType = UNSET
    end: int | UnsetType = UNSET
    inputs: "list[Evidence]" = []
    formula: Text | UnsetType = UNSET
    gap: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    unit: Name | UnsetType = UNSET
    flaw: Reason | UnsetType = UNSET
    perhaps: bool = False
    bound: bool = False
    on: Name | UnsetType = UNSET
    assay: Name | UnsetType = UNSET
    specimen: Name | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    source: Text | UnsetType = UNSET
    sample: Text | UnsetType = UNSET
    by_formula: Name | UnsetType = UNSET
    where: Text | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.flaw is UNSET:
            super().__post_init__()
        elif self.amount is not UNSET or self.state is not UNSET:
            raise ValueError("evidence with a flaw has no value")
        if (self.at is UNSET) != (self.start is UNSET) or (self.at is UNSET and self.end != UNSET):
            raise ValueError("a time is its text and its place on the time line")
        if self.end is not UNSET and self.end == self.start:
            raise ValueError("an instant has no end")


class Fact(Form):
    """What a case said about one selection."""

    values: list[Value] = []
    quantifier: Literal["alike", "any", "every"] | UnsetType = UNSET
    reasons: list[Reason] = []
    evidence: list[Evidence] = []
    unrecorded: bool = False
    site_policy: bool = False
    perhaps: int = 0
    hidden: list[Reason] = []
    superseded: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.perhaps <= len(self.values):
            raise ValueError("no more values are in doubt than there are")


def _check_reduced(number: str) -> None:
    above, _, below = number.partition("/")
    if below and (below == "1" or gcd(int(above), int(below)) != 1):
        raise ValueError("a fraction is reduced")
