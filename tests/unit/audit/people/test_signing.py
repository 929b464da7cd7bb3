"""Keys and signatures."""

import os
import stat
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.line import opened, sealed
from screen.audit.people.notes import add_signature
from screen.audit.people.signing import make_case_key, make_keys, read_private_key, read_public_key
from screen.problems import ProblemsFound
from tests.unit.audit.site import Site


def test_keys_are_for_their_owner_and_never_overwritten(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        public = make_keys(tmp_path / "k")
        make_case_key(tmp_path / "c")
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"k": 0o600, "k.pub": 0o644, "c": 0o600}
    before = (tmp_path / "k").read_bytes()
    for make in (make_keys, make_case_key):
        with pytest.raises(ProblemsFound, match="never overwritten"):
            make(tmp_path / "k")
    public.unlink()
    with pytest.raises(ProblemsFound, match="never overwritten"):
        make_keys(tmp_path / "k")
    assert (tmp_path / "k").read_bytes() == before


def test_a_lone_public_key_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "k.pub").write_text("kept")
    with pytest.raises(ProblemsFound, match="never overwritten"):
        make_keys(tmp_path / "k")
    assert not (tmp_path / "k").exists()


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_keys(tmp_path / "k")
    (tmp_path / "k").chmod(0o640)
    with pytest.raises(ProblemsFound, match="chmod 600"):
        read_private_key(tmp_path / "k")


def test_what_is_no_key(tmp_path: Path) -> None:
    public = make_keys(tmp_path / "k")
    other = tmp_path / "other"
    other.write_text("no key")
    other.chmod(0o600)
    with pytest.raises(ProblemsFound, match="no private key"):
        read_private_key(other)
    with pytest.raises(ProblemsFound, match="no public key"):
        read_public_key(other)
    public.chmod(0o600)
    with pytest.raises(ProblemsFound, match="no private key"):
        read_private_key(public)
    with pytest.raises(ProblemsFound, match="no such file"):
        read_public_key(tmp_path / "none")


def test_two_people_sign_one_entry(site: Site) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    keys = []
    for name, meaning in (("Coordinator Kim", "reviewed"), ("Dr Ada Ibe", "approved")):
        key = site.folder / name
        keys.append(read_public_key(make_keys(key)))
        add_signature(site.ledger, key, name, meaning, 2)
    report = verify(site.ledger, keys)
    assert report.is_whole
    told = [(one.signs, one.name, one.meaning, one.trusted) for one in report.signatures]
    assert told == [
        (2, "Coordinator Kim", "reviewed", True),
        (2, "Dr Ada Ibe", "approved", True),
    ]
    assert report.signed_up_to == 2
    assert all(one.signed_at.endswith("Z") for one in report.signatures)
    half = verify(site.ledger, keys[:1])
    assert [one.trusted for one in half.signatures] == [True, False]


def test_the_head_is_signed_if_no_entry_is_named(site: Site) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    make_keys(site.folder / "k")
    add_signature(site.ledger, site.folder / "k", "Kim", "reviewed")
    assert [one.signs for one in verify(site.ledger).signatures] == [2]


def test_the_wrong_key(site: Site) -> None:
    site.record(site.case("A-1"))
    make_keys(site.folder / "k")
    add_signature(site.ledger, site.folder / "k", "Kim", "reviewed")
    other = read_public_key(make_keys(site.folder / "other"))
    report = verify(site.ledger, [other])
    assert not report.is_whole
    assert "signed nothing here" in report.wrong[0]
    assert not report.signatures[0].trusted


@pytest.mark.parametrize("field", ["name", "meaning", "signed_at", "key", "signature", "signs"])
def test_a_forged_signature_with_a_good_chain(site: Site, field: str) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    make_keys(site.folder / "k")
    add_signature(site.ledger, site.folder / "k", "Kim", "reviewed", 2)
    first, second, third = site.lines()
    entry, one = opened(third), opened(first)
    assert entry is not None
    assert one is not None
    other = {
        "signs": {"number": 1, "hash": one.hash},
        "key": read_public_key(make_keys(site.folder / "o")),
        "meaning": "approved",
        "signed_at": "2020-03-21T09:00:00.000000Z",
        "signature": f"{entry.body['signature'][::-1].lstrip('=')}==",
    }
    forged, _ = sealed({**entry.body, field: other.get(field, f"{entry.body[field]}x")})
    site.ledger.write_bytes(first + second + forged)
    (wrong,) = verify(site.ledger).wrong
    assert wrong.startswith("entry 3: the signature is not genuine")


def test_a_signature_needs_a_name_and_a_meaning(site: Site) -> None:
    site.record(site.case("A-1"))
    make_keys(site.folder / "k")
    with pytest.raises(ProblemsFound, match="a person's name in 1 to 200"):
        add_signature(site.ledger, site.folder / "k", "  ", "reviewed")
    with pytest.raises(ProblemsFound, match="reviewed or approved"):
        add_signature(site.ledger, site.folder / "k", "Kim", "liked")
    assert len(site.lines()) == 1
