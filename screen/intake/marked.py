"""A cell that a mapping could not read, on its way to the record that it belongs to.

The record is what is set aside (or refuses its case), and it can say why only if the reason
travels with the cell.
"""

from screen.documents.tree import Text
from screen.problems import Kind, Problem, shown

# It stands for a character that could not be read. A cell of a table that holds it itself is
# refused before, so that no text which was read right begins with it.
MARK = "\ufffd"
_PARTS = 5


def problem_in(cell: Text, file: str) -> Problem | None:
    """What the mark of a cell says: value, kind, about and detail. None where there is none."""
    if not cell.value.startswith(MARK):
        return None
    parts = cell.value.split(MARK)
    if len(parts) != _PARTS or parts[2] not in Kind.__members__:
        return None
    _, value, why, about, detail = parts
    detail = shown(detail, 100)
    return Problem(Kind[why], file, cell.line, cell.column, value, about, detail=detail)


def unmarked(text: str) -> str:
    """The cell as it was written."""
    parts = text.split(MARK)
    return parts[1] if text.startswith(MARK) and len(parts) == _PARTS else text
