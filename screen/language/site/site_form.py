"""What may stand in a site's file. Imports pydantic, so it is imported where a site has a file."""

import re
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from screen.documents.written import Form, Texts, fault, value_of
from screen.model.concept import NoPotential
from screen.problems import Kind

_AGE = r"([0-9]{1,6}) +(a|mo|wk|d)"


def _age(value: Any, info: ValidationInfo) -> tuple[Fraction, str]:
    """A whole age and its unit: `60 a`."""
    text = value_of(value)
    found = re.fullmatch(_AGE, text)
    if found is None:
        key = (info.field_name or "").rstrip("_")
        about = f"{NoPotentialForm.called}.{key}"
        raise fault(Kind.NOT_ACCEPTED, about=about, value=text, detail="a whole age, such as 60 a")
    return Fraction(int(found[1])), found[2]


Age = Annotated[
    tuple[Fraction, str],
    PlainValidator(_age),
    WithJsonSchema({"type": "string", "pattern": f"^{_AGE}$"}),
]


class NoPotentialForm(Form):
    """Ages from which, and below which, no childbearing potential is assumed."""

    called: ClassVar[str] = "no_childbearing_potential"

    from_: Age | None = Field(default=None, alias="from")
    below: Age | None = None


class SiteForm(Form):
    """A site's own file: spellings of units, how old a value may be, and ages."""

    called: ClassVar[str] = "the file"

    unit_aliases: Texts = Field(default_factory=dict)
    staleness: Texts = Field(default_factory=dict)
    no_childbearing_potential: NoPotentialForm | None = None

    @property
    def no_potential(self) -> NoPotential | None:
        """The ages, where the file has any."""
        ages = self.no_childbearing_potential
        return NoPotential(ages.from_, ages.below) if ages else None
