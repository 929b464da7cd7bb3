"""The truth of a criterion as an entry holds it, back, and in words."""

from collections.abc import Iterable
from typing import Any

from screen.model.truth import Reason, Truth


def truth_json(truth: Truth, reasons: Iterable[Reason]) -> Any:
    """`"met"`, `"not_met"`, or the list of reasons why it is unknown."""
    return [reason.value for reason in reasons] if truth is Truth.UNKNOWN else truth.value


def truth_from(recorded: Any) -> tuple[Truth, tuple[Reason, ...]]:
    """The truth and the reasons that `truth_json` wrote. Raises ValueError."""
    if isinstance(recorded, list):
        return Truth.UNKNOWN, tuple(Reason(reason) for reason in recorded)
    return Truth(recorded), ()


def truth_words(recorded: Any) -> str:
    """`not met`, `unknown (missing)`; `nothing` for a truth that is not there."""
    if recorded is None:
        return "nothing"
    if isinstance(recorded, list):
        return f"unknown ({', '.join(map(str, recorded))})"
    return str(recorded).replace("_", " ")
