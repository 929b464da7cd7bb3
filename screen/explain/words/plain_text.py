"""Plain text: nothing in it can steer a terminal, and lines keep to a width."""

import unicodedata
from collections.abc import Iterable

from screen.quoting import visible

WIDTH = 80


def cells(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> list[str]:
    """`text` in lines of at most `width` columns, `first` before the first and `rest` after it.

    A word that is longer than a line is cut. `rest` is as many spaces as `first` is wide
    unless it is given.
    """
    rest = " " * cells(first) if rest is None else rest
    lines = []
    line, blank = first, True
    for word in _cut(visible(text).split(" "), width - max(cells(first), cells(rest))):
        if not blank and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line, blank = rest, True
        line += word if blank else f" {word}"
        blank = False
    return [*lines, line.rstrip()]


def _cut(words: Iterable[str], width: int) -> Iterable[str]:
    for word in words:
        piece = ""
        for character in word if cells(word) > width else ():
            if cells(piece) + cells(character) > width:
                yield piece
                piece = ""
            piece += character
        if piece or cells(word) <= width:
            yield piece or word


def padded(text: str, width: int) -> str:
    """`text` followed by spaces up to `width` columns."""
    return text + " " * (width - cells(text))


def shortened(text: str, width: int) -> str:
    """`text`, or as many of its words as fit `width` columns before `...`.

    Words end at spaces and hyphens; a first word that does not fit is cut.
    """
    if cells(text) <= width:
        return text
    return f"{_whole_words(text, width - 3) or _beginning(text, width - 3)}..."


def _beginning(text: str, width: int) -> str:
    kept = ""
    for character in text:
        if cells(kept) + cells(character) > width:
            break
        kept += character
    return kept


def _whole_words(text: str, width: int) -> str:
    """The words at the beginning of `text` that fit `width` columns; "" if none does."""
    kept = _beginning(text, width)
    if text[len(kept) : len(kept) + 1] in (" ", "-"):
        return kept
    return kept[: max(kept.rfind(" "), kept.rfind("-")) + 1].rstrip()


def fitting(names: Iterable[str], width: int, before: str = "") -> str:
    """As many of `names` as fit one line of `width` columns, and how many more there are.

    Where not even the first fits, its first words; where none does, how many names there are.
    """
    waiting = list(names)
    line = before
    for position, name in enumerate(waiting):
        separator = ", " if position else ""
        left = len(waiting) - position - 1
        more = f" +{left} more" if left else ""
        if cells(line + separator + name + more) > width:
            if position:
                return f"{line} +{left + 1} more"
            words = _whole_words(name, width - cells(before + more) - 3)
            return f"{before}{words}...{more}" if words else f"{before}{len(waiting)} in all"
        line += separator + name
    return shortened(line, width)


def listed(names: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    seen = list(names)
    if len(seen) < 2:
        return "".join(seen)
    return f"{', '.join(seen[:-1])} {last} {seen[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 criterion`, `2 criteria`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
