"""Reads what people write into pydantic models: each fault becomes a problem with its place.

A model says which keys there are, and what may stand under each; whether names and units are
known is a second question, asked of what fits. Here alone pydantic's errors are turned into
problems of the file.
"""

from collections.abc import Sequence
from itertools import takewhile
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from msgspec.structs import replace
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.documents.written import Form, Keys, Written
from screen.problems import Kind

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
    return Keys(node, [(Written.of(key), _plain(value)) for key, value in node.pairs])


def _note(one: ErrorDetails, form: type[Form], tree: Pairs, problems: Problems) -> None:
    """An error of pydantic as a problem of the file."""
    path = one["loc"]
    if one["type"] in ("extra_forbidden", "missing"):
        place, key = _place(form, tree, path[:-1]), str(path[-1])
        if one["type"] == "missing":
            if isinstance(place.node, Pairs) and place.node.key(key):
                return  # it was left out before
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


_SHAPES = {
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "tuple_type": "a list",
}


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
    # A list is left out whole: without one of its items, the others would have other places.
    names = tuple(takewhile(lambda part: isinstance(part, str), path))
    if not names:
        return False
    for name in names[:-1]:
        inner = values.get(name)
        if not isinstance(inner, dict):
            values.pop(name, None)
            return True
        values = inner
    values.pop(names[-1], None)
    return True
