"""Text in a cell of a CSV that a spreadsheet might take for a formula."""

import re

# The full-width, small, raised and lowered forms are the same signs to a spreadsheet.
_SIGNS = "=+\\-@\u207a\u207c\u208a\u208c\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_UNSEEN = "\x00-\x20\u00a0\u200b\u2060\ufeff"
FORMULA = f"^(?:[\t\r\n]|[{_UNSEEN}]*[{_SIGNS}])"
"""What such a text begins with, as a pattern: a sign, whatever nobody sees before it."""
_IS_FORMULA = re.compile(FORMULA)
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")


def guarded(text: str, *, numbers_stay: bool = False) -> str:
    """The cell with an apostrophe before it if it might be taken for a formula.

    `numbers_stay`: a plain number with its sign is none.
    """
    if not _IS_FORMULA.match(text) or (numbers_stay and _NUMBER.fullmatch(text)):
        return text
    return f"'{text}"
