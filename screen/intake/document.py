"""A case from a tree of text with positions, whichever kind of file the tree came from."""

from screen.documents.tree import (
    Items,
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    pairs_of,
    text_of,
)
from screen.intake.answers import answers_from_node
from screen.intake.keys import CASE_KEYS, PATIENT_KEYS
from screen.intake.observation import ObservationReader
from screen.intake.timeline import Timeline
from screen.language.vocabulary.synonyms import narrowed
from screen.model.case import Case, Observation, Patient
from screen.model.concept import Vocabulary
from screen.problems import Kind, Problem, ProblemsFound

SEXES = ("male", "female", "other", "unknown")
LONGEST_ID = 64


def case_from_tree(
    tree: Node,
    file: str,
    vocabulary: Vocabulary,
    screened_at: str | None = None,
    problems: Problems | None = None,
    *,
    table: bool = False,
    aside: bool = False,
) -> Case:
    """The case in `tree`. `screened_at` replaces the file's own time of screening.

    `table`: it was made of the cells of a table. `aside`: a record that cannot be read is set
    aside, and does not refuse the case.

    `problems` may hold what the reader of the file noted already; its file name is the one
    that problems and `Observation.where` carry (`file:line:column`, from the tree's positions).
    Raises ProblemsFound with everything that is wrong with this case.
    """
    problems = problems if problems is not None else Problems(file)
    top = pairs_of(tree, "a case", problems)
    if top is None:
        raise ProblemsFound(problems.found)
    if isinstance(fhir := top.get("resourceType"), Text):
        place = top.key("resourceType")
        raise ProblemsFound(
            [
                Problem(
                    Kind.FHIR,
                    problems.file,
                    place and place.line,
                    place and place.column,
                    about=fhir.value,
                )
            ]
        )
    instead = ("screened_at",) if screened_at is not None else ()
    required = tuple(key for key in CASE_KEYS[:2] if key not in instead)
    check_keys(top, "the case", required, CASE_KEYS[2:] + instead, problems)
    times = Timeline(problems, every=aside)
    times.screening(top.get("screened_at"), screened_at)
    reader = ObservationReader(vocabulary, times, problems, table=table, aside=aside)
    name = text_of(top.get("case"), "case", problems, longest=LONGEST_ID)
    patient, observations = _patient(top, reader, times, vocabulary, problems)
    observations.extend(_observations(top.get("observations"), reader, vocabulary, problems))
    observations.extend(answers_from_node(top.get("answers"), vocabulary, problems))
    problems.check()
    assert name is not None
    assert times.screened_at is not None
    assert times.screened_on is not None
    return Case(
        name, times.screened_at, times.screened_on, patient, tuple(observations), problems.file
    )


def _patient(
    top: Pairs,
    reader: ObservationReader,
    times: Timeline,
    vocabulary: Vocabulary,
    problems: Problems,
) -> tuple[Patient, list[Observation]]:
    """The patient; an age that is given becomes an observation."""
    body = pairs_of(top.get("patient"), "patient", problems)
    if body is None:
        return Patient(), []
    check_keys(body, "patient", (), PATIENT_KEYS, problems)
    sex = text_of(body.get("sex"), "patient.sex", problems)
    if sex is not None and sex not in SEXES:
        problems.add(
            Kind.UNKNOWN_VALUE, body.get("sex"), value=sex, about="patient.sex", allowed=SEXES
        )
    birth_date = times.birth_date(body.get("birth_date"))
    where = f"{problems.file}:{body.line}:{body.column}"
    age = body.get("age")
    concept = vocabulary.concepts.get("age")
    observation = None if age is None or concept is None else reader.read(age, concept)
    return Patient(sex, birth_date, where), [] if observation is None else [observation]


def _observations(
    node: Node | None, reader: ObservationReader, vocabulary: Vocabulary, problems: Problems
) -> list[Observation]:
    body = pairs_of(node, "observations", problems)
    found = []
    for name, records in body.pairs if body else ():
        concept = vocabulary.concepts.get(name.value)
        if concept is None:
            problems.add(
                Kind.UNKNOWN_CONCEPT,
                name,
                value=name.value,
                allowed=tuple(vocabulary.concepts),
                names=narrowed(name.value, _values(records), vocabulary),
            )
            continue
        if isinstance(records, Items) and not records.items:
            problems.add(Kind.NO_VALUE, records, about=name.value)
        for record in records.items if isinstance(records, Items) else (records,):
            if isinstance(record, Items):
                problems.add(Kind.WRONG_SHAPE, record, about=name.value, detail="a value or record")
                continue
            observation = reader.read(record, concept)
            if observation is not None:
                found.append(observation)
    return found


def _values(records: Node) -> tuple[str, ...]:
    """The values of the records of one name, as written."""
    items = records.items if isinstance(records, Items) else (records,)
    values = (item.get("value") if isinstance(item, Pairs) else item for item in items)
    return tuple(value.value.strip() for value in values if isinstance(value, Text))
