"""Whether a mapping fits a header, before a single row is read."""

from collections.abc import Sequence

from screen.batch.canonical import (
    LONG_COLUMNS,
    PATIENT_COLUMNS,
    check_names,
    check_wide,
    separator_hint,
    wide_names,
)
from screen.batch.mapping_model import LAST, ColumnRule, Mapping, Shape
from screen.language.tree import Problems
from screen.model.concept import Vocabulary
from screen.problems import Kind

_ALL_OTHERS = "*"
_NOT_MAPPED = ": no column is mapped to it"


def columns_used(
    mapping: Mapping | None,
    header: Sequence[str],
    file: str,
    vocabulary: Vocabulary,
    required: Sequence[str],
    shape: Shape,
) -> list[ColumnRule]:
    """The columns to read, in the order of the header, and how.

    Without a mapping the header must hold the contract's names. With one, every column is
    mapped, ignored by name, or has a name of the contract. `required` are canonical columns
    that must be given one way or the other. Raises ProblemsFound with every
    name that does not fit, and the nearest that would.
    """
    problems = Problems(file)
    is_patients = shape is Shape.PATIENTS
    unknown = Kind.UNKNOWN_PATIENT_COLUMN if is_patients else Kind.UNKNOWN_COLUMN
    if mapping is None:
        if shape is Shape.WIDE:
            check_wide(header, vocabulary, required, problems)
        else:
            known = names_of(shape, tuple(vocabulary.concepts))
            check_names(header, known, required, problems, unknown, vocabulary.names)
        problems.check()
        return [ColumnRule(name, name) for name in header]
    in_mapping = Problems(mapping.file)
    for name in (*mapping.columns, *mapping.ignored, *mapping.fill_down):
        if name not in header and name != _ALL_OTHERS:
            in_mapping.add(
                Kind.MISSING_COLUMN,
                value=name,
                allowed=tuple(header),
                detail=f" in {file}",
            )
    taken = {rule.target for rule in mapping.columns.values()}
    known = names_of(shape, tuple(vocabulary.concepts))
    rules = []
    for position, name in enumerate(header, start=1):
        if name in mapping.columns:
            rules.append(mapping.columns[name])
        elif name in mapping.ignored:
            continue
        elif name in known and name not in taken:
            rules.append(ColumnRule(name, name))
        elif _ALL_OTHERS not in mapping.ignored:
            names = vocabulary.names
            problems.add(unknown, line=1, column=position, value=name, allowed=known, names=names)
    given = {rule.target for rule in rules}
    needs_time = mapping.screened_at == LAST and not is_patients
    for target in (*required, *(["at"] if needs_time else [])):
        if target not in given and not (target == "screened_at" and mapping.screened_at):
            detail = f": no column of {file} is mapped to it" if is_patients else _NOT_MAPPED
            detail += separator_hint(header)
            in_mapping.add(Kind.MISSING_COLUMN, value=target, detail=detail)
    in_mapping.found.extend(problems.found)
    in_mapping.check()
    return rules


def names_of(shape: Shape, concepts: Sequence[str]) -> tuple[str, ...]:
    """Every canonical column of a table of this shape."""
    match shape:
        case Shape.WIDE:
            return wide_names(concepts)
        case Shape.SERIES:
            return (*PATIENT_COLUMNS, "at", *concepts)
        case Shape.LONG:
            return tuple(dict.fromkeys((*PATIENT_COLUMNS, "age", *LONG_COLUMNS)))
        case Shape.PATIENTS:
            return (*PATIENT_COLUMNS, "age")
