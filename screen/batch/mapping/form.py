"""What may stand in a mapping file, key by key. What keys say together is for the reader."""

from typing import Annotated, Any, ClassVar

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from screen.batch.mapping.checked_values import (
    CaseKey,
    Delimiter,
    Encoding,
    Offset,
    Row,
    Years,
    Zone,
)
from screen.batch.mapping.model import Shape
from screen.documents.written import (
    SCALAR,
    Form,
    OneOf,
    OneOrMany,
    Texts,
    Value,
    Values,
    Written,
    fault,
    value_of,
)
from screen.problems import Kind

# No blank: `5 109/L` is 5 times ten to the ninth, written by a system that lost the superscript.
_THOUSANDS = (".", ",", "'", "", "none")
_TEXTS: TypeAdapter[Texts] = TypeAdapter(Texts)


def _code(value: Any) -> Written | Texts:
    return _TEXTS.validate_python(value) if isinstance(value, dict) else value_of(value)


Codes = dict[
    Written,
    Annotated[
        Written | Texts,
        PlainValidator(_code),
        WithJsonSchema({"anyOf": [SCALAR, {"type": "object", "additionalProperties": SCALAR}]}),
    ],
]
"""The site's codes and their meanings; or, for a concept, its own codes and theirs."""


Flag = Annotated[Written, OneOf("true", "false"), WithJsonSchema({"type": "boolean"})]


class _OrTarget:
    """A column of which only is said what it is: `plt: platelets`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(cls._as_keys, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [SCALAR, handler(schema)]}

    @staticmethod
    def _as_keys(value: Any) -> Any:
        return {"is": value} if isinstance(value, Written) else value


class ColumnForm(Form):
    """How a column of a patients' file is read."""

    called: ClassVar[str] = "column"

    target: Value = Field(alias="is")
    unit: Value | None = None
    codes: Codes = Field(default_factory=dict)
    not_recorded: Values = ()
    times: Values = ()
    whole: (
        Annotated[Written, OneOf("true", "false"), WithJsonSchema({"type": "boolean"})] | None
    ) = None
    since: Value | None = None

    def contexts(self) -> dict[str, Written]:
        """The keys of every record of this column, which its cells do not hold."""
        return {}


class RecordColumnForm(ColumnForm):
    """How a column of observations is read; those of a patient can stand among them."""

    on: Value | None = None
    assay: Value | None = None
    specimen: Value | None = None
    upper_limit: Value | None = None
    lower_limit: Value | None = None
    status: Value | None = None
    source: Value | None = None
    sample: Value | None = None
    formula: Value | None = None

    def contexts(self) -> dict[str, Written]:
        of_all = ColumnForm.model_fields
        given = ((key, text) for key, text in self if key not in of_all)
        return {key: text for key, text in given if text is not None}


class RowsForm(Form):
    """A condition for the rows that count."""

    called: ClassVar[str] = "rows"

    where: Value
    is_: Values | None = Field(default=None, alias="is")
    is_not: Values | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "RowsForm":
        if (self.is_ is None) == (self.is_not is None):
            detail = "one of is and is_not says which rows count"
            raise fault(Kind.AGAINST_ITSELF, about="rows", detail=detail)
        return self


class CellsForm(Form):
    """How a file is opened, and how its cells are written."""

    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    sheet: Value | None = None
    offset: Offset | None = None
    zone: Zone | None = None
    times: Values | None = None
    decimal: Annotated[Written, OneOf(".", ",")] | None = None
    thousands: Annotated[Written, OneOf(*_THOUSANDS)] | None = None
    not_recorded: Values | None = None
    header_row: Row | None = None
    last_row: Row | None = None
    rows: OneOrMany[RowsForm] = ()
    case: CaseKey = ()


class PatientsForm(CellsForm):
    """How the file of the patients is read, beside one of their observations."""

    called: ClassVar[str] = "patients"
    above: ClassVar[tuple[str, ...]] = (
        "shape",
        "fill_down",
        "screened_at",
        "constants",
        "units",
        "presence",
        "shift_years",
        "unit_aliases",
    )

    columns: dict[Written, Annotated[ColumnForm, _OrTarget]] = Field(default_factory=dict)
    ignore: Texts = Field(default_factory=dict)


class MappingForm(CellsForm):
    """A mapping: which column of a site's table is what, and how its cells are written."""

    called: ClassVar[str] = "the mapping"

    columns: dict[Written, Annotated[RecordColumnForm, _OrTarget]]
    shape: Annotated[Written, OneOf(*(one.value for one in Shape if one is not Shape.PATIENTS))] = (
        Written("wide")
    )
    fill_down: Values = ()
    screened_at: Value | None = None
    constants: Texts = Field(default_factory=dict)
    units: Texts = Field(default_factory=dict)
    presence: Value | None = None
    shift_years: Years = 0
    unit_aliases: Texts = Field(default_factory=dict)
    ignore: Texts = Field(default_factory=dict)
    patients: PatientsForm | None = None
