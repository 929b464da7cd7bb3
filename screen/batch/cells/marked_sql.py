"""SQL for cells that a mapping cannot read: they go on with the reason (see `intake.marked`)."""

from screen.intake.marked import MARK
from screen.problems import Kind
from screen.quoting import literal


def marked_sql(cell: str, why: Kind, about: str = "", detail: str = "") -> str:
    """The cell, with the reason why it cannot be read."""
    reason = MARK.join(("", why.name, about, detail))
    return f"({literal(MARK)} || {cell} || {literal(reason)})"


def is_marked_sql(cell: str) -> str:
    """Whether a cell carries a mark."""
    return f"starts_with({cell}, {literal(MARK)})"
