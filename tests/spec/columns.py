"""The column plan as an engine for the rows of the spec tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from screen.engine.columns.plan import ColumnPlan
from screen.model.case import Case, Observation
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth
from tests.spec.engines import Answer

_TRUTH = {truth.letter: truth for truth in Truth}

Cells = dict[str, str | None]


def columns(
    vocabulary: Vocabulary, protocol: Protocol, case: Case, policy: Mapping[str, int]
) -> Answer | None:
    """The answer, from a wide table where no concept is recorded twice, else from a long one.

    None where the plan leaves the case to be decided one by one.
    """
    ((_, answer),) = together(vocabulary, [(protocol, case)], policy)
    return answer


def together(
    vocabulary: Vocabulary,
    asked: Sequence[tuple[Protocol, Case]],
    policy: Mapping[str, int],
) -> Iterator[tuple[int, Answer | None]]:
    """The answers to many questions, numbered, from one plan: its price is in the making."""
    plans = {(protocol.criteria, protocol.complete): protocol for protocol, _ in asked}
    plan = ColumnPlan(vocabulary, list(plans.values()), policy)
    tables = _Tables([], [], [])
    for number, (_, case) in enumerate(asked):
        tables.add(f"R{number}", case)
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for found in tables.decided(plan):
        lines |= {(line["case"], line["protocol"]): line for line in found}
    for number, (protocol, _) in enumerate(asked):
        name = plans[protocol.criteria, protocol.complete].id
        line = lines.get((f"R{number}", name))
        yield number, None if line is None else _answer(protocol, line)


def _answer(protocol: Protocol, line: Mapping[str, Any]) -> Answer:
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


class _Tables(NamedTuple):
    """Cases with one record of each concept as rows of a wide table, others as long ones."""

    wide: list[Cells]
    observations: list[Cells]
    patients: list[Cells]

    def add(self, name: str, case: Case) -> None:
        patient = {"case": name, "screened_at": case.screened_at.text, "sex": case.patient.sex}
        if case.patient.birth_date is not None:
            patient["birth_date"] = case.patient.birth_date.isoformat()
        records = [_record(observation) for observation in case.observations]
        if len({record["concept"] for record in records}) == len(records):
            self.wide.append(_wide(patient, records))
        else:
            self.observations.extend({"case": name, **record} for record in records)
            self.patients.append(patient)

    def decided(self, plan: ColumnPlan) -> Iterator[list[dict[str, Any]]]:
        """The lines that the plan gives; none of a case that it leaves alone."""
        if self.wide:
            yield plan.decide_wide(_table(self.wide), reasons=True).verdicts.to_pylist()
        if self.patients:
            tables = _table(self.observations), _table(self.patients)
            yield plan.decide_long(*tables, reasons=True).verdicts.to_pylist()


def _record(observation: Observation) -> Cells:
    limits = (observation.upper_limit, observation.lower_limit)
    upper, lower = (limit.text if limit else None for limit in limits)
    return {
        "concept": observation.concept,
        "value": observation.text,
        "at": observation.at.text if observation.at else None,
        "on": observation.on,
        "assay": observation.assay,
        "specimen": observation.specimen,
        "formula": observation.formula,
        "upper_limit": upper,
        "lower_limit": lower,
        "status": observation.status.value,
        "source": observation.source or None,
        "sample": observation.sample or None,
    }


def _wide(patient: Mapping[str, str | None], records: list[Cells]) -> Cells:
    row = dict(patient)
    for record in records:
        concept = record["concept"]
        for key, text in record.items():
            if key == "value":
                row[str(concept)] = text
            elif key != "concept" and text is not None:
                row[f"{concept}.{key}"] = text
    return row


def _table(rows: list[Cells]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({n: pa.array([row.get(n) for row in rows], pa.string()) for n in names})
