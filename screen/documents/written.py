"""What people write, as types of pydantic models: texts with their places, and keys with values.

Nothing on the way of a case imports this: pydantic starts slower than all else there together.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from screen.documents.tree import Pairs, Text
from screen.problems import Kind

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCALAR = {"type": ["string", "number", "boolean"]}
"""The JSON Schema of a scalar: all of them are texts here, whatever YAML would make of them."""


class Written(str):
    """A text as it stands in a file; `node` has its place. YAML's numbers are texts here, too."""

    __slots__ = ("node",)
    node: Text

    @classmethod
    def of(cls, node: Text) -> "Written":
        """The text of a node."""
        return cls(node.value)._at(node)

    def stripped(self) -> "Written":
        """Without the blanks around it. Raises what a model says of a value that is not there."""
        text = self.strip()
        if not text or self.node.empty:
            raise fault(Kind.NO_VALUE)
        return self if len(text) == len(self) else Written(text)._at(self.node)

    def _at(self, node: Text) -> "Written":
        self.node = node
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_one_value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(SCALAR)


def _one_value(value: Any) -> Written:
    if not isinstance(value, Written):
        raise fault(Kind.WRONG_SHAPE, detail="one value")
    return value


def value_of(value: Any) -> Written:
    """A scalar that is there, stripped: where a validator of a model begins. Raises a fault."""
    return _one_value(value).stripped()


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Keys(dict[Written, Any]):
    """Keys with values as they stand in a file; `node` has their places."""

    def __init__(self, node: Pairs, values: Iterable[tuple[Written, Any]]) -> None:
        super().__init__(values)
        self.node = node


def fault(
    kind: Kind,
    *,
    value: str = "",
    about: str = "",
    detail: str = "",
    allowed: Sequence[str] = (),
    nearest: str = "",
) -> PydanticCustomError:
    """What a validator raises, as `Problems.add`; `about` is the key, unless it is given."""
    said = {"value": value, "about": about, "detail": detail, "nearest": nearest}
    return PydanticCustomError(kind.name, "{detail}", {**said, "allowed": tuple(allowed)})


Value = Annotated[Written, AfterValidator(Written.stripped)]
"""A scalar that is there, without the blanks around it."""


class _OneOrMany:
    """One value is taken for a list of one."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}


Item = TypeVar("Item")
OneOrMany = Annotated[tuple[Item, ...], _OneOrMany]
"""One value, or a list of them."""

Values = OneOrMany[Value]

Texts = dict[Written, Value]
"""A text for each name."""


def _node(value: Any) -> Pairs:
    if not isinstance(value, Keys):
        raise fault(Kind.WRONG_SHAPE, detail="keys with values")
    return value.node


Tree = Annotated[Pairs, PlainValidator(_node), WithJsonSchema({"type": "object"})]
"""Keys with values that another reader looks into."""


class OneOf:
    """Makes a scalar one of a few words: `Annotated[Written, OneOf("wide", "long")]`."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._known)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"enum": list(self._words)}

    def _known(self, value: Any) -> Written:
        text = _one_value(value)
        if text not in self._words:
            text = text.stripped()
            if text not in self._words:
                raise fault(Kind.UNKNOWN_VALUE, value=text, allowed=self._words)
        return text


class Form(BaseModel):
    """Keys with values, of which all are known.

    `called` is what messages call it; `above` are keys of the top level, should they stand here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    called: ClassVar[str] = ""
    above: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def keys(cls) -> dict[str, Any]:
        """The keys as they are written, in the order of the model, and the type of each."""
        fields = cls.model_fields.items()
        return {field.alias or name: field.annotation for name, field in fields}

    @classmethod
    def editor_schema(cls) -> dict[str, Any]:
        """The JSON Schema, with the version of JSON Schema that it is written in."""
        return {"$schema": _DRAFT, **_without_null(cls.model_json_schema(by_alias=True))}


def _without_null(schema: Any) -> Any:
    """A key that need not be there cannot be there without a value, as pydantic has it."""
    if isinstance(schema, list):
        return [_without_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _without_null(one) for name, one in schema.items() if one is not None}
    several = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    if len(several) == 1:
        return several[0] | kept
    return kept | ({"anyOf": several} if several else {})
