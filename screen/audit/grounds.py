"""Whether a recorded fact follows from its own evidence: window, then pick."""

from screen.audit.canonical import Json
from screen.facts.pick import picked
from screen.facts.window import Place, place
from screen.model.concept import Concept
from screen.model.criterion import Pick, Selection
from screen.model.fact import Fact
from screen.model.moment import Moment

_PLAIN = {"evidence", "values"}
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
    return bool(values[0] == {name: evidence[0][name] for name in _VALUE if name in evidence[0]})


def contradiction(selection: Selection, fact: Fact, concept: Concept, screened_at: Moment) -> str:
    """What the evidence says against the fact, in words; "" if it follows.

    Where nothing was picked there is nothing to follow, unless the evidence disagrees.
    """
    if selection.within is not None:
        for item in fact.evidence:
            if place(item.at, screened_at, selection.within) is not Place.INSIDE:
                return "some of its evidence does not lie in the time that is asked for"
    if not fact.evidence:
        return "" if fact.reasons and not fact.values else "it has values, and nothing shows them"
    if fact.unrecorded:
        return "it has evidence, and is said to be recorded nowhere"
    follows = picked(fact.evidence, selection.pick, concept)
    same = (follows.values, follows.quantifier, follows.reasons) == (
        fact.values,
        fact.quantifier,
        fact.reasons,
    )
    return "" if same else "its value is not what its evidence makes it"
