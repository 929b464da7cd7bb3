"""YAML text to a tree with positions, by the events of libyaml and without any typing."""

import re
from typing import Any

from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.problems import Kind

_DEEPEST = 40
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
# Stand-ins, one character each so that positions stay, for the brackets of a unit.
_HIDDEN = str.maketrans("[]{}", "\ue000\ue001\ue002\ue003")
_SHOWN = str.maketrans("\ue000\ue001\ue002\ue003", "[]{}")
_STAND_INS = "\ue000-\ue003"
_MARKS = re.compile(r"[\[\]{}]|[\s,:\"]+")
_WORD = re.compile(r"[\w%/.*]")
_DIRECTIVE = re.compile("(?:\\A|[\r\n\x85\u2028\u2029])\ufeff?%TAG")
_OPENER = {"]": "[", "}": "{"}


def read_yaml(text: str, problems: Problems) -> Node | None:
    """The one document in `text`; None if there is none. Raises ProblemsFound on bad syntax.

    Duplicate keys, anchors, aliases and tags are noted in `problems`; so is a second document.
    """
    from yaml import YAMLError

    _refuse_directives(text, problems)
    noted = len(problems.found)
    try:
        return _Builder(text, problems).document()
    except YAMLError as error:
        failure = error
    # `{value: 76 mm[Hg]}` is no YAML, yet it is how a unit is written. A bracket right after
    # a word cannot open anything in YAML either, so reading it as text takes nothing away.
    hidden = _hide_unit_brackets(text)
    if hidden != text:
        del problems.found[noted:]
        try:
            return _Builder(hidden, problems, restore=True).document()
        except YAMLError as error:
            failure = error
    _note_syntax(failure, text, problems)
    problems.check()
    return None


def first_value(text: str, key: str) -> str | None:
    """The text of a top-level `key`, reading no further than that; None if it is not found."""
    from yaml import YAMLError

    if _DIRECTIVE.search(text):
        return None
    try:
        return _Builder(text, Problems("")).first_value(key)
    except YAMLError:
        return None


def _refuse_directives(text: str, problems: Problems) -> None:
    """Tags are not accepted, and naming them is not either.

    The parser looks through all names before for each new one.
    """
    found = _DIRECTIVE.search(text)
    if found:
        line = len(text[: found.end()].splitlines())
        problems.add(Kind.TAG, line=line, column=1, value="%TAG")
        problems.check()


class _Builder:
    """Builds a tree from parser events, on a stack of its own: depth is bounded by us."""

    def __init__(self, text: str, problems: Problems, restore: bool = False) -> None:
        import yaml

        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._next = loader(text).get_event
        self._problems = problems
        self._restore = restore
        self._scalar = yaml.ScalarEvent
        self._openers = {yaml.MappingStartEvent: True, yaml.SequenceStartEvent: False}
        self._closers = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        self._document = yaml.DocumentStartEvent
        self._end = yaml.StreamEndEvent

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        while True:
            event = self._next()
            if isinstance(event, self._end):
                return root
            if isinstance(event, self._document):
                documents += 1
                if documents == 2:
                    mark: Any = event.start_mark
                    self._problems.add(
                        Kind.SEVERAL_DOCUMENTS, line=mark.line + 1, column=mark.column + 1
                    )
                    return root
                root = self._tree()

    def first_value(self, key: str) -> str | None:
        depth = 0
        name: str | None = None
        while not isinstance(event := self._next(), self._end):
            kind = type(event)
            if kind in self._openers:
                depth += 1
            elif kind in self._closers:
                depth -= 1
                name = None
            elif kind is self._scalar and depth == 1:
                if name == key:
                    return str(event.value)
                name = str(event.value) if name is None else None
        return None

    def _tree(self) -> Node:
        """Build the node that starts with the next event, with everything inside it.

        The longest loop of a cold start: what it needs is at hand, and scalars come first.
        """
        next_event, scalar, restore = self._next, self._scalar, self._restore
        open_nodes: list[tuple[bool, list[Node], int, int]] = []
        siblings: list[Node] = []
        while True:
            event = next_event()
            kind = type(event)
            mark: Any = event.start_mark
            line, column = mark.line + 1, mark.column + 1
            node: Node
            if kind is scalar:
                if event.anchor is not None or event.tag is not None:
                    self._refuse_decoration(event, line, column)
                value = event.value.translate(_SHOWN) if restore else event.value
                # Only a plain scalar is `implicit` in its first part; a quoted "null" is text.
                node = Text(value, line, column, value in _NULLS and event.implicit[0])
            elif kind in self._openers:
                self._refuse_decoration(event, line, column)
                siblings = []
                open_nodes.append((self._openers[kind], siblings, line, column))
                if len(open_nodes) > _DEEPEST:
                    detail = str(_DEEPEST)
                    self._problems.add(Kind.TOO_DEEP, line=line, column=column, detail=detail)
                    self._problems.check()
                continue
            elif kind in self._closers:
                is_mapping, children, line, column = open_nodes.pop()
                if is_mapping:
                    node = Pairs(distinct(children, self._problems), line, column)
                else:
                    node = Items(tuple(children), line, column)
                siblings = open_nodes[-1][1] if open_nodes else []
            else:
                self._problems.add(Kind.ALIAS, line=line, column=column)
                node = Text("", line, column, True)
            if not open_nodes:
                return node
            siblings.append(node)

    def _refuse_decoration(self, event: Any, line: int, column: int) -> None:
        if event.anchor is not None:
            self._problems.add(Kind.ALIAS, line=line, column=column)
        if event.tag is not None:
            self._problems.add(Kind.TAG, line=line, column=column, value=event.tag)


def distinct(nodes: list[Node], problems: Problems) -> tuple[tuple[Text, Node], ...]:
    """Pair up keys and values, which alternate in `nodes`, keeping the first of equal keys.

    Notes repeated keys and keys that are no text in `problems`.
    """
    pairs = zip(nodes[::2], nodes[1::2], strict=True)
    first: dict[str, int] = {}
    kept = []
    for key, value in pairs:
        if not isinstance(key, Text):
            problems.add(Kind.WRONG_SHAPE, key, about="a key", detail="plain text")
        elif key.value in first:
            detail = str(first[key.value])
            problems.add(Kind.DUPLICATE_KEY, key, value=key.value, detail=detail)
        else:
            first[key.value] = key.line
            kept.append((key, value))
    return tuple(kept)


def _hide_unit_brackets(text: str) -> str:
    """`text` with the brackets of units, as in `76 mm[Hg]` and `12 {score}`, replaced.

    Such a pair stands behind a word (perhaps a blank between) and holds no separator, and no
    bracket but those of further pairs. Pairs are found where they close, in one pass: whether
    one is of a unit follows from what stands to its left.
    """
    if re.search(f"[{_STAND_INS}]", text):
        return text
    hidden: list[int] = []
    closed = -1  # the last bracket that was hidden
    opened: list[int] = []  # brackets that may be of a unit, each inside the one before
    for match in _MARKS.finditer(text):
        place, mark = match.start(), match.group()
        if mark in "[{":
            before = place - (text[place - 1 : place] == " ")
            if before - 1 == closed >= 0 or _WORD.match(text, max(before - 1, 0), before):
                opened.append(place)
            else:
                opened.clear()
        elif mark in "]}" and opened and text[opened[-1]] == _OPENER[mark]:
            hidden += (opened.pop(), place)
            closed = place
        else:
            opened.clear()
    parts: list[str] = []
    done = 0
    for place in sorted(hidden):
        parts += (text[done:place], text[place].translate(_HIDDEN))
        done = place + 1
    return "".join((*parts, text[done:]))


_SYNTAX = {
    "found unexpected end of stream": "a quote is opened and not closed",
    "found unexpected document indicator": "a quote is opened and not closed before this line",
    "found unexpected ':'": "a colon stands where none can",
}
"""The parser's words for what is wrong, where plainer ones exist."""


def _note_syntax(error: Any, text: str, problems: Problems) -> None:
    mark = getattr(error, "problem_mark", None)
    if mark is not None and "nesting depth" in str(error.problem):
        # The scanner runs ahead of the events, and has a limit of its own.
        line, column = mark.line + 1, mark.column + 1
        problems.add(Kind.TOO_DEEP, line=line, column=column, detail=str(_DEEPEST))
        return
    if mark is None:
        position = getattr(error, "position", None)
        if isinstance(position, int) and "character" in str(error):
            problems.add(Kind.NOT_TEXT, detail=": it holds characters that no text has")
        else:
            problems.add(Kind.SYNTAX, detail="it is no YAML")
        return
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    detail = _SYNTAX.get(str(error.problem), str(error.problem))
    if re.search(r"[:\-,]\s+[<>=%@`]", line):
        detail = 'put a value that starts with a sign in quotes, as in "> 3000 ng/mL"'
    problems.add(Kind.SYNTAX, line=mark.line + 1, column=mark.column + 1, detail=detail)
