"""Cases with one record of each concept as rows of a wide table, which the plan decides faster."""

from typing import TYPE_CHECKING, Any

from screen.batch.part import LongPart
from screen.intake.observation import RECORD_KEYS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_PATIENT = ("screened_at", "sex", "birth_date", "age")


class Pivot:
    """Pivots parts. A column that was there once stays, so that one plan serves all parts."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], None] = {}

    def split(self, part: LongPart) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
        """The places of the patients with one record of each concept, and of the others."""
        import numpy as np
        import pyarrow.compute as pc

        positions = part.observations["position"].to_numpy()
        concepts = part.observations["concept"].combine_chunks().dictionary_encode()
        pairs = positions * max(len(concepts.dictionary), 1) + concepts.indices.to_numpy()
        # Records of a case stand together, those of a concept perhaps not.
        pairs = np.sort(pairs)
        several = pairs[1:][pairs[1:] == pairs[:-1]] // max(len(concepts.dictionary), 1)
        patients = part.patients["position"].to_numpy()
        is_several = np.isin(patients, np.unique(several))
        if "age" in part.patients.column_names:
            aged = patients[pc.is_valid(part.patients["age"]).to_numpy()]
            of_age = positions[pc.equal(part.observations["concept"], "age").to_numpy()]
            is_several |= np.isin(patients, np.intersect1d(aged, of_age))
        return np.flatnonzero(~is_several), np.flatnonzero(is_several)

    def wide(self, part: LongPart) -> "pa.Table":
        """A row for each patient, with `case`; nobody may have two records of a concept."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        patients, records = part.patients, _with_units(part.observations)
        there = ("case", *(name for name in _PATIENT if name in patients.column_names))
        table: dict[str, Any] = {name: patients[name] for name in there}
        row = np.searchsorted(patients["position"].to_numpy(), records["position"].to_numpy())
        concepts = records["concept"].combine_chunks().dictionary_encode()
        keys = [key for key in ("value", *RECORD_KEYS) if key in records.column_names]
        found: dict[str, pa.Table] = {}
        for number, concept in enumerate(concepts.dictionary.to_pylist()):
            mine = np.flatnonzero(concepts.indices.to_numpy() == number)
            at = np.full(len(patients), -1, dtype=np.int64)
            at[row[mine]] = mine
            found[concept] = records.select(keys).take(pa.array(at, mask=at < 0))
            for key in keys:
                if key == "value" or found[concept][key].null_count < len(patients):
                    self._columns.setdefault((concept, key))
        nothing = pa.nulls(len(patients), pa.string())
        for concept, key in list(self._columns):
            column = found[concept][key] if concept in found else nothing
            if concept == "age" and key == "value" and "age" in table:
                column = pc.coalesce(column, table["age"])
            table[concept if key == "value" else f"{concept}.{key}"] = column
        return pa.table(table)


def _with_units(records: "pa.Table") -> "pa.Table":
    """Units in a column of their own behind their values."""
    import pyarrow.compute as pc

    if "unit" not in records.column_names:
        return records
    both = pc.binary_join_element_wise(records["value"], records["unit"], " ")
    place = records.column_names.index("value")
    return records.set_column(place, "value", pc.coalesce(both, records["value"]))
