# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""What differs between concepts, as small tables that a long table is joined with."""

from collections.abc import Mapping, Sequence

from screen.engine.columns import cells
from screen.engine.columns.dialect import Dialect, quoted
from screen.engine.columns.grid import Grid
from screen.engine.columns.units import UnitTable
from screen.model.concept import Vocabulary


def lookups(
    vocabulary: "Vocabulary",
    grids: "Mapping[str, Grid]",
    units: "Mapping[str, UnitTable]",
    dialect: Dialect,
) -> dict[str, str]:
    """The small tables: `concepts`, `unit_lines` and `states`, each as a query."""
    big = dialect.big
    concepts, lines, states = [], [], []
    for name, concept in vocabulary.concepts.items():
        grid = grids.get(name)
        ends = [f"CAST(NULL AS {big})"] * 2
        most = "0"
        if grid is not None:
            most = str(10**grid.digits)
            for place, end in enumerate((concept.plausible_low, concept.plausible_high)):
                if end is not None:
                    ends[place] = dialect.number(grid.position(end))
        concepts.append(
            f"({quoted(name)}, {str(grid is not None).upper()}, CAST({most} AS BIGINT), "
            f"{ends[0]}, {ends[1]})"
        )
        for value, own in cells.state_bits(concept.tree).items() if concept.tree else ():
            states.append(f"({quoted(name)}, {quoted(value)}, CAST({own} AS BIGINT))")
    for name, table in units.items():
        for text, (slope, start) in table.lines.items():
            numbers = f"{dialect.number(slope)}, {dialect.number(start)}"
            lines.append(f"({quoted(name)}, {quoted(text)}, {numbers}, FALSE)")
        for text in sorted(table.wrong):
            nothing = f"CAST(NULL AS {big})"
            lines.append(f"({quoted(name)}, {quoted(text)}, {nothing}, {nothing}, TRUE)")
    return {
        "concepts": _values(concepts, "concept, measured, most, least_likely, most_likely"),
        "unit_lines": _values(lines, "concept, unit, slope, start_at, wrong"),
        "states": _values(states, "concept, value, state"),
    }


def _values(rows: Sequence[str], columns: str) -> str:
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS v({columns})"
