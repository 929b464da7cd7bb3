"""Whether a mapping fits a header, before a single row is read."""

from collections.abc import Iterator, Sequence

from screen.batch.columns.answer_columns import is_answer
from screen.batch.columns.contract_columns import (
    LONG_COLUMNS,
    check_names,
    check_wide,
    separator_hint,
    wide_names,
)
from screen.batch.mapping.model import LAST, ColumnRule, Mapping, Shape
from screen.documents.tree import Problems
from screen.intake.keys import PATIENT_COLUMNS
from screen.intake.times import is_time
from screen.model.concept import Vocabulary
from screen.problems import Kind

_ALL_OTHERS = "*"
_NOT_MAPPED = ": no column is mapped to it"
_DATE, _CLOCK = "_date", "_time"
BIRTH_PARTS = ("birth_year", "birth_month", "birth_day")


def columns_used(
    mapping: Mapping | None,
    header: Sequence[str],
    file: str,
    vocabulary: Vocabulary,
    required: Sequence[str],
    shape: Shape,
    elsewhere: Sequence[str] = (),
) -> list[ColumnRule]:
    """The columns to read, in the order of the header, and how.

    Without a mapping the header must hold names of `docs/formats.md`. With one, every column is
    mapped, ignored by name, or has such a name. `required` are canonical columns that must be
    given one way or the other, `elsewhere` the header of a file of patients, from whose times
    others are counted. Raises ProblemsFound with every name that does not fit, and
    the nearest that would.
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
    helpers = [name for name in _helpers(mapping) if name in header or name not in elsewhere]
    helpers += [name for name in mapping.bases if name in header]
    for name in (*mapping.columns, *mapping.ignored, *mapping.fill_down, *helpers):
        if name not in header and name != _ALL_OTHERS:
            in_mapping.add(
                Kind.MISSING_COLUMN,
                value=name,
                allowed=tuple(header),
                detail=f" in {file}",
            )
    taken = {rule.target for rule in mapping.columns.values()}
    taken |= {"case"} if mapping.case else set()
    taken |= {"value"} if mapping.presence and not is_patients else set()
    known = names_of(shape, tuple(vocabulary.concepts))
    rules = []
    for position, name in enumerate(header, start=1):
        if name in mapping.columns:
            rules.append(mapping.columns[name])
        elif name in helpers:
            rules.append(ColumnRule(name, ""))
        elif name in mapping.ignored:
            continue
        elif (name in known or is_answer(name)) and name not in taken:
            rules.append(ColumnRule(name, name))
        elif _ALL_OTHERS not in mapping.ignored:
            names = vocabulary.names
            problems.add(unknown, line=1, column=position, value=name, allowed=known, names=names)
    given = {made_of(rule.target) for rule in rules} | (taken & {"case", "value"})
    needs_time = mapping.screened_at == LAST and not is_patients
    given |= {"screened_at"} if mapping.screened_at else set()
    detail = f": no column of {file} is mapped to it" if is_patients else _NOT_MAPPED
    needed = [*required, *(["at"] if needs_time else [])]
    for target in filter(lambda name: name not in given, needed):
        in_mapping.add(Kind.MISSING_COLUMN, value=target, detail=detail + separator_hint(header))
    _check_parts({rule.target for rule in rules}, in_mapping)
    in_mapping.found.extend(problems.found)
    in_mapping.check()
    return rules


def _helpers(mapping: Mapping) -> tuple[str, ...]:
    """The columns that are read because others need them: keys, conditions, times to count from."""
    names = [*mapping.case, *(rule.column for rule in mapping.rows)]
    return tuple(dict.fromkeys((*names, *since_columns(mapping))))


def since_columns(mapping: Mapping) -> Iterator[str]:
    """The columns from which times are counted."""
    for rule in mapping.columns.values():
        if rule.since and not is_time(rule.since):
            yield rule.since


def _check_parts(targets: set[str], problems: Problems) -> None:
    """What is in several columns is there whole."""
    for target in sorted(targets):
        if target.endswith(_CLOCK) and f"{target.removesuffix(_CLOCK)}{_DATE}" not in targets:
            day = f"{target.removesuffix(_CLOCK)}{_DATE}"
            problems.add(Kind.MISSING_COLUMN, value=day, detail=f", which {target} belongs to")
    born = targets & set(BIRTH_PARTS)
    for part in BIRTH_PARTS:
        if born and part not in born:
            detail = f", which {', '.join(sorted(born))} belongs to"
            problems.add(Kind.MISSING_COLUMN, value=part, detail=detail)


def made_of(target: str) -> str:
    """The canonical column that a part of it makes: `at` of `at_date`, `birth_date` of a year."""
    if target in BIRTH_PARTS:
        return "birth_date"
    return target.removesuffix(_DATE) if is_day_of(target) else target


def is_day_of(target: str) -> bool:
    """Whether a column holds the day of a time whose clock is in another."""
    return target.endswith(f"at{_DATE}")


def clock_of(target: str) -> str:
    """`at_time` of `at_date`."""
    return f"{target.removesuffix(_DATE)}{_CLOCK}"


def is_clock_of(target: str) -> bool:
    """Whether a column holds the clock of a time whose day is in another."""
    return target.endswith(f"at{_CLOCK}")


def targets_of(shape: Shape, concepts: Sequence[str]) -> tuple[str, ...]:
    """Everything that a mapping may say that a column is: the canonical columns, and parts."""
    names = names_of(shape, concepts)
    times = [name for name in names if name == "screened_at" or name.split(".")[-1] == "at"]
    parts = [f"{name}{part}" for name in times for part in (_DATE, _CLOCK)]
    signs = {
        Shape.LONG: ["comparator"],
        Shape.WIDE: [f"{concept}.comparator" for concept in concepts],
    }
    return tuple(dict.fromkeys((*names, *BIRTH_PARTS, *parts, *signs.get(shape, ()))))


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
