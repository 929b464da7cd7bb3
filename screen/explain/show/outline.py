"""What a screening says, in the order in which a reader needs it; every format folds this."""

from collections.abc import Sequence

from msgspec import Struct

from screen.explain.why.because import because, leaf_clauses
from screen.explain.why.deciding import assumptions, deciding
from screen.explain.words.background import Background
from screen.explain.words.clauses import sentence
from screen.explain.words.plain_text import counted
from screen.model.screening import CriterionResult, Effect, Screening, Verdict
from screen.model.truth import Reason

INCOMPLETE = (
    "Part of this protocol's source is not known to us: it can show that somebody is "
    "ineligible, and nothing more."
)


class Entry(Struct, frozen=True):
    """One criterion: its id, the lines of the source that it comes from, and a sentence."""

    criterion: str
    cited: str
    told: str


class Group(Struct, frozen=True):
    """Criteria under one heading; `brief` ones are only named."""

    heading: str
    entries: tuple[Entry, ...]
    brief: bool = False


class Outline(Struct, frozen=True):
    """`summary` counts the criteria; `remark` is "" or what the protocol cannot tell."""

    screening: Screening
    summary: str
    groups: tuple[Group, ...]
    remark: str = ""


def deciding_criteria(screening: Screening) -> tuple[CriterionResult, ...]:
    """The criteria that fail; where none does, those that are unknown."""
    failing = _with(screening, Effect.FAILS)
    return failing or _with(screening, Effect.UNKNOWN)


def _with(screening: Screening, effect: Effect) -> tuple[CriterionResult, ...]:
    return tuple(result for result in screening.results if result.effect is effect)


def person_words(screening: Screening) -> str:
    """`2 lines a person still checks`; "" where there is none."""
    number = len(screening.by_person)
    return f"{counted(number, 'line', 'lines')} a person still checks" if number else ""


def short_words(screening: Screening) -> str:
    """What stands before the deciding criteria in an overview, or instead of them."""
    persons = person_words(screening)
    return f"{persons}; {_short_words(screening)}" if persons else _short_words(screening)


def _short_words(screening: Screening) -> str:
    if screening.verdict is Verdict.INELIGIBLE:
        return "fails: "
    if deciding_criteria(screening):
        return "waits for: " if screening.verdict is Verdict.PENDING else "unknown: "
    if screening.verdict is Verdict.UNDECIDED:
        return "nothing fails; protocol incomplete"
    assumed = sum(bool(assumptions(result)) for result in screening.results)
    if assumed:
        return f"{len(screening.results) - assumed} satisfied, {assumed} assumed"
    return f"{counted(len(screening.results), 'criterion', 'criteria')} satisfied"


def outline(screening: Screening, background: Background) -> Outline:
    """The verdict's reasons first, then what is missing, then what was assumed."""
    unknown = _with(screening, Effect.UNKNOWN)
    waiting = tuple(result for result in unknown if result.reasons == (Reason.NOT_ATTESTED,))
    missing = tuple(result for result in unknown if result not in waiting)
    groups = [_group("Fails", _with(screening, Effect.FAILS), background)]
    if screening.verdict is Verdict.INELIGIBLE:
        groups.append(_group("Also unknown, which changes nothing", unknown, background, True))
    else:
        groups.append(_group("Unknown", missing, background))
        groups.append(_group("Waits for a person", waiting, background))
    if screening.verdict in (Verdict.ELIGIBLE, Verdict.PENDING):
        satisfied = _with(screening, Effect.SATISFIED)
        recorded = [result for result in satisfied if not _only_assumed(result)]
        groups.append(_group("Satisfied", recorded, background))
    groups.append(_assumed(screening, background))
    return Outline(
        screening,
        _summary(screening),
        tuple(group for group in groups if group.entries),
        "" if screening.protocol.complete else INCOMPLETE,
    )


def _summary(screening: Screening) -> str:
    counts = [(effect, len(_with(screening, effect))) for effect in Effect]
    words = {Effect.SATISFIED: "satisfied", Effect.FAILS: "failing", Effect.UNKNOWN: "unknown"}
    parts = [f"{number} {words[effect]}" for effect, number in counts if number]
    persons = person_words(screening)
    told = f"{counted(len(screening.results), 'criterion', 'criteria')}: {', '.join(parts)}"
    return f"{told}; {persons}" if persons else told


def _group(
    heading: str,
    results: Sequence[CriterionResult],
    background: Background,
    brief: bool = False,
) -> Group:
    entries = (
        Entry(
            result.criterion.id,
            ", ".join(result.criterion.citation.at),
            "" if brief else because(result, background),
        )
        for result in results
    )
    return Group(heading, tuple(entries), brief)


def _only_assumed(result: CriterionResult) -> bool:
    return all(leaf.assumed for leaf in deciding(result.judgement))


def _assumed(screening: Screening, background: Background) -> Group:
    entries = []
    for result in screening.results:
        leaves = assumptions(result)
        if leaves:
            clauses = (c for leaf in leaves for c in leaf_clauses(leaf, background))
            cited = ", ".join(result.criterion.citation.at)
            entries.append(Entry(result.criterion.id, cited, sentence(clauses)))
    return Group("Assumed; please confirm", tuple(entries))
