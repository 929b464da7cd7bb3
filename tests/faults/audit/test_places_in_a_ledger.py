"""What a ledger says of places is input: it is read from, if it is a file, and never written to."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from screen.audit.check.replay import Replayer
from screen.audit.recording.batch_entry import record_batch
from screen.cli.main import main
from tests.unit.audit.site import Site


def forged(site: Site, change: Any) -> Path:
    """The ledger with its first entry changed and sealed anew, as anybody can who may write it."""
    line = site.ledger.read_bytes().splitlines()[0]
    body = json.loads(line[: line.rindex(b',"hash":')] + b"}")
    change(body)
    data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    seal = hashlib.sha256(data).hexdigest()
    path = site.ledger.with_name("forged.ledger")
    path.write_bytes(data[:-1] + f',"hash":"sha256:{seal}"}}\n'.encode())
    return path


@pytest.fixture
def recorded(site: Site, capsys: pytest.CaptureFixture[str]) -> Path:
    """The ledger of one batch."""
    (site.folder / "cases").mkdir()
    site.case("A-1", "90").rename(site.folder / "cases" / "A-1.yaml")
    out = site.folder / "out"
    given = ["batch", str(site.folder / "cases"), "--out", str(out), "--rules", str(site.rules)]
    assert main([*given, "--engine", "rules", "--workers", "1"]) == 0
    record_batch(site.ledger, out)
    return site.ledger


def test_a_folder_elsewhere_is_not_made(site: Site, recorded: Path) -> None:
    elsewhere = site.folder / "elsewhere"

    def change(body: dict[str, Any]) -> None:
        body["folder"] = str(elsewhere / "deep" / "x")

    list(Replayer(forged(site, change), site.rules).replay())
    assert not elsewhere.exists()


@pytest.mark.parametrize("name", ["out.replay", "out.replay.partial", "out.partial"])
def test_what_stands_beside_the_output_stays(site: Site, recorded: Path, name: str) -> None:
    folder = site.folder / name
    folder.mkdir()
    (folder / "plan.json").write_text("{}")
    (folder / "letter.txt").write_text("dear")
    before = sorted(path.name for path in site.folder.iterdir())
    (one,) = Replayer(recorded, site.rules).replay()
    assert one.outcome == "same"
    assert sorted(path.name for path in site.folder.iterdir()) == before
    assert (folder / "letter.txt").read_text() == "dear"


def test_pipes_and_devices_are_not_waited_for(site: Site, recorded: Path) -> None:
    os.mkfifo(site.folder / "pipe")
    for place in ("/dev/zero", "pipe", "../pipe", "/proc/kmsg", "."):

        def change(body: dict[str, Any], place: str = place) -> None:
            body["inputs"][0]["path"] = place
            body["outputs"][0]["path"] = place

        (one,) = Replayer(forged(site, change), site.rules).replay()
        assert not one.is_good
