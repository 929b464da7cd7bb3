"""The signs of a result that is a bound: `<`, `>=`, and what laboratories write for them."""

import re
from functools import cache
from itertools import chain

from screen.units.folding import plain_unit

_LESS, _LESS_OR_EQUAL, _GREATER, _GREATER_OR_EQUAL = "<", "<=", ">", ">="
_SIGNS = {
    **dict.fromkeys(("<", "&lt;"), _LESS),
    **dict.fromkeys(("<=", "=<", "≤", "⩽", "≦"), _LESS_OR_EQUAL),
    **dict.fromkeys((">", "&gt;"), _GREATER),
    **dict.fromkeys((">=", "=>", "≥", "⩾", "≧"), _GREATER_OR_EQUAL),
    "=": "=",
}
# English, Italian, Spanish, Portuguese, French, German, Chinese; accents may be left out.
_WORDS = {
    _LESS: (
        *("less than", "lower than", "smaller than", "fewer than", "under", "below", "lt"),
        *("minore di", "inferiore a", "meno di", "menor que", "menor de", "menor a", "menos de"),
        *("menos que", "inferior a", "inférieur à", "inferieur a", "moins de"),
        *("kleiner als", "weniger als", "unter", "小于", "低于", "少于"),
    ),
    _LESS_OR_EQUAL: (
        *("less than or equal to", "at most", "not more than", "no more than", "up to", "lte"),
        *("minore o uguale a", "menor o igual a", "menor ou igual a", "inférieur ou égal à"),
        *("al massimo", "como máximo", "no máximo", "au plus", "höchstens", "kleiner gleich"),
        *("小于等于", "小于或等于", "不超过"),
    ),
    _GREATER: (
        *("greater than", "more than", "higher than", "larger than", "over", "above", "gt"),
        *("maggiore di", "superiore a", "più di", "mayor que", "mayor de", "mayor a", "más de"),
        *("maior que", "maior do que", "mais de", "superior a", "supérieur à", "superieur a"),
        *("plus de", "größer als", "mehr als", "über", "大于", "高于", "超过"),
    ),
    _GREATER_OR_EQUAL: (
        *("greater than or equal to", "at least", "not less than", "no less than", "gte"),
        *("maggiore o uguale a", "mayor o igual a", "maior ou igual a", "supérieur ou égal à"),
        *("almeno", "al menos", "pelo menos", "au moins", "mindestens", "größer gleich"),
        *("大于等于", "大于或等于", "不低于"),
    ),
}
PATTERN = r"[<>=≤≥⩽⩾≦≧][ \t]*[<>=]?"


def sign_of(text: str) -> str | None:
    """`<`, `<=`, `>`, `>=` or `=` for a sign in any spelling, alone; None if it is none.

    `LESS THAN`, `≤`, `= >` and `mayor que` are signs; case and blanks do not matter.
    """
    folded = " ".join(text.casefold().split())
    return _SIGNS.get(folded.replace(" ", "")) or _words().get(folded)


def leading_words(text: str) -> tuple[str, str]:
    """The sign that words at the start of `text` stand for, and the rest; "" where none do."""
    match = _pattern().match(text)
    if match is None:
        return "", text
    return _words()[" ".join(match[1].casefold().split())], text[match.end() :]


@cache
def _words() -> dict[str, str]:
    told = {word.casefold(): sign for sign, words in _WORDS.items() for word in words}
    return {**{plain_unit(word): sign for word, sign in told.items()}, **told}


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted({*_words(), *chain(*_WORDS.values())}, key=len, reverse=True)
    choices = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
    # A word ends before a blank or the number: `under5` is no word, `小于5` is.
    return re.compile(rf"\s*({choices})(?=[\s\d-]|$)", re.IGNORECASE)
