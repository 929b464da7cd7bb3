"""Counts over all verdicts: per protocol and verdict, per criterion and truth."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from screen.model.truth import Truth

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


_READ = ("protocol", "verdict", "criteria", "by_person")


class Tally:
    """Adds up the verdicts of all parts."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self._protocols = tuple(protocols)
        self._verdicts: dict[str, Counter[str]] = {p.id: Counter() for p in protocols}
        self._letters: dict[str, list[Counter[str]]] = {
            p.id: [Counter() for _ in p.criteria] for p in protocols
        }

        self._waiting: Counter[str] = Counter()

    def add(self, verdicts: "pa.Table") -> None:
        """Add verdicts in which the protocols of each case follow each other in our order."""
        import numpy as np

        if not len(verdicts):
            return
        columns = {name: verdicts[name].combine_chunks() for name in _READ}
        for place, protocol in enumerate(self._protocols):
            # How often each of the few different texts is there.
            times = {
                name: np.bincount(
                    column.indices.to_numpy()[place :: len(self._protocols)],
                    minlength=len(column.dictionary),
                )
                for name, column in columns.items()
            }
            (mine,) = _counted(columns["protocol"], times["protocol"])
            assert mine == protocol.id
            self._verdicts[protocol.id].update(_counted(columns["verdict"], times["verdict"]))
            self._add_letters(protocol, _counted(columns["criteria"], times["criteria"]))
            waiting = _counted(columns["by_person"], times["by_person"])
            self._waiting[protocol.id] += sum(n for ids, n in waiting.items() if ids)

    def _add_letters(self, protocol: Protocol, times: Mapping[str, int]) -> None:
        """Add each text of letters as often as it is there."""
        import numpy as np

        width = len(protocol.criteria)
        letters = np.frombuffer("".join(times).encode(), dtype=np.uint8).reshape(-1, width)
        often = np.fromiter(times.values(), dtype=np.int64)
        for truth in Truth:
            counts = often @ (letters == ord(truth.letter))
            for counter, count in zip(self._letters[protocol.id], counts.tolist(), strict=True):
                counter[truth.letter] += count

    def summary(self) -> dict[str, Any]:
        """Per protocol: the verdicts, and every criterion with how often it was what."""
        return {
            protocol.id: {
                "verdicts": {v.value: self._verdicts[protocol.id][v.value] for v in Verdict},
                **self._of_persons(protocol),
                "criteria": {
                    criterion.id: {
                        "kind": criterion.kind.value,
                        **{truth.value: counter[truth.letter] for truth in Truth},
                    }
                    for criterion, counter in zip(
                        protocol.criteria, self._letters[protocol.id], strict=True
                    )
                },
            }
            for protocol in self._protocols
        }

    def _of_persons(self, protocol: Protocol) -> dict[str, int]:
        """In how many cases a person still checks a line, where persons are asked at all."""
        if not any(criterion.person for criterion in protocol.criteria):
            return {}
        return {"by_person": self._waiting[protocol.id]}


def _counted(column: "pa.DictionaryArray", times: "np.ndarray[Any, Any]") -> dict[str, int]:
    """The texts that are there at all, with how often."""
    import pyarrow as pa

    there = times.nonzero()[0].tolist()
    texts = column.dictionary.take(pa.array(there, pa.int64())).to_pylist()
    return dict(zip(texts, times[there].tolist(), strict=True))
