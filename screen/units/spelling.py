"""What a spelling of a unit can stand for: the grammar spelling.lark over the words of words.toml.

The parser takes about a tenth of a second to start, so it is asked only for what is neither a
code of the vocabulary nor one of its everyday spellings, and every answer is kept.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from screen.units.folding import spelled_out

LONGEST_UNIT = 40

# The start rules, the usual ones first.
KINDS = (
    *("count", "concentration", "activity", "pressure", "share", "temperature", "rate"),
    *("time", "flow", "indexed_flow", "score", "international", "mass", "length", "dose"),
)
ANY_KIND = "any_kind"
_FOLDER = Path(__file__).parent
_POWERS = frozenset(("POWER", "POWER_LOST", "THOUSAND_LOST", "LARGE_LOST"))


class Reading(NamedTuple):
    """One way to read a spelling: its UCUM code, and the word in it that names a concept."""

    code: str
    noun: str = ""


@lru_cache(maxsize=4096)
def readings(text: str, kind: str) -> frozenset[Reading]:
    """Every way to read `text` (as `folding.spelled_out` gives it) as a unit of `kind`."""
    from lark.exceptions import LarkError
    from lark.visitors import CollapseAmbiguities

    if not text or len(text) > LONGEST_UNIT:
        return frozenset()
    try:
        tree = _parser().parse(text, start=kind)
    except LarkError:
        return frozenset()
    return frozenset(_reading(each) for each in CollapseAmbiguities().transform(tree))


def may_be_spelled(text: str, names: str = "") -> bool:
    """Whether each run of letters in `text` is made of known words, or stands in `names`.

    What fails here has no readings; it is asked first because a parse takes a millisecond, and a
    column may hold a million different remarks.
    """
    known = _runs()
    return not text.isascii() or all(
        run in known
        or run in names
        or any(run[:i] in known and run[i:] in known for i in range(1, len(run)))
        for run in re.findall("[a-z]+", text.lower())
    )


@cache
def _runs() -> frozenset[str]:
    words = [
        each.lower()
        for word in _words().values()
        for each in (*word.get("words", ()), *word.get("as_written", ()))
    ]
    apart = {run for each in words for run in re.findall("[a-z]+", each)}
    together = {each.replace(" ", "") for each in words}
    of_the_grammar = {"x", "e", "ex", "exp", "m", "sq", "sqm", "qm", "bsa", "kof"}
    singular = apart | together | of_the_grammar
    return frozenset(singular | {f"{run}s" for run in singular})


@cache
def kind_of(code: str) -> str:
    """The kind of quantity that a UCUM code measures; "" if the grammar has none for it."""
    unit = spelled_out(code).unit or code.strip("{}")
    wanted = "{score}" if unit == "score" else unit.replace("1.73_m2", "{1.73_m2}")
    return next((kind for kind in KINDS if Reading(wanted) in readings(unit, kind)), "")


def _reading(tree: Any) -> Reading:
    code, marks, noun = "", "", ""
    for token in tree.scan_values(lambda _: True):
        if token.type in _POWERS:
            code += f"10*{_exponent(token)}"
        elif token.type == "BODY_SURFACE":
            code = code.removesuffix("/") + "/{1.73_m2}"
        elif token.type == "NOUN":
            noun = str(token)
        elif token.type == "SLASH":
            code += "/"
        elif token.type == "PER_DECILITRE":
            code += "/dL"
        else:
            word = _words().get(token.type, {})
            code += word.get("code", "")
            marks += word.get("mark", "")
    return Reading(code + marks, noun)


def _exponent(power: str) -> int:
    """The exponent of `10^9`, `10(9)`, `109` or `e9`."""
    return int(re.findall(r"[0-9]+", power.removeprefix("10"))[-1])


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))


@cache
def _parser() -> Any:
    from lark import Lark

    grammar = (_FOLDER / "spelling.lark").read_text(encoding="utf-8")
    terminals = "\n".join(f"{name}: {_pattern(word)}" for name, word in _words().items())
    return Lark(
        f"{grammar}\n{terminals}\n", start=[*KINDS, ANY_KIND], parser="earley", ambiguity="explicit"
    )


def _pattern(word: dict[str, Any]) -> str:
    """The regular expression of a terminal: its words, the longest first."""
    any_case = "|".join(_escaped(word.get("words", []), plural="s?"))
    as_written = "|".join(_escaped(word.get("as_written", []), plural=""))
    choices = "|".join(filter(None, (f"(?i:{any_case})" if any_case else "", as_written)))
    # ng and FEU may be written together; otherwise a word ends where its letters end.
    end = "" if word.get("joined") else "(?=(?i:feu|ddu)|[^A-Za-z]|$)"
    return f"/(?:{choices}){end}/"


def _escaped(words: list[str], plural: str) -> Iterator[str]:
    for each in sorted(words, key=len, reverse=True):
        ending = plural if each[-1].isalpha() and each.isascii() and len(each) > 1 else ""
        yield re.escape(each).replace(r"\ ", " ?").replace("/", r"\/") + ending
