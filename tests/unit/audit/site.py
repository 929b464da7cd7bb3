"""A site with rules of its own: a folder with rules, case files, and a ledger beside them."""

from dataclasses import dataclass
from pathlib import Path

from screen.audit.recording.recorder import Recorder
from screen.engine.decide import Screener
from screen.intake.casefile import read_case_file
from screen.language.loading.rules import load_rules

QUANTITIES = """
platelets: {label: Platelets, unit: 10*9/L, units: {/mm3: 1/1000}, plausible: [0, 5000]}
crp: {label: CRP, unit: mg/L, plausible: [0, 1000]}
"""
FINDINGS = """
dyspnea: {label: Dyspnea, values: {absent: [], present: []}}
hepatitis_b: {label: Hepatitis B, values: {absent: [], present: [active, inactive]}}
"""
PROTOCOL = """
protocol: P-1
title: A trial
version: 2020-05-04
complete: true
status: completed
drug: {name: ruxolitinib}
sources:
  paper: {title: A paper, id: P-1, date: 2020-05-04, lines: {inclusion: 2, exclusion: 1}}
inclusion:
  - id: enough-platelets
    text: Platelets of 100 000 /mm3 or more
    source: {in: paper, at: inclusion 1}
    when: {platelets: ">= 100000 /mm3"}
  - id: sick
    text: Dyspnea, or CRP of 50 mg/L or more in the last day
    source: {in: paper, at: inclusion 2}
    when: {any: [{dyspnea: present}, {crp: {is: ">= 50 mg/L", within: 24 h, pick: highest}}]}
exclusion:
  - id: hepatitis
    text: Known active hepatitis B
    source: {in: paper, at: exclusion 1}
    when: {hepatitis_b: {is: active, unrecorded: absent}}
"""
CASE = """
case: {name}
screened_at: 2020-03-21T09:00
observations:
  platelets: {platelets} 10*9/L
  crp:
    - {{value: 12.5 mg/L, at: 2020-03-21T06:00}}
    - {{value: 60 mg/L, at: 2020-03-20T18:00, source: second sample}}
"""


def batch_body(**more: object) -> dict[str, object]:
    """What an entry of a batch holds besides its number, as little as its form allows."""
    body: dict[str, object] = {
        "kind": "batch",
        "engine": "rules",
        "decided_by": "trialscreen 0.2.0",
        "rules": {},
        "protocols": [],
        "inputs": [],
        "site": {},
        "outputs": [],
        "counts": {},
        "cases": {"screened": 0},
        "recorded_at": "2020-03-21T09:00:00.000000Z",
        "by": "kim",
        "account": "kim",
        "program": "trialscreen 0.2.0",
    }
    return {**body, **more}


@dataclass
class Site:
    """What a test works in."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "screening.ledger"

    @property
    def rules(self) -> Path:
        return self.folder / "rules"

    def case(self, name: str, platelets: str = "90") -> Path:
        """Write a case file. With 90 the platelets are too low, with 150 they are enough."""
        path = self.folder / f"{name}.yaml"
        path.write_text(CASE.format(name=name, platelets=platelets), encoding="utf-8")
        return path

    def record(self, *paths: Path, redact: bool = False, key: Path | None = None) -> list[int]:
        """Screen files and record them, as a command does."""
        loaded = load_rules(self.rules)
        vocabulary, protocols = loaded.vocabulary, loaded.protocols
        screener = Screener(vocabulary, protocols)
        recorder = Recorder(
            self.ledger, self.rules, vocabulary, protocols, by="kim", redact=redact, case_key=key
        )
        return [
            recorder.record(screener.screen(case))
            for path in paths
            for case in read_case_file(path, vocabulary)
        ]

    def lines(self) -> list[bytes]:
        return self.ledger.read_bytes().splitlines(keepends=True)


def write_rules(folder: Path) -> None:
    """Write the site's rules."""
    for name, text in (
        ("vocabulary/quantities.yaml", QUANTITIES),
        ("vocabulary/findings.yaml", FINDINGS),
        ("protocols/p-1/protocol.yaml", PROTOCOL),
    ):
        path = folder / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
