"""What was wrong with a record, in words."""

from screen.explain.words.amounts import when_text
from screen.explain.words.background import Background
from screen.model.concept import Concept
from screen.model.fact import Quality, QualityNote
from screen.units.number import decimal_text

_WORDS = {
    Quality.ENTERED_IN_ERROR: "entered in error",
    Quality.CANCELLED: "cancelled",
    Quality.FUTURE: "after the screening",
    Quality.NO_UNIT: "no unit",
    Quality.WRONG_UNIT: "wrong unit",
    Quality.IMPLAUSIBLE: "outside the plausible range",
    Quality.AMBIGUOUS: "can be read in two ways",
    Quality.UNREADABLE: "cannot be read",
    Quality.REPLACED: "replaced by a corrected result",
    Quality.CONTEXT: "measured in another specimen",
    Quality.UNSPECIFIC: "its specimen is too general to tell",
    Quality.CONFLICTING: "another record of the same time says otherwise",
    Quality.PRELIMINARY: "preliminary result",
    Quality.UNUSABLE_LIMIT: "its reference limit cannot be used",
}


def range_text(concept: Concept) -> str:
    """` of 0 to 100 %`: the closed range that the vocabulary takes for possible, if any."""
    low, high = concept.plausible_low, concept.plausible_high
    unit = f" {concept.unit}" if concept.unit else ""
    if low is not None and high is not None:
        least = "" if concept.least is None else f", or {decimal_text(concept.least)}"
        return f" of {decimal_text(low)}{least} to {decimal_text(high)}{unit}"
    if low is not None:
        return f" from {decimal_text(low)}{unit}"
    return f" up to {decimal_text(high)}{unit}" if high is not None else ""


def quality_sentence(note: QualityNote, background: Background) -> str:
    """`platelets 18 10*9/L on 2020-03-21: entered in error, not used`."""
    record = note.observation
    told = f"{background.label(record.concept)} {record.text}{when_text(record.at)}"
    wrong = _WORDS[note.quality]
    if note.quality is Quality.IMPLAUSIBLE:
        wrong += range_text(background.concept(record.concept))
    if note.quality is Quality.UNUSABLE_LIMIT:
        return f"{told}: {wrong} ({note.detail}); the value itself is used"
    sentence = f"{told}: {wrong}, {'not used' if note.dropped else 'used'}"
    return f"{sentence}; {note.detail}" if note.detail else sentence
