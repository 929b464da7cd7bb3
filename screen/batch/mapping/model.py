"""What a site's mapping says: which of its columns is what, and how its cells are written."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from msgspec import structs

from screen.batch.tables.source import Reading
from screen.model.concept import Vocabulary

SINCE_UNITS = {"s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
"""The units in which a time may be counted from another, in microseconds."""


def _nothing() -> Map[str, str]:
    return MappingProxyType({})


class Shape(Enum):
    """What one row of the file is."""

    WIDE = "wide"  # a case
    SERIES = "series"  # one time at which a case was examined
    LONG = "long"  # an observation
    PATIENTS = "patients"  # a case, without its observations


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one column of the site is read.

    `target` is a canonical column. `unit` belongs to bare numbers. `codes` are the site's
    codes and their meanings; `not_recorded` are cells that stand for "nothing". `times` are
    forms of `strftime`, or `excel`. `whole` reads `12.0` as `12`. `contexts` are constant keys
    of every record of this column (`on`, `assay`, `specimen`, ...).

    `answers` are codes of one concept each, in a long table beside codes for all. `since` makes
    the cell a number of `unit` (min, h, d) after a time: another column, or a time as written.
    A column with no target is read because others need it.
    """

    name: str
    target: str
    unit: str = ""
    codes: Map[str, str] = field(default_factory=_nothing)
    not_recorded: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    whole: bool = False
    contexts: Map[str, str] = field(default_factory=_nothing)
    answers: Map[str, Map[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    since: str = ""


@dataclass(frozen=True, slots=True)
class RowRule:
    """Rows are kept where the cell of `column` is one of `texts`; or where it `is_not`."""

    column: str
    texts: tuple[str, ...]
    is_not: bool = False

    @property
    def left_out(self) -> str:
        """What the rows are that do not count: `ward is not ICU`."""
        return f"{self.column} {'is' if self.is_not else 'is not'} {', '.join(self.texts)}"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping. `ignored` are columns with the reason why they are not used.

    `screened_at` is a constant time, `last` (the latest time in the case's own rows, for a
    series or long table; a column of `screened_at` is for cases without any time there), or
    empty where a column says it. `offset` (`+08:00`) belongs to times of day that carry none;
    or `zone` (`Europe/Rome`) says the offset of each, and never are both given. `units` are units
    of bare numbers by concept (long tables).

    `case` are the columns that are the key of a case together, where one is not enough. `rows`
    says which rows count, `last_row` is the last of the table (0: that of the file). `presence`
    is the value of every record of a table that says only what is there. `shift_years` is added
    to every year. `unit_aliases` are spellings of units in this file, with their UCUM codes.

    `bases` are columns of the patients' file from which times in the other file are counted.

    `patients` is how a second file with the patients is read. Its `line` is where `file` says so,
    or 0: then that file is as in `docs/formats.md`. `tzdata` is the version of the zones, if any.
    """

    file: str = ""
    shape: Shape = Shape.WIDE
    reading: Reading = field(default_factory=Reading)
    columns: Map[str, ColumnRule] = field(default_factory=lambda: MappingProxyType({}))
    ignored: Map[str, str] = field(default_factory=_nothing)
    fill_down: tuple[str, ...] = ()
    screened_at: str = ""
    offset: str = ""
    zone: str = ""
    times: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    marks_declared: bool = False
    not_recorded: tuple[str, ...] = ()
    constants: Map[str, str] = field(default_factory=_nothing)
    units: Map[str, str] = field(default_factory=_nothing)
    case: tuple[str, ...] = ()
    rows: tuple[RowRule, ...] = ()
    last_row: int = 0
    presence: str = ""
    shift_years: int = 0
    unit_aliases: Map[str, str] = field(default_factory=_nothing)
    bases: tuple[str, ...] = ()
    patients: "Mapping | None" = None
    line: int = 0
    tzdata: str = ""
    digest: str = ""


LAST = "last"
EXCEL = "excel"
EXCEL_1904 = "excel, from 1904"
"""`excel` in a workbook that counts its days from 1904; no mapping says it, the workbook does."""


def counted_from_1904(mapping: Mapping) -> Mapping:
    """The mapping for a workbook that counts its days from 1904."""

    def of(times: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(EXCEL_1904 if form == EXCEL else form for form in times)

    columns = {name: replace(rule, times=of(rule.times)) for name, rule in mapping.columns.items()}
    return replace(mapping, times=of(mapping.times), columns=MappingProxyType(columns))


def with_aliases(vocabulary: Vocabulary, aliases: Map[str, str]) -> Vocabulary:
    """The vocabulary with more spellings of units, which win over those that it has."""
    if not aliases:
        return vocabulary
    both = MappingProxyType({**vocabulary.unit_aliases, **aliases})
    return structs.replace(vocabulary, unit_aliases=both)
