"""The keys of a protocol file, from the schema that editors use."""

import json
import re
from typing import Any

from docs.pages.markdown import code, plain, table
from screen.language.protocol.schema import protocol_schema

Json = dict[str, Any]


def markdown() -> str:
    """A table for each part of the file, the whole first."""
    schema = protocol_schema()
    shapes = {"ProtocolShape": schema} | schema["$defs"]
    return "\n".join(_shape(name, shape) for name, shape in shapes.items() if _keys(shape))


def _keys(shape: Json) -> Json:
    found: Json = shape.get("properties", {})
    return found


def _shape(name: str, shape: Json) -> str:
    required = shape.get("required", [])
    rows = (
        (code(key), plain(_kind(value)), "yes" if key in required else "", _otherwise(value))
        for key, value in _keys(shape).items()
    )
    words = " ".join(shape.get("description", "").split())
    head = ("key", "what it is", "has to be there", "otherwise")
    return f"## {_title(name)}\n\n{plain(words)}\n\n{table(head, rows)}"


def _title(name: str) -> str:
    """`AtLeastShape` as `At least`."""
    words = re.findall("[A-Z][a-z]*", name.removesuffix("Shape"))
    return " ".join(words).capitalize()


def _kind(value: Json) -> str:
    """What a value may be, in words."""
    if "$ref" in value:
        return _title(value["$ref"].rpartition("/")[2]).lower()
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(one) for one in value["anyOf"] if not _is_none(one)))
    if "enum" in value:
        return ", ".join(str(one) for one in value["enum"])
    if "const" in value:
        return str(value["const"])
    match value.get("type"):
        case "array":
            return f"list of {_kind(value['items'])}"
        case "object":
            inner = value.get("additionalProperties")
            return f"names, each with {_kind(inner)}" if isinstance(inner, dict) else "keys"
        case "integer":
            return "whole number"
        case "boolean":
            return "true or false"
        case _:
            return "text"


def _is_none(value: Json) -> bool:
    return value.get("type") == "null"


def _otherwise(value: Json) -> str:
    default = value.get("default")
    return "" if default in (None, [], {}) else code(json.dumps(default).strip('"'))
