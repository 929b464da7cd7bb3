"""The shape of a protocol file as pydantic models, and the JSON Schema that editors use.

The reader in `protocol.py` is what decides, and it gives every fault its line and column; these
models are the same shape for machines. A test holds the two together. Building the models takes
longer than reading every protocol, so nothing on the way of a case imports this file.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from screen.documents.tree import Items, Node, Pairs, Text
from screen.language.identifiers import CONCEPT, CRITERION
from screen.model import criterion
from screen.model.concept import Vocabulary
from screen.model.criterion import Combination

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

Words = Annotated[str, Field(min_length=1)]
Lines = Words | Annotated[list[Words], Field(min_length=1)]
Test = Annotated[
    Words | Annotated[list[Words], Field(min_length=1)],
    Field(description="a value, a list of values, or comparisons joined by a comma"),
]
ConceptName = Annotated[str, Field(pattern=f"^{CONCEPT}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class LeafShape(_Shape):
    """A test of one concept, with the observations that it is about."""

    test: Test = Field(alias="is")
    within: Annotated[str, Field(pattern=r"^[0-9]{1,6} *(min|h|d|wk)$")] | None = None
    on: Words | None = None
    assay: Words | None = None
    specimen: Words | None = None
    formula: Words | None = None
    exact: bool = False
    pick: Literal["latest", "earliest", "lowest", "highest", "any", "every"] = "latest"
    unrecorded: Literal["absent"] | None = None


class AllShape(_Shape):
    """Every one of the conditions holds."""

    all: Annotated[list["ConditionShape"], Field(min_length=1)]


class AnyShape(_Shape):
    """One of the conditions holds, or several do."""

    any: Annotated[list["ConditionShape"], Field(min_length=1)]


class NotShape(_Shape):
    """The condition does not hold."""

    negated: "ConditionShape" = Field(alias="not")


class CountShape(_Shape):
    """How many of the conditions have to hold."""

    count: Annotated[int, Field(ge=1)]
    of: Annotated[list["ConditionShape"], Field(min_length=1)]


class AtLeastShape(_Shape):
    """So many of the conditions hold."""

    at_least: CountShape


class PersonShape(_Shape):
    """What a person is asked, because the language cannot say it."""

    person: Words


class ConceptShape(
    RootModel[Annotated[dict[ConceptName, Test | LeafShape], Field(min_length=1, max_length=1)]]
):
    """One concept and what is asked of it."""


ConditionShape = AllShape | AnyShape | NotShape | AtLeastShape | PersonShape | ConceptShape


def shape_of(kind: type[Combination]) -> type[BaseModel]:
    """The shape in which a way of combining conditions is written."""
    match kind:
        case criterion.All:
            return AllShape
        case criterion.Any:
            return AnyShape
        case criterion.Not:
            return NotShape
        case criterion.AtLeast:
            return AtLeastShape


class CitationShape(_Shape):
    """Where a criterion comes from."""

    source: Words = Field(alias="in")
    at: Lines


class CriterionShape(_Shape):
    """One criterion."""

    id: Annotated[str, Field(pattern=f"^{CRITERION}$")]
    text: Words
    source: CitationShape
    note: Words | None = None
    when: ConditionShape


class NotScreenedShape(_Shape):
    """Lines of a source that no criterion stands for."""

    source: Words | None = Field(default=None, alias="in")
    at: Lines
    reason: Words
    nothing_to_test: bool = False


class LineCountShape(_Shape):
    """How many lines the lists of a source have."""

    structured: list[Words] = []
    inclusion: Annotated[int, Field(ge=0, le=500)] = 0
    exclusion: Annotated[int, Field(ge=0, le=500)] = 0


class SourceShape(_Shape):
    """A registry record or a paper."""

    title: Words
    id: Words
    date: Words
    lines: LineCountShape


class DrugShape(_Shape):
    """What is given."""

    name: Words
    dose: Words | None = None


class ProtocolShape(_Shape):
    """A protocol file."""

    protocol: Annotated[Words, Field(max_length=64)]
    title: Words
    version: Words
    complete: bool
    status: Words
    drug: DrugShape
    sources: Annotated[dict[Words, SourceShape], Field(min_length=1)]
    inclusion: list[CriterionShape] = []
    exclusion: list[CriterionShape] = []
    not_screened: list[NotScreenedShape] = []
    note: Words | None = None


def protocol_schema(vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """The JSON Schema of a protocol file, for editors.

    With a `vocabulary`, concepts and contexts are restricted to its names, so that an editor
    can complete them.
    """
    schema: dict[str, Any] = {"$schema": _DRAFT, **ProtocolShape.model_json_schema(by_alias=True)}
    if vocabulary is not None:
        concept = schema["$defs"]["ConceptShape"]
        (tests,) = concept.pop("patternProperties").values()
        concept["properties"] = dict.fromkeys(sorted(vocabulary.concepts), tests)
        concept["additionalProperties"] = False
        leaf = schema["$defs"]["LeafShape"]["properties"]
        for name, tree in vocabulary.contexts.items():
            leaf[name] = {"enum": [*tree.values, *tree.aliases], "title": leaf[name]["title"]}
    return schema


def shape_errors(tree: Node) -> tuple[str, ...]:
    """What the models have against a protocol file, as `place: message`; empty if nothing."""
    try:
        ProtocolShape.model_validate(_plain(tree))
    except ValidationError as error:
        return tuple(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
    return ()


def _plain(node: Node) -> Any:
    match node:
        case Text():
            return None if node.empty else node.value
        case Items():
            return [_plain(item) for item in node.items]
        case Pairs():
            return {key.value: _plain(value) for key, value in node.pairs}
