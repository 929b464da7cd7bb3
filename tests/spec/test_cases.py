"""The files in `cases/`: the program agrees with the table that was worked out by hand."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from screen.engine.decide import Screener
from screen.intake.casefile import read_case_file
from screen.model.concept import Vocabulary
from screen.model.fact import Evidence, Quality
from screen.model.protocol import Protocol
from screen.model.screening import CriterionResult, Judgement, ScreenedCase, Verdict

FOLDER = Path(__file__).resolve().parents[2] / "cases"


def read_table() -> dict[str, dict[str, Verdict]]:
    """The verdicts of `cases/README.md`: file, then protocol."""
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("| file |"))
    protocols = cells(lines[first])[2:]
    table: dict[str, dict[str, Verdict]] = {}
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        file, _, *verdicts = cells(line)
        words = zip(protocols, verdicts, strict=True)
        table[file.strip("`")] = {protocol: Verdict(word) for protocol, word in words}
    return table


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


TABLE = read_table()


@pytest.fixture(scope="module")
def screened(vocabulary: Vocabulary, protocols: Mapping[str, Protocol]) -> dict[str, ScreenedCase]:
    """Every file of the table, screened; each holds one case."""
    screener = Screener(vocabulary, list(protocols.values()))
    found = {}
    for file in TABLE:
        (case,) = read_case_file(FOLDER / file, vocabulary)
        found[file] = screener.screen(case)
    return found


@pytest.mark.parametrize("file", TABLE)
def test_the_verdicts_are_those_of_the_table(
    file: str, screened: Mapping[str, ScreenedCase]
) -> None:
    verdicts = {one.protocol.id: one.verdict for one in screened[file].screenings}
    assert verdicts == TABLE[file]


def test_the_table_lists_every_file_that_make_screen_screens() -> None:
    kinds = ("*.yaml", "*.yml", "*.json")
    assert sorted(TABLE) == sorted(path.name for kind in kinds for path in FOLDER.glob(kind))


def test_a_yaml_file_says_in_its_first_line_what_it_shows() -> None:
    silent = [
        file
        for file in TABLE
        if not file.endswith(".json")
        and not (FOLDER / file).read_text(encoding="utf-8").startswith("# ")
    ]
    assert silent == []


def test_every_verdict_that_a_protocol_can_give_is_shown(
    protocols: Mapping[str, Protocol],
) -> None:
    for protocol in protocols.values():
        possible = set(Verdict) if protocol.complete else {Verdict.UNDECIDED, Verdict.INELIGIBLE}
        assert {verdicts[protocol.id] for verdicts in TABLE.values()} == possible, protocol.id


# What the files are there to show: file, protocol, criterion, its truth and reasons.
POINTS = [
    "saturation-on-oxygen.yaml NCT04361903 desaturation unknown context",
    "saturation-on-oxygen.yaml NCT04338958 respiratory-symptoms-or-desaturation met",
    "saturation-on-oxygen.yaml NCT04337359 severe-disease met",
    "platelets-entered-in-error.yaml NCT04334044 thrombocytopenia not_met",
    "platelets-entered-in-error.yaml NCT04361903 thrombocytopenia met",
    "conflicting-platelets.yaml NCT04334044 thrombocytopenia unknown conflicting",
    "conflicting-platelets.yaml NCT04338958 thrombocytopenia unknown conflicting",
    "conflicting-platelets.yaml NCT04361903 thrombocytopenia unknown conflicting",
    "conflicting-platelets.yaml NCT04337359 renal-impairment unknown context",
    "bounded-neutrophils.yaml NCT04361903 neutropenia met",
    "bounded-neutrophils.yaml NCT04334044 neutropenia unknown bounded",
    "bounded-neutrophils.yaml NCT04338958 neutropenia unknown bounded",
    "bounded-neutrophils.yaml ChiCTR2000029580 malignancy met",
    "mexico-eligible.yaml NCT04334044 known-active-infection not_met",
    "mexico-eligible.yaml NCT04338958 active-tuberculosis not_met",
    "mexico-eligible.yaml NCT04361903 confirmed-infection unknown context",
    "child-of-eight.yaml NCT04337359 severe-disease met",
    "test-pending.yaml NCT04337359 confirmed-infection met",
    "test-pending.yaml ChiCTR2000029580 confirmed-infection met",
    "test-pending.yaml NCT04334044 confirmed-infection unknown inconclusive",
    "test-pending.yaml NCT04361903 confirmed-infection unknown inconclusive",
    "test-pending.yaml NCT04438629 confirmed-infection unknown inconclusive",
    "times-without-offset.yaml ChiCTR2000029580 confirmed-infection met",
    "times-without-offset.yaml ChiCTR2000029580 mental-state unknown not_attested",
    "dates-without-hours.yaml NCT04338958 raised-transaminases unknown undated",
    "dates-without-hours.yaml NCT04361903 rapid-worsening unknown undated",
    "dates-without-hours.yaml NCT04361903 desaturation met",
    "units-of-two-hospitals.yaml NCT04338958 raised-transaminases not_met",
    "units-of-two-hospitals.yaml NCT04337359 renal-impairment met",
    "consent-withdrawn.yaml NCT04438629 adult met",
    "consent-withdrawn.yaml NCT04438629 consent-withdrawn met",
    "consent-withdrawn.yaml ChiCTR2000029580 adult not_met",
]


@pytest.mark.parametrize("point", POINTS)
def test_a_file_shows_what_the_table_says(point: str, screened: Mapping[str, ScreenedCase]) -> None:
    file, protocol, criterion, truth, *reasons = point.split()
    result = result_of(screened[file], protocol, criterion)
    assert result.truth.value == truth
    assert [reason.value for reason in result.reasons] == reasons


# Values that the program works out or converts, in the concept's canonical unit, by hand:
# 71 / 50 %; 9.4 x 80 %; (101.8 - 32) x 5/9; 8.1 kPa / 60 %, a mm[Hg] being 133.322 Pa.
WORKED_OUT = [
    ("respire-eligible.yaml", "NCT04361903", "moderate-hypoxemia", "pf_ratio", "142"),
    ("ruxcoflam-eligible.yaml", "NCT04338958", "neutropenia", "neutrophils", "7.52"),
    ("units-of-two-hospitals.yaml", "NCT04338958", "fever", "body_temperature", "349/9"),
    ("units-of-two-hospitals.yaml", "NCT04338958", "thrombocytopenia", "platelets", "64"),
    ("units-of-two-hospitals.yaml", "NCT04338958", "neutropenia", "neutrophils", "2.9"),
    ("units-of-two-hospitals.yaml", "NCT04338958", "anemia", "hemoglobin", "10.31328"),
    ("units-of-two-hospitals.yaml", "NCT04337359", "renal-impairment", "creatinine", "2.398144"),
    ("units-of-two-hospitals.yaml", "vannucchi-2020", "desaturation", "pf_ratio", "6750000/66661"),
]


@pytest.mark.parametrize(("file", "protocol", "criterion", "concept", "value"), WORKED_OUT)
def test_a_value_is_worked_out_exactly(
    file: str,
    protocol: str,
    criterion: str,
    concept: str,
    value: str,
    screened: Mapping[str, ScreenedCase],
) -> None:
    judgement = result_of(screened[file], protocol, criterion).judgement
    (found,) = [item for item in evidence_in(judgement) if item.concept == concept]
    assert found.amount is not None
    assert found.amount.is_exact
    assert found.amount.low == Fraction(value)


def test_what_is_assumed_absent(screened: Mapping[str, ScreenedCase]) -> None:
    mexico = result_of(screened["mexico-eligible.yaml"], "NCT04334044", "known-active-infection")
    ruxcoflam = result_of(
        screened["ruxcoflam-eligible.yaml"], "NCT04338958", "viral-hepatitis-or-hiv"
    )
    assert [part.assumed for part in mexico.judgement.children] == [True, True, True, False, False]
    assert [part.assumed for part in ruxcoflam.judgement.children] == [False, False, True]


def test_only_the_count_entered_in_error_is_set_aside(
    screened: Mapping[str, ScreenedCase],
) -> None:
    notes = [
        (file, note.observation.text, note.quality)
        for file, case in screened.items()
        for note in case.quality
    ]
    assert notes == [("platelets-entered-in-error.yaml", "18 10*9/L", Quality.ENTERED_IN_ERROR)]


def result_of(case: ScreenedCase, protocol: str, criterion: str) -> CriterionResult:
    (screening,) = [one for one in case.screenings if one.protocol.id == protocol]
    (result,) = [one for one in screening.results if one.criterion.id == criterion]
    return result


def evidence_in(judgement: Judgement) -> Iterator[Evidence]:
    """The evidence of every leaf below, from left to right."""
    if judgement.fact is not None:
        yield from judgement.fact.evidence
    for child in judgement.children:
        yield from evidence_in(child)
