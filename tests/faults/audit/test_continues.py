"""A ledger that goes on in a new file, damaged or not."""

from pathlib import Path

from screen.audit.check.verify import verify
from screen.cli.main import main
from tests.unit.audit.site import Site


def test_a_new_ledger_begins_with_the_head_of_the_old(site: Site, tmp_path: Path) -> None:
    site.record(site.case("A-1"))
    before, head = site.ledger.read_bytes(), verify(site.ledger).head
    new = tmp_path / "new.ledger"
    given = ["audit", "continue", str(site.ledger), str(new)]
    assert main(given) == 0
    assert head.encode() in new.read_bytes()
    assert site.ledger.read_bytes() == before
    assert main(given) == 2, "a head stands first, and once"
    for command in (["log"], ["show", "1"], ["verify"], ["replay"]):
        more = [] if command == ["verify"] else ["--rules", str(site.rules)]
        assert main(["audit", *command, "--ledger", str(new), *more]) == 0


def test_damage_is_no_end(site: Site, tmp_path: Path) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    site.ledger.write_bytes(site.ledger.read_bytes()[:-9] + b"........\n")
    new = tmp_path / "new.ledger"
    assert main(["audit", "continue", str(site.ledger), str(new)]) == 0
    assert verify(new).is_whole
