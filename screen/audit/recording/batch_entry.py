"""Recording a finished batch: one entry, from what its manifest and its summary say."""

import os
from collections.abc import Iterator
from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.stamp import given_name, stamp
from screen.audit.failures import cannot_read
from screen.audit.ledger.append import append
from screen.audit.recording.file_digests import SourceFile, recorded_file, relative_to_ledger
from screen.batch.output.manifest import (
    MANIFEST,
    InputUsed,
    Manifest,
    read_manifest,
    read_verdict_counts,
)
from screen.digests import digest_of_file
from screen.files import reason_of

_VOCABULARY = "vocabulary"


def record_batch(
    ledger: Path,
    out: Path,
    *,
    by: str | None = None,
    redact: bool = False,
    finished: Path | None = None,
) -> int:
    """Add one entry for the finished batch in the folder `out`; the answer is its number.

    `finished` is where its files lie until they get their names; `redact` names none of them.
    Digests and counts are those of the batch's manifest.json and summary.json. Raises
    ProblemsFound if they cannot be read or the entry was not added.
    """
    folder = finished or out
    manifest = read_manifest(folder)

    def file(path: str | None, digest: str) -> Json:
        return recorded_file(SourceFile(_moved(path or "", out, ledger), digest), redact)

    digests = manifest.rules.digests
    outputs = {**manifest.outputs, MANIFEST: _digest(folder / MANIFEST)}
    site = {"mapping": manifest.mapping, "policy": manifest.site}
    body: Json = {
        "kind": "batch",
        "engine": manifest.engine,
        "decided_by": manifest.program,
        "rules": {_rule_file(name): digest for name, digest in digests.items()},
        "protocols": [name for name in digests if name != _VOCABULARY],
        "inputs": [file(*one) for one in _inputs(manifest.input, out)],
        "site": {name: file(one.path, one.digest) for name, one in site.items() if one},
        "outputs": [file(*one) for one in sorted(outputs.items())],
        "counts": read_verdict_counts(folder),
        "cases": manifest.cases,
    }
    if manifest.strict:
        body["strict"] = True
    if not redact:
        body |= _where(manifest, out, ledger)
    name = given_name(by)
    return append(ledger, lambda _: {**body, **stamp(name)}).number


def _where(manifest: Manifest, out: Path, ledger: Path) -> Json:
    """What a replay needs besides: the places, and the time that was given."""
    given = {"path": _moved(manifest.input.path, out, ledger)}
    told: Json = {"folder": relative_to_ledger(out, ledger), "input": given}
    if manifest.input.patients is not None:
        told["input"]["patients"] = _moved(manifest.input.patients, out, ledger)
    if manifest.input.more:
        told["input"]["more"] = [_moved(path, out, ledger) for path in manifest.input.more]
    if manifest.screened_at is not None:
        told["screened_at_given"] = manifest.screened_at
    return told


def _rule_file(name: str) -> str:
    """The path in the rules folder; `vocabulary` is all of its files together."""
    return name if name == _VOCABULARY else f"protocols/{name.lower()}/protocol.yaml"


def _inputs(used: InputUsed, out: Path) -> Iterator[tuple[str, str]]:
    """The input files as seen from the output folder; a folder of cases has one digest."""
    is_folder = (out / used.path).is_dir()
    if is_folder and len(used.files) == 1:
        yield used.path, next(iter(used.files.values()))
        return
    given = [used.path, *used.more, *([used.patients] if used.patients else [])]
    by_name = {Path(path).name: path for path in given}
    folder = Path(used.path) if is_folder else Path(used.path).parent
    for name, digest in sorted(used.files.items()):
        yield by_name.get(name, (folder / name).as_posix()), digest


def _moved(path: str, out: Path, ledger: Path) -> str:
    """A path as seen from `out`, as seen from the ledger's folder."""
    absolute = os.path.normpath(out.absolute() / path)
    return Path(os.path.relpath(absolute, ledger.absolute().parent)).as_posix()


def _digest(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None
