"""What the number format of a spreadsheet cell shows: a day, a clock, per cent, or a number.

Formats are those of ECMA-376 part 1, 18.8.31: up to four sections apart by `;`, with quoted and
escaped letters, colours, conditions and locales in brackets. No package reads them in Python.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | [_*].                                # a gap as wide as a letter; a letter that fills
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General)
    | (?P<half>AM/PM|A/P)
    | E[+-]
    | (?P<fraction>(?<=[sS\]])\.0+)        # of a second
    | (?P<placeholder>[0\#?@])
    | (?P<thousands>,+(?![0\#?,]))         # behind the digits: shown in thousands
    | (?P<letters>[dmyhs])(?P=letters)*
    | .
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]*)?)")
_NUMBER_SECTIONS = 3


@dataclass(frozen=True, slots=True)
class Section:
    """What one section shows: a `day`, a `clock`, or hours `elapsed` in all; else a number.

    `percents` are signs that multiply by a hundred each, `per_cent` is one that only stands there.
    `scaled` numbers are shown in thousands or millions. `condition` is a comparison, if any.
    """

    day: bool = False
    clock: bool = False
    elapsed: bool = False
    percents: int = 0
    per_cent: bool = False
    scaled: bool = False
    condition: tuple[str, Decimal] | None = None


@lru_cache(maxsize=1024)
def sections(form: str) -> tuple[Section, ...]:
    """The sections of a number format."""
    return tuple(_section(part) for part in _parts(form))


def section_for(form: str, number: Decimal) -> Section:
    """The section of a format that shows a number."""
    found = sections(form)[:_NUMBER_SECTIONS]
    if any(section.condition for section in found):
        for section in found:
            if section.condition is None or _holds(number, *section.condition):
                return section
        return found[-1]
    if len(found) == 1 or number > 0:
        return found[0]
    if number < 0:
        return found[1]
    return found[2] if len(found) == _NUMBER_SECTIONS else found[0]


def _parts(form: str) -> list[str]:
    parts = [""]
    for token in _TOKEN.finditer(form):
        if token[0] == ";":
            parts.append("")
        else:
            parts[-1] += token[0]
    return parts


def _section(text: str) -> Section:
    letters: list[str] = []
    percents, per_cent, scaled, elapsed, digits = 0, False, False, False, False
    condition = None
    for token in _TOKEN.finditer(text):
        kind, bracket = token.lastgroup, token["bracket"]
        if kind in ("quoted", "escaped"):
            per_cent |= "%" in token[kind]
        elif bracket is not None:
            if re.fullmatch("h+|m+|s+", bracket, re.IGNORECASE):
                elapsed = True
                letters.append(bracket[0].lower())
            elif match := _CONDITION.fullmatch(bracket.strip()):
                condition = (match[1], Decimal(match[2]))
            elif bracket.startswith("$"):
                per_cent |= "%" in bracket.partition("-")[0]
        elif kind == "half":
            letters.append("h")
        elif kind == "letters":
            # Behind digits it is a unit that somebody wrote without quotes.
            letters += [] if digits else [token[0][0].lower()]
        elif kind == "placeholder":
            digits = True
        elif kind == "thousands":
            scaled |= digits
        elif token[0] == "%":
            percents += 1
    day, clock = _shows(letters)
    return Section(day, clock, elapsed, percents, per_cent, scaled, condition)


def _shows(letters: list[str]) -> tuple[bool, bool]:
    """Whether date letters show a day, and a clock: m is minutes beside h or s."""
    day = bool({"d", "y"} & set(letters))
    for place, letter in enumerate(letters):
        before, behind = letters[:place][-1:], letters[place + 1 :][:1]
        day |= letter == "m" and before not in (["h"], ["s"]) and behind != ["s"]
    return day, bool({"h", "s"} & set(letters))


def _holds(number: Decimal, sign: str, limit: Decimal) -> bool:
    return {
        "<": number < limit,
        "<=": number <= limit,
        ">": number > limit,
        ">=": number >= limit,
        "=": number == limit,
        "<>": number != limit,
    }[sign]
