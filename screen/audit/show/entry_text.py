"""Entries for a reader: a line each, or one with everything that it holds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from screen.audit.check.text_proof import Asked, asked_of, says
from screen.audit.entry.canonical_json import Json
from screen.audit.entry.evidence_json import amount_from
from screen.audit.entry.shelf import Shelf
from screen.audit.entry.truth_json import truth_words
from screen.audit.ledger.line import Entry
from screen.explain.words.amounts import amount_text
from screen.explain.words.plain_text import shortened, wrapped
from screen.quoting import visible

WIDTH = 80


def summary(entry: Entry) -> str:
    """What an entry is about, in a few words."""
    body = entry.body
    match entry.kind:
        case "case":
            verdicts = Counter(screening["verdict"] for screening in body["screenings"])
            counts = ", ".join(
                f"{number} {verdict}" for verdict, number in sorted(verdicts.items())
            )
            return f"case {_short(str(body['case']))}: {counts}"
        case "batch":
            counts = body["cases"]
            rejected = f", {counts['rejected']} rejected" if counts.get("rejected") else ""
            return f"batch: {counts['screened']} cases screened{rejected}"
        case "note":
            finding = body["finding"].replace("_", " ")
            return f"note on entry {body['about']['number']}: {body['criterion']} is {finding}"
        case "signature":
            return f"{body['name']} {body['meaning']} entry {body['signs']['number']}"
        case "continues":
            return f"goes on from entry {body['continues']['number']} of {body['ledger_name']}"
        case _:
            return entry.kind


def _short(case: str) -> str:
    kind, colon, digits = case.partition(":")
    return f"{kind}:{digits[:12]}" if colon and kind == "hmac-sha256" else case


def person(body: Json) -> str:
    """The name that was given, with the account in brackets where it is another."""
    by, account = str(body.get("by", "")), str(body.get("account", ""))
    return f"{by} (account {account})" if account and account != by else by


def log_line(entry: Entry, *, is_current: bool = True) -> str:
    """Number, a star if it is not current, time of recording, account and summary: a line."""
    body = entry.body
    recorded_at = str(body.get("recorded_at", ""))[:16].replace("T", " ")
    number = f"{entry.number:>6}{' ' if is_current else '*'}"
    line = f"{number} {recorded_at}  {_brief(body):<10}  {summary(entry)}"
    return shortened(visible(line), WIDTH)


def _brief(body: Json) -> str:
    return shortened(person(body), 32)


def log_json(entry: Entry) -> Json:
    """An entry's number, hash, kind, time, account and verdicts."""
    body = entry.body
    told: Json = {
        "number": entry.number,
        "hash": entry.hash,
        "kind": entry.kind,
        "recorded_at": body.get("recorded_at"),
        "by": body.get("by"),
        "account": body.get("account"),
        "program": body.get("program"),
    }
    if entry.kind == "case":
        told |= {"case": body["case"], "screened_at": body["screened_at"]}
        told["verdicts"] = {one["protocol"]: one["verdict"] for one in body["screenings"]}
    elif entry.kind == "batch":
        told |= {"cases": body["cases"], "counts": body["counts"]}
    else:
        told["about"] = (body.get("about") or body.get("signs") or {}).get("number")
        told["summary"] = summary(entry)
    return told


def entry_text(entry: Entry, about: Iterable[Entry], shelf: Shelf) -> str:
    """One entry in lines of at most 80 columns, then what people added to it."""
    return "\n".join(_lines(entry, about, shelf)) + "\n"


def _lines(entry: Entry, about: Iterable[Entry], shelf: Shelf) -> Iterator[str]:
    body = entry.body
    yield from wrapped(f"Entry {entry.number}: {summary(entry)}", WIDTH)
    yield "  hash"
    yield f"    {entry.hash}"
    yield "  follows"
    yield f"    {body['previous'] or 'nothing: it is the first'}"
    yield from wrapped(
        f"recorded  {body['recorded_at']} by {person(body)} with {body['program']}", WIDTH, "  "
    )
    match entry.kind:
        case "case":
            yield from _case(body, shelf)
        case "batch":
            yield from _batch(body)
        case "note":
            yield from wrapped(f"reason    {body['reason']}", WIDTH, "  ")
            yield f"  program   {truth_words(body['program_said'])}"
        case "signature":
            yield f"  signed    {body['signed_at']}"
            yield f"  key       {body['key']}"
        case _:
            pass
    for added in about:
        yield ""
        told = f"Entry {added.number}, {added.body['recorded_at'][:16]}: {summary(added)}"
        yield from wrapped(told, WIDTH)
        if added.kind == "note":
            yield from wrapped(f"by {person(added.body)}: {added.body['reason']}", WIDTH, "  ")


def _case(body: Json, shelf: Shelf) -> Iterator[str]:
    yield from wrapped(f"screened  {body['screened_at']}", WIDTH, "  ")
    yield from _file("input", body["input"])
    for name, file in body["site"].items():
        yield from _file(name, file)
    for screening in body["screenings"]:
        yield ""
        told = f"{screening['protocol']} ({screening['version']}): {screening['verdict']}"
        yield from wrapped(told, WIDTH)
        yield from _truths(screening, body, shelf)


def _truths(screening: Json, body: Json, shelf: Shelf) -> Iterator[str]:
    conditions = shelf.of(screening["conditions"])
    names = list(screening["truths"])
    keys: dict[str, tuple[str, ...]] = {}
    if conditions is not None:
        names = [criterion.id for criterion in conditions.protocol.criteria]
        keys = dict(zip(names, conditions.keys, strict=True))
    for name in names:
        assumed = ", assumed" if name in screening["assumed"] else ""
        told = f"{name}: {truth_words(screening['truths'].get(name))}{assumed}"
        yield from wrapped(told, WIDTH, "  ", "    ")
        for key in dict.fromkeys(keys.get(name, ())):
            for item in body.get("facts", {}).get(key, {}).get("evidence", ()):
                told = _evidence(item, asked_of(key, body, [conditions] if conditions else []))
                yield from wrapped(told, WIDTH, "    ", "      ")


def _evidence(item: Json, asked: Asked) -> str:
    """One piece of evidence; what was judged stands first where its text cannot be held to it."""
    said = says(item, asked)
    judged = item.get("state", "")
    if "amount" in item:
        own = asked.unit if item["concept"] == asked.concept else None
        judged = amount_text(amount_from(item["amount"]), item.get("unit") or own)
    if said or not judged:
        parts = [f"{item['concept']} {item['text']}"]
    else:
        doubt = "which is not what was judged" if said is False else "not checked here"
        parts = [f'{item["concept"]} {judged} (written "{item["text"]}", {doubt})']
    parts += [f"{name} {item[name]}" for name in ("on", "assay", "specimen") if name in item]
    parts += [str(item[name]) for name in ("at", "source") if name in item]
    if "where" in item:
        parts.append(f"line {item['where']}")
    return ", ".join(parts)


def _batch(body: Json) -> Iterator[str]:
    for role in ("inputs", "outputs"):
        for file in body[role]:
            yield from _file(role[:-1], file)
    for name, file in body["site"].items():
        yield from _file(name, file)
    for protocol, counts in body["counts"].items():
        told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
        yield from wrapped(f"{protocol}: {told}", WIDTH, "  ")


def _file(role: str, file: Any) -> Iterator[str]:
    yield from wrapped(f"{role:<9} {file.get('path', '(not named)')}", WIDTH, "  ")
    yield f"    {file['digest']}"
