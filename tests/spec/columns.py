"""The column plan as an engine for the rows of the spec tables."""

from collections.abc import Mapping

import pyarrow as pa

from screen.engine.columns.plan import ColumnPlan
from screen.model.case import Case, Observation
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth
from tests.spec.engines import Answer

_TRUTH = {truth.letter: truth for truth in Truth}
_PATIENT = "R"


def columns(
    vocabulary: Vocabulary, protocol: Protocol, case: Case, policy: Mapping[str, int]
) -> Answer | None:
    """The answer, from a wide table where no concept is recorded twice, else from a long one.

    None where the plan leaves the case to be decided one by one.
    """
    plan = ColumnPlan(vocabulary, [protocol], policy)
    patient = {"case": _PATIENT, "screened_at": case.screened_at.text, "sex": case.patient.sex}
    if case.patient.birth_date is not None:
        patient["birth_date"] = case.patient.birth_date.isoformat()
    records = [_record(observation) for observation in case.observations]
    if len({record["concept"] for record in records}) == len(records):
        found = plan.decide_wide(_table([_wide(patient, records)]), reasons=True)
    else:
        named = [{"case": _PATIENT, **record} for record in records]
        found = plan.decide_long(_table(named), _table([patient]), reasons=True)
    if found.unsure:
        return None
    (line,) = found.verdicts.to_pylist()
    ids = [criterion.id for criterion in protocol.criteria]
    verdict = Verdict(line["verdict"])
    return Answer(
        truths={id_: _TRUTH[letter] for id_, letter in zip(ids, line["criteria"], strict=True)},
        ineligible=verdict is Verdict.INELIGIBLE,
        eligible=verdict is Verdict.ELIGIBLE,
        verdict=verdict,
        reasons={
            id_: tuple(Reason(word) for word in words.split())
            for id_, words in zip(ids, line["reasons"], strict=True)
        },
    )


def _record(observation: Observation) -> dict[str, str | None]:
    limits = (observation.upper_limit, observation.lower_limit)
    upper, lower = (limit.text if limit else None for limit in limits)
    return {
        "concept": observation.concept,
        "value": observation.text,
        "at": observation.at.text if observation.at else None,
        "on": observation.on,
        "assay": observation.assay,
        "specimen": observation.specimen,
        "upper_limit": upper,
        "lower_limit": lower,
        "status": observation.status.value,
        "source": observation.source or None,
        "sample": observation.sample or None,
    }


def _wide(
    patient: Mapping[str, str | None], records: list[dict[str, str | None]]
) -> dict[str, str | None]:
    row = dict(patient)
    for record in records:
        concept = record["concept"]
        for key, text in record.items():
            if key == "value":
                row[str(concept)] = text
            elif key != "concept" and text is not None:
                row[f"{concept}.{key}"] = text
    return row


def _table(rows: list[dict[str, str | None]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({n: pa.array([row.get(n) for row in rows], pa.string()) for n in names})
