"""A site's mapping, from its file."""

import hashlib
from dataclasses import replace
from pathlib import Path

from screen.batch.mapping.model import Mapping
from screen.documents.text_files import read_document, shown_path
from screen.documents.tree import Problems, pairs_of
from screen.model.concept import Vocabulary


def load_mapping(path: Path, vocabulary: Vocabulary) -> Mapping:
    """The mapping in a YAML file. Raises ProblemsFound with everything that is wrong with it."""
    # It imports pydantic, which a batch without a mapping does not need.
    from screen.batch.mapping.reader import MappingReader

    problems = Problems(shown_path(path))
    tree, data = read_document(path, problems)
    top = pairs_of(tree, "a mapping", problems)
    problems.check()
    assert top is not None
    mapping = MappingReader(problems, vocabulary).mapping(top)
    problems.check()
    return replace(mapping, digest=f"sha256:{hashlib.sha256(data).hexdigest()}")
