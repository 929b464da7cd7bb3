"""A unit as a site writes it to the UCUM code that it means for a concept.

What decides, in this order: a code of the vocabulary, an alias, the grammar of spellings for the
kind of quantity that the concept is, a code of the vocabulary in other capitals. Only then is a
unit of another kind recognized, so that it can be called one, and UCUM's library asked.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from screen.model.concept import Concept, Vocabulary
from screen.model.quantity import Scale
from screen.units.folding import Spelled, plain_name, plain_unit, spelled_out
from screen.units.scales import scale_for

_LONGEST_UNIT = 60
# Annotations that say what was measured; any other says nothing that UCUM would count.
_MARKS = {"feu": "{FEU}", "ddu": "{DDU}"}
# Annotations that stand for a unit by themselves.
_WORDS = ("score", "share")


class UnknownUnit(ValueError):
    """Text that is no unit. `reason` says why nobody can tell what it means, where that is so."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class UnitScale(NamedTuple):
    """A unit as it was understood: its UCUM code, and how it becomes the concept's own unit.

    `scale` is None where the unit measures something else than the concept.
    """

    unit: str
    scale: Scale | None


def unit_scale(concept: Concept, text: str, vocabulary: Vocabulary) -> UnitScale:
    """What `text`, the unit of a result as written, means for `concept`: exact, and cached.

    This is the one way from a unit text to a factor and an offset, for single cases and for
    whole columns. Raises UnknownUnit. A result without a unit has no text to ask about.
    """
    unit = unit_of(concept, text, vocabulary)
    return UnitScale(unit, scale_for(concept, unit))


def unit_of(concept: Concept | None, text: str, vocabulary: Vocabulary) -> str:
    """The UCUM code that `text` means for `concept`. Raises UnknownUnit.

    Without a concept, only what means the same for all of them is read.
    """
    found = _unit_of(_Same(concept), text, _Same(vocabulary))
    if isinstance(found, UnknownUnit):
        raise UnknownUnit(found.reason)
    return found


def accepted_units(concept: Concept) -> tuple[str, ...]:
    """The codes that the vocabulary itself converts, the canonical one first."""
    return () if concept.unit is None else tuple(dict.fromkeys((concept.unit, *concept.scales)))


class _Same:
    """A value as the key of a cache, compared by being the same object.

    A column of a million cells asks of the same vocabulary every time; its tables have no hash.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value


@lru_cache(maxsize=8192)
def _unit_of(concept: _Same, text: str, vocabulary: _Same) -> str | UnknownUnit:
    """As `unit_of`; what is no unit is returned, so that the answer is kept, too."""
    if len(text) > _LONGEST_UNIT:
        return UnknownUnit()
    try:
        return next(_meanings(concept.value, text, vocabulary.value), None) or UnknownUnit()
    except UnknownUnit as unknown:
        return unknown


def _meanings(concept: Concept | None, text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """What the text may mean, the surest first. Raises UnknownUnit for what must not be read."""
    written, plain = " ".join(text.split()), plain_unit(text)
    accepted = _accepted(_Same(concept), _Same(vocabulary))
    yield from (form for form in (written, plain) if form in accepted)
    aliases = vocabulary.unit_aliases
    alias = aliases.get(written, aliases.get(plain))
    if alias is not None and (alias in accepted or concept is None or _is_like(alias, concept)):
        yield alias
    _check_refused(plain, vocabulary)
    spelled = spelled_out(plain)
    if spelled.annotations:
        _check_annotations(spelled, concept, vocabulary)
    marks = "".join(_MARKS.get(plain_name(each), "") for each in spelled.annotations)
    if concept is not None:
        yield from _by_grammar(spelled, concept, vocabulary, marks)
        yield from _in_other_capitals(plain, accepted, concept)
    if alias is not None:
        yield alias
    yield from _of_another_kind(spelled.unit)
    yield from (form + marks for form in (written, spelled.unit) if _is_ucum(form))


@lru_cache(maxsize=1024)
def _accepted(concept: _Same, vocabulary: _Same) -> frozenset[str]:
    """The codes that the vocabulary converts, for this concept or for any."""
    concepts = vocabulary.value.concepts.values() if concept.value is None else (concept.value,)
    return frozenset(unit for each in concepts for unit in accepted_units(each))


def _is_like(unit: str, concept: Concept) -> bool:
    """Whether a code measures the same kind of quantity as the concept."""
    from screen.units.spelling import kind_of

    kind = kind_of(concept.unit or "")
    return kind_of(unit) == kind if kind else scale_for(concept, unit) is not None


def _check_refused(plain: str, vocabulary: Vocabulary) -> None:
    """Raises UnknownUnit if the unit holds a word of which nobody can tell what it means."""
    for word in re.findall(r"[^\W\d_]+", plain.casefold()):
        if word in vocabulary.refused_units:
            raise UnknownUnit(vocabulary.refused_units[word])


def _check_annotations(spelled: Spelled, concept: Concept | None, vocabulary: Vocabulary) -> None:
    """Raises UnknownUnit if an annotation names another concept: `{WBC}/uL` for platelets."""
    for each in spelled.annotations:
        named = vocabulary.names.get(plain_name(each), ())
        if concept is not None and named and concept.name not in named:
            raise UnknownUnit(f"{each} is not {concept.name}")


def _by_grammar(
    spelled: Spelled, concept: Concept, vocabulary: Vocabulary, marks: str
) -> Iterator[str]:
    """The one reading as a unit of the concept's kind. Raises UnknownUnit if there are two."""
    from screen.units.spelling import kind_of, may_be_spelled, readings

    kind = kind_of(concept.unit) if concept.unit else ""
    text = spelled.unit
    if not text and len(spelled.annotations) == 1 and kind in _WORDS:
        text = spelled.annotations[0]
    if not may_be_spelled(text, _letters(_Same(concept))):
        return
    codes = {
        reading.code
        for reading in (readings(text, kind) if kind else ())
        if not reading.noun or _names(reading.noun, concept, vocabulary)
    }
    if len(codes) > 1:
        raise UnknownUnit(f"it could be {' or '.join(sorted(codes))}")
    yield from (code + marks for code in codes)


@lru_cache(maxsize=1024)
def _letters(concept: _Same) -> str:
    """The names of a concept, for a quick look whether some letters can be one."""
    names = (concept.value.name, concept.value.label, *concept.value.synonyms)
    return " ".join(plain_name(name) for name in names)


def _names(noun: str, concept: Concept, vocabulary: Vocabulary) -> bool:
    """Whether a word of a unit (`WBC/uL`, `%SpO2`) is a name of the concept."""
    name = plain_name(noun)
    forms = (name, name.removesuffix("s"))
    return any(concept.name in vocabulary.names.get(form, ()) for form in forms)


def _in_other_capitals(plain: str, accepted: frozenset[str], concept: Concept) -> Iterator[str]:
    """The code of the concept that the text is but for capitals, if there is one.

    Not for counts, where `ML` may be a microlitre that lost its sign.
    """
    from screen.units.spelling import kind_of

    if concept.unit and kind_of(concept.unit) == "count":
        return
    folded = plain.replace(" ", "").casefold()
    found = [code for code in accepted if code.replace(" ", "").casefold() == folded]
    yield from found if len(found) == 1 else ()


def _of_another_kind(text: str) -> Iterator[str]:
    from screen.units.spelling import ANY_KIND, may_be_spelled, readings

    if not may_be_spelled(text):
        return
    found = {reading.code for reading in readings(text, ANY_KIND) if not reading.noun}
    yield from found if len(found) == 1 else ()


def _is_ucum(unit: str) -> bool:
    from screen.units.library import is_ucum

    return is_ucum(unit)
