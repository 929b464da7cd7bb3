"""A table that people print, sign or open in a spreadsheet; written without any risk in it.

Text of a site's file is never markup, a script or a formula in the output.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from screen.explain.show.markdown import literal
from screen.quoting import guarded, visible


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns. `mark` is "", `unknown`, `assumed` or `fails`."""

    cells: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, facts about the whole (name, value), the table, and lines to sign or heed."""

    title: str
    head: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    foot: tuple[str, ...] = ()


def markdown(sheet: Sheet) -> str:
    """The sheet as Markdown; a marked row has its second cell in bold."""
    lines = [f"# {literal(sheet.title)}", ""]
    lines += [f"- {literal(name)}: {_cell(value)}" for name, value in sheet.head]
    lines += ["", _line(map(literal, sheet.columns)), _line("---" for _ in sheet.columns)]
    for row in sheet.rows:
        cells = [_cell(cell) for cell in row.cells]
        if row.mark:
            cells = [f"**{cell}**" if cell in _MARKED else cell for cell in cells]
        lines.append(_line(cells))
    for text in sheet.foot:
        lines += ["", _cell(text)]
    return "\n".join(lines) + "\n"


_MARKED = frozenset({"UNKNOWN", "ASSUMED", "fails", "unknown"})


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return "<br>".join(literal(part) for part in text.split("\n"))


def comma_separated(sheet: Sheet) -> str:
    """The table as CSV (RFC 4180). No cell can be taken for a formula by a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([safe_cell(column) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([safe_cell(cell) for cell in row.cells])
    return written.getvalue()


def safe_cell(text: str) -> str:
    """`text` as a cell: control characters visible, and an apostrophe before a formula."""
    shown = "; ".join(visible(part) for part in text.split("\n"))
    return guarded(shown, numbers_stay=True)


_STYLE = """
:root { color-scheme: light }
body { font: 10pt/1.35 system-ui, sans-serif; margin: 1.5em; color: #111; background: #fff }
h1 { font-size: 14pt; margin: 0 0 .6em }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1em 1em; margin: 0 0 1em }
dt { font-weight: 600 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #888; padding: .25em .4em; text-align: left; vertical-align: top;
  overflow-wrap: anywhere }
th { background: #eee }
tr.unknown td { background: #fff3c4; font-weight: 600 }
tr.assumed td { background: #e3edfb }
tr.fails td { background: #fbe3e3 }
p { margin: 1em 0 0 }
@media print {
  @page { size: A4 landscape; margin: 12mm }
  body { margin: 0 } thead { display: table-header-group } tr { break-inside: avoid }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""


def html(sheet: Sheet) -> str:
    """The sheet as one HTML file that loads nothing, runs nothing, and prints well."""
    return "\n".join(_html(sheet)) + "\n"


def _html(sheet: Sheet) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>{_safe(sheet.title)}</title>"
    yield f"<style>{_STYLE}</style></head><body>"
    yield f"<h1>{_safe(sheet.title)}</h1>"
    yield "<dl>"
    for name, value in sheet.head:
        yield f"<dt>{_safe(name)}</dt><dd>{_safe(value)}</dd>"
    yield "</dl>"
    yield f"<table><thead><tr>{''.join(f'<th>{_safe(c)}</th>' for c in sheet.columns)}</tr></thead>"
    yield "<tbody>"
    for row in sheet.rows:
        mark = f' class="{row.mark}"' if row.mark else ""
        yield f"<tr{mark}>{''.join(f'<td>{_safe(cell)}</td>' for cell in row.cells)}</tr>"
    yield "</tbody></table>"
    for text in sheet.foot:
        yield f"<p>{_safe(text)}</p>"
    yield "</body></html>"


def _safe(text: str) -> str:
    return "<br>".join(escape(visible(part), quote=True) for part in text.split("\n"))


FORMATS = {"markdown": markdown, "html": html, "csv": comma_separated}
