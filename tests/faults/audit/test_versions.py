"""What earlier versions wrote is read by its own form, and an honest ledger never looks forged."""

import json
import shutil
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.append import append
from screen.audit.ledger.line import opened, sealed
from screen.audit.people.signing import read_public_key
from screen.audit.show.check_text import report_text
from screen.batch.output.manifest import read_manifest, read_verdict_counts
from screen.cli.main import main
from tests.unit.audit.site import batch_body

OLD = Path(__file__).parents[2] / "data" / "versions" / "0.1.0"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "site.ledger"
    shutil.copyfile(OLD / "site.jsonl", path)
    return path


def test_a_ledger_of_the_first_version_verifies(ledger: Path) -> None:
    report = verify(ledger, [read_public_key(OLD / "k.pub")])
    assert report.wrong == []
    assert report.kinds == {"case": 2, "batch": 1, "note": 1, "signature": 1}
    assert report.truths_proved == 17
    assert report.signed_up_to == 4


def test_it_can_be_added_to(ledger: Path) -> None:
    before = ledger.read_bytes()
    assert append(ledger, lambda _: batch_body()).number == 6
    assert ledger.read_bytes().startswith(before)
    assert verify(ledger).is_whole


def test_what_meant_something_else_is_not_called_forged(ledger: Path) -> None:
    """As if this version judged a criterion otherwise."""
    first = ledger.read_bytes().splitlines(keepends=True)[0]
    entry = opened(first)
    assert entry is not None
    body = json.loads(json.dumps(entry.body))
    body["screenings"][0]["truths"]["adult"] = "not_met"
    ledger.write_bytes(sealed(body)[0])
    report = verify(ledger)
    assert report.wrong == []
    assert report.truths_not_proved == 17
    assert "chain intact, not proved again" in report.remarks[0]
    first_line = report_text(report).splitlines()[0]
    assert first_line == "1 entry (1 case): chain intact, not proved again: 17 truths"


@pytest.mark.parametrize("command", [["show", "1"], ["screening-log"]])
def test_what_is_shown_and_not_proved_is_said(
    ledger: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    entry = opened(ledger.read_bytes().splitlines(keepends=True)[0])
    assert entry is not None
    body = json.loads(json.dumps(entry.body))
    body["screenings"][0]["truths"]["adult"] = "not_met"
    ledger.write_bytes(sealed(body)[0])
    assert main(["audit", *command, "--ledger", str(ledger)]) == 0
    said = capsys.readouterr()
    assert "not proved" in (said.out + said.err).casefold()


def test_the_older_form_is_no_way_around_the_proof(ledger: Path) -> None:
    number = append(ledger, lambda _: batch_body()).number
    entry = opened(ledger.read_bytes().splitlines(keepends=True)[0])
    assert entry is not None
    last = verify(ledger).head
    forged = {**entry.body, "number": number + 1, "previous": last, "case": "another"}
    with ledger.open("ab") as file:
        file.write(sealed(forged)[0])
    assert any("older form" in one for one in verify(ledger).wrong)


def test_the_output_of_a_batch_is_read() -> None:
    manifest = read_manifest(OLD / "out")
    assert manifest.program == "trialscreen 0.1.0"
    assert manifest.format == 1
    assert manifest.cases["screened"] == 2
    counts = read_verdict_counts(OLD / "out")["NCT04361903"]
    assert (counts["eligible"], counts["ineligible"]) == (1, 1)
