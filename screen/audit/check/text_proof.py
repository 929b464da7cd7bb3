"""Whether what a person reads beside an amount, a state or a time follows from it.

A recorded text is shown to people, and the amount beside it was judged. So the text is read
again, as a case file is read, and has to come to the same.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import NamedTuple

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.criteria_json import Conditions
from screen.audit.entry.evidence_json import amount_from
from screen.digests import combined_digest
from screen.facts.age import Lifetime, lifetime
from screen.facts.derive import BY_POLICY
from screen.intake.times import NotATime, read_birth_day, read_stamp
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.language.loading.snapshot import load_snapshot
from screen.model.concept import Vocabulary
from screen.model.quantity import Amount
from screen.problems import ProblemsFound
from screen.units.library import library_scale
from screen.units.text import NotMeasured, Split, split_quantity
from screen.units.unit import UnknownUnit, unit_scale

_MALE, _BORN = "sex male", "born "
_POLICY = "no childbearing potential at this age: site policy"
_AGES = ("a", "mo", "wk", "d")


class Asked(NamedTuple):
    """What a piece of evidence is read against: the concept that its fact is of and that one's
    unit, whether the very day counts, the time of the screening as it is written, and the digest
    of the vocabulary.
    """

    concept: str
    exact: bool
    unit: str | None
    screened_at: str
    vocabulary: str


def asked_of(key: str, body: Json, conditions: Iterable[Conditions]) -> Asked:
    """What the evidence of the fact called `key` is read against."""
    name, *marks = key.split(" ")
    concepts = (one.vocabulary.concepts.get(name) for one in conditions)
    unit = next((one.unit for one in concepts if one is not None), None)
    return Asked(
        name,
        "exact" in marks,
        unit,
        body["screened_at"],
        _vocabulary_of(tuple(body["rules"].items())),
    )


class Untold(Enum):
    """A text of which the ledger alone does not tell whether it says what was judged."""

    CANNOT_TELL = "cannot tell"


def untold(body: Json, conditions: Iterable[Conditions]) -> Iterator[str | Untold]:
    """What stands in a case entry beside an amount, a state or a time and says something else.

    Raises ValueError, KeyError or TypeError for amounts and times that are none.
    """
    stamp = read_stamp(body["screened_at"])
    moment, like = stamp.screening()
    if body["screened_us"] != [moment.start, moment.end]:
        yield "the time of the screening is not what its text says"
        return
    asked = list(conditions)
    for key, fact in body["facts"].items():
        to = asked_of(key, body, asked)
        for item in _with_inputs(fact.get("evidence", ())):
            if not _time_follows(item, like, body):
                yield f"{key}: the time {item['at']} is not the one that was judged"
            said = says(item, to)
            if said is False:
                yield f"{key}: the text of {item['concept']} does not say what was judged"
            elif said is None and "amount" in item:
                yield Untold.CANNOT_TELL


def _with_inputs(items: Iterable[Json]) -> Iterator[Json]:
    for item in items:
        yield item
        yield from _with_inputs(item.get("inputs", ()))


def _time_follows(item: Json, like: datetime, body: Json) -> bool:
    if "at" not in item:
        return True
    start, end = item["start"], item.get("end", item["start"])
    if (item["at"], start, end) == (body["screened_at"], *body["screened_us"]):
        # What the patient is at the screening itself: an age, a sex.
        return True
    moment = read_stamp(item["at"]).moment(like)
    return (moment.start, moment.end) == (start, end)


def says(item: Json, asked: Asked) -> bool | None:
    """Whether a text says what was judged; None where nobody can tell without the vocabulary
    that the case was read with.
    """
    text, inputs = item["text"], item.get("inputs")
    if inputs:
        return bool(text == ", ".join(f"{one['concept']} {one['text']}" for one in inputs))
    if "state" in item:
        return _states(text, item)
    if "amount" not in item:
        return None
    amount = amount_from(item["amount"])
    if text.startswith(_BORN):
        return _was_born(text.removeprefix(_BORN), amount, item, asked)
    try:
        parts = split_quantity(text)
    except NotMeasured:
        # An amount is only ever read from a text that is one.
        return False
    if not parts.unit:
        return False
    if item.get("unit") in _AGES and "formula" not in item:
        return _is_age(parts, amount, item["unit"], asked)
    return _measures(parts, amount, item, asked)


def _states(text: str, item: Json) -> bool:
    """A case file names a finding's value by its own name, and so does its text."""
    if item.get("formula") == BY_POLICY:
        return text == _POLICY and item["state"] == "absent"
    if text == _MALE:
        return bool(item["state"] == "absent")
    return bool(text == item["state"])


def _was_born(day: str, amount: Amount, item: Json, asked: Asked) -> bool:
    try:
        born = read_birth_day(day)
    except NotATime:
        return False
    life = Lifetime(born, born)
    return life.age(_day(asked), item.get("unit", ""), exact=asked.exact) == amount


def _is_age(parts: Split, amount: Amount, unit: str, asked: Asked) -> bool | None:
    if parts.unit not in _AGES:
        return None
    day = _day(asked)
    life = lifetime(parts.amount, parts.unit, day)
    return life.age(day, unit, exact=asked.exact) == amount


def _day(asked: Asked) -> date:
    return read_stamp(asked.screened_at).day


def _measures(parts: Split, amount: Amount, item: Json, asked: Asked) -> bool | None:
    """By the concept's own unit, by the vocabulary if it is the program's, or by UCUM alone."""
    own = asked.unit if item["concept"] == asked.concept else None
    if parts.unit == own:
        return parts.amount == amount
    vocabulary = _shipped()
    concept = vocabulary.concepts.get(item["concept"]) if vocabulary else None
    if vocabulary and concept and (own is None or concept.unit == own):
        try:
            scale = unit_scale(concept, parts.unit, vocabulary).scale
        except UnknownUnit:
            return None
        if scale is None or asked.vocabulary == vocabulary.digest:
            return scale is not None and scale.apply(parts.amount) == amount
        if scale.apply(parts.amount) == amount:
            return True
    known = None if own is None else library_scale(parts.unit, own, None)
    return None if known is None else known.apply(parts.amount) == amount


@cache
def _shipped() -> Vocabulary | None:
    """The vocabulary of the program's own rules, which most sites use; None if there is none."""
    rules = default_rules_dir()
    try:
        kept = load_snapshot(rules)
        return load_vocabulary(rules) if kept is None else kept.vocabulary
    except ProblemsFound:
        return None


@lru_cache(maxsize=64)
def _vocabulary_of(rules: tuple[tuple[str, str], ...]) -> str:
    """The digest of the vocabulary that a case was read with, as `Vocabulary.digest` has it."""
    files = [(name.partition("/"), digest) for name, digest in sorted(rules)]
    return combined_digest(
        (file.encode(), its) for (folder, _, file), its in files if folder == "vocabulary"
    )
