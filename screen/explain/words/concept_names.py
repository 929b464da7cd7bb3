"""What a concept is called in the middle of a sentence.

The name in the case file is a noun and the word that a coordinator types, so it is used where
it reads well; the label tells how it is spelled, and stands in for abbreviations.
"""

import re
from functools import cache

from screen.model.concept import Kind

_ABBREVIATED = 4
_WORD = re.compile(r"[^\W_]+")
_ORDINARY_WORD = re.compile(r"[A-Z][a-z]+(?![^\W_]*[A-Z0-9])")


@cache
def spoken(name: str, label: str, kind: Kind) -> str:
    """`platelets`, `hepatitis B`, `SARS-CoV-2 test`; for `crp` its label, `C-reactive protein`.

    What an investigator attests is called by its whole label.
    """
    if kind is Kind.ATTESTATION:
        return uncapitalized(label.partition(" (")[0])
    words = name.split("_")
    known = {word.casefold() for word in _WORD.findall(label)}
    if any(len(word) <= _ABBREVIATED and word not in known for word in words):
        return uncapitalized(label.partition(" (")[0])
    return _spelled(words, label)


def _spelled(words: list[str], label: str) -> str:
    """The words of a name as the label spells them: `sars`, `cov`, `2` as `SARS-CoV-2`."""
    found = list(_WORD.finditer(label))
    shown = []
    while words:
        length, spelling = _longest_run(words, found, label)
        shown.append(spelling)
        words = words[length:]
    return " ".join(shown)


def _longest_run(words: list[str], found: list[re.Match[str]], label: str) -> tuple[int, str]:
    """How many of `words` the label writes as one, and how; the first as it is if none."""
    best = (1, words[0])
    for start in range(len(found)):
        length = 0
        for word, match in zip(words, found[start:], strict=False):
            joined = length == 0 or label[found[start + length - 1].end() : match.start()] == "-"
            if not joined or match[0].casefold() != word:
                break
            length += 1
        if length > best[0] or (length == 1 and best == (1, words[0])):
            spelling = label[found[start].start() : found[start + length - 1].end()]
            best = (length, uncapitalized(spelling))
    return best


def uncapitalized(text: str) -> str:
    """`Hepatitis B` as `hepatitis B`; `PaO2`, `COVID-19` and `D-dimer` stay as they are."""
    return text[:1].lower() + text[1:] if _ORDINARY_WORD.match(text) else text
