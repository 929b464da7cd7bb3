"""What may be a name in the rules: of a concept, a value, a criterion, a protocol.

Names go into tables, file names, queries and spreadsheets. They are looked at once, where YAML
becomes the model, so that nothing that comes after has to ask what is in them.
"""

import re

from screen.documents.tree import Problems, Text
from screen.problems import Kind

_LONGEST = 64
CONCEPT = r"[a-z0-9]+(_[a-z0-9]+)*"
VALUE = r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*"
CRITERION = r"[a-z0-9]+(-[a-z0-9]+)*"
PROTOCOL = r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*"


def check_concept(node: Text, problems: Problems) -> bool:
    """Whether it is a name of a concept."""
    return _check(node, CONCEPT, Kind.NOT_A_NAME, '"_"', problems)


def check_value(node: Text, problems: Problems) -> bool:
    """Whether it is a name of a value, of a finding or of a context."""
    return _check(node, VALUE, Kind.NOT_A_VALUE_NAME, "", problems)


def check_criterion(node: Text, problems: Problems) -> bool:
    """Whether it is a name of a criterion."""
    return _check(node, CRITERION, Kind.NOT_A_NAME, '"-"', problems)


def check_protocol(node: Text, problems: Problems) -> bool:
    """Whether it is a name of a protocol, as registries write them."""
    return _check(node, PROTOCOL, Kind.NOT_A_PROTOCOL_NAME, "", problems)


def check_word(node: Text, about: str, problems: Problems) -> bool:
    """Whether it is a word that people may write for a value: printable, and not too long."""
    text = node.value.strip()
    if len(text) > _LONGEST:
        problems.add(Kind.TOO_LONG, node, about=about, detail=str(_LONGEST))
    elif not text.isprintable():
        problems.add(Kind.CONTROL_CHARACTER, node, about=about, value=text)
    else:
        return True
    return False


def _check(node: Text, form: str, kind: Kind, detail: str, problems: Problems) -> bool:
    text = node.value.strip()
    if len(text) > _LONGEST:
        problems.add(Kind.TOO_LONG, node, about="a name", detail=str(_LONGEST))
    elif text and not re.fullmatch(form, text):
        problems.add(kind, node, value=text, detail=detail)
    else:
        return bool(text)
    return False
