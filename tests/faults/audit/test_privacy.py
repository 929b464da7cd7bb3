"""Keys that keep nothing secret are refused, and what is redacted tells nobody."""

import os
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.people.signing import make_case_key, make_keys
from screen.cli.main import main
from tests.unit.audit.site import Site


def keys(folder: Path) -> dict[str, Path]:
    equal, public, open_to_all, pipe = (folder / name for name in ("e", "k.pub", "o", "p"))
    equal.write_bytes(b"a" * 64)
    equal.chmod(0o600)
    make_keys(folder / "k")
    public.chmod(0o600)
    make_case_key(open_to_all)
    open_to_all.chmod(0o644)
    os.mkfifo(pipe)
    return {"equal": equal, "public": public, "open": open_to_all, "pipe": pipe}


@pytest.mark.parametrize("name", ["equal", "public", "open", "pipe"])
@pytest.mark.parametrize("command", ["case", "batch"])
def test_a_key_that_is_none(site: Site, name: str, command: str) -> None:
    key = keys(site.folder)[name]
    given = [str(site.case("A-1")), "--rules", str(site.rules), "--ledger", str(site.ledger)]
    more = ["--out", str(site.folder / "out")] if command == "batch" else []
    assert main([command, *given, "--case-key", str(key), *more]) == 2
    assert not site.ledger.exists()
    assert not (site.folder / "out").exists()


def test_redacted_leaves_nothing_of_the_patient(site: Site) -> None:
    site.record(site.case("SECRET-7"), redact=True)
    text = site.ledger.read_text()
    for told in ("SECRET-7", "2020-03-21", "2020-03-20", "second sample", '"90"', "15848"):
        assert told not in text
    assert verify(site.ledger).is_whole
