"""The column plan: the protocols over a whole table of cases.

What it decides is what the reference evaluator decides, letter by letter and reason by reason.
What it cannot take for certain it leaves alone and names (`Decided.unsure`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from screen.engine.columns import tables
from screen.engine.columns.cells.texts import SharedWords
from screen.engine.columns.cells.units import Units
from screen.engine.columns.decided import Decided, reasons_column, worded
from screen.engine.columns.facts.gather import Facts
from screen.engine.columns.facts.usable import Usable
from screen.engine.columns.truths import Truths
from screen.engine.columns.verdicts import Codes, Wording, codes_of
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class ColumnPlan:
    """Decides tables of cases against some protocols.

    `staleness` is the site's own policy: microseconds per concept (see `facts.gather`).
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        protocols: Sequence[Protocol],
        staleness: Mapping[str, int] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.protocols = tuple(protocols)
        self._staleness = dict(staleness or {})
        self._units = Units(vocabulary)
        self._shared = SharedWords()
        self._wording = [Wording(protocol) for protocol in self.protocols]

    def decide_wide(
        self,
        table: "pa.Table",
        first_row: int = 0,
        reasons: bool = False,
        without: Sequence[int] = (),
    ) -> Decided:
        """Decide a wide table of text columns, named as in `docs/formats.md`.

        Columns may be dictionaries of texts. Row positions count from `first_row`. NULL and
        blank text are no record. Raises ValueError for a column of another name.
        """
        found = tables.wide(table, self.vocabulary)
        return self.decide(found, table["case"], first_row, reasons, without)

    def decide_long(
        self,
        observations: "pa.Table",
        patients: "pa.Table",
        reasons: bool = False,
        case: Any = None,
        without: Sequence[int] = (),
    ) -> Decided:
        """Decide a long table of records and a table of patients.

        A case is whoever is among the patients, in their order. `case` may say the row of the
        patient of each record, instead of the ids. Raises ValueError for an unknown column.
        """
        found = tables.long(observations, patients, self.vocabulary, case, self._shared)
        return self.decide(found, patients["case"], 0, reasons, without)

    def decide(
        self,
        table: tables.Table,
        ids: "pa.ChunkedArray",
        first_row: int = 0,
        reasons: bool = False,
        without: Sequence[int] = (),
    ) -> Decided:
        """Decide the cases of a table, whose ids stand in `ids`, but for the rows `without`."""
        import pyarrow as pa

        people = table.people
        people.doubt(list(without))
        usable = Usable(self.vocabulary, self._units, people)
        facts = Facts(self.vocabulary, people, usable, table.records, self._staleness)
        judging = Truths(self.vocabulary, facts, people)
        codes = [codes_of(protocol, judging, self.vocabulary) for protocol in self.protocols]
        rows = np.flatnonzero(~people.unsure)
        taken = [Codes([number[rows] for number in of.numbers]) for of in codes]
        columns = worded(self._wording, taken, ids, rows, first_row)
        if reasons:
            columns["reasons"] = reasons_column(self._wording, judging, rows)
        unsure = (np.flatnonzero(people.unsure) + first_row).tolist()
        return Decided(pa.table(columns), unsure, taken, table, usable.dropped)
