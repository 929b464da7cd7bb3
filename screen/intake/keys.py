"""What the parts of a case are called, in case files and in the columns of tables alike."""

CASE_KEYS = ("case", "screened_at", "patient", "observations", "answers")
PATIENT_KEYS = ("sex", "birth_date", "age")
LIMITS = ("upper_limit", "lower_limit")
RECORD_KEYS = (
    "at",
    "on",
    "assay",
    "specimen",
    *LIMITS,
    "status",
    "source",
    "sample",
    "formula",
)
"""Of a record, beside its value."""

VALUE_KEYS = ("value", "unit", *RECORD_KEYS)
"""Of a record in a table, where the unit may have a cell of its own."""

PATIENT_COLUMNS = ("case", "screened_at", "sex", "birth_date")
TIME_KEYS = ("screened_at", "at", "birth_date")
