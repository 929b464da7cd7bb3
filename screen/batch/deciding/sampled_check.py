"""The sampled check: some cases of every batch are decided again by the reference evaluator.

The sample is the cases whose ids have the lowest SHA-256: it looks random, is the same on every
run, and nobody can steer it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screen.batch.deciding.by_case import decide_all, make_decider
from screen.batch.deciding.case_decider import CaseDecider, Decision, Line
from screen.batch.deciding.check_process import Beside
from screen.batch.inputs.part import Part
from screen.batch.options import Options
from screen.language.loading.rules import Rules
from screen.problems import Kind, Problem, ProblemsFound, shown

if TYPE_CHECKING:
    import pyarrow as pa


_DIGITS = 12  # of a digest, that say whether a case will most probably be in the sample
_TOGETHER = 10  # cases that the process is given at once


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A case of the sample: its place in a small part, and the lines that the engine gave."""

    digest: str
    case: str
    part: Part
    place: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Begun:
    """Some cases that the process was given."""

    part: Part
    decisions: "Future[list[Decision]]"


class Sample:
    """Chooses cases while the parts go by; `check` decides them again.

    A process `beside` this one does that while the parts are decided, with all cases that will most
    probably be in the sample.
    """

    def __init__(self, options: Options, loaded: Rules, beside: Beside | None, cursor: Any) -> None:
        """`cursor` is that of a database which can hash."""
        self._options = options
        self._loaded = loaded
        self._chosen: list[_Chosen] = []
        self._decider: CaseDecider | None = None
        self._checked = 0
        self._beside = beside
        self._begun: list[_Begun] = []
        self._digests: set[str] = set()
        self._cursor = cursor

    def look_ahead(self, part: Part, expected: int) -> None:
        """Begin with a part that is not decided yet; `expected` is about how many cases there are
        in all.
        """
        wanted = self._options.check
        if not wanted or self._beside is None:
            return
        ids = part.ids()
        if ids is not None:
            likely = self._lowest(ids, wanted, _likely(wanted, expected))
            self._begin(part, [(digest, place) for digest, place, _ in likely])

    def offer(self, part: Part, ids: "pa.Table", verdicts: "pa.Table", expected: int) -> None:
        """Choose from one part, whose ids and verdicts are given."""
        wanted = self._options.check
        if wanted == 0:
            return
        if wanted is None:
            decisions = decide_all(self._reference(), part)
            lines = self._lines(verdicts)
            self._compare((decision, lines.get(decision.case)) for decision in decisions)
            return
        bound = self._chosen[-1].digest if len(self._chosen) == wanted else "g"
        lowest = self._lowest(ids["case"].combine_chunks(), wanted, bound)
        if not lowest:
            return
        import pyarrow as pa

        lines = self._lines(_of_cases(verdicts, [case for _, _, case in lowest]))
        lowest = sorted((entry for entry in lowest if entry[2] in lines), key=lambda e: e[1])
        some = part.take(pa.array([position for _, position, _ in lowest], pa.int64()))
        self._chosen += [
            _Chosen(digest, case, some, place, lines[case])
            for place, (digest, _, case) in enumerate(lowest)
        ]
        self._chosen.sort(key=lambda chosen: chosen.digest)
        del self._chosen[wanted:]
        likely = _likely(wanted, expected)
        self._begin_chosen([chosen for chosen in self._chosen if chosen.digest < likely])

    def check(self) -> Callable[[], int]:
        """Begin to decide the chosen cases again, as far as that has not begun.

        What comes back waits for it and gives how many cases were checked in all. It raises
        ProblemsFound at the first difference.
        """
        self._begin_chosen(self._chosen)
        return self._waited

    def _begin_chosen(self, chosen: Sequence[_Chosen]) -> None:
        for case in chosen:
            self._begin(case.part, [(case.digest, case.place)])

    def _begin(self, part: Part, cases: Sequence[tuple[str, int]]) -> None:
        """Give the process those cases (digest, place in the part) that it was not given."""
        import pyarrow as pa

        if self._beside is None:
            return
        places = sorted(place for digest, place in cases if digest not in self._digests)
        self._digests.update(digest for digest, _ in cases)
        for start in range(0, len(places), _TOGETHER):
            some = part.take(pa.array(places[start : start + _TOGETHER], pa.int64()))
            self._begun.append(_Begun(some, self._beside.begin(some)))

    def _waited(self) -> int:
        decided = {decision.case: decision for decision in self._decided()}
        here = ((decided[chosen.case], chosen.lines) for chosen in self._chosen)
        self._compare(here)
        return self._checked

    def _decided(self) -> Iterator[Decision]:
        """Decide here what the process has not come to, from behind, and wait for the rest."""
        if self._beside is None:
            import pyarrow as pa

            for chosen in self._chosen:
                alone = chosen.part.take(pa.array([chosen.place], pa.int64()))
                yield from decide_all(self._reference(), alone)
            return
        for begun in reversed(self._begun):
            if begun.decisions.cancel():
                yield from decide_all(self._reference(), begun.part)
            else:
                yield from self._beside.decisions(begun.decisions)

    def _lowest(self, ids: "pa.Array", wanted: int, bound: str) -> list[tuple[str, int, str]]:
        """Digest, position and id of the `wanted` cases with the lowest digests below `bound`."""
        import numpy as np
        import pyarrow as pa

        position = pa.array(np.arange(len(ids), dtype=np.int64))
        numbered = pa.table({"case": ids, "position": position})
        self._cursor.register("ids", numbered)
        found: list[tuple[str, int, str]] = self._cursor.execute(
            'SELECT digest, position, "case" FROM'
            ' (SELECT sha256("case") AS digest, position, "case" FROM ids)'
            " WHERE digest < ? ORDER BY digest, position LIMIT ?",
            [bound, wanted],
        ).fetchall()
        self._cursor.unregister("ids")
        return found

    def _compare(self, decided: Iterable[tuple[Decision, tuple[Line, ...] | None]]) -> None:
        """Decisions, each beside the lines that the engine gave (None: it refused the case)."""
        for decision, given in decided:
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
            self._decider = make_decider(
                self._loaded, "reference", options.screened_at, options.rules.strict
            )
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


def _likely(wanted: int, expected: int) -> str:
    """Below which digests a case will most probably be among the `wanted` lowest of `expected`."""
    bound = min(16**_DIGITS * wanted // max(expected, 1), 16**_DIGITS - 1)
    return f"{bound:0{_DIGITS}x}"


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
