"""What one entry holds, and what proves it."""

import hashlib
import json
import stat
from pathlib import Path

import pytest

from screen.audit.check.verify import verify
from screen.audit.entry.decision import result_digest
from screen.audit.entry.stamp import login
from screen.audit.ledger.find import entry_numbered
from screen.audit.ledger.line import opened
from screen.audit.recording.file_digests import digest_rules
from screen.language.loading.rules import load_rules
from screen.problems import ProblemsFound
from screen.program import PROGRAM
from tests.unit.audit.site import Site


def test_a_case_entry_holds_who_what_and_by_which_rules(site: Site) -> None:
    path = site.case("A-1")
    assert site.record(path) == [1]
    body = entry_numbered(site.ledger, 1).body
    assert (body["case"], body["by"], body["program"]) == ("A-1", "kim", PROGRAM)
    assert body["screened_at"] == "2020-03-21T09:00"
    assert body["previous"] is None
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert body["input"] == {"path": "A-1.yaml", "digest": digest}
    assert set(body["rules"]) == {
        "vocabulary/quantities.yaml",
        "vocabulary/findings.yaml",
        "protocols/p-1/protocol.yaml",
    }
    (screening,) = body["screenings"]
    assert screening["verdict"] == "ineligible"
    assert screening["truths"] == {
        "enough-platelets": "not_met",
        "sick": "met",
        "hepatitis": "not_met",
    }
    assert screening["assumed"] == ["hepatitis"]


def test_amounts_are_exact_and_evidence_has_its_place(site: Site) -> None:
    site.record(site.case("A-1", "1e-1"))
    body = entry_numbered(site.ledger, 1).body
    assert body["facts"]["platelets"]["values"] == [{"amount": "1/10"}]
    highest = body["facts"]["crp within=86400000000us pick=highest"]
    assert highest["values"] == [{"amount": "60"}]
    (evidence,) = highest["evidence"]
    assert evidence["source"] == "second sample"
    assert evidence["at"] == "2020-03-20T18:00"
    assert evidence["where"] == "8:15"
    assert body["unrecorded"] == {"missing": ["dyspnea", "hepatitis_b"]}


def test_the_hash_is_that_of_the_canonical_json_without_it(site: Site) -> None:
    site.record(site.case("A-1"))
    (line,) = site.lines()
    entry = json.loads(line)
    given = entry.pop("hash")
    text = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
    assert given == f"sha256:{hashlib.sha256(text).hexdigest()}"


def test_each_entry_names_the_one_before(site: Site) -> None:
    site.record(site.case("A-1"), site.case("A-2"))
    first, second = (opened(line) for line in site.lines())
    assert first is not None
    assert second is not None
    assert second.body["previous"] == first.hash
    assert (first.number, second.number) == (1, 2)


def test_conditions_stand_in_full_once_and_are_named_after(site: Site) -> None:
    site.record(site.case("A-1"))
    site.record(site.case("A-2"))
    first, second = (json.loads(line) for line in site.lines())
    ((digest, conditions),) = first["conditions"].items()
    assert conditions["criteria"][0]["when"]["is"]["comparisons"] == [
        {"limit": "100", "op": ">=", "text": ">= 100000 /mm3"}
    ]
    assert second["conditions"] == {}
    assert second["shelf"] == {digest: 1}
    assert verify(site.ledger).truths_proved == 6


def test_changed_rules_are_held_anew(site: Site) -> None:
    site.record(site.case("A-1"))
    protocol = site.rules / "protocols/p-1/protocol.yaml"
    protocol.write_text(protocol.read_text().replace("100000", "90000"))
    site.record(site.case("A-2"))
    second = json.loads(site.lines()[1])
    assert len(second["conditions"]) == 1
    assert len(second["shelf"]) == 2
    assert second["screenings"][0]["truths"]["enough-platelets"] == "met"
    assert verify(site.ledger).is_whole


def test_rules_that_change_after_they_were_loaded_are_refused(site: Site) -> None:
    loaded = load_rules(site.rules)
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    (site.rules / "vocabulary/findings.yaml").write_text("{}")
    with pytest.raises(ProblemsFound, match="changed since it was loaded"):
        digest_rules(site.rules, vocabulary, protocols)


def test_only_its_owner_may_read_a_ledger(site: Site) -> None:
    site.record(site.case("A-1"))
    assert stat.S_IMODE(site.ledger.stat().st_mode) == 0o600
    assert not Path(f"{site.ledger}.lock").exists()


def test_redacted_entries_hold_no_value(site: Site) -> None:
    site.record(site.case("A-1", "91.25"), redact=True)
    text = site.ledger.read_text()
    assert "91.25" not in text
    assert "second sample" not in text
    assert "A-1.yaml" not in text
    body = entry_numbered(site.ledger, 1).body
    assert body["screenings"][0]["truths"]["enough-platelets"] == "not_met"
    report = verify(site.ledger)
    assert (report.is_whole, report.truths_proved, report.truths_without_values) == (True, 0, 3)


def test_keyed_identifiers(site: Site) -> None:
    key = site.folder / "site.key"
    key.write_bytes(b"0123456789abcdef" * 4 + b"\n")
    key.chmod(0o600)
    site.record(site.case("A-1"), key=key)
    body = entry_numbered(site.ledger, 1).body
    # printf A-1 | openssl dgst -sha256 -hmac $(cat site.key)
    expected = "aaed4bc5732c372e459fe4d9a401740b9e8e5b991d40e334d9dfa9a386f8236e"
    assert body["case"] == f"hmac-sha256:{expected}"
    assert "A-1" not in site.ledger.read_text()


def test_a_short_key_is_refused(site: Site) -> None:
    key = site.folder / "site.key"
    key.write_bytes(b"short\n")
    key.chmod(0o600)
    with pytest.raises(ProblemsFound, match="no case key that audit keygen"):
        site.record(site.case("A-1"), key=key)
    assert not site.ledger.exists()


def test_the_login_is_not_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = login()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert login() == before != "somebody-else"


def test_the_digest_of_a_result_does_not_hold_the_name_of_its_file() -> None:
    def result(where: str, text: str) -> dict[str, object]:
        return {"evidence": [{"where": where, "text": text}]}

    here = result_digest(result("a/x.yaml:3:4", "é"), "a/x.yaml")
    assert here == result_digest(result("/b c/y.yaml:3:4", "é"), "/b c/y.yaml")
    assert here != result_digest(result("a/x.yaml:3:5", "é"), "a/x.yaml")
    quoted = '"where":"a/x.yaml:'
    assert result_digest(result("a/x.yaml:3:4", quoted), "a/x.yaml") != here
    half = "\ud800"
    assert result_digest(result("a:3:4", half), "a") == result_digest(result("b:3:4", half), "b")
