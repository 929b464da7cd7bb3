"""The spec tables (`tests/spec/*.yaml`) for a reader: what is recorded, what is asked, the answer.

Every row is a test that each engine passes. The keys are those of `tests/spec/rows.py`; one that
this file has no words for is shown as it is written.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from docs.pages.markdown import LINE, code, plain, table
from screen.documents.tree import Items, Node, Problems, Text
from screen.documents.yaml_text import read_yaml
from screen.model import criterion
from screen.model.criterion import COMBINATIONS

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "spec"
Row = Mapping[str, Any]

_GIVEN = ("screened_at", "patient", "observations", "complete", "site")
_ASKED = ("when", "inclusion", "exclusion")
_OUTCOME = {
    "verdict",
    "truth",
    "reasons",
    "truths",
    "leaves",
    "refused",
    "uses",
    "assumed",
    "by_policy",
    "any_order",
    "quality",
}
_TOLD = {"says", "rows", "section", "values", *_GIVEN, *_ASKED}


def markdown() -> str:
    """All tables, in the order of their sections."""
    return "\n".join(_section(path) for path in tables())


def tables() -> list[Path]:
    """The files, by the number of their section."""
    return sorted(FOLDER.glob("*.yaml"), key=_number)


def _number(path: Path) -> int:
    return int(path.stem.partition("_")[0])


def _section(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    problems = Problems(path.name)
    top = _read(read_yaml(text, problems))
    problems.check()
    intro = re.findall(r"^# ?(.*)$", text.partition("section:")[0], re.MULTILINE)
    parts = [f"## {_number(path)}. {plain(top['section'])}\n", plain(" ".join(intro)) + "\n"]
    return "\n".join([*parts, _given(top), *_rows(top["rows"], 3)])


def _read(node: Node | None) -> Any:
    """A document as text, lists and maps."""
    if node is None or isinstance(node, Text):
        return "" if node is None else node.value
    if isinstance(node, Items):
        return [_read(item) for item in node.items]
    return {key.value: _read(value) for key, value in node.pairs}


def _given(row: Row) -> str:
    """What a group of rows shares, as a paragraph; "" for nothing."""
    told = []
    if case := _case(row):
        told.append(f"Recorded: {case.replace(LINE, '; ')}.")
    if asked := _question(row):
        told.append(f"Asked: {asked.replace(LINE, '; ')}.")
    if "truth" in row and "rows" in row:
        told.append(f"Answer: {_outcome(row).replace(LINE, '; ')}, unless a row says otherwise.")
    return " ".join(told) + "\n" if told else ""


def _rows(rows: list[Row], level: int) -> Iterator[str]:
    """Groups under headings, and the rows between two groups as one table."""
    for is_group, run in groupby(rows, key=lambda row: "rows" in row):
        if not is_group:
            yield table(
                ("row", "recorded", "asked", "answer"),
                (line for row in run for line in _lines(row)),
            )
            continue
        for row in run:
            yield f"{'#' * level} {plain(row['says'])}\n"
            yield _given(row)
            yield from _rows(row["rows"], level + 1)


def _lines(row: Row) -> Iterator[tuple[str, str, str, str]]:
    if "values" not in row:
        yield plain(row["says"]), _case(row), _question(row), _outcome(row)
        return
    for concept, outcomes in row["values"].items():
        for value, outcome in outcomes.items():
            recorded = LINE.join(filter(None, (code(f"{concept} {value}"), _case(row))))
            truth, *reasons = outcome.split()
            yield plain(row["says"]), recorded, _question(row), _truth(truth, reasons)


def _case(row: Row) -> str:
    told = []
    if "screened_at" in row:
        told.append(f"screened at {code(row['screened_at'])}")
    told += [code(f"{key} {value}") for key, value in row.get("patient", {}).items()]
    for concept, records in row.get("observations", {}).items():
        for record in records if isinstance(records, list) else [records]:
            told.append(code(_record(concept, record)))
    told += [f"site policy {code(f'{key}: {_flow(v)}')}" for key, v in row.get("site", {}).items()]
    if row.get("complete") == "false":
        told.append("the protocol is not complete")
    return LINE.join(told)


def _record(concept: str, record: Any) -> str:
    if not isinstance(record, Mapping):
        return f"{concept} {_flow(record)}"
    keys = [f"{key} {_flow(value)}" for key, value in record.items() if key != "value"]
    return ", ".join([f"{concept} {record.get('value', '')}".rstrip(), *keys])


def _question(row: Row) -> str:
    told = [code(_condition(row["when"]))] if "when" in row else []
    for kind in ("inclusion", "exclusion"):
        told += [
            f"{kind} {code(f'{name}: {_condition(when)}')}"
            for name, when in row.get(kind, {}).items()
        ]
    return LINE.join(told)


def _condition(when: Any) -> str:
    """A condition on one line, close to how it is written."""
    if not isinstance(when, Mapping) or len(when) != 1:
        return _flow(when)
    ((name, body),) = when.items()
    match COMBINATIONS.get(name):
        case criterion.All:
            return f"all of ({_conditions(body)})"
        case criterion.Any:
            return f"one of ({_conditions(body)})"
        case criterion.Not:
            return f"not ({_conditions([body])})"
        case criterion.AtLeast:
            return f"at least {body['count']} of ({_conditions(body['of'])})"
        case None:
            return _leaf(name, body)


def _conditions(parts: list[Any]) -> str:
    return "; ".join(_condition(part) for part in parts)


def _leaf(name: str, body: Any) -> str:
    if not isinstance(body, Mapping):
        return f"{name} {_flow(body)}"
    keys = [f"{key} {_flow(value)}" for key, value in body.items() if key != "is"]
    return ", ".join([f"{name} {_flow(body.get('is', ''))}", *keys])


def _outcome(row: Row) -> str:
    told = []
    if "verdict" in row:
        told.append(f"**{row['verdict']}**")
    if "truth" in row:
        told.append(_truth(row["truth"], row.get("reasons", [])))
    elif "reasons" in row:
        told.append(" ".join(code(reason) for reason in row["reasons"]))
    for name, outcome in row.get("truths", {}).items():
        truth, *reasons = outcome.split()
        told.append(f"{code(name)} {_truth(truth, reasons)}")
    if "refused" in row:
        told.append(f"refused: {_word(row['refused'])}")
    if "leaves" in row:
        told.append(f"each part: {', '.join(_word(leaf) for leaf in row['leaves'])}")
    if "uses" in row:
        told.append(f"rests on {', '.join(code(used) for used in row['uses'])}")
    if row.get("assumed") == "true":
        told.append("assumed absent")
    if row.get("by_policy") == "true":
        told.append("site policy")
    if row.get("any_order") == "true":
        told.append("in any order of the records")
    told += [_remark(remark) for remark in row.get("quality", [])]
    others = row.keys() - _TOLD - _OUTCOME
    told += [f"{_word(key)} {code(_flow(row[key]))}" for key in sorted(others)]
    return LINE.join(told)


def _truth(truth: str, reasons: list[str]) -> str:
    because = f": {', '.join(_word(reason) for reason in reasons)}" if reasons else ""
    return f"**{_word(truth)}**{because}"


def _remark(remark: Mapping[str, str]) -> str:
    others = "".join(f", {k} {v}" for k, v in remark.items() if k not in ("concept", "reason"))
    return f"remark: {plain(remark['concept'])} {_word(remark['reason'])}{plain(others)}"


def _word(text: str) -> str:
    return text.replace("_", " ")


def _flow(value: Any) -> str:
    """Text as it is; lists and maps on one line."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False).replace('"', "")
