"""The columns of `docs/formats.md`: what a wide and a long table hold after any mapping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from screen.batch.columns.answer_columns import is_answer
from screen.documents.tree import Problems
from screen.intake.keys import PATIENT_COLUMNS, RECORD_KEYS, VALUE_KEYS
from screen.model.concept import Vocabulary
from screen.problems import Kind

LONG_COLUMNS = ("case", "concept", "code", "system", *VALUE_KEYS)


@dataclass(frozen=True, slots=True)
class Columns:
    """The canonical columns of a table, in its order; `origin` is what the site calls each, and
    `places` where it stands in the file, from 1.
    """

    names: tuple[str, ...]
    origin: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict)

    def of_site(self, name: str) -> str:
        return self.origin.get(name, name)


def split_column(name: str) -> tuple[str, str]:
    """`spo2.on` is the key `on` of `spo2`; `spo2` alone is its `value`."""
    concept, _, key = name.partition(".")
    return concept, key or "value"


def wide_names(concepts: Sequence[str]) -> tuple[str, ...]:
    """Every column name that a wide table may have."""
    return (
        *PATIENT_COLUMNS,
        *concepts,
        *(f"{concept}.{key}" for concept in concepts for key in RECORD_KEYS),
    )


def check_names(
    header: Sequence[str],
    known: Sequence[str],
    required: Sequence[str],
    problems: Problems,
    unknown: Kind = Kind.UNKNOWN_COLUMN,
    names: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Report what is missing, and what nobody knows: data must not be lost without a word.

    `names` are what else the concepts are called.
    """
    for name in required:
        if name not in header:
            detail = separator_hint(header)
            problems.add(Kind.MISSING_COLUMN, line=1, value=name, detail=detail)
    accepted = set(known)
    for position, name in enumerate(header, start=1):
        if name not in accepted and not is_answer(name):
            allowed = tuple(known)
            problems.add(unknown, line=1, column=position, value=name, allowed=allowed, names=names)


def check_wide(
    header: Sequence[str], vocabulary: Vocabulary, required: Sequence[str], problems: Problems
) -> None:
    """The columns of a wide table without a mapping: known, complete, and keys with values."""
    if "case" not in header and not any(name in vocabulary.concepts for name in header):
        if any(looks_like_data(name) for name in header):
            problems.add(Kind.NO_HEADER, line=1)
            return
        problems.add(Kind.MISSING_COLUMN, line=1, value="case", detail=separator_hint(header))
        return
    known = wide_names(tuple(vocabulary.concepts))
    check_names(header, known, required, problems, names=vocabulary.names)
    for position, name in enumerate(header, start=1):
        concept, key = split_column(name)
        if key != "value" and concept in vocabulary.concepts and concept not in header:
            problems.add(
                Kind.MISSING_COLUMN,
                line=1,
                column=position,
                value=concept,
                detail=f', which "{name}" belongs to',
            )


def looks_like_data(name: str) -> bool:
    """Whether a cell of the first row is a value rather than a name."""
    return name[:1].isdigit() or name[:1] in "<>-+"


def separator_hint(header: Sequence[str]) -> str:
    """Where the whole header is one cell, which character seems to separate the columns."""
    if len(header) == 1:
        for mark in (";", "\t", "|"):
            if mark in header[0]:
                shown = "\\t" if mark == "\t" else mark
                return f'; the cells seem to be separated by "{shown}" (delimiter in a mapping)'
    return ""
