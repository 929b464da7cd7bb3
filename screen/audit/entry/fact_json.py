"""What a case said about each selection, as JSON, and back."""

from collections.abc import Iterable
from typing import Any

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.evidence_json import evidence_from, evidence_json, value_from, value_json
from screen.model.criterion import Pick, Selection
from screen.model.fact import Fact, Quantifier
from screen.model.truth import Reason


def key_of(selection: Selection) -> str:
    """The name of a fact: `platelets`, `oxygen_saturation on=room_air`, `crp within=60000000us`.

    The window is in microseconds.
    """
    parts = [selection.concept]
    parts += [f"{name}={value}" for name, value in selection.contexts]
    if selection.within is not None:
        parts.append(f"within={selection.within}us")
    if selection.pick is not Pick.LATEST:
        parts.append(f"pick={selection.pick.value}")
    if selection.counted:
        parts.append(f"in={selection.counted}")
    if selection.exact:
        parts.append("exact")
    return " ".join(parts)


def facts_json(facts: Iterable[tuple[str, Fact]], origin: str) -> Json:
    """`facts` by name; those of which nothing was recorded only by their reason."""
    known: Json = {}
    unrecorded: dict[str, list[str]] = {}
    for key, fact in facts:
        if _is_plainly_unrecorded(fact):
            unrecorded.setdefault(fact.reasons[0].value, []).append(key)
        else:
            known[key] = fact_json(fact, origin)
    return {"facts": known, "unrecorded": {why: sorted(keys) for why, keys in unrecorded.items()}}


def _is_plainly_unrecorded(fact: Fact) -> bool:
    return fact.unrecorded and len(fact.reasons) == 1 and not fact.evidence and not fact.site_policy


def fact_json(fact: Fact, origin: str) -> Json:
    """One fact: its values or its reasons, and the evidence for them."""
    entry: Json = {}
    if fact.values:
        entry["values"] = [value_json(value) for value in fact.values]
    if fact.quantifier is not Quantifier.ONE:
        entry["quantifier"] = fact.quantifier.value
    if fact.reasons:
        entry["reasons"] = [reason.value for reason in fact.reasons]
    if fact.evidence:
        entry["evidence"] = [evidence_json(item, origin) for item in fact.evidence]
    if fact.unrecorded:
        entry["unrecorded"] = True
    if fact.site_policy:
        entry["site_policy"] = True
    if fact.perhaps:
        entry["perhaps"] = fact.perhaps
    if fact.hidden:
        entry["hidden"] = [reason.value for reason in fact.hidden]
    if fact.superseded:
        entry["superseded"] = True
    return entry


def fact_from(recorded: Json) -> Fact:
    """The fact that `fact_json` wrote. Raises ValueError, KeyError or TypeError."""
    return Fact(
        tuple(value_from(value) for value in recorded.get("values", ())),
        Quantifier(recorded.get("quantifier", "one")),
        tuple(Reason(reason) for reason in recorded.get("reasons", ())),
        tuple(evidence_from(item) for item in recorded.get("evidence", ())),
        bool(recorded.get("unrecorded", False)),
        bool(recorded.get("site_policy", False)),
        int(recorded.get("perhaps", 0)),
        tuple(Reason(reason) for reason in recorded.get("hidden", ())),
        bool(recorded.get("superseded", False)),
    )


def unrecorded_fact(reason: Any) -> Fact:
    """The fact of which nothing was recorded. Raises ValueError for an unknown reason."""
    return Fact((), Quantifier.ONE, (Reason(reason),), (), unrecorded=True)
