"""Which data items the cases of a table lack: the counts of `Missing`, for all cases at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from screen.batch.counts.missing import MALE, Missing, is_known
from screen.batch.deciding.case_decider import OPEN
from screen.batch.deciding.part_outcome import MissingCounts
from screen.engine.columns.decided import Decided
from screen.engine.columns.tables import Table
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class Lacking:
    """Counts for some protocols; what a case lacks is what `Missing` says."""

    def __init__(self, vocabulary: Vocabulary, protocols: Sequence[Protocol]) -> None:
        self._vocabulary = vocabulary
        self._places = {protocol.id: place for place, protocol in enumerate(protocols)}
        self._missing = Missing(vocabulary, protocols)

    def counts(self, decided: Decided) -> MissingCounts:
        """The counts over the decided cases."""
        import numpy as np

        counts = MissingCounts()
        verdicts, count = decided.verdicts, len(self._places)
        if not len(verdicts):
            return counts
        rows = verdicts["row"].to_numpy()[::count]
        is_open = _is_open(verdicts)
        opened = {name: is_open[place::count] for name, place in self._places.items()}
        waits: dict[tuple[str, int], np.ndarray[Any, Any]] = {}
        for concept, readers in self._missing.readers.items():
            waiting = np.zeros(len(rows), dtype=np.uint16)
            for protocol, position in readers:
                if (protocol, position) not in waits:
                    unknown = decided.codes[self._places[protocol]].is_unknown(position)
                    waits[protocol, position] = unknown * opened[protocol]
                waiting += waits[protocol, position]
            if not waiting.any():
                continue
            waiting[_known(concept, decided.table, self._vocabulary)[rows]] = 0
            lacking = int(np.count_nonzero(waiting))
            if lacking:
                counts.cases[concept] = lacking
                counts.criteria[concept] = int(waiting.sum(dtype=np.int64))
        return counts


def _is_open(verdicts: "pa.Table") -> "np.ndarray[Any, Any]":
    """For each line, whether its protocol is not decided: only then does it wait for anything."""
    import numpy as np

    verdict = verdicts["verdict"].combine_chunks()
    words = np.array([word in OPEN for word in verdict.dictionary.to_pylist()], dtype=np.uint8)
    found: np.ndarray[Any, Any] = words[verdict.indices.to_numpy()]
    return found


def _known(concept: str, table: Table, vocabulary: Vocabulary) -> "np.ndarray[Any, Any]":
    """For each case, whether the concept, or what it is derived from, is recorded."""
    import numpy as np

    names = _inputs(concept, vocabulary)
    columns = [table.people.male if name == MALE else table.has(name) for name in names]
    if len(names) == 1:
        return columns[0]
    # Each way of what is there and what is not is asked about once.
    pattern = np.zeros(len(columns[0]), dtype=np.int32)
    for place, column in enumerate(columns):
        pattern |= column.astype(np.int32) << place
    answers = np.zeros(1 << len(names), dtype=bool)
    for number in np.flatnonzero(np.bincount(pattern)).tolist():
        there = {name for place, name in enumerate(names) if number >> place & 1}
        answers[number] = is_known(concept, there, vocabulary)
    answer: np.ndarray[Any, Any] = answers[pattern]
    return answer


def _inputs(concept: str, vocabulary: Vocabulary) -> Sequence[str]:
    """The concept and everything that it may be derived from."""
    found = {concept: None}
    derivation = vocabulary.concepts[concept].derivation
    for name in derivation.inputs if derivation else ():
        nested = _inputs(name, vocabulary) if name in vocabulary.concepts else (name,)
        found.update(dict.fromkeys(nested))
    return [MALE if name == "sex" else name for name in found]
