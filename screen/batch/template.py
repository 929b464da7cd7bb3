"""A first draft of a mapping from the header of a site's table; a person has to confirm it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from screen.batch.canonical import PATIENT_COLUMNS, wide_names
from screen.batch.sources.opening import open_table
from screen.batch.sources.table import Reading
from screen.model.concept import Concept, Vocabulary
from screen.model.concept import Kind as ConceptKind

# What sites call the columns of the patient, in the letters and digits of `_plain`.
_PATIENT = {
    "case": ("case", "caseid", "patientid", "patient", "pid", "id", "mrn", "subject", "subjectid"),
    "screened_at": ("screenedat", "screeningtime", "screeningdate", "indextime", "indexdate"),
    "sex": ("sex", "gender"),
    "birth_date": ("birthdate", "dateofbirth", "dob", "birthday"),
    "age": ("age", "ageyears"),
}
# Usual names that neither the concept's name nor its label shows.
_USUAL = {
    "platelets": ("plt", "thrombocytes"),
    "leukocytes": ("wbc", "whitebloodcells"),
    "neutrophils": ("anc", "neut"),
    "lymphocytes": ("alc", "lymph"),
    "hemoglobin": ("hb", "hgb", "haemoglobin"),
    "crp": ("creactiveprotein", "hscrp", "highsensitivitycreactiveprotein"),
    "alt": ("gpt", "sgpt", "alanineaminotransferase", "glutamicpyruvictransaminase"),
    "ast": ("got", "sgot", "aspartateaminotransferase", "glutamicoxaloacetictransaminase"),
    "ldh": ("lactatedehydrogenase",),
    "il_6": ("interleukin6",),
    "d_dimer": ("ddimer", "dddimer"),
    "bilirubin": ("totalbilirubin", "tbil"),
    "aptt": ("activatedpartialthromboplastintime", "activationofpartialthromboplastintime", "ptt"),
    "spo2": ("oxygensaturation", "o2sat", "sats"),
    "respiratory_rate": ("rr",),
    "body_temperature": ("temperature", "temp"),
}
_WORDS = ("count", "value", "result", "level", "quantification", "quantitative", "serum", "plasma")


def template(table: Path, vocabulary: Vocabulary) -> str:
    """The draft as YAML. Raises ProblemsFound if the table has no header that can be read."""
    header = open_table(table, Reading()).header
    return "\n".join(_lines(table.name, header, vocabulary)) + "\n"


def _lines(name: str, header: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    guesses = guess(header, vocabulary)
    unknown = [column for column in header if column not in guesses]
    yield f"# A first draft for {_one_line(name)}, guessed from its header: confirm every line."
    yield "# A wrong guess gives wrong verdicts. Units are never guessed: a number without a unit"
    yield "# decides nothing until its unit is declared."
    yield ""
    yield "shape: wide   # confirm: wide (a row is a case), series (a sampling), long"
    if "screened_at" not in guesses.values():
        yield "# screened_at: 2020-03-21T09:00:00+01:00   # no column says it: one time for all, or"
        yield "# screened_at: last                        # (series) the last time of each case"
    yield '# offset: "+01:00"            # if the times carry none'
    yield "# zone: Europe/Rome           # instead of offset, where clocks are moved twice a year"
    yield '# times: "%d/%m/%Y %H:%M"     # if they are not written as 2020-03-21T09:00:00+01:00'
    yield '# not_recorded: ["-1", NA]    # cells that stand for nothing'
    yield '# decimal: ","                # if numbers are written so'
    yield ""
    yield "columns:" if guesses else "columns: {}"
    for column, target in guesses.items():
        yield f"  {_key(column)}: {_rule(target, vocabulary)}"
    yield ""
    yield "ignore:" if unknown else "ignore: {}"
    for column in unknown:
        yield f"  {_key(column)}: no concept has a name like this; say why it is not used"


def guess(header: Sequence[str], vocabulary: Vocabulary) -> Mapping[str, str]:
    """For each column that seems to be known what it seems to be; each thing once."""
    names = _names(vocabulary)
    exact = set(wide_names(tuple(vocabulary.concepts)))
    found: dict[str, str] = {}
    for column in header:
        target = column if column in exact else names.get(_plain(column))
        if target is None:
            target = names.get(_plain(column, without=_WORDS))
        if target is not None and target not in found.values():
            found[column] = target
    return found


def _names(vocabulary: Vocabulary) -> dict[str, str]:
    """Everything that a column may be called, in plain letters; ambiguous names are left out."""
    claims: dict[str, set[str]] = {}
    for target, names in _PATIENT.items():
        for name in names:
            claims.setdefault(name, set()).add(target)
    for concept in vocabulary.concepts.values():
        for name in _names_of(concept):
            claims.setdefault(name, set()).add(concept.name)
    return {name: next(iter(targets)) for name, targets in claims.items() if len(targets) == 1}


def _names_of(concept: Concept) -> Iterator[str]:
    yield _plain(concept.name)
    yield _plain(concept.label)
    yield from _USUAL.get(concept.name, ())
    for code in concept.codes:
        yield _plain(code.code)
        yield _plain(code.display)


def _plain(text: str, without: Sequence[str] = ()) -> str:
    words = re.findall(r"[a-z0-9%]+", text.lower())
    return "".join(word for word in words if word not in without)


def _rule(target: str, vocabulary: Vocabulary) -> str:
    if target == "sex":
        return "{is: sex, codes: {M: male, F: female}}   # confirm the codes"
    if target in PATIENT_COLUMNS:
        return f"{target}   # confirm"
    concept = vocabulary.concepts.get(target)
    if concept is None:
        return f"{target}   # confirm"
    if concept.kind is ConceptKind.QUANTITY:
        units = ", ".join((concept.unit or "", *concept.scales))
        return f"{{is: {target}}}   # confirm, and add unit: if numbers stand alone ({units})"
    values = ", ".join(concept.tree.values if concept.tree else ())
    return f"{target}   # confirm; values: {values}"


def _key(column: str) -> str:
    """The name as a YAML key, quoted where plain text would mean something else."""
    if re.fullmatch(r"[A-Za-z_][\w ().%/+-]*[\w).%]|[A-Za-z_]", column):
        return (
            column
            if column.lower() not in ("y", "n", "yes", "no", "null", "true")
            else f'"{column}"'
        )
    escaped = _one_line(column).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
