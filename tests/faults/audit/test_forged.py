"""What was sealed by somebody else: verify is hard to please, and nothing crashes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from screen.audit.canonical import canonical_bytes, digest_of
from screen.audit.line import opened, sealed
from screen.audit.verify import verify
from screen.cli.main import main
from tests.unit.audit.site import Site

Body = dict[str, Any]


def forge(site: Site, change: Callable[[Body], None], *, redecided: bool = True) -> list[str]:
    site.record(site.case("A-1"))
    entry = opened(site.lines()[0])
    assert entry is not None
    body = json.loads(json.dumps(entry.body))
    change(body)
    if redecided and "facts" in body:
        whole = {name: body[name] for name in ("screenings", "facts", "unrecorded", "quality")}
        body["decision"] = digest_of(canonical_bytes(whole))
    site.ledger.write_bytes(sealed(body)[0])
    return verify(site.ledger).wrong


def text(body: Body) -> None:
    body["facts"]["platelets"]["evidence"][0]["text"] = "9 10*9/L"


def other_unit(body: Body) -> None:
    body["facts"]["platelets"]["evidence"][0]["text"] = "9000 /uL"


def deep(body: Body) -> None:
    ((old, conditions),) = body["conditions"].items()
    when = conditions["criteria"][0]["when"]
    for _ in range(300):
        when = {"not": when}
    conditions["criteria"][0]["when"] = when
    new = digest_of(canonical_bytes(conditions))
    changed = json.loads(json.dumps(body).replace(old, new))
    body.clear()
    body.update(changed)


CHANGES: dict[str, Callable[[Body], None]] = {
    "text": text,
    "text in another unit": other_unit,
    "redacted with facts": lambda body: body.update(redacted=True),
    "an unknown key": lambda body: body.update(x=1),
    "a time that is none": lambda body: body.update(recorded_at="yesterday"),
    "a blank name": lambda body: body.update(by=" "),
    "no account": lambda body: body.pop("account"),
    "a number as text": lambda body: body.update(screened_us=["1", "2"]),
    "deep conditions": deep,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_sealed_change(site: Site, name: str) -> None:
    assert forge(site, CHANGES[name])
    rules = ["--rules", str(site.rules), "--ledger", str(site.ledger)]
    for command in (["log"], ["show", "1"], ["replay"], ["screening-log"]):
        assert main(["audit", *command, *rules]) in (0, 1, 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"case":', b'"case":"OTHER","case":'), (b'"case":', b'"case": '), (b"kim", b"\\u006bim")],
)
def test_other_bytes_for_the_same(site: Site, old: bytes, new: bytes) -> None:
    import hashlib

    site.record(site.case("A-1"))
    line = site.lines()[0]
    body = line[: line.rindex(b',"hash":')].replace(old, new, 1) + b"}"
    seal = hashlib.sha256(body).hexdigest().encode()
    site.ledger.write_bytes(body[:-1] + b',"hash":"sha256:' + seal + b'"}\n')
    (wrong,) = verify(site.ledger).wrong
    assert "not written as this program writes" in wrong
    assert main(["case", str(site.case("A-2")), "--ledger", str(site.ledger)]) == 2
