"""How long `audit verify` takes for many entries, and how much memory.

    python -m tests.benchmarks.audit.big_ledger [ENTRIES] [FILE]

Every entry is a different case: ages, values and times differ, so that few proofs are shared.
The lines are written without fsync, which is not what is measured here.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from screen.audit.check.verify import verify
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.decision import conditions_of
from screen.audit.ledger.line import sealed
from screen.audit.recording.case_entry import case_body
from screen.audit.recording.file_digests import digest_rules
from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml
from screen.engine.decide import Screener
from screen.intake.document import case_from_tree
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules import load_rules
from screen.program import PROGRAM

CASE = """
case: S-{number}
screened_at: 2020-04-{day:02}T09:{minute:02}:00+02:00
patient: {{sex: {sex}, birth_date: {year}-03-{day:02}}}
observations:
  spo2: {{value: {spo2} %, at: 2020-04-{day:02}T08:{minute:02}:00+02:00, on: room_air}}
  pao2: {{value: "{pao2} mm[Hg]", at: 2020-04-{day:02}T08:05:00+02:00}}
  fio2: {{value: {fio2} %, at: 2020-04-{day:02}T08:05:00+02:00}}
  respiratory_worsening: {{value: present, at: 2020-04-{day:02}T02:00:00+02:00}}
  platelets: {{value: {platelets} 10*9/L, at: 2020-04-{day:02}T06:00:00+02:00}}
  neutrophils: {{value: {neutrophils} 10*9/L, at: 2020-04-{day:02}T06:00:00+02:00}}
  alt: {{value: {alt} U/L, upper_limit: 40 U/L, at: 2020-04-{day:02}T06:00:00+02:00}}
  crp: {{value: {crp} mg/L, at: 2020-04-{day:02}T06:00:00+02:00}}
  ferritin: "> {ferritin} ng/mL"
  sars_cov_2_test: {{value: positive, assay: pcr, specimen: respiratory}}
  dyspnea: present
  informed_consent: given
"""


def main(entries: int, path: Path) -> None:
    loaded = load_rules(None)
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    screener = Screener(vocabulary, protocols)
    rules = digest_rules(default_rules_dir(), vocabulary, protocols)
    started = time.perf_counter()
    shelf: dict[str, int] = {}
    previous = None
    distinct = min(entries, 20_000)
    bodies: list[Json] = []
    with path.open("wb") as file:
        for number in range(1, entries + 1):
            if number <= distinct:
                text = CASE.format(
                    number=number,
                    day=1 + number % 28,
                    minute=number % 60,
                    sex=("male", "female")[number % 2],
                    year=1930 + number % 70,
                    spo2=f"{80 + number % 200 / 10}",
                    pao2=f"{50 + number % 499 / 10}",
                    fio2=21 + number % 79,
                    platelets=f"{20 + number % 9973 / 10}",
                    neutrophils=f"{number % 997 / 100}",
                    alt=10 + number % 991,
                    crp=f"{number % 1999 / 10}",
                    ferritin=100 + number % 4999,
                )
                tree = read_yaml(text, Problems("case.yaml"))
                assert tree is not None
                screened = screener.screen(case_from_tree(tree, "case.yaml", vocabulary))
                body = case_body(screened, vocabulary, rules)
                used = {
                    conditions.digest: conditions
                    for conditions in (conditions_of(s, vocabulary) for s in screened.screenings)
                }
                if distinct < entries:
                    bodies.append(body)
            else:
                body = bodies[number % distinct]
            new = {digest: c.json for digest, c in used.items() if digest not in shelf}
            shelf |= dict.fromkeys(new, number)
            line, previous = sealed(
                {
                    **body,
                    "input": {"path": f"cases/{number}.yaml", "digest": f"sha256:{number:064x}"},
                    "site": {},
                    "number": number,
                    "previous": previous,
                    "conditions": new,
                    "shelf": shelf,
                    "recorded_at": "2020-05-01T00:00:00.000000Z",
                    "by": "benchmark",
                    "account": "benchmark",
                    "program": PROGRAM,
                }
            )
            file.write(line)
    print(f"{entries} entries, {path.stat().st_size / 1e6:.0f} MB, made in", end=" ")
    print(f"{time.perf_counter() - started:.0f} s")
    subprocess.run([sys.executable, "-m", __spec__.name, "--only", str(path)], check=True)


def check(path: Path) -> None:
    """In a process of its own, so that the memory is that of the check."""
    started = time.perf_counter()
    report = verify(path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"verify: {report.entries} entries, {report.truths_proved} truths, "
        f"{len(report.wrong)} problems, {seconds:.1f} s, peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--only"]:
        check(Path(sys.argv[2]))
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
        with tempfile.TemporaryDirectory() as folder:
            main(count, Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder, "big.ledger"))
