"""A protocol: its sources, and its criteria in the order in which they are written."""

from collections.abc import Mapping

from msgspec import Struct

from screen.model.criterion import Citation, Criterion, CriterionKind


class Source(Struct, frozen=True):
    """A registry record or a paper; `lines` counts its own lists (`structured` names fields)."""

    name: str
    title: str
    id: str
    date: str
    structured: tuple[str, ...] = ()
    inclusion: int = 0
    exclusion: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line that a protocol has to cite or list as not screened."""
        return (
            *(f"structured {name}" for name in self.structured),
            *(f"inclusion {number}" for number in range(1, self.inclusion + 1)),
            *(f"exclusion {number}" for number in range(1, self.exclusion + 1)),
        )


class NotScreened(Struct, frozen=True):
    """A line of the source that no criterion tests, and why.

    `nothing_to_test`: the line itself tests nothing (it explains the line above).
    """

    citation: Citation
    reason: str
    nothing_to_test: bool = False


class Drug(Struct, frozen=True):
    """What the protocol gives; `dose` is in words."""

    name: str
    dose: str = ""


class Protocol(Struct, frozen=True):
    """`complete` is False where part of the source is not known; such a protocol can prove
    somebody ineligible and nothing else. `digest` is the SHA-256 of the protocol file;
    `file` names it relative to the rules folder.
    """

    id: str
    title: str
    version: str
    complete: bool
    status: str
    drug: Drug
    sources: Mapping[str, Source]
    criteria: tuple[Criterion, ...]
    not_screened: tuple[NotScreened, ...] = ()
    note: str = ""
    digest: str = ""
    file: str = ""

    @property
    def inclusion(self) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.kind is CriterionKind.INCLUSION)

    @property
    def exclusion(self) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.kind is CriterionKind.EXCLUSION)
