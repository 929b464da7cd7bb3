"""Entries that are sealed and say what no entry says: each is named, by every command."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from screen.audit.ledger.continuing import continue_ledger
from screen.audit.people.notes import add_note, add_signature
from screen.audit.people.signing import make_keys
from screen.cli.main import main
from tests.faults.audit.forging import Body, body_of, canonical, forged, sealed_bytes
from tests.unit.audit.site import Site, batch_body

Capture = pytest.CaptureFixture[str]
CRP = "crp within=86400000000us pick=highest"


@pytest.fixture(autouse=True)
def _debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not answered with a sentence is raised, and no test walks a whole machine."""
    monkeypatch.setenv("TRIALSCREEN_DEBUG", "1")
    monkeypatch.setattr("screen.audit.check.changes.MOST_FILES", 100)


def verdict_on(site: Site, line: bytes, capsys: Capture) -> str:
    """What verify says of a ledger of one line; no command may stumble over it."""
    site.ledger.write_bytes(line)
    at = ["--ledger", str(site.ledger), "--rules", str(site.rules)]
    capsys.readouterr()
    for command in (["log"], ["show", "1"], ["screening-log"], ["replay"]):
        assert main(["audit", *command, *at]) in (0, 1, 2)
    capsys.readouterr()
    status = main(["audit", "verify", "--ledger", str(site.ledger)])
    said = capsys.readouterr()
    assert status == 1, said.out
    assert "nothing wrong" not in said.out
    return said.err


def test_the_lines_that_are_forged_are_sound(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"))
    same = forged(site.lines()[0], lambda body: None)
    assert same == site.lines()[0]
    assert main(["audit", "verify", "--ledger", str(site.ledger)]) == 0


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "a key twice": lambda b: b.replace(b'"case":', b'"case":"OTHER","case":', 1),
    "a blank": lambda b: b.replace(b'"case":', b'"case": ', 1),
    "a blank at the end": lambda b: b[:-1] + b" }",
    "another order": lambda b: b.replace(b'{"_ledger":2,', b'{"_ledger":2,"zz":1,', 1),
    "an escape": lambda b: b.replace(b'"A-1"', b'"\\u0041-1"', 1),
    "a slash": lambda b: b.replace(b"A-1.yaml", b"\\/A-1.yaml", 1),
    "half a character": lambda b: b.replace(b'"A-1"', b'"\\ud800"', 1),
    "a number as a fraction": lambda b: b.replace(b'"number":1,', b'"number":1.0,', 1),
    "a number in another form": lambda b: b.replace(b'"number":1,', b'"number":1e0,', 1),
    "not ASCII": lambda b: b.replace(b'"A-1"', '"Ä-1"'.encode(), 1),
    "no JSON": lambda b: b.replace(b'"case":', b'"case"', 1),
}


@pytest.mark.parametrize("what", BYTES)
def test_bytes_that_nobody_wrote(site: Site, capsys: Capture, what: str) -> None:
    site.record(site.case("A-1"))
    body = body_of(site.lines()[0])
    changed = BYTES[what](body)
    assert changed != body
    assert "entry 1 (line 1) is" in verdict_on(site, sealed_bytes(changed), capsys)
    assert main(["case", str(site.case("A-2")), "--ledger", str(site.ledger)]) == 2


def evidence(body: Body, key: str = "platelets") -> Any:
    return body["facts"][key]["evidence"][0]


FORGED: dict[str, Callable[[Body], object]] = {
    "redacted with facts": lambda b: b.update(redacted=True),
    "redacted: false": lambda b: b.update(redacted=False),
    "another amount shown": lambda b: evidence(b).update(text="9 10*9/L"),
    "another unit shown": lambda b: evidence(b).update(text="90 mg/L"),
    "the same amount in another unit": lambda b: evidence(b).update(text="90 10*6/L"),
    "another amount in another unit": lambda b: evidence(b).update(text="9000 /uL"),
    "no unit shown": lambda b: evidence(b).update(text="90"),
    "a sign shown": lambda b: evidence(b).update(text=">90 10*9/L"),
    "words shown": lambda b: evidence(b).update(text="plenty"),
    "another time shown": lambda b: evidence(b, CRP).update(at="2019-03-21T06:00"),
    "no time": lambda b: evidence(b, CRP).update(at="yesterday"),
    "another screening time": lambda b: b.update(screened_at="2019-03-21T09:00"),
    "no screening time": lambda b: b.update(screened_at="now"),
    "times as texts": lambda b: b.update(screened_us=["1", "2"]),
    "another kind": lambda b: b.update(kind="verdict"),
    "a kind that is none": lambda b: b.update(kind=""),
    "no recording time": lambda b: b.update(recorded_at="2020"),
    "a day that is none": lambda b: b.update(recorded_at="2020-02-30T00:00:00.000000Z"),
    "a blank name": lambda b: b.update(by=" "),
    "a name that cannot be seen": lambda b: b.update(by="Dr\u202eB"),
    "a long name": lambda b: b.update(by="x" * 100_000),
    "no account": lambda b: b.pop("account"),
    "a blank account": lambda b: b.update(account=" "),
    "another program": lambda b: b.update(program="somebody"),
    "a digest that is none": lambda b: b["input"].update(digest="sha256:0"),
    "a digest in capitals": lambda b: b["input"].update(digest=b["input"]["digest"].upper()),
    "an extra key": lambda b: b.update(approved=True),
    "an extra key of evidence": lambda b: evidence(b).update(really="9 10*9/L"),
    "an extra key of a file": lambda b: b["input"].update(was="x"),
    "an extra fact": lambda b: b["facts"].update(weight=b["facts"]["platelets"]),
    "an extra truth": lambda b: b["screenings"][0]["truths"].update(rich="met"),
    "an extra criterion left out": lambda b: b["screenings"][0]["truths"].pop("sick"),
    "another protocol's conditions": lambda b: b["screenings"][0].update(protocol="P-2"),
    "another version": lambda b: b["screenings"][0].update(version="2021-01-01"),
    "no screening": lambda b: b.update(screenings=[]),
    "a false mark": lambda b: evidence(b).update(perhaps=False),
    "an empty list": lambda b: b["facts"]["platelets"].update(reasons=[]),
    "a fraction that is not reduced": lambda b: evidence(b).update(amount="180/2"),
    "a fraction by one": lambda b: evidence(b).update(amount="90/1"),
    "a fraction by nothing": lambda b: evidence(b).update(amount="90/0"),
    "a number with a sign": lambda b: evidence(b).update(amount="+90"),
    "an endless number": lambda b: evidence(b).update(amount="9" * 6000),
    "other digits": lambda b: evidence(b).update(amount="\uff19\uff10"),
    "an interval of one number": lambda b: evidence(b).update(amount={"from": "90", "to": "90"}),
    "three ends": lambda b: evidence(b).update(amount={"from": "9", "above": "9", "to": "90"}),
    "no amount": lambda b: evidence(b).pop("amount"),
    "a truth that is true": lambda b: b["screenings"][0]["truths"].update(sick=True),
    "a number that is true": lambda b: b.update(number=True),
    "a huge number": lambda b: b.update(number=2**70),
    "a deep case": lambda b: b.update(case=deep(600)),
    "deep evidence": lambda b: evidence(b).update(inputs=deep_evidence(evidence(b), 300)),
    "deeper evidence": lambda b: evidence(b).update(inputs=deep_evidence(evidence(b), 450)),
    "the digest of another decision": lambda b: None,
    "a result that is none": lambda b: b.update(result="x"),
    "a shelf that is none": lambda b: b.update(shelf={"x": 1}),
    "another format": lambda b: b.update(_ledger=2.0),
}


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def deep_evidence(item: Body, levels: int) -> list[Body]:
    inner = [dict(item)]
    for _ in range(levels):
        inner = [{**item, "inputs": inner}]
    return inner


@pytest.mark.parametrize("what", FORGED)
def test_what_no_case_says(site: Site, capsys: Capture, what: str) -> None:
    site.record(site.case("A-1"))
    line = site.lines()[0]
    if what == "the digest of another decision":
        changed = forged(line, lambda b: b.update(decision=f"sha256:{0:064}"), decided=False)
    else:
        changed = forged(line, FORGED[what])
    assert re.match(r"screening.ledger: entry \d+", verdict_on(site, changed, capsys))


CONDITIONS: dict[str, Callable[[Body], object]] = {
    "500 levels": lambda c: nested(c["criteria"][0], 500),
    "150 levels": lambda c: nested(c["criteria"][0], 150),
    "an extra key": lambda c: c.update(note="x"),
    "an extra key of a criterion": lambda c: c["criteria"][0].update(note="x"),
    "a limit by nothing": lambda c: first_test(c).update(limit="1/0"),
    "a limit with an exponent": lambda c: first_test(c).update(limit="1e999999999"),
    "a limit that is not reduced": lambda c: first_test(c).update(limit="200/2"),
    "a number for complete": lambda c: c.update(complete=1),
    "no criteria": lambda c: c.update(criteria={}),
    "an operator that is none": lambda c: first_test(c).update(op="!="),
    "all of nothing there": lambda c: c["criteria"][0].update(when={"all": None}),
    "all and any": lambda c: c["criteria"][0]["when"].update(all=[], any=[]),
}


def nested(criterion: Body, levels: int) -> None:
    for _ in range(levels):
        criterion["when"] = {"not": criterion["when"]}


def first_test(conditions: Body) -> Any:
    return conditions["criteria"][0]["when"]["is"]["comparisons"][0]


@pytest.mark.parametrize("what", CONDITIONS)
def test_conditions_that_no_protocol_asks(site: Site, capsys: Capture, what: str) -> None:
    """Under the digest that they have, wherever it is named."""
    site.record(site.case("A-1"))
    entry = json.loads(body_of(site.lines()[0]))
    ((old, conditions),) = entry["conditions"].items()
    CONDITIONS[what](conditions)
    new = f"sha256:{hashlib.sha256(canonical(conditions)).hexdigest()}"
    line = sealed_bytes(canonical(entry).replace(old.encode(), new.encode()))
    assert "entry 1" in verdict_on(site, line, capsys)


REDACTED: dict[str, Callable[[Body], object]] = {
    "facts": lambda b: b.update(facts={}, unrecorded={}, quality=[]),
    "only facts": lambda b: b.update(facts={}),
    "only remarks": lambda b: b.update(quality=[]),
    "not redacted": lambda b: b.update(redacted=False),
    "neither": lambda b: b.pop("redacted"),
    "nearly": lambda b: b.update(redacted=1),
}


@pytest.mark.parametrize("what", REDACTED)
def test_what_no_redacted_case_says(site: Site, capsys: Capture, what: str) -> None:
    site.record(site.case("A-1"), redact=True)
    assert main(["audit", "verify", "--ledger", str(site.ledger)]) == 0
    line = forged(site.lines()[0], REDACTED[what], decided=False)
    assert "entry 1" in verdict_on(site, line, capsys)


LATER: dict[str, tuple[int, Callable[[Body], object]]] = {
    "a note on another truth": (1, lambda b: b.update(program_said="not_met")),
    "a note on another criterion": (1, lambda b: b.update(criterion="rich")),
    "a note on another protocol": (1, lambda b: b.update(protocol="P-2")),
    "a note on itself": (1, lambda b: b["about"].update(number=2)),
    "a note on nothing": (1, lambda b: b.pop("about")),
    "a note that follows nothing": (1, lambda b: b.pop("previous")),
    "a blank reason": (1, lambda b: b.update(reason=" ")),
    "a finding that is none": (1, lambda b: b.update(finding="maybe")),
    "a signature by nobody": (2, lambda b: b.update(name=" ")),
    "a signature that means nothing": (2, lambda b: b.update(meaning="seen")),
    "a signature at no time": (2, lambda b: b.update(signed_at="2020-13-01T00:00:00.000000Z")),
    "a signature without a key": (2, lambda b: b.update(key="")),
    "a signature of what comes later": (2, lambda b: b["signs"].update(number=9)),
}


@pytest.mark.parametrize("what", LATER)
def test_what_no_note_or_signature_says(site: Site, capsys: Capture, what: str) -> None:
    site.record(site.case("A-1"))
    add_note(site.ledger, 1, "P-1", "sick", "not_met", "no dyspnea", "kim")
    make_keys(site.folder / "k")
    add_signature(site.ledger, site.folder / "k", "Dr B", "approved")
    lines = site.lines()
    place, change = LATER[what]
    lines[place] = forged(lines[place], change)
    assert f"entry {place + 1}" in verdict_on(site, b"".join(lines), capsys)


BATCHES: dict[str, Callable[[Body], object]] = {
    "counts that are none": lambda b: b.update(counts={"P-1": {"eligible": -1}}),
    "a verdict that is none": lambda b: b.update(counts={"P-1": {"liked": 1}}),
    "no count": lambda b: b.update(cases={}),
    "a folder alone": lambda b: b.update(folder="x"),
    "no outputs": lambda b: b.pop("outputs"),
    "an output without a digest": lambda b: b.update(outputs=[{"path": "x"}]),
    "not strict": lambda b: b.update(strict=False),
}


@pytest.mark.parametrize("what", BATCHES)
def test_what_no_batch_says(site: Site, capsys: Capture, what: str) -> None:
    body = batch_body(_ledger=2, number=1, previous=None, shelf={})
    line = sealed_bytes(canonical(body))
    site.ledger.write_bytes(line)
    assert main(["audit", "verify", "--ledger", str(site.ledger)]) == 0
    assert "entry 1" in verdict_on(site, forged(line, BATCHES[what]), capsys)


REPLAYED: dict[str, Callable[[Body], object]] = {
    "no verdicts": lambda b: b.update(outputs=[]),
    "verdicts of no format": lambda b: b.update(outputs=[output("verdicts.exe")]),
    "an output that no batch writes": lambda b: b["outputs"].append(output("../letter.txt")),
    "the root as input": lambda b: b.update(inputs=[output("/")]),
    "an empty folder as input": lambda b: b.update(inputs=[output("rules")]),
    "an endless input": lambda b: b.update(inputs=[output("/dev/zero")]),
    "a pipe as a mapping": lambda b: b.update(site={"mapping": output("pipe")}),
    "no path as input": lambda b: b["input"].update(path="x\0y"),
    "a name too long as input": lambda b: b.update(inputs=[output("x" * 4000)]),
    "no protocol": lambda b: b.update(protocols=["../../x"]),
    "rules elsewhere": lambda b: b.update(rules={"../../../../dev/zero": f"sha256:{0:064}"}),
    "a folder elsewhere": lambda b: b.update(folder="elsewhere/deep/x"),
    "no time": lambda b: b.update(screened_at_given="now"),
}


def output(path: str) -> Body:
    return {"path": path, "digest": f"sha256:{0:064}"}


@pytest.mark.parametrize("what", REPLAYED)
def test_a_path_in_a_ledger_is_not_followed_for_writing(
    site: Site, capsys: Capture, what: str
) -> None:
    table = site.folder / "t.csv"
    table.write_text(
        "case,screened_at,platelets,dyspnea\nA,2020-03-21T09:00:00,90 10*9/L,present\n"
    )
    at = ["--ledger", str(site.ledger), "--rules", str(site.rules)]
    assert main(["batch", str(table), "--out", str(site.folder / "out"), "--check", "none",
                 "--workers", "1", *at]) == 0  # fmt: skip
    assert main(["audit", "replay", *at]) == 0
    os.mkfifo(site.folder / "pipe")
    site.ledger.write_bytes(forged(site.lines()[0], REPLAYED[what]))
    before = sorted(site.folder.rglob("*"))
    for command in (["log"], ["show", "1"], ["replay"], ["verify"]):
        rules = [] if command == ["verify"] else at[2:]
        assert main(["audit", *command, *at[:2], *rules]) in (0, 1)
    assert sorted(site.folder.rglob("*")) == before


def test_an_entry_that_says_more_of_where_a_ledger_comes_from(site: Site, capsys: Capture) -> None:
    site.record(site.case("A-1"))
    new = site.folder / "new.ledger"
    continue_ledger(site.ledger, new)
    line = new.read_bytes()
    for change in (
        lambda b: b["continues"].update(number=0),
        lambda b: b["continues"].pop("hash"),
        lambda b: b.update(number=2),
        lambda b: b.update(continues=None),
    ):
        assert "entry" in verdict_on(site, forged(line, change), capsys)


def test_an_amount_that_was_judged_is_shown_where_its_text_cannot_be_held_to_it(
    site: Site, capsys: Capture
) -> None:
    site.record(site.case("A-1"))
    line = forged(site.lines()[0], lambda b: evidence(b).update(text="9 heaps"))
    site.ledger.write_bytes(line)
    at = ["--ledger", str(site.ledger), "--rules", str(site.rules)]
    assert main(["audit", "show", "1", *at]) == 0
    assert "90 10*9/L" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["show", "1"], ["screening-log"]])
def test_what_is_shown_and_not_true_is_said(
    site: Site, capsys: Capture, command: list[str]
) -> None:
    site.record(site.case("A-1"))
    line = forged(site.lines()[0], lambda b: evidence(b).update(text="9 10*9/L"))
    site.ledger.write_bytes(line)
    at = ["--ledger", str(site.ledger), "--rules", str(site.rules)]
    assert main(["audit", *command, *at]) == 1
    said = "entry 1: platelets: the text of platelets does not say what was judged"
    assert said in capsys.readouterr().err
