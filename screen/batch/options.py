"""What a batch is asked to do."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from screen.batch.rule_source import RuleSource


class EngineName(StrEnum):
    """What decides."""

    COLUMNS = "columns"
    RULES = "rules"
    SPARK = "spark"


class FileFormat(StrEnum):
    """How verdicts are written."""

    PARQUET = "parquet"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Options:
    """`check` is how many cases are decided again by the reference; None for all of them.
    `workers` is a number of processes, 0 for as many as there are processors. `more` are further
    inputs of the same shape. `beside` are other files of the run (a ledger, keys), which may not
    lie in its output.
    """

    input: Path
    out: Path
    rules: RuleSource = field(default_factory=RuleSource)
    mapping: Path | None = None
    patients: Path | None = None
    engine: EngineName = EngineName.RULES
    format: FileFormat = FileFormat.PARQUET
    screened_at: str | None = None
    workers: int = 0
    check: int | None = 200
    resume: bool = False
    overwrite: bool = False
    more: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = ()


class Watcher(Protocol):
    """Hears how a batch gets on."""

    def cases(self, more: int) -> None:
        """`more` cases are decided."""

    def read(self, done: int, total: int) -> None:
        """`done` of `total` of the input was read; `total` is 0 if it is not known."""

    def say(self, text: str) -> None:
        """Something a person should know."""
