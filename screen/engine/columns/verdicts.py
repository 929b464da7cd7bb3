"""From truths to verdicts: two bits per criterion, equal codes put into words once.

Ids and letters for millions of lines would otherwise be most of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.engine.columns import truths
from screen.engine.columns.facts.pool import BIT
from screen.engine.columns.truths import Truths
from screen.model.concept import Kind, Vocabulary
from screen.model.criterion import Criterion, CriterionKind, leaves
from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from screen.model.truth import Reason

if TYPE_CHECKING:
    import pyarrow as pa

NOT_MET, MET, UNKNOWN, WAITING = range(4)
"""The two bits of a criterion; WAITING is unknown and waits for an attestation only."""

PER_CODE = 31
"""Criteria in one 64-bit number."""

_PER_MASK = 62
_LETTERS = b"NMUU"
_STATE = np.array([UNKNOWN, MET, NOT_MET], dtype=np.int64)
"""The state of a truth, which is 0, 1 or (the last place) -1."""


def codes_of(protocol: Protocol, judging: Truths, vocabulary: Vocabulary) -> "Codes":
    """The codes of one protocol: criterion i in bits 2i and 2i+1, `PER_CODE` at a time."""
    numbers = []
    for first in range(0, len(protocol.criteria), PER_CODE):
        code: Any = np.int64(0)
        for place, criterion in enumerate(protocol.criteria[first : first + PER_CODE]):
            code = code + (_states(criterion, judging, vocabulary) << 2 * place)
        numbers.append(code)
    asked = [criterion for criterion in protocol.criteria if criterion.person]
    if asked:
        numbers.append(_waiting(asked, judging))
    return Codes(numbers)


def _waiting(asked: Sequence[Criterion], judging: Truths) -> Any:
    """A bit for each criterion of which a person is asked, set where nobody has answered yet."""
    assert len(asked) <= _PER_MASK
    bits: Any = np.int64(0)
    for place, criterion in enumerate(asked):
        judged = judging.judge(criterion.when)
        waits = (judged.truth == truths.UNKNOWN) & (
            judged.reasons() & BIT[Reason.NOT_ATTESTED] != 0
        )
        bits = bits + (waits.astype(np.int64) << place)
    return bits


def _states(criterion: Criterion, judging: Truths, vocabulary: Vocabulary) -> Any:
    judged = judging.judge(criterion.when)
    states = _STATE[judged.truth]
    if any(
        vocabulary.concepts[leaf.concept].kind is Kind.ATTESTATION
        for leaf in leaves(criterion.when)
    ):
        waits = (judged.truth == truths.UNKNOWN) & (judged.reasons() == BIT[Reason.NOT_ATTESTED])
        states = np.where(waits, WAITING, states)
    return states


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one protocol, `PER_CODE` criteria in each number of a row.

    A last number has the bits of the criteria that wait for a person, if persons are asked.
    """

    numbers: Sequence[np.ndarray[Any, Any]]

    def is_unknown(self, position: int) -> np.ndarray[Any, Any]:
        """For each row 1 where the criterion at `position` is unknown, else 0."""
        number = self.numbers[position // PER_CODE]
        found: np.ndarray[Any, Any] = (number >> (2 * (position % PER_CODE) + 1)) & 1
        return found.astype(np.uint8)


class Wording:
    """Puts the codes of one protocol into words; remembers what it has worded."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._ids = [criterion.id for criterion in protocol.criteria]
        self._exclusion = [c.kind is CriterionKind.EXCLUSION for c in protocol.criteria]
        self._asked = [place for place, c in enumerate(protocol.criteria) if c.person]
        self._joined: dict[tuple[int, ...], str] = {}

    def words(self, codes: Sequence[np.ndarray[Any, Any]]) -> dict[str, "pa.Array"]:
        """The columns of the verdicts from `verdict` on for rows of codes, as dictionaries."""
        import pyarrow as pa

        distinct, position = _distinct(codes)
        states = self._states(distinct)
        exclusion = np.array(self._exclusion, dtype=bool)
        fails = np.where(exclusion, states == MET, states == NOT_MET)
        unknown = states >= UNKNOWN
        waits = (states == WAITING) == unknown
        names = [verdict.value for verdict in Verdict]
        undecided = names.index(Verdict.UNDECIDED.value)
        verdict = np.full(len(states), undecided, dtype=np.int32)
        if self.protocol.complete:
            verdict[unknown.any(axis=1) & waits.all(axis=1)] = names.index(Verdict.PENDING.value)
            verdict[~unknown.any(axis=1)] = names.index(Verdict.ELIGIBLE.value)
        verdict[fails.any(axis=1)] = names.index(Verdict.INELIGIBLE.value)
        at = pa.array(position)

        def spread(encoded: pa.DictionaryArray) -> pa.DictionaryArray:
            return pa.DictionaryArray.from_arrays(encoded.indices.take(at), encoded.dictionary)

        return {
            "verdict": pa.DictionaryArray.from_arrays(pa.array(verdict).take(at), pa.array(names)),
            "fails": spread(self._ids_of(fails)),
            "unknown": spread(self._ids_of(unknown)),
            "criteria": spread(_texts(np.frombuffer(_LETTERS, dtype=np.uint8)[states])),
            "by_person": spread(self._ids_of(self._waits(distinct, states.shape))),
        }

    def _waits(self, codes: Sequence[np.ndarray[Any, Any]], shape: tuple[int, ...]) -> Any:
        """Which criteria of each row wait for a person."""
        waits = np.zeros(shape, dtype=bool)
        for bit, place in enumerate(self._asked):
            waits[:, place] = codes[-1] >> bit & 1
        return waits

    def _states(self, codes: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
        """One row of states (0 to 3) for each code."""
        columns = []
        for place in range(len(self._ids)):
            code = codes[place // PER_CODE]
            columns.append((code >> (2 * (place % PER_CODE))) & 3)
        rows = len(codes[0]) if codes else 1
        return np.stack(columns, axis=1) if columns else np.zeros((rows, 0), dtype=np.int64)

    def _ids_of(self, chosen: np.ndarray[Any, Any]) -> "pa.DictionaryArray":
        """The ids of the chosen criteria of each row, joined by a space."""
        import pyarrow as pa

        masks = [
            chosen[:, first : first + _PER_MASK] @ (np.int64(1) << np.arange(width))
            for first in range(0, max(len(self._ids), 1), _PER_MASK)
            for width in [min(_PER_MASK, len(self._ids) - first)]
        ]
        distinct, position = _distinct(masks)
        texts = map(self._joined_ids, zip(*(mask.tolist() for mask in distinct), strict=True))
        return pa.DictionaryArray.from_arrays(
            pa.array(position), pa.array(list(texts), pa.string())
        )

    def _joined_ids(self, masks: tuple[int, ...]) -> str:
        text = self._joined.get(masks)
        if text is None:
            text = self._joined[masks] = " ".join(
                name
                for place, name in enumerate(self._ids)
                if masks[place // _PER_MASK] >> (place % _PER_MASK) & 1
            )
        return text


def _texts(letters: np.ndarray[Any, Any]) -> "pa.DictionaryArray":
    """Each row of letters as one text."""
    import pyarrow as pa

    rows, width = letters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    texts = pa.StringArray.from_buffers(
        rows, pa.py_buffer(offsets), pa.py_buffer(letters.tobytes())
    )
    return pa.DictionaryArray.from_arrays(pa.array(np.arange(rows, dtype=np.int32)), texts)


def _distinct(
    codes: Sequence[np.ndarray[Any, Any]],
) -> tuple[list[np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    """The different rows of codes, and for each row which of them it is."""
    import pyarrow as pa

    encoded = pa.array(codes[0]).dictionary_encode()
    index = encoded.indices.to_numpy()
    values = [encoded.dictionary.to_numpy()]
    for code in codes[1:]:
        both = pa.array(code).dictionary_encode()
        pairs = pa.array(
            index.astype(np.int64) * len(both.dictionary) + both.indices.to_numpy()
        ).dictionary_encode()
        kept = pairs.dictionary.to_numpy()
        values = [value[kept // len(both.dictionary)] for value in values]
        values.append(both.dictionary.to_numpy()[kept % len(both.dictionary)])
        index = pairs.indices.to_numpy()
    return values, index
