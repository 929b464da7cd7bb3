"""What people write, held to pydantic models: each fault becomes a problem with its place.

A model says which keys there are, and what may stand under each; whether names and units are
known is a second question, asked of what fits. Here alone pydantic's errors are turned into
problems of the file. Nothing on the way of a case imports this: pydantic starts slower than all
else there together.
"""

from collections.abc import Sequence
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

from msgspec.structs import replace
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from screen.language.tree import Items, Node, Pairs, Problems, Text
from screen.problems import Kind

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SCALAR = {"type": ["string", "number", "boolean"]}


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
        return dict(_SCALAR)


def _one_value(value: Any) -> Written:
    if not isinstance(value, Written):
        raise fault(Kind.WRONG_SHAPE, detail="one value")
    return value


def value_of(value: Any) -> Written:
    """A scalar that is there, stripped: where a validator of a model begins. Raises a fault."""
    return _one_value(value).stripped()


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


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

Values = Annotated[
    tuple[Value, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}),
]
"""One value, or a list of them."""

Texts = dict[Written, Value]
"""A text for each name."""


def one_of(*allowed: str) -> Any:
    """The type of a value that is one of a few words."""

    def known(value: Any) -> Written:
        text = _one_value(value)
        if text in allowed:
            return text
        text = text.stripped()
        if text not in allowed:
            raise fault(Kind.UNKNOWN_VALUE, value=text, allowed=allowed)
        return text

    return Annotated[Written, BeforeValidator(known), WithJsonSchema({"enum": list(allowed)})]


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
        return {"$schema": _DRAFT, **cls.model_json_schema(by_alias=True)}


F = TypeVar("F", bound=Form)


def fitted(form: type[F], tree: Pairs, problems: Problems) -> F | None:
    """What `tree` says, in the model `form`.

    What does not fit goes to `problems`, with its place, and is left out, so that the rest can be
    looked at as well; None where nothing is left.
    """
    values = _plain(tree)
    while True:
        try:
            return form.model_validate(values)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
        for one in faults:
            _note(one, form, tree, problems)
        left = [_leave_out(one, form, values) for one in faults]
        if not all(left):
            return None


def _plain(node: Node) -> Any:
    if isinstance(node, Text):
        return Written.of(node)
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    return {Written.of(key): _plain(value) for key, value in node.pairs}


def _note(one: ErrorDetails, form: type[Form], tree: Pairs, problems: Problems) -> None:
    """An error of pydantic as a problem of the file."""
    path = one["loc"]
    if one["type"] in ("extra_forbidden", "missing"):
        place, key = _place(form, tree, path[:-1]), str(path[-1])
        if one["type"] == "missing":
            problems.add(Kind.MISSING_KEY, place.node, value=key, about=place.about)
            return
        assert isinstance(place.node, Pairs)
        name = place.node.key(key)
        if key in place.form.above:
            problems.add(Kind.ONLY_AT_TOP, name, value=key, about=place.about)
        else:
            allowed = (*place.form.keys(), *place.form.above)
            problems.add(Kind.UNKNOWN_KEY, name, value=key, allowed=allowed)
        return
    place = _place(form, tree, path)
    if one["type"] in _SHAPES:
        detail = _SHAPES[one["type"]]
        problems.add(Kind.WRONG_SHAPE, place.node, about=place.about, detail=detail)
        return
    said = one["ctx"]
    problems.add(
        Kind[one["type"]],
        place.node,
        value=said["value"],
        about=said["about"] or place.about,
        detail=said["detail"],
        allowed=said["allowed"],
    )
    if said["nearest"]:
        problems.found[-1] = replace(problems.found[-1], nearest=said["nearest"])


_SHAPES = {"dict_type": "keys with values", "model_type": "keys with values"}


class _Place(NamedTuple):
    """The node that an error is about, what it is called, and its form (or the one around it)."""

    node: Node
    about: str
    form: type[Form]


def _place(form: type[Form], tree: Pairs, path: Sequence[int | str]) -> _Place:
    """Where a path leads. A value alone may stand for a list of one, or for the keys around it."""
    node: Node = tree
    about, kind = form.called, cast(Any, form)
    for part in path:
        if isinstance(kind, type) and issubclass(kind, Form):
            form, about, kind = kind, str(part), _bare(kind.keys()[str(part)])
        else:
            kind = _inside(kind)
            if isinstance(part, str):
                is_form = isinstance(kind, type) and issubclass(kind, Form)
                about = f'{kind.called} "{part}"' if is_form else f"{about} {part}"
        if isinstance(node, Items) and isinstance(part, int):
            node = node.items[part]
        elif isinstance(node, Pairs) and isinstance(part, str):
            node = node.get(part) or node
    if isinstance(kind, type) and issubclass(kind, Form):
        form = kind
    return _Place(node, about, form)


def _bare(kind: Any) -> Any:
    """A type without its annotations, and without None."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    return kind


def _inside(kind: Any) -> Any:
    """The type of what stands in a list, or under a name."""
    inside = get_args(kind)[get_origin(kind) is dict :]
    return _bare(inside[0]) if inside else Any


def _leave_out(one: ErrorDetails, form: type[Form], values: Any) -> bool:
    """Take out of `values` what an error is about; False where it is all of them."""
    path = one["loc"]
    if one["type"] == "missing":
        *path_of_holder, key = path
        if not path_of_holder:
            values[key] = {}
            return get_origin(_bare(form.keys()[str(key)])) is dict
        path = tuple(path_of_holder)
    for part in path[:-1]:
        inner = values.get(part)
        if not isinstance(inner, dict):
            values.pop(part, None)
            return True
        values = inner
    values.pop(path[-1], None)
    return True
