"""Whether a recorded fact follows from its own evidence: window, then pick."""

from screen.audit.entry.canonical_json import Json
from screen.facts.implied import contradicted
from screen.facts.pick import picked
from screen.facts.window import Place, place
from screen.model.concept import Concept
from screen.model.criterion import Pick, Selection
from screen.model.fact import Evidence, Fact, Quantifier
from screen.model.moment import Moment
from screen.model.truth import Reason

_PLAIN = {"evidence", "values"}
_IN_DOUBT = ("flaw", "perhaps", "bound")
_FROM_WORST = (Place.OUTSIDE, Place.CANNOT_TELL, Place.INSIDE)
_VALUE = ("amount", "state", "upper", "lower")


def stands_for_itself(selection: Selection, recorded: Json) -> bool:
    """Whether a recorded fact is the one piece of evidence that it has, with no window asked.

    Then there is nothing to pick; most facts are so, and are not read for this.
    """
    evidence, values = recorded.get("evidence", ()), recorded.get("values", ())
    if selection.within is not None or len(evidence) != 1 or len(values) != 1:
        return False
    if selection.pick in (Pick.ANY, Pick.EVERY) or recorded.keys() != _PLAIN:
        return False
    if any(name in evidence[0] for name in _IN_DOUBT):
        return False
    return bool(values[0] == {name: evidence[0][name] for name in _VALUE if name in evidence[0]})


def contradiction(selection: Selection, fact: Fact, concept: Concept, screened_at: Moment) -> str:
    """What the evidence says against the fact, in words; "" if it follows.

    Where nothing was picked there is nothing to follow, unless the evidence disagrees.
    """
    if selection.within is not None:
        for item in fact.evidence:
            if _is_age(item, concept):
                continue
            where = _lies(item, screened_at, selection.within)
            if where is not (Place.CANNOT_TELL if item.perhaps else Place.INSIDE):
                return "some of its evidence does not lie in the time that is asked for"
    if not fact.evidence:
        return "" if fact.reasons and not fact.values else "it has values, and nothing shows them"
    if fact.unrecorded:
        return "it has evidence, and is said to be recorded nowhere"
    follows = picked(fact.evidence, selection.pick, concept)
    if contradicted(fact.evidence, concept):
        follows = Fact((), Quantifier.ONE, (Reason.CONFLICTING,), fact.evidence)
    if _told(follows) == _told(fact):
        return ""
    # Where there is no value, other records may have given reasons of their own.
    if not follows.values and not fact.values and set(follows.reasons) < set(fact.reasons):
        return ""
    return "its value is not what its evidence makes it"


def _is_age(item: Evidence, concept: Concept) -> bool:
    """An age is that of the screening, whenever it was recorded: no window asks for it.

    It is counted in a unit of its own, unless nobody could use what was recorded.
    """
    return concept.unit == "a" and bool(item.unit or item.flaw)


def _lies(item: Evidence, screened_at: Moment, within: int) -> Place:
    """Where evidence lies against a window; what is worked out lies where its inputs do."""
    if not item.inputs or item.state is not None:
        return place(item.at, screened_at, within)
    places = {_lies(part, screened_at, within) for part in item.inputs}
    return next(one for one in _FROM_WORST if one in places)


def _told(fact: Fact) -> tuple[object, ...]:
    return (
        fact.values,
        fact.quantifier,
        fact.reasons,
        fact.perhaps,
        fact.hidden,
        fact.superseded,
    )
