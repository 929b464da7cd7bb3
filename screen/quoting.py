"""Texts as they are written into something else, so that nothing in them is read as more than text.

For a terminal and for JSON, for a cell of a CSV, for a query in SQL, and for YAML. Nothing that
comes from a site's file gets there without one of these.
"""

import re

# Control characters, the invisible ones that reorder or hide text, and lone surrogates.
_HIDDEN = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# The full-width, small, raised and lowered forms are the same signs to a spreadsheet.
_SIGNS = "=+\\-@\u207a\u207c\u208a\u208c\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_UNSEEN = "\x00-\x20\u00a0\u200b\u2060\ufeff"
FORMULA = f"^(?:[\t\r\n]|[{_UNSEEN}]*[{_SIGNS}])"
"""What a cell begins with that a spreadsheet might take for a formula: a sign, whatever nobody sees
before it."""
_NUMBER = r"[-+]?[0-9]+(\.[0-9]+)?"
_YAML_WORDS = ("y", "n", "yes", "no", "null", "true", "false", "on", "off")


def visible(text: str) -> str:
    r"""`text` with every control or invisible character shown as an escape such as `\x1b`.

    A site's file is not trusted with the reader's terminal.
    """
    return text if text.isascii() and text.isprintable() else re.sub(_HIDDEN, _escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escaped_json(text: str) -> str:
    r"""JSON text in which the same characters are written as `\uXXXX`: equal when read.

    Line breaks between the values are kept.
    """

    def escape(found: re.Match[str]) -> str:
        if found[0] == "\n":
            return "\n"
        units = found[0].encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))

    return text if text.isascii() and "\x7f" not in text else re.sub(_HIDDEN, escape, text)


def guarded(text: str, *, numbers_stay: bool = False) -> str:
    """The cell with an apostrophe before it if it might be taken for a formula.

    `numbers_stay`: a plain number with its sign is none.
    """
    # Patterns are compiled where they are needed first, not on every cold start.
    if not re.match(FORMULA, text) or (numbers_stay and re.fullmatch(_NUMBER, text)):
        return text
    return f"'{text}"


def quoted(name: str) -> str:
    """The name of a column or a table in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def yaml_text(text: str) -> str:
    """A text as YAML, quoted where plain text would mean something else."""
    if re.fullmatch(r"[A-Za-z_][\w ().%/+^*-]*[\w).%]|[A-Za-z_]|[0-9][\w^*]*/[A-Za-z]+", text):
        return text if text.lower() not in _YAML_WORDS else f'"{text}"'
    escaped = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def one_line(text: str) -> str:
    """`text` with a blank for each character that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)
