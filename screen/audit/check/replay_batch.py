"""Deciding a whole batch again, in a temporary folder that is gone afterwards."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screen.audit.entry.canonical_json import Json
from screen.audit.failures import cannot_read
from screen.digests import digest_of_file


class _Silent:
    """Hears how the batch gets on, and says nothing."""

    def cases(self, more: int) -> None:
        """Nothing."""

    def read(self, done: int, total: int) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""


def batch_differences(body: Json, ledger: Path, rules: Path, *, exactly: bool) -> Iterator[str]:
    """What a recorded batch comes to now, as far as it is otherwise.

    `exactly`: by the same rules and program, so that its files must be the same bytes. What a
    ledger says of places is followed to read, and never to write: what a patient's data is
    written to is a folder of its own that nobody else may look into, removed at the end.
    Raises ProblemsFound if the batch cannot be run.
    """
    from screen.batch.output.manifest import read_verdict_counts

    with tempfile.TemporaryDirectory(prefix="trialscreen-replay-") as work:
        out = Path(work) / "out"
        _run(body, ledger, rules, out)
        yield from _counts(body["counts"], read_verdict_counts(out))
        if exactly:
            yield from _bytes(body["outputs"], out)


def _run(body: Json, ledger: Path, rules: Path, out: Path) -> None:
    from screen.batch.options import EngineName, FileFormat, Options
    from screen.batch.rule_source import RuleSource
    from screen.batch.run import run

    folder, given = ledger.absolute().parent, body["input"]
    mapping, policy = body["site"].get("mapping"), body["site"].get("policy")
    outputs = [Path(file["path"]) for file in body["outputs"] if "path" in file]
    formats = [path.suffix.removeprefix(".") for path in outputs if path.stem == "verdicts"]
    if not formats or formats[0] not in [one.value for one in FileFormat]:
        raise cannot_read(ledger, "the entry names no verdicts that a batch writes")
    options = Options(
        input=folder / given["path"],
        out=out,
        rules=RuleSource(
            rules,
            tuple(body["protocols"]),
            folder / policy["path"] if policy else None,
            strict=body.get("strict", False),
        ),
        more=tuple(folder / path for path in given.get("more", ())),
        mapping=folder / mapping["path"] if mapping else None,
        patients=folder / given["patients"] if given.get("patients") else None,
        engine=EngineName(body["engine"]),
        format=FileFormat(formats[0]),
        screened_at=body.get("screened_at_given"),
    )
    run(options, _Silent())


def _counts(was: Any, now: Any) -> Iterator[str]:
    for protocol in sorted({*was, *now}):
        before, after = dict(was.get(protocol, {})), dict(now.get(protocol, {}))
        for verdict in sorted({*before, *after}):
            one, other = before.get(verdict, 0), after.get(verdict, 0)
            if one != other:
                yield f"{protocol}: {one} were {verdict}, {other} are now"


def _bytes(outputs: Any, out: Path) -> Iterator[str]:
    from screen.batch.output.manifest import MANIFEST

    for file in outputs:
        name = Path(file.get("path", "")).name
        # The manifest holds paths as seen from its own folder.
        if name != MANIFEST and _digest(out / name) != file["digest"]:
            yield f"{name} does not come out byte for byte"


def _digest(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError:
        return ""
