"""A batch is one entry, and comes out again."""

import json
from pathlib import Path

import pytest

from screen.audit.check.replay import Replayer
from screen.audit.check.verify import verify
from screen.audit.recording.batch_entry import record_batch
from screen.cli.main import main
from tests.unit.audit.site import Site

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def out(site: Site, capsys: Capture) -> Path:
    """The output of a batch over a folder of two cases."""
    (site.folder / "cases").mkdir()
    for name, platelets in (("A-1", "90"), ("A-2", "150")):
        site.case(name, platelets).rename(site.folder / "cases" / f"{name}.yaml")
    out = site.folder / "out"
    given = [str(site.folder / "cases"), "--out", str(out), "--rules", str(site.rules)]
    assert main(["batch", *given, "--engine", "rules", "--workers", "1"]) == 0
    capsys.readouterr()
    return out


def test_one_entry_with_digests_and_counts(site: Site, out: Path) -> None:
    assert record_batch(site.ledger, out, by="kim") == 1
    (line,) = site.lines()
    body = json.loads(line)
    assert body["counts"]["P-1"]["eligible"] == 1
    assert body["counts"]["P-1"]["ineligible"] == 1
    assert [file["path"] for file in body["inputs"]] == ["cases"]
    assert [file["path"] for file in body["outputs"]] == [
        "out/manifest.json",
        "out/rejects.csv",
        "out/summary.json",
        "out/verdicts.parquet",
    ]
    assert verify(site.ledger).is_whole
    assert "A-1" not in line.decode()


def test_a_batch_comes_out_again(site: Site, out: Path) -> None:
    record_batch(site.ledger, out)
    (one,) = Replayer(site.ledger, site.rules).replay()
    assert (one.outcome, one.changes, one.differences) == ("same", (), ())
    assert not (site.folder / "out.replay").exists()


def test_changed_inputs_and_outputs_are_named(site: Site, out: Path) -> None:
    record_batch(site.ledger, out)
    (out / "rejects.csv").write_text("changed")
    (site.folder / "cases" / "A-1.yaml").unlink()
    (one,) = Replayer(site.ledger, site.rules).replay()
    assert not one.is_good
    assert [change.text for change in one.changes] == [
        "input file cases has changed since",
        "output file out/rejects.csv has changed since",
    ]


def test_newer_rules_that_decide_a_batch_otherwise(site: Site, out: Path) -> None:
    record_batch(site.ledger, out)
    protocol = site.rules / "protocols/p-1/protocol.yaml"
    protocol.write_text(protocol.read_text().replace("100000", "90000"))
    (one,) = Replayer(site.ledger, site.rules).replay()
    assert not one.is_good
    assert one.differences == (
        "P-1: 1 were eligible, 2 are now",
        "P-1: 1 were ineligible, 0 are now",
    )


def test_redacted_batches_name_no_file(site: Site, out: Path) -> None:
    record_batch(site.ledger, out, redact=True)
    body = json.loads(site.lines()[0])
    assert all("path" not in file for file in (*body["inputs"], *body["outputs"]))
    assert "folder" not in body


def test_a_folder_that_no_batch_wrote(site: Site, capsys: Capture) -> None:
    from screen.problems import ProblemsFound

    with pytest.raises(ProblemsFound, match=r"manifest\.json: there is no such file"):
        record_batch(site.ledger, site.folder)
    assert not site.ledger.exists()
