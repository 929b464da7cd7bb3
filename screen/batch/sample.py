"""The sampled check: some cases of every batch are decided again by the reference evaluator.

The sample is the cases whose ids have the lowest SHA-256: it looks random, is the same on every
run, and nobody can steer it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screen.batch.by_case import CaseDecider, Decision, Line
from screen.batch.by_case_engine import Elsewhere, decide_all, make_decider
from screen.batch.options import Options
from screen.batch.part import Part
from screen.batch.rules import Loaded
from screen.problems import Kind, Problem, ProblemsFound, shown

if TYPE_CHECKING:
    import pyarrow as pa


_MANY = 20_000  # cases, from which on a process for the check is worth its start
_DIGITS = 12  # of a digest, that say whether a case will most probably be in the sample


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A case of the sample: its place in a small part, and the lines that the engine gave."""

    digest: str
    part: Part
    place: int
    lines: tuple[Line, ...]

    def alone(self) -> Part:
        """The case in a part of its own."""
        import pyarrow as pa

        return self.part.take(pa.array([self.place], pa.int64()))


class Sample:
    """Chooses cases while the parts go by; `check` decides them again."""

    def __init__(self, options: Options, loaded: Loaded) -> None:
        self._options = options
        self._loaded = loaded
        self._chosen: list[_Chosen] = []
        self._decider: CaseDecider | None = None
        self._checked = 0
        self._elsewhere: Elsewhere | None = None
        self._begun: dict[str, Future[list[Decision]]] = {}
        self._connection: Any = None

    def expect(self, cases: int) -> None:
        """Start the process while the first parts are decided, if so many cases are worth it."""
        if cases >= _MANY and self._options.check and self._elsewhere is None:
            self._elsewhere = Elsewhere(self._options.rules, self._options.screened_at)

    def offer(self, part: Part, ids: "pa.Table", verdicts: "pa.Table", expected: int = 0) -> None:
        """Choose from one part, whose ids and verdicts are given.

        `expected` is about how many cases there are in all. If they are many, what will most
        probably stay in the sample is decided again at once, in a process of its own.
        """
        wanted = self._options.check
        if wanted == 0:
            return
        if wanted is None:
            self._compare(decide_all(self._reference(), part), self._lines(verdicts))
            return
        lowest = self._lowest(ids, wanted)
        if not lowest:
            return
        import pyarrow as pa

        lines = self._lines(_of_cases(verdicts, [case for _, _, case in lowest]))
        lowest = sorted((entry for entry in lowest if entry[2] in lines), key=lambda e: e[1])
        some = part.take(pa.array([position for _, position, _ in lowest], pa.int64()))
        self._chosen += [
            _Chosen(digest, some, place, lines[case])
            for place, (digest, _, case) in enumerate(lowest)
        ]
        self._chosen.sort(key=lambda chosen: chosen.digest)
        del self._chosen[wanted:]
        if expected >= _MANY:
            bound = min(16**_DIGITS * wanted // expected, 16**_DIGITS - 1)
            likely = f"{bound:0{_DIGITS}x}"
            self._begin([chosen for chosen in self._chosen if chosen.digest < likely])

    def check(self) -> Callable[[], int]:
        """Begin to decide the chosen cases again, as far as that has not begun.

        What comes back waits for it and gives how many cases were checked in all. It raises
        ProblemsFound at the first difference.
        """
        if self._elsewhere is None:
            cases = [chosen.alone() for chosen in self._chosen]
            return lambda: self._compared([decide_all(self._reference(), case) for case in cases])
        self._begin(self._chosen)
        return self._waited

    def close(self) -> None:
        """End the process, if there is one."""
        if self._elsewhere is not None:
            self._elsewhere.close()

    def _begin(self, chosen: Sequence[_Chosen]) -> None:
        options = self._options
        for case in chosen:
            if case.digest not in self._begun:
                if self._elsewhere is None:
                    self._elsewhere = Elsewhere(options.rules, options.screened_at)
                self._begun[case.digest] = self._elsewhere.begin(case.alone())

    def _waited(self) -> int:
        """Decide here what the process has not come to, from behind, and wait for the rest."""
        decided: deque[list[Decision]] = deque()
        try:
            for case in reversed(self._chosen):
                begun = self._begun[case.digest]
                here = begun.cancel()
                decided.appendleft(
                    decide_all(self._reference(), case.alone()) if here else begun.result()
                )
            return self._compared(decided)
        finally:
            self.close()

    def _compared(self, decided: Sequence[list[Decision]]) -> int:
        for chosen, decisions in zip(self._chosen, decided, strict=True):
            self._compare(decisions, {decision.case: chosen.lines for decision in decisions})
        return self._checked

    def _lowest(self, ids: "pa.Table", wanted: int) -> list[tuple[str, int, str]]:
        """Digest, position and id of the cases that may belong to the sample."""
        import numpy as np
        import pyarrow as pa

        if self._connection is None:
            import duckdb

            self._connection = duckdb.connect(":memory:")
        bound = self._chosen[-1].digest if len(self._chosen) == wanted else "g"
        numbered = ids.append_column("position", pa.array(np.arange(len(ids), dtype=np.int64)))
        self._connection.register("ids", numbered)
        found: list[tuple[str, int, str]] = self._connection.execute(
            'SELECT digest, position, "case" FROM'
            ' (SELECT sha256("case") AS digest, position, "case" FROM ids)'
            " WHERE digest < ? ORDER BY digest, position LIMIT ?",
            [bound, wanted],
        ).fetchall()
        self._connection.unregister("ids")
        return found

    def _compare(self, decisions: Sequence[Decision], lines: dict[str, tuple[Line, ...]]) -> None:
        for decision in decisions:
            given = lines.get(decision.case)
            if given is None:
                continue
            self._checked += 1
            if decision.lines != given:
                raise ProblemsFound([self._difference(decision, given)])

    def _lines(self, verdicts: "pa.Table") -> dict[str, tuple[Line, ...]]:
        return _lines(verdicts, len(self._loaded.protocols))

    def _reference(self) -> CaseDecider:
        if self._decider is None:
            options = self._options
            self._decider = make_decider(options.rules, "reference", options.screened_at)
        return self._decider

    def _difference(self, decision: Decision, given: Sequence[Line]) -> Problem:
        engine = self._options.engine.value
        if decision.rejects:
            about, detail = "everything", f"the reference refuses it: {decision.rejects[0].reason}"
        else:
            about, detail = self._first_difference(decision.lines, given, engine)
        value = shown(decision.case)
        return Problem(Kind.CHECK_FAILED, decision.input, value=value, about=about, detail=detail)

    def _first_difference(
        self, reference: Sequence[Line], given: Sequence[Line], engine: str
    ) -> tuple[str, str]:
        for protocol, checked, line in zip(self._loaded.protocols, reference, given, strict=True):
            if checked == line:
                continue
            for criterion, one, other in zip(
                protocol.criteria, checked.criteria, line.criteria, strict=True
            ):
                if one != other:
                    where = f"{protocol.id}, criterion {criterion.id}"
                    return where, f"{other} by {engine}, {one} by the reference"
            return f"{protocol.id}, the verdict", (
                f"{line.verdict} by {engine}, {checked.verdict} by the reference"
            )
        raise AssertionError("unreachable: the lines are known to differ")


def _of_cases(verdicts: "pa.Table", cases: Sequence[str]) -> "pa.Table":
    """The lines of some cases."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = verdicts["case"].combine_chunks()
    numbers = pc.index_in(pa.array(cases, pa.string()), column.dictionary).drop_null()
    mine = np.flatnonzero(np.isin(column.indices.to_numpy(), numbers.to_numpy()))
    return verdicts.take(pa.array(mine))


def _lines(verdicts: "pa.Table", protocols: int) -> dict[str, tuple[Line, ...]]:
    """The lines of each case; a case that is there twice, and will be refused, is left out."""
    found: dict[str, list[Line]] = {}
    columns = [verdicts[name].to_pylist() for name in ("case", *Line._fields)]
    for case, *line in zip(*columns, strict=True):
        found.setdefault(case, []).append(Line(*line))
    return {case: tuple(lines) for case, lines in found.items() if len(lines) == protocols}
