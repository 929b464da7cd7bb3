"""A protocol file to a Protocol: what each way of writing means."""

from fractions import Fraction
from pathlib import Path

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids
from screen.model.criterion import (
    All,
    Any,
    AtLeast,
    Comparison,
    Comparisons,
    Condition,
    CriterionKind,
    Leaf,
    Not,
    OneOf,
    Operator,
    Pick,
    Reference,
    Selection,
)
from screen.model.moment import HOUR
from screen.model.protocol import Protocol

VOCABULARY = load_vocabulary(default_rules_dir())
HEAD = """\
protocol: X-1
title: A trial
version: 2020-05-04
complete: true
status: recruiting
drug: {name: ruxolitinib, dose: 5 mg twice daily}
sources:
  registry: {title: A registry, id: X-1, date: 2020-05-04, lines: {inclusion: 1}}
inclusion:
  - id: one
    text: The only one
    source: {in: registry, at: inclusion 1}
"""


def write(rules: Path, text: str, folder: str = "x-1") -> Path:
    path = rules / "protocols" / folder / "protocol.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return rules


def load(rules: Path, text: str) -> Protocol:
    return load_protocol(write(rules, text), "x-1", VOCABULARY)


def when(rules: Path, written: str) -> Condition:
    return load(rules, f"{HEAD}    when: {written}\n").criteria[0].when


def comparison(operator: Operator, limit: str, text: str) -> Comparison:
    return Comparison(operator, Fraction(limit), None, text)


def test_the_head_of_a_protocol(tmp_path: Path) -> None:
    protocol = load(tmp_path, HEAD + "    when: {dyspnea: present}\n    note: why\n")
    assert (protocol.id, protocol.version, protocol.complete) == ("X-1", "2020-05-04", True)
    assert (protocol.drug.name, protocol.drug.dose) == ("ruxolitinib", "5 mg twice daily")
    assert protocol.file == "protocols/x-1/protocol.yaml"
    assert protocol.sources["registry"].lines == ("inclusion 1",)
    (criterion,) = protocol.criteria
    assert (criterion.id, criterion.kind, criterion.note, criterion.line) == (
        "one",
        CriterionKind.INCLUSION,
        "why",
        10,
    )
    assert criterion.citation.at == ("inclusion 1",)


def test_the_digest_is_of_the_bytes_of_the_file(tmp_path: Path) -> None:
    rules = write(tmp_path, HEAD + "    when: {dyspnea: present}\n")
    first = load_protocol(rules, "X-1", VOCABULARY).digest
    assert first.startswith("sha256:")
    assert len(first) == len("sha256:") + 64
    write(tmp_path, HEAD + "    when: {dyspnea: present}  # a remark\n")
    assert load_protocol(rules, "x-1", VOCABULARY).digest != first


@pytest.mark.parametrize(
    ("written", "concept", "parts"),
    [
        # 20000 /mm3 is 20 10*9/L.
        (
            '{platelets: "< 20000 /mm3"}',
            "platelets",
            [comparison(Operator.LT, "20", "< 20000 /mm3")],
        ),
        (
            '{pf_ratio: ">= 100 mm[Hg], < 250 mmHg"}',
            "pf_ratio",
            [
                comparison(Operator.GE, "100", ">= 100 mm[Hg]"),
                comparison(Operator.LT, "250", "< 250 mmHg"),
            ],
        ),
        (
            '{oxygen_saturation: "<=93%"}',
            "oxygen_saturation",
            [comparison(Operator.LE, "93", "<=93%")],
        ),
        ("{age: 18 a}", "age", [comparison(Operator.EQ, "18", "18 a")]),
        # 98.6 [degF] is 37 Cel.
        (
            '{body_temperature: "> 98.6 [degF]"}',
            "body_temperature",
            [comparison(Operator.GT, "37", "> 98.6 [degF]")],
        ),
        (
            '{alt: "> 5 xULN"}',
            "alt",
            [Comparison(Operator.GT, Fraction(5), Reference.UPPER, "> 5 xULN")],
        ),
        (
            '{hemoglobin: "< 0.5 xLLN"}',
            "hemoglobin",
            [Comparison(Operator.LT, Fraction(1, 2), Reference.LOWER, "< 0.5 xLLN")],
        ),
    ],
)
def test_comparisons(tmp_path: Path, written: str, concept: str, parts: list[Comparison]) -> None:
    assert when(tmp_path, written) == Leaf(Selection(concept), Comparisons(tuple(parts)))


def test_values_and_lists_of_values(tmp_path: Path) -> None:
    assert when(tmp_path, "{tuberculosis: active}") == Leaf(
        Selection("tuberculosis"), OneOf(("active",))
    )
    assert when(tmp_path, "{covid_severity: [severe, critical]}") == Leaf(
        Selection("covid_severity"), OneOf(("severe", "critical"))
    )


def test_every_part_of_a_leaf(tmp_path: Path) -> None:
    written = (
        "{spo2: {is: '<= 93 %', within: 12 h, on: ra, assay: pcr, specimen: np, pick: lowest}}"
    )
    assert when(tmp_path, written) == Leaf(
        Selection("spo2", 12 * HOUR, "12 h", "room_air", "pcr", "nasopharyngeal", Pick.LOWEST),
        Comparisons((comparison(Operator.LE, "93", "<= 93 %"),)),
    )
    assert when(tmp_path, "{hiv_infection: {is: present, unrecorded: absent}}") == Leaf(
        Selection("hiv_infection"), OneOf(("present",)), unrecorded_absent=True
    )


def test_conditions_nest(tmp_path: Path) -> None:
    dyspnea = Leaf(Selection("dyspnea"), OneOf(("present",)))
    pregnancy = Leaf(Selection("pregnancy"), OneOf(("absent",)))
    written = (
        "{all: [{any: [{dyspnea: present}]}, {not: {dyspnea: present}},"
        " {at_least: {count: 1, of: [{dyspnea: present}, {pregnancy: absent}]}}]}"
    )
    assert when(tmp_path, written) == All(
        (Any((dyspnea,)), Not(dyspnea), AtLeast(1, (dyspnea, pregnancy)))
    )


def test_lines_that_are_not_screened(tmp_path: Path) -> None:
    text = HEAD.replace("inclusion: 1}", "inclusion: 1, exclusion: 2, structured: [sex]}")
    text += "    when: {dyspnea: present}\n"
    text += (
        "not_screened:\n  - {at: [exclusion 1, exclusion 2], reason: a, nothing_to_test: true}\n"
    )
    text += "  - {in: registry, at: structured sex, reason: b}\n"
    protocol = load(tmp_path, text)
    assert [(entry.citation.at, entry.reason) for entry in protocol.not_screened] == [
        (("exclusion 1", "exclusion 2"), "a"),
        (("structured sex",), "b"),
    ]


def test_ids_are_sorted_and_cheap(tmp_path: Path) -> None:
    write(tmp_path, "protocol: b-2\n[this is no YAML", "b-2")
    write(tmp_path, "title: no id here\n", "c-3")
    write(tmp_path, "protocol: A-1\n", "a-1")
    (tmp_path / "protocols" / "empty").mkdir()
    assert protocol_ids(tmp_path) == ("A-1", "b-2", "c-3")


def test_the_protocols_of_the_program_load() -> None:
    rules = default_rules_dir()
    ids = protocol_ids(rules)
    assert {"NCT04334044", "NCT04361903", "vannucchi-2020", "NCT04337359"} <= set(ids)
    assert {"NCT04338958", "ChiCTR2000029580", "NCT04438629"} <= set(ids)
    for name in ids:
        assert load_protocol(rules, name.upper(), VOCABULARY).id == name
