"""Case files, YAML or JSON: one case, or a list of cases (`docs/formats.md`)."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from screen.documents.text_files import decoded, read_bytes
from screen.documents.tree import Items, Problems
from screen.documents.yaml_text import read_yaml
from screen.intake.document import case_from_tree
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.problems import Kind, Problem, ProblemsFound

_MOST_CASES_NAMED = 100


class CaseFile(NamedTuple):
    """The cases in a file, in its order, and the SHA-256 of the bytes that they were read from."""

    cases: list[Case]
    digest: str


def open_case_file(path: Path, vocabulary: Vocabulary, screened_at: str | None = None) -> CaseFile:
    """The cases in a file. `screened_at` replaces the time given in the file.

    A name that ends in `.json` is read as JSON, everything else as YAML (which most JSON is
    too). Raises ProblemsFound with everything that is wrong with the file.
    """
    problems = Problems(str(path))
    data = read_bytes(path, problems)
    cases = _cases(path, data, vocabulary, screened_at, problems)
    return CaseFile(cases, f"sha256:{hashlib.sha256(data).hexdigest()}")


def read_case_file(
    path: Path, vocabulary: Vocabulary, screened_at: str | None = None
) -> list[Case]:
    """As `open_case_file`, the cases alone."""
    return open_case_file(path, vocabulary, screened_at).cases


def _cases(
    path: Path, data: bytes, vocabulary: Vocabulary, screened_at: str | None, problems: Problems
) -> list[Case]:
    text = decoded(data, problems)
    if path.suffix.lower() == ".json":
        from screen.documents.json_text import read_json

        tree = read_json(text, problems)
    else:
        tree = read_yaml(text, problems)
    if tree is None:
        problems.add(Kind.EMPTY)
        problems.check()
    assert tree is not None
    if isinstance(tree, Items) and not tree.items:
        problems.add(Kind.EMPTY)
    if not isinstance(tree, Items):
        return [case_from_tree(tree, problems.file, vocabulary, screened_at, problems)]
    found: list[Problem] = list(problems.found)
    cases = []
    for item in tree.items:
        own = Problems(problems.file)
        try:
            cases.append(case_from_tree(item, own.file, vocabulary, screened_at, own))
        except ProblemsFound as wrong:
            found.extend(wrong.problems)
        if len(found) > _MOST_CASES_NAMED:
            break
    if found:
        raise ProblemsFound(found)
    return cases
