"""Text that is no Unicode, and names that are none, are refused before anything is shown."""

import os
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.find import entries
from screen.audit.people.notes import add_note
from screen.cli.main import main
from tests.unit.audit.site import Site

Capture = pytest.CaptureFixture[str]
HALF = os.fsdecode(b"M\xfcller")


def given(site: Site, case: Path, *more: str) -> list[str]:
    return ["case", str(case), "--rules", str(site.rules), "--ledger", str(site.ledger), *more]


@pytest.mark.parametrize("name", [HALF, " ", "", "x" * 100_000, "a\nb", "\u202e", "\ud83d"])
def test_a_name_that_is_none(site: Site, name: str, capsys: Capture) -> None:
    assert main(given(site, site.case("A-1"), "--by", name)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "--by" in shown.err
    assert not site.ledger.exists()


def test_a_name_of_a_file_that_is_no_text(site: Site, capsys: Capture) -> None:
    path = site.folder / os.fsdecode(b"f\xff.yaml")
    site.case("A-1").rename(path)
    assert main(given(site, path)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "UTF-8" in shown.err
    assert not site.ledger.exists()


def test_an_identifier_of_half_a_character(site: Site, capsys: Capture) -> None:
    path = site.folder / "half.json"
    path.write_text('{"case": "A\\udcfc", "screened_at": "2020-03-21T09:00", "observations": {}}')
    assert main(given(site, path)) == 2
    assert capsys.readouterr().out == ""
    assert not site.ledger.exists() or site.ledger.stat().st_size == 0


def test_a_reason_of_half_a_character(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"))
    before = site.ledger.read_bytes()
    note = ["audit", "note", "1", "--ledger", str(site.ledger), "-p", "P-1", "--criterion", "sick"]
    assert main([*note, "--finding", "not_met", "--reason", HALF]) == 2
    assert capsys.readouterr().out == ""
    assert site.ledger.read_bytes() == before


def test_the_account_is_recorded_beside_every_name(site: Site) -> None:
    site.record(site.case("A-1"))
    add_note(site.ledger, 1, "P-1", "sick", "not_met", "seen at the bedside", "Dr Head")
    account = [entry.body["account"] for entry in entries(site.ledger)]
    assert len(set(account)) == 1
    assert account[0] not in ("", "kim", "Dr Head")
    assert [entry.body["by"] for entry in entries(site.ledger)] == ["kim", "Dr Head"]
    assert verify(site.ledger).is_whole
