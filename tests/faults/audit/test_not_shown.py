"""Done, and not to be shown: standard error says what was done, and the status is 1."""

import subprocess
import sys
from pathlib import Path

import pytest

from screen.audit.people.signing import make_keys
from tests.unit.audit.site import Site

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("closed", [">/dev/full", ">&-"])
@pytest.mark.parametrize("command", ["case", "batch", "note", "sign", "keygen"])
def test_it_is_said_what_was_done(site: Site, command: str, closed: str) -> None:
    site.record(site.case("A-1"))
    make_keys(site.folder / "k")
    case, ledger, rules = (
        site.folder / "A-1.yaml",
        f"--ledger {site.ledger}",
        f"--rules {site.rules}",
    )
    (site.folder / "in").mkdir()
    (site.folder / "in" / "a.yaml").write_bytes(case.read_bytes())
    told = {
        "case": f"case {case} {rules} {ledger}",
        "batch": f"batch {site.folder}/in --out {site.folder}/o --workers 1 {rules} {ledger}",
        "note": f"audit note 1 -p P-1 --criterion sick --finding met --reason x {ledger}",
        "sign": f"audit sign --key {site.folder}/k --name B --meaning approved {ledger}",
        "keygen": f"audit keygen --out {site.folder}/new",
    }[command]
    done = subprocess.run(
        f"{sys.executable} -m screen.cli.main {told} {closed}",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "could not be shown" in done.stderr
    assert ("new private key" if command == "keygen" else "recorded as entry 2") in done.stderr
