"""A patient case: what was recorded, when, how, and where it stands in the site's file."""

from datetime import date
from enum import Enum
from fractions import Fraction

from msgspec import Struct

from screen.model.moment import Moment
from screen.model.quantity import Amount
from screen.model.truth import Reason

CONTEXTS = ("on", "assay", "specimen", "formula")
"""What a record can say of how it was taken, by the names that every file uses."""


class Status(Enum):
    """The status of a result, in the words of HL7 FHIR Observation.status."""

    FINAL = "final"
    PRELIMINARY = "preliminary"
    AMENDED = "amended"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"


class Limit(Struct, frozen=True):
    """A reference limit printed with a result. `unit` is a UCUM code, None if none was given."""

    value: Fraction
    unit: str | None
    text: str


class Measured(Struct, frozen=True):
    """A number as recorded, in `unit` (a UCUM code, or None where none was written)."""

    amount: Amount
    unit: str | None


class Stated(Struct, frozen=True):
    """A value of a finding or an attestation."""

    value: str


class Unreadable(Struct, frozen=True):
    """A record that cannot be read as a value of its concept; `detail` says why, in words.

    `reason` is UNREADABLE, or AMBIGUOUS where the text has two readings. Such a record gives no
    value, and still stands in the way of older ones.
    """

    detail: str = ""
    reason: Reason = Reason.UNREADABLE


class Observation(Struct, frozen=True):
    """One record of one concept. `text` is the value as written; `where` is file:line:column.

    `formula` names the published formula by which a laboratory worked the value out.
    """

    concept: str
    value: Measured | Stated | Unreadable
    text: str
    at: Moment | None = None
    on: str | None = None
    assay: str | None = None
    specimen: str | None = None
    upper_limit: Limit | None = None
    lower_limit: Limit | None = None
    status: Status = Status.FINAL
    source: str = ""
    sample: str = ""
    where: str = ""
    formula: str | None = None

    def context(self, name: str) -> str | None:
        """The recorded context of this name, one of `CONTEXTS`."""
        taken = (self.on, self.assay, self.specimen, self.formula)
        return dict(zip(CONTEXTS, taken, strict=True))[name]


class Patient(Struct, frozen=True):
    """Recorded sex (`male`, `female`, `other`, `unknown`, or None) and date of birth.

    An age that was recorded instead of a birth date is an observation of `age`.
    """

    sex: str | None = None
    birth_date: date | None = None
    where: str = ""


class Case(Struct, frozen=True):
    """`screened_on` is the calendar day of the screening where the patient is."""

    id: str
    screened_at: Moment
    screened_on: date
    patient: Patient
    observations: tuple[Observation, ...]
    origin: str = ""
