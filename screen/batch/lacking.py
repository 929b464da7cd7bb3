"""Which data items the cases of a table lack: the counts of `Missing`, for all cases at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from screen.batch.by_case import OPEN
from screen.batch.missing import Missing
from screen.batch.outcome import MissingCounts
from screen.batch.recorded import Recorded, known
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

    def counts(self, recorded: Recorded, verdicts: "pa.Table") -> MissingCounts:
        """The counts over `verdicts`: a line per protocol for each decided case, in the order of
        the protocols, with the case's `row` in what is `recorded`.
        """
        import numpy as np

        counts = MissingCounts()
        if not len(verdicts):
            return counts
        rows = verdicts["row"].to_numpy()[:: len(self._places)]
        waiting_in = {
            name: _Open(verdicts, place, len(self._places)) for name, place in self._places.items()
        }
        for concept, readers in self._missing.readers.items():
            positions: dict[str, list[int]] = {}
            for protocol, position in readers:
                positions.setdefault(protocol, []).append(position)
            waiting = np.zeros(len(rows), dtype=np.uint16)
            for protocol, places in positions.items():
                waiting += waiting_in[protocol].unknown_among(places)
            if not waiting.any():
                continue
            waiting[known(concept, recorded, self._vocabulary)[rows]] = 0
            lacking = int(np.count_nonzero(waiting))
            if lacking:
                counts.cases[concept] = lacking
                counts.criteria[concept] = int(waiting.sum(dtype=np.int64))
        return counts


class _Open:
    """The lines of one protocol; only those that are not decided wait for anything."""

    def __init__(self, verdicts: "pa.Table", place: int, count: int) -> None:
        import numpy as np
        import pyarrow as pa

        criteria = verdicts["criteria"].combine_chunks()
        verdict = verdicts["verdict"].combine_chunks()
        index = criteria.indices.to_numpy()[place::count]
        there = np.zeros(len(criteria.dictionary), dtype=bool)
        there[index] = True
        used = np.flatnonzero(there)
        # The letters of one protocol are texts of one width, and stand behind each other.
        letters = criteria.dictionary.take(pa.array(used)).buffers()[2]
        self._unknown = np.frombuffer(letters, np.uint8).reshape(len(used), -1) == ord("U")
        number = np.cumsum(there, dtype=np.int32) - 1
        self._row = number[index]
        is_open = np.array([word in OPEN for word in verdict.dictionary.to_pylist()], dtype=bool)
        self._opened = is_open[verdict.indices.to_numpy()[place::count]]

    def unknown_among(self, positions: Sequence[int]) -> "np.ndarray[Any, Any]":
        """For each line, how many of the criteria at `positions` are unknown."""
        import numpy as np

        of_text = self._unknown[:, list(positions)].sum(axis=1, dtype=np.uint16)
        found: np.ndarray[Any, Any] = of_text[self._row] * self._opened
        return found
