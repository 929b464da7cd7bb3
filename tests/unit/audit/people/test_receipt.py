"""A receipt finds what was cut off after a signature, and the signature itself."""

import pytest

from screen.audit.check.verify import verify
from screen.audit.people.notes import add_signature
from screen.audit.people.receipt import read_receipt, receipt_of
from screen.audit.people.signing import make_keys, read_public_key
from screen.problems import ProblemsFound
from tests.unit.audit.site import Site


def test_a_ledger_that_was_cut_back(site: Site) -> None:
    site.record(site.case("A-1"))
    public = read_public_key(make_keys(site.folder / "k"))
    add_signature(site.ledger, site.folder / "k", "Dr B", "approved")
    site.record(site.case("A-2"))
    receipt = receipt_of(add_signature(site.ledger, site.folder / "k", "Dr B", "approved"))
    assert verify(site.ledger, [public], receipt=read_receipt(receipt)).receipt == 4
    site.ledger.write_bytes(b"".join(site.lines()[:2]))
    assert verify(site.ledger, [public]).is_whole
    report = verify(site.ledger, [public], receipt=read_receipt(receipt))
    assert "cut off" in report.wrong[0]


@pytest.mark.parametrize("text", ["", "x", "trialscreen-receipt-1:1:2:3:4", "/dev/zero"])
def test_what_is_no_receipt(text: str) -> None:
    with pytest.raises(ProblemsFound, match="receipt"):
        read_receipt(text)


@pytest.mark.parametrize("head", ["", "sha256:", "a", "x" * 64, "a" * 65, "a" * 11])
def test_what_is_no_head(site: Site, head: str) -> None:
    site.record(site.case("A-1"))
    with pytest.raises(ProblemsFound, match="a noted head"):
        verify(site.ledger, head=head)
