"""Which concepts are recorded at all, for every case of a table at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from screen.batch.missing import BIRTH_DATE, MALE, is_known
from screen.batch.part import LongPart
from screen.model.concept import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class Recorded(Protocol):
    """For every case of a part, whether a concept (or birth date, or sex male) is recorded."""

    def there(self, name: str) -> "np.ndarray[Any, Any]":
        """One truth for each case."""
        ...


class WideRecorded:
    """Of a wide table."""

    def __init__(self, table: "pa.Table") -> None:
        self._table = table

    def there(self, name: str) -> "np.ndarray[Any, Any]":
        """One truth for each row."""
        column = "sex" if name == MALE else name
        if column not in self._table.column_names:
            return _none(len(self._table))
        return _is_there(self._table[column], name)


class LongRecorded:
    """Of a table of observations and one of patients."""

    def __init__(self, part: LongPart) -> None:
        self._part = part

    def there(self, name: str) -> "np.ndarray[Any, Any]":
        """One truth for each patient."""
        import pyarrow.compute as pc

        patients = self._part.patients
        if name in (MALE, BIRTH_DATE):
            column = "sex" if name == MALE else name
            return _is_there(patients[column], name)
        found = self._part.observations
        mine = pc.and_kleene(pc.equal(found["concept"], name), pc.is_valid(found["value"]))
        cases = pc.unique(found["position"].filter(pc.fill_null(mine, False)))
        observed: np.ndarray[Any, Any] = pc.is_in(patients["position"], cases).to_numpy()
        if name == "age" and "age" in patients.column_names:
            observed = observed | _is_there(patients["age"], name)
        return observed


def known(concept: str, recorded: Recorded, vocabulary: Vocabulary) -> "np.ndarray[Any, Any]":
    """For each case, whether the concept, or what it is derived from, is recorded."""
    import numpy as np

    names = _inputs(concept, vocabulary)
    columns = [recorded.there(name) for name in names]
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


def _is_there(cells: "pa.ChunkedArray", name: str) -> "np.ndarray[Any, Any]":
    import pyarrow.compute as pc

    there = pc.equal(cells, "male") if name == MALE else pc.is_valid(cells)
    found: np.ndarray[Any, Any] = pc.fill_null(there, False).to_numpy()
    return found


def _none(count: int) -> "np.ndarray[Any, Any]":
    import numpy as np

    return np.zeros(count, dtype=bool)
