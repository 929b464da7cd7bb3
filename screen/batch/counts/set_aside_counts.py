"""What a batch sets aside: records that do not count, by concept, reason and text.

Every record of a screened case counts once in `records`. One that does not count (a data-quality
note with `dropped`: `no_unit`, `unreadable`, `future`, `entered-in-error`, ...) counts once in
`set_aside`, under the note's word. The text is the value as it reached the case, number and unit
with one blank between them, as `shown` cuts it. Records of cases that are rejected count nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from screen.model.fact import QualityNote
from screen.problems import shown

MOST_TEXTS = 1_000  # that are kept apart for one concept and reason
_LISTED = 20  # of them in the summary
OTHERS = ""  # the texts beyond, together; no record has an empty text
_UNREAD = frozenset({"unreadable", "ambiguous", "no_unit", "wrong_unit"})

# Concept, reason, text.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """How many records of each concept there are, and which of them were set aside.

    Of more than MOST_TEXTS texts those that come first in the alphabet are kept apart: so the
    counts are the same however the cases were cut into parts.
    """

    records: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[Key] = field(default_factory=Counter)

    def update(self, other: "RecordCounts") -> None:
        """Add other counts to these."""
        self.records.update(other.records)
        self.set_aside.update(other.set_aside)
        _pool(self.set_aside)

    def never_read(self) -> tuple[str, ...]:
        """The concepts of which no record at all could be read as a value in its unit."""
        unread: Counter[str] = Counter()
        for (concept, reason, _), count in self.set_aside.items():
            if reason in _UNREAD:
                unread[concept] += count
        return tuple(sorted(name for name, count in unread.items() if count == self.records[name]))

    def summary(self) -> list[dict[str, Any]]:
        """Concepts with reasons, most frequent first, each with its most frequent texts."""
        texts: dict[tuple[str, str], Counter[str]] = {}
        for (concept, reason, text), count in self.set_aside.items():
            texts.setdefault((concept, reason), Counter())[text] = count
        entries = []
        for (concept, reason), counts in texts.items():
            ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
            listed = [entry for entry in ranked if entry[0] != OTHERS][:_LISTED]
            total = counts.total()
            entries.append(
                {
                    "concept": concept,
                    "reason": reason,
                    "records": total,
                    "texts": [{"text": text, "records": count} for text, count in listed],
                    "other_texts": total - sum(count for _, count in listed),
                }
            )
        return sorted(entries, key=lambda e: (-e["records"], e["concept"], e["reason"]))


def noted(notes: Iterable[QualityNote]) -> Counter[Key]:
    """The records that were dropped, each once."""
    return Counter(
        (note.observation.concept, note.quality.value, shown(note.observation.text))
        for note in notes
        if note.dropped
    )


def as_json(counts: Mapping[Key, int]) -> list[list[Any]]:
    """The counts for a file; `from_json` reads them."""
    return [[*key, count] for key, count in counts.items()]


def from_json(entries: Iterable[list[Any]]) -> Counter[Key]:
    """What `as_json` wrote."""
    return Counter({(concept, reason, text): n for concept, reason, text, n in entries})


def _pool(counts: Counter[Key]) -> None:
    """Count the texts beyond the first MOST_TEXTS of a concept and reason together."""
    if len(counts) <= MOST_TEXTS:
        return
    texts: dict[tuple[str, str], list[str]] = {}
    for concept, reason, text in counts:
        if text != OTHERS:
            texts.setdefault((concept, reason), []).append(text)
    for (concept, reason), found in texts.items():
        for text in sorted(found)[MOST_TEXTS:]:
            counts[concept, reason, OTHERS] += counts.pop((concept, reason, text))
