# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""Columns computed from columns: nested selects in which nothing is computed twice."""

import re
from collections.abc import Iterable, Mapping

_REFERENCE = re.compile('"([^"]+)"')
_LONGEST_INLINED = 4000
_PLAIN = re.compile('"[^"]+"|-?[0-9]+|TRUE|FALSE|NULL')


class Layers:
    """Expressions over the columns of one relation.

    `column` names an expression, the same one only once, and gives back the quoted name, to be
    used in further expressions. `select` puts each column on the first level where everything
    that it needs is there, and leaves out what nobody needs.
    """

    def __init__(self, source: Iterable[str]) -> None:
        self._source = frozenset(source)
        self._expression: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._needs: dict[str, frozenset[str]] = {}

    def column(self, expression: str) -> str:
        if _PLAIN.fullmatch(expression):
            return expression
        known = self._names.get(expression)
        if known is None:
            label = f"_{len(self._names)}"
            known = self._names[expression] = f'"{label}"'
            self._expression[label] = expression
            unknown = [
                needed
                for needed in _REFERENCE.findall(expression)
                if needed not in self._source and needed not in self._expression
            ]
            if unknown:
                raise KeyError(f"no such column: {', '.join(unknown)}")
        return known

    def needs(self, expression: str) -> frozenset[str]:
        """The columns of the relation that an expression is computed from in the end."""
        found = frozenset[str]()
        for label in _REFERENCE.findall(expression):
            if label in self._source:
                found |= {label}
                continue
            if label not in self._needs:
                self._needs[label] = self.needs(self._expression[label])
            found |= self._needs[label]
        return found

    def of_one_cell(
        self, outputs: Mapping[str, str], sources: frozenset[str]
    ) -> tuple[dict[str, str], set[str]]:
        """What can be worked out once for each distinct text: columns, by the source they need.

        These are the columns that need one of `sources` and nothing else, and are used where
        more is needed. Each label comes with its source. Also the sources that are needed
        besides, as they are.
        """
        edge: dict[str, str] = {}
        raw = set[str]()
        seen = set[str]()

        def visit(text: str) -> None:
            for label in _REFERENCE.findall(text):
                if label in self._source:
                    raw.add(label)
                    continue
                if label in seen:
                    continue
                seen.add(label)
                inner = self.needs(f'"{label}"')
                if len(inner) == 1 and inner <= sources:
                    edge[label] = next(iter(inner))
                else:
                    visit(self._expression[label])

        for text in outputs.values():
            visit(text)
        return edge, raw

    def given(self, labels: Iterable[str]) -> "Layers":
        """The same columns, with `labels` taken as columns of the relation."""
        other = Layers(self._source | set(labels))
        other._names = self._names
        other._expression = {
            label: text for label, text in self._expression.items() if label not in set(labels)
        }
        return other

    def select(self, outputs: Mapping[str, str], relation: str) -> str:
        """SQL that gives `outputs` (name to expression) for every row of `relation`."""
        texts = self._inlined(outputs)
        level: dict[str, int] = {}
        for label in texts:
            if label not in outputs:
                inner = _REFERENCE.findall(texts[label])
                level[label] = 1 + max((level.get(needed, 0) for needed in inner), default=0)
        top = 1 + max(level.values(), default=0)
        last: dict[str, int] = {}
        for label, text in texts.items():
            for needed in _REFERENCE.findall(text):
                last[needed] = max(last.get(needed, 0), level.get(label, top))
        sql = relation
        for number in range(1, top):
            columns = [
                f'"{label}"' for label, end in last.items() if level.get(label, 0) < number < end
            ]
            columns += [
                f'{texts[label]} AS "{label}"' for label, own in level.items() if own == number
            ]
            sql = f"(SELECT {', '.join(columns)} FROM {sql}) AS level_{number}"
        final = ", ".join(f'{texts[label]} AS "{label}"' for label in outputs)
        return f"SELECT {final} FROM {sql}"

    def _inlined(self, outputs: Mapping[str, str]) -> dict[str, str]:
        """The texts of what is needed, in an order in which each stands after what it uses.

        What is used once stands where it is used: fewer columns, fewer levels, and a database
        that works out only the branch of a CASE that it needs.
        """
        uses: dict[str, int] = {}
        order: list[str] = []

        def visit(text: str) -> None:
            for needed in _REFERENCE.findall(text):
                uses[needed] = uses.get(needed, 0) + 1
                if uses[needed] == 1 and needed in self._expression:
                    visit(self._expression[needed])
                    order.append(needed)

        for text in outputs.values():
            visit(text)
        texts: dict[str, str] = {}
        inlined: dict[str, str] = {}

        def spelled(text: str) -> str:
            return _REFERENCE.sub(lambda m: inlined.get(m[1], m[0]), text)

        for label in order:
            text = spelled(self._expression[label])
            if uses[label] == 1 and len(text) < _LONGEST_INLINED:
                inlined[label] = f"({text})"
            else:
                texts[label] = text
        return {**texts, **{label: spelled(text) for label, text in outputs.items()}}
