"""Which source reads which file, by its name."""

import json
import os
from pathlib import Path

from screen.batch.tables.source import Reading, TableSource
from screen.documents.text_files import shown_path
from screen.files import open_regular, read_file, refusal
from screen.problems import Kind, Problem, ProblemsFound

TABLES = (".csv", ".csv.gz", ".parquet", ".xlsx")
DOCUMENTS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")

_MOST_JSON = 64 << 20


def suffix_of(path: Path) -> str:
    """`.csv.gz` of `census.CSV.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        return "".join(suffixes[-2:])
    return suffixes[-1] if suffixes else ""


def _fhir_kind(path: Path) -> str:
    """What a JSON file of FHIR holds (`Bundle`); empty if it is none."""
    try:
        found = json.loads(read_file(path, _MOST_JSON))
    except (ValueError, RecursionError, OSError):
        return ""
    kind = found.get("resourceType") if isinstance(found, dict) else None
    return kind if isinstance(kind, str) else ""


def open_table(path: Path, reading: Reading) -> TableSource:
    """The table in `path`. Raises ProblemsFound if there is none, or none that can be read."""
    name = shown_path(path)
    try:
        os.close(open_regular(path))
    except OSError as error:
        raise refusal(error, name) from error
    suffix = suffix_of(path)
    try:
        if suffix == ".xlsx":
            from screen.batch.tables.spreadsheet import SpreadsheetSource

            return SpreadsheetSource(path, name, reading)
        if suffix == ".parquet":
            from screen.batch.tables.parquet import ParquetSource

            return ParquetSource(path, name, reading)
        if suffix in (".csv", ".csv.gz"):
            from screen.batch.tables.csv_file import DelimitedSource

            return DelimitedSource(path, name, reading)
    except OSError as error:
        raise refusal(error, name) from error
    if suffix == ".json" and (kind := _fhir_kind(path)):
        raise ProblemsFound([Problem(Kind.FHIR, name, about=kind)])
    known = (*TABLES, *DOCUMENTS)
    raise ProblemsFound(
        [Problem(Kind.UNKNOWN_FORMAT, name, value=suffix or path.name, detail=", ".join(known))]
    )
