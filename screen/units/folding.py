"""Typography: one plain form for the many characters that look alike in a unit or a number."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# Patterns are compiled where they are needed first, not on every cold start.
_RAISED = "[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+"
# Characters that normalization would leave as they are, or turn into something else.
_PLAIN = {
    **dict.fromkeys(map(ord, "·⋅∙•"), "."),  # the middle dots of multiplication
    **dict.fromkeys(map(ord, "×✕∗"), "*"),  # noqa: RUF001
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),  # noqa: RUF001
    **dict.fromkeys(map(ord, "˚º"), "°"),
    **dict.fromkeys(map(ord, "⁄∕"), "/"),  # noqa: RUF001
    **dict.fromkeys(map(ord, "ˆ˄"), "^"),  # noqa: RUF001
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), ""),
}
# `mg.dL-1` and `mg dL^-1`; `min-1` alone.
_INVERSE = r"(?<=[A-Za-z0-9])[ .]+([A-Za-z]+) ?\^?-1(?![0-9])|^([A-Za-z]+) ?\^?-1$"
_WRAPPED = r"\(((?:[^()]|\([^()]*\))*)\)|\[([^\[\]]*/[^\[\]]*)\]"
_ANNOTATION = r"\.?\{([^{}]*)\}"
_BODY_SURFACE = r"\{(1[.,]73[^{}]*)\}"


class Spelled(NamedTuple):
    """A unit without its UCUM annotations, and what stood between their braces."""

    unit: str
    annotations: tuple[str, ...]


@lru_cache(maxsize=4096)
def plain_number(text: str) -> str:
    """Full-width digits, signs and blanks as those of ASCII; anything else as it stands.

    Only what Unicode calls a wide form of ASCII: digits of other scripts stay, and are refused,
    because numbers are put together in other ways there.
    """
    return text if text.isascii() else "".join(map(_narrow, text))


def _narrow(character: str) -> str:
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    if character.isspace():
        return " "
    return "-" if character == "\u2212" else character


@lru_cache(maxsize=4096)
def plain_unit(text: str) -> str:
    """`10⁹/L` as `10^9/L`, `µL` as `uL`, `℃` as `°C`, `células` as `celulas`, blanks as one."""
    if not text.isascii():
        raised = re.sub(_RAISED, lambda run: "^" + run[0].translate(_SUPERSCRIPT), text)
        decomposed = unicodedata.normalize("NFKD", raised.translate(_PLAIN)).translate(_PLAIN)
        letters = (c for c in decomposed if not unicodedata.combining(c))
        text = "".join(letters).replace("\u03bc", "u")
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def spelled_out(unit: str) -> Spelled:
    """A plain unit without annotations, outer brackets and stray dots, with `L-1` as `/L`.

    The body surface of `mL/min/{1.73_m2}` belongs to the unit and stays.
    """
    wrapped = re.fullmatch(_WRAPPED, unit)
    unit = (wrapped[1] or wrapped[2] or "") if wrapped else unit
    unit = re.sub(_BODY_SURFACE, r"\1", unit)
    annotations = tuple(re.findall(_ANNOTATION, unit))
    bare = re.sub(_ANNOTATION, "", unit).strip().removesuffix("/").rstrip(" .")
    return Spelled(re.sub(_INVERSE, lambda m: "/" + (m[1] or m[2]), bare), annotations)


@lru_cache(maxsize=4096)
def plain_name(text: str) -> str:
    """The letters and digits of a name, which two spellings of one name share.

    `Plaquetas`, `IL-6` and `D dimer` are `plaquetas`, `il6` and `ddimer`.
    """
    return "".join(c for c in plain_unit(text).casefold() if c.isalnum() or c == "%")
