"""The JSON Schemas of what people write, so that an editor completes and checks while they type.

    python -m screen.cli.editor_schemas mapping > mapping.schema.json

They are made of the models that the program itself reads mappings, sites' files and test tables
with. A protocol is read without pydantic, as it is on the way of a case; its model is the same
shape, and a test holds the two together.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from screen.batch.mapping.form import MappingForm
from screen.batch.mapping.header_check import targets_of
from screen.batch.mapping.model import Shape
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.language.protocol.protocol_tests import TableForm
from screen.language.protocol.schema import protocol_schema
from screen.language.site.site_form import SiteForm
from screen.model.concept import Vocabulary

Schema = dict[str, Any]


def mapping_schema(vocabulary: Vocabulary) -> Schema:
    """A mapping, with what its columns can be."""
    schema = MappingForm.editor_schema()
    concepts = tuple(vocabulary.concepts)
    names = {name for shape in Shape for name in targets_of(shape, concepts)}
    # Offered, and not demanded: what is the answer of one test has a name of its own.
    targets = {"anyOf": [{"enum": sorted(name for name in names if "." not in name)}, {}]}
    for form in ("ColumnForm", "RecordColumnForm"):
        schema["$defs"][form]["properties"]["is"] |= targets
    schema["properties"]["units"]["propertyNames"] = {"enum": sorted(concepts)}
    return schema


def site_schema(vocabulary: Vocabulary) -> Schema:
    """A site's own file, with the concepts whose values can grow old."""
    schema = SiteForm.editor_schema()
    schema["properties"]["staleness"]["propertyNames"] = {"enum": sorted(vocabulary.concepts)}
    return schema


def table_schema(vocabulary: Vocabulary) -> Schema:
    """A test table of a protocol, with the concepts that its cases can record."""
    schema = TableForm.editor_schema()
    known = {"enum": sorted(vocabulary.concepts)}
    schema["$defs"]["BaseForm"]["properties"]["observations"]["propertyNames"] = known
    schema["$defs"]["TestForm"]["properties"]["change"]["propertyNames"] = known
    return schema


SCHEMAS: dict[str, Callable[[Vocabulary], Schema]] = {
    "protocol": protocol_schema,
    "mapping": mapping_schema,
    "site": site_schema,
    "tests": table_schema,
}
"""By the kind of file."""


def main(kinds: list[str]) -> int:
    """Write the schema of one kind of file to the standard output; 2 for any other word."""
    if len(kinds) != 1 or kinds[0] not in SCHEMAS:
        print(f"usage: python -m screen.cli.editor_schemas {'|'.join(SCHEMAS)}", file=sys.stderr)
        return 2
    schema = SCHEMAS[kinds[0]](load_vocabulary(default_rules_dir()))
    json.dump(schema, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
