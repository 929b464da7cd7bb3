"""What the columns of a site's table seem to be, by their names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from screen.batch.columns.contract_columns import wide_names
from screen.model.concept import Concept, Vocabulary

# What sites call the columns of the patient, in the letters and digits of `plain`.
_PATIENT = {
    "case": (
        "case caseid patientid patient pat patnr patientnr patientno pid id mrn subject subjectid"
        " stay stayid hadmid encounter encounterid paziente paciente idpaciente idpaziente"
    ),
    "screened_at": (
        "screenedat screeningtime screeningdate indextime indexdate seen visit visitdate"
        " untersuchung untersuchungsdatum visita fechavisita"
    ),
    "sex": "sex gender geschlecht sesso sexo sexe",
    "birth_date": (
        "birthdate dateofbirth dob birthday geburtsdatum geb gebdat datadinascita fechanacimiento"
        " fechadenacimiento datenaissance datedenaissance nascimento datadenascimento"
    ),
    "age": "age ageyears alter eta edad idade",
}
_LONG = {
    "concept": (
        "test item analyte parameter lab labname itemname testname concept exam esame prueba"
    ),
    "code": "code loinc loinccode",
    "system": "system codesystem",
    "value": "value result val ergebnis resultado risultato valuenum labresult",
    "unit": "unit units uom valueuom u einheit unita unidad",
    "at": "at time date when charttime collected collectedat datetime resulttime day",
    "upper_limit": "upperlimit uln hi high refhigh rangehigh",
    "lower_limit": "lowerlimit lln lo low reflow rangelow",
    "comparator": "comparator op operator sign",
    "specimen": "specimen sample",
    "status": "status",
}
# Names that mean a finding here and a quantity there: what stands in the cells tells them apart.
EITHER = {"pcr": ("sars_cov_2_test", "crp")}
_WORDS = ("count", "value", "result", "level", "quantification", "quantitative", "serum", "plasma")
_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]+)[)\]]\s*$")
_AFTER_WORD = re.compile(r"(?:,\s*|\s+in\s+|\s+)(\S*[/%]\S*)\s*$")


class Guess(NamedTuple):
    """What a column seems to be, and the unit that its name says (as it stands there)."""

    target: str
    unit: str = ""


def guess(header: Sequence[str], vocabulary: Vocabulary) -> Mapping[str, Guess]:
    """For each column that seems to be known what it seems to be; each thing once."""
    names = names_of(vocabulary)
    exact = set(wide_names(tuple(vocabulary.concepts)))
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for column in header:
        bare, unit = _without_unit(column)
        target = column if column in exact else names.get(plain(column))
        if target is None or unit:
            target = target or names.get(plain(bare)) or names.get(plain(bare, without=_WORDS))
        if target is None:
            target = names.get(plain(column, without=_WORDS))
        if target is not None and target not in taken:
            taken.add(target)
            found[column] = Guess(target, unit if target in vocabulary.concepts else "")
    return found


def guess_long(header: Sequence[str]) -> Mapping[str, str]:
    """The columns of a table with an observation in each row; empty where it seems to be none."""
    names = {
        name: target for target, known in {**_PATIENT, **_LONG}.items() for name in known.split()
    }
    found: dict[str, str] = {}
    for column in header:
        target = names.get(plain(column))
        if target is not None and target not in found.values():
            found[column] = target
    is_long = "value" in found.values() and {"concept", "code"} & set(found.values())
    return found if is_long else {}


def time_column(header: Sequence[str], taken: Mapping[str, Guess]) -> str:
    """The column that seems to hold the time of a sampling; nothing if none does."""
    names = _LONG["at"].split()
    return next((name for name in header if name not in taken and plain(name) in names), "")


def names_of(vocabulary: Vocabulary) -> dict[str, str]:
    """Everything that a column may be called, in plain letters; ambiguous names are left out."""
    claims: dict[str, set[str]] = {}
    for target, known in _PATIENT.items():
        for name in known.split():
            claims.setdefault(name, set()).add(target)
    for concept in vocabulary.concepts.values():
        for name in _names_of(concept):
            claims.setdefault(name, set()).add(concept.name)
    return {name: next(iter(targets)) for name, targets in claims.items() if len(targets) == 1}


def plain(text: str, without: Sequence[str] = ()) -> str:
    """The letters and digits of a name, without accents, and without some words."""
    words = re.findall(r"[^\W_]+|%", _unaccented(text.casefold()))
    return "".join(word for word in words if word not in without)


def _unaccented(text: str) -> str:
    from unicodedata import combining, normalize

    return "".join(c for c in normalize("NFKD", text) if not combining(c))


def _names_of(concept: Concept) -> Iterator[str]:
    yield plain(concept.name)
    yield plain(concept.label)
    for name in concept.synonyms:
        yield plain(name)
    for code in concept.codes:
        yield plain(code.code)
        yield plain(code.display)


def _without_unit(column: str) -> tuple[str, str]:
    """A name and the unit that it ends with: `Hb [g/dL]`, `PLT (10^9/L)`, `Hb, g/dL`, `Hb g/dL`."""
    for form in (_IN_BRACKETS, _AFTER_WORD):
        match = form.search(column)
        if match is not None and column[: match.start()].strip():
            return column[: match.start()], match[1].strip()
    return column, ""
