"""JSON text to a tree with positions, numbers kept as the text that they are written in."""

import json
import re
from bisect import bisect_right

from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.documents.yaml_text import distinct
from screen.problems import Kind

_DEEPEST = 40
_SHAPE = r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+'


def read_json(text: str, problems: Problems, first_line: int = 1) -> Node | None:
    """The tree of one JSON value; `first_line` is the line in the file where `text` starts.

    Notes repeated keys in `problems`. Raises ProblemsFound on bad syntax, also for NaN and
    Infinity, which are no JSON, and for nesting deeper than 40 levels.
    """
    try:
        json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        problems.add(
            Kind.SYNTAX,
            line=first_line + error.lineno - 1,
            column=error.colno,
            detail=_detail(error.msg),
        )
    except RecursionError:
        problems.add(Kind.TOO_DEEP, line=first_line, column=1, detail=str(_DEEPEST))
    except ValueError as error:
        problems.add(Kind.SYNTAX, line=first_line, column=1, detail=str(error))
    problems.check()
    return _Builder(text, problems, first_line).tree()


class _Builder:
    """Walks the tokens of text that is known to be JSON."""

    def __init__(self, text: str, problems: Problems, first_line: int) -> None:
        self._text = text
        self._problems = problems
        self._first_line = first_line
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def tree(self) -> Node | None:
        """The node of the whole text."""
        open_nodes: list[tuple[str, list[Node], int, int]] = []
        for match in re.finditer(_SHAPE, self._text):
            token = match.group()
            if token in (",", ":"):
                continue
            line, column = self._position(match.start())
            node: Node
            if token in ("{", "["):
                open_nodes.append((token, [], line, column))
                if len(open_nodes) > _DEEPEST:
                    detail = str(_DEEPEST)
                    self._problems.add(Kind.TOO_DEEP, line=line, column=column, detail=detail)
                    self._problems.check()
                continue
            if token in ("}", "]"):
                opener, children, line, column = open_nodes.pop()
                if opener == "{":
                    node = Pairs(distinct(children, self._problems), line, column)
                else:
                    node = Items(tuple(children), line, column)
            else:
                node = _scalar(token, line, column)
            if not open_nodes:
                return node
            open_nodes[-1][1].append(node)
        return None

    def _position(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self._lines, offset) - 1
        return self._first_line + index, offset - self._lines[index] + 1


def _scalar(written: str, line: int, column: int) -> Text:
    if written.startswith('"'):
        return Text(str(json.loads(written)), line, column)
    return Text(written, line, column, written == "null")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _detail(message: str) -> str:
    return message[:1].lower() + message[1:]
