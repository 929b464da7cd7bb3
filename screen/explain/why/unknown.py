"""Why something is not known: the words for every reason."""

from collections.abc import Iterator

from msgspec import Struct

from screen.engine.reference import try_value
from screen.explain.why.set_aside import (
    SetAside,
    asked_concepts,
    records_of,
    selection_for,
    set_aside,
)
from screen.explain.words.amounts import age_text, amount_text, span_text, when_text
from screen.explain.words.background import Background
from screen.explain.words.clauses import Clause
from screen.explain.words.conversion import converted_text
from screen.explain.words.plain_text import listed
from screen.explain.words.quality import range_text
from screen.explain.words.record_words import (
    attributes,
    context_phrase,
    record_phrase,
    value_text,
    values_of,
)
from screen.model.case import Observation
from screen.model.concept import Method
from screen.model.criterion import Comparison, Comparisons, Leaf, Reference
from screen.model.fact import Evidence, Fact, Quality, Value
from screen.model.quantity import Amount
from screen.model.truth import Reason

# The data-quality remark that stands behind a reason.
_QUALITIES = {
    Reason.FUTURE: Quality.FUTURE,
    Reason.NO_UNIT: Quality.NO_UNIT,
    Reason.WRONG_UNIT: Quality.WRONG_UNIT,
    Reason.IMPLAUSIBLE: Quality.IMPLAUSIBLE,
    Reason.AMBIGUOUS: Quality.AMBIGUOUS,
    Reason.UNREADABLE: Quality.UNREADABLE,
}
_SPECIMENS = {Reason.CONTEXT: Quality.CONTEXT, Reason.UNSPECIFIC: Quality.UNSPECIFIC}
# Said before a noun as well as before an adjective: `not recorded: hospitalized`.
NOT_RECORDED = "not recorded: "


class Asked(Struct, frozen=True):
    """A leaf that is unknown, with what the case says about it."""

    leaf: Leaf
    fact: Fact
    background: Background

    @property
    def label(self) -> str:
        """What its concept is called."""
        return self.background.label(self.leaf.concept)

    def values(self) -> Iterator[tuple[Value, Evidence]]:
        """Each value that the test is applied to, with the evidence that states it."""
        return values_of(self.fact)

    def told(self, value: Value, item: Evidence, *limits: Comparison) -> str:
        """`neutrophils <0.8 10*9/L (<800 /mm3) on 2020-03-21`: in the units of `limits` too."""
        more = converted_text(value, item, limits, self.background)
        more += attributes(item, self.leaf.selection)
        name = self.background.label(item.concept)
        return f"{name} {value_text(value, item, self.background)}{more}"


def unknown_clauses(asked: Asked, reasons: tuple[Reason, ...]) -> Iterator[Clause]:
    """What keeps one leaf from being met or not met."""
    for reason in reasons:
        yield from _clauses(reason, asked)


def _clauses(reason: Reason, asked: Asked) -> Iterator[Clause]:
    match reason:
        case (
            Reason.STALE
            | Reason.UNDATED
            | Reason.CONTEXT
            | Reason.FUTURE
            | Reason.NO_UNIT
            | Reason.WRONG_UNIT
            | Reason.IMPLAUSIBLE
            | Reason.AMBIGUOUS
            | Reason.UNREADABLE
        ):
            return _of_records(reason, asked)
        case Reason.UNSPECIFIC:
            return _unspecific(asked) if asked.fact.values else _of_records(reason, asked)
        case Reason.MISSING:
            return _missing(asked)
        case Reason.BOUNDED:
            return _bounded(asked)
        case Reason.CONFLICTING:
            return _conflicting(asked)
        case Reason.NO_REFERENCE:
            return _no_reference(asked)
        case Reason.INCONCLUSIVE:
            return _inconclusive(asked)
        case Reason.NOT_ATTESTED:
            return _not_attested(asked)
        case Reason.NOT_COMPUTABLE:
            return _not_computable(asked)
        case Reason.SUPERSEDED:
            return _superseded(asked)


def _of_records(reason: Reason, asked: Asked) -> Iterator[Clause]:
    wanted = (_QUALITIES.get(reason, reason), _SPECIMENS.get(reason))
    records = set_aside(asked.leaf.selection, asked.fact, asked.background)
    found = [one for one in records if one.why in wanted]
    for one in found:
        told = _record_sentence(one, asked.leaf, asked.background)
        yield Clause(told + _purpose(one.observation, asked))
    if not found:
        # The inputs of a derived value: each counts alone, but not together.
        yield Clause(f"{asked.label}: {_WITHOUT_RECORD.get(reason, 'cannot be used')}")


_FLAWS: dict[Reason | Quality, str] = {
    Quality.FUTURE: " is after the screening",
    Quality.NO_UNIT: " has no unit",
    Quality.WRONG_UNIT: " is in a unit that does not measure it",
    Quality.AMBIGUOUS: " can be read in two ways that differ a thousandfold",
    Quality.UNREADABLE: " cannot be read",
    Quality.UNSPECIFIC: " names a specimen too general to tell whether it is measured in it",
}
_WITHOUT_RECORD = {
    Reason.UNDATED: "without times nobody can tell whether what it is computed from "
    "belongs together",
    Reason.STALE: "what is recorded is too old",
    Reason.IMPLAUSIBLE: "what its inputs make of it cannot be",
    Reason.CONTEXT: "what is recorded was taken under other conditions",
}


def _purpose(record: Observation, asked: Asked) -> str:
    """What the record is an input of, where it is not what the leaf itself asks about."""
    derivation = asked.background.concept(asked.leaf.concept).derivation
    if record.concept == asked.leaf.concept or derivation is None:
        return ""
    return "" if derivation.method is Method.FIRST_OF else f" (needed for {asked.label})"


def _record_sentence(one: SetAside, leaf: Leaf, background: Background) -> str:
    record = one.observation
    told = record_phrase(record, background)
    match one.why:
        case Reason.STALE:
            return _stale(one, told, leaf, background)
        case Reason.UNDATED:
            return _undated(one, told, leaf, background)
        case Reason.CONTEXT:
            return f"{told}{_other_context(record, leaf, background)}"
        case Quality.CONTEXT:
            return f"{told}{_other_specimen(record, background)}"
        case Quality.IMPLAUSIBLE:
            outside = range_text(background.concept(record.concept))
            return f"{told} is outside the plausible range{outside}"
        case _:
            return told + _FLAWS.get(one.why, " cannot be used")


def _limit_words(one: SetAside, leaf: Leaf, background: Background) -> str:
    if one.by_policy:
        limit = span_text(background.staleness[one.observation.concept])
        return f"{limit} (site policy, not the protocol)"
    return leaf.selection.within_text or span_text(leaf.selection.within or 0)


def _stale(one: SetAside, told: str, leaf: Leaf, background: Background) -> str:
    age = age_text(one.observation.at, background.case.screened_at)
    limit = _limit_words(one, leaf, background)
    return f"{told} is older than {limit}" + (f": {age} old" if age else "")


def _undated(one: SetAside, told: str, leaf: Leaf, background: Background) -> str:
    limit = _limit_words(one, leaf, background)
    if one.observation.at is None:
        return f"{told} has no time; it must lie in the last {limit}"
    return f"{told} has no hour; nobody can tell whether it lies in the last {limit}"


def _other_context(record: Observation, leaf: Leaf, background: Background) -> str:
    selection = selection_for(record.concept, leaf.selection, background)
    for name, asked in selection.contexts:
        recorded = record.context(name)
        tree = background.vocabulary.contexts[name]
        wanted = context_phrase(name, asked).strip()
        if recorded is None:
            return f" does not say whether it was {wanted}"
        if not tree.is_within(recorded, asked):
            return f", but the protocol asks for {_bare(name, asked)}"
    return " was taken under other conditions"


def _other_specimen(record: Observation, background: Background) -> str:
    specimens = background.concept(record.concept).specimens
    accepted = listed([name.replace("_", " ") for name in specimens], "or")
    return f", but it is measured in {accepted}"


def _bare(context: str, asked: str) -> str:
    return context_phrase(context, asked).strip().removeprefix("on ").removeprefix("by ")


def _missing(asked: Asked) -> Iterator[Clause]:
    yield Clause(asked.label, NOT_RECORDED)


def _not_attested(asked: Asked) -> Iterator[Clause]:
    tree = asked.background.concept(asked.leaf.concept).tree
    judgement = tree is not None and "confirmed" in tree.values
    yield Clause(asked.label, "waits for an investigator's word: " if judgement else "waits for ")


def _not_computable(asked: Asked) -> Iterator[Clause]:
    name = asked.label
    derivation = asked.background.concept(asked.leaf.concept).derivation
    inputs = derivation.inputs if derivation else ()
    lacking = [part for part in inputs if not _is_recorded(part, asked.background)]
    labels = [asked.background.label(part) for part in (lacking or inputs)]
    if lacking:
        yield Clause(f"{name} cannot be computed; {NOT_RECORDED}{listed(labels, 'or')}")
    else:
        apart = derivation.at_most_apart if derivation else None
        limit = f" within {span_text(apart)} of each other" if apart else " together"
        yield Clause(f"{name} cannot be computed: no {listed(labels)}{limit}")


def _is_recorded(name: str, background: Background) -> bool:
    return any(records_of(part, background) for part in asked_concepts(name, background))


def _conflicting(asked: Asked) -> Iterator[Clause]:
    name = asked.label
    if asked.fact.evidence:
        shown = [f"{item.text}{when_text(item.at)}" for item in asked.fact.evidence]
        yield Clause(f"records of {name} disagree: {listed(dict.fromkeys(shown))}")
        return
    records = [
        record_phrase(record, asked.background)
        for part in asked_concepts(asked.leaf.concept, asked.background)
        for record in records_of(part, asked.background)
    ]
    patient = asked.background.case.patient
    if asked.leaf.concept == "age" and patient.birth_date is not None:
        records.append(f"the birth date {patient.birth_date.isoformat()}")
    elif asked.leaf.concept == "pregnancy" and patient.sex is not None:
        records.append(f"sex {patient.sex}")
    yield Clause(f"records of {name} disagree: {listed(dict.fromkeys(records))}")


def _bounded(asked: Asked) -> Iterator[Clause]:
    for value, item, part in _unknown_parts(Reason.BOUNDED, asked):
        unit = asked.background.concept(item.concept).unit
        limit = limit_text(part, value, unit)
        yield Clause(f"{asked.told(value, item, part)} may lie on either side of {limit}")


def _superseded(asked: Asked) -> Iterator[Clause]:
    """What was known is impossible now, and what is newer leaves both sides open."""
    older = [item for item in asked.fact.evidence if not item.bound]
    newer = [item for item in asked.fact.evidence if item.bound]
    told = listed([f"{item.text}{when_text(item.at)}" for item in older])
    for item in newer:
        left = (
            amount_text(item.amount, asked.background.concept(item.concept).unit or "")
            if item.amount
            else ""
        )
        yield Clause(
            f"{asked.label} {told} cannot be true any more: {item.text}{when_text(item.at)} "
            f"leaves {left}"
        )


def _no_reference(asked: Asked) -> Iterator[Clause]:
    for value, item, part in _unknown_parts(Reason.NO_REFERENCE, asked):
        side = "upper" if part.reference is Reference.UPPER else "lower"
        yield Clause(f"{asked.told(value, item)} comes without the laboratory's {side} limit")


def _unspecific(asked: Asked) -> Iterator[Clause]:
    return _undecided_findings(Reason.UNSPECIFIC, "is too general to tell", asked)


def _inconclusive(asked: Asked) -> Iterator[Clause]:
    return _undecided_findings(Reason.INCONCLUSIVE, "does not tell", asked)


def _undecided_findings(reason: Reason, words: str, asked: Asked) -> Iterator[Clause]:
    tree = asked.background.concept(asked.leaf.concept).tree
    for value, item in asked.values():
        if reason in try_value(asked.leaf.test, value, tree)[1]:
            name = asked.background.label(item.concept)
            more = attributes(item, asked.leaf.selection)
            wanted = asked.leaf.test.text
            yield Clause(f"{name}: {value.state}{more}, which {words} whether it is {wanted}")


def _unknown_parts(reason: Reason, asked: Asked) -> Iterator[tuple[Value, Evidence, Comparison]]:
    """Every comparison that cannot be told for this reason, with the value."""
    if not isinstance(asked.leaf.test, Comparisons):
        return
    for value, item in asked.values():
        for part in asked.leaf.test.parts:
            if reason in try_value(Comparisons((part,)), value, None)[1]:
                yield value, item, part


def limit_text(comparison: Comparison, value: Value, unit: str | None) -> str:
    """The limit without its operator: as written, or worked out from a reference limit."""
    if comparison.reference is not None:
        printed = value.upper if comparison.reference is Reference.UPPER else value.lower
        if printed is not None:
            return amount_text(Amount.exactly(comparison.limit * printed), unit)
    return comparison.text.lstrip("<>= ")
