"""The words for a truth, for its effect, and for a rule that fired."""

import re

from screen.model.screening import CriterionResult, Effect, Firing
from screen.model.truth import Truth

TRUTH_WORDS = {Truth.MET: "met", Truth.NOT_MET: "not met", Truth.UNKNOWN: "unknown"}
# An unknown criterion has no effect of its own to name.
EFFECT_WORDS = {Effect.SATISFIED: "satisfied", Effect.FAILS: "fails", Effect.UNKNOWN: ""}
_HOLDS = {True: "holds", False: "does not hold", None: "cannot tell"}
# What the rules for the verdict say; a criterion may be called `verdict` too.
_VERDICTS: dict[bool | None, str] = {True: "eligible, {}", False: "ineligible, because {}"}
_OF_THE_VERDICT = re.compile(r"\S+ fails|every criterion is satisfied")


def outcome_words(result: CriterionResult) -> tuple[str, str]:
    """`met`, `fails`: the truth of a criterion, and what it does to the eligibility, or ""."""
    return TRUTH_WORDS[result.truth], EFFECT_WORDS[result.effect]


def firing_words(firing: Firing) -> str:
    """`pregnancy/0 does not hold (...)`: what a rule concluded, and what the rule says.

    Of the verdict: `verdict: ineligible, because pregnancy fails`.
    """
    if firing.condition == "verdict" and _OF_THE_VERDICT.fullmatch(firing.rule):
        concluded = _VERDICTS.get(firing.holds, "{}")
        return f"verdict: {concluded.format(firing.rule)}"
    return f"{firing.condition} {_HOLDS[firing.holds]} ({firing.rule})"
