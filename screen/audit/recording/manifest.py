"""What a finished batch says of itself in its output folder."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screen.audit.entry.canonical_json import Json, digest_of
from screen.audit.failures import cannot_read, no_such_file
from screen.files import read_file, reason_of

_LARGEST = 64 << 20
MANIFEST, SUMMARY = "manifest.json", "summary.json"


@dataclass(frozen=True, slots=True)
class BatchFiles:
    """Digests by path. The paths of inputs, site files and outputs are as seen from the folder,
    those of the rules from the rules folder, where `vocabulary` is all of its files together.
    """

    program: str
    engine: str
    screened_at: str | None
    rules: Mapping[str, str]
    protocols: tuple[str, ...]
    input: str
    patients: str | None
    inputs: Mapping[str, str]
    site: Mapping[str, tuple[str, str]]
    outputs: Mapping[str, str]
    cases: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    more: tuple[str, ...] = ()
    strict: bool = False


def batch_files(out: Path, finished: Path | None = None) -> BatchFiles:
    """What the manifest and the summary in `out` say. Raises ProblemsFound.

    They lie in `finished` as long as they have not got their names in `out`.
    """
    manifest, digest = _read((finished or out) / MANIFEST)
    summary, summary_digest = _read((finished or out) / SUMMARY)
    try:
        outputs = {**manifest["outputs"], MANIFEST: digest, SUMMARY: summary_digest}
        given = {"mapping": manifest["mapping"], "policy": manifest["site"]}
        return BatchFiles(
            manifest["program"],
            manifest["engine"],
            manifest.get("screened_at"),
            {_rule_file(name): sha for name, sha in manifest["rules"]["digests"].items()},
            tuple(name for name in manifest["rules"]["digests"] if name != "vocabulary"),
            manifest["input"]["path"],
            manifest["input"].get("patients"),
            _inputs(manifest["input"], out),
            {name: (one["path"], one["digest"]) for name, one in given.items() if one},
            dict(sorted(outputs.items())),
            dict(manifest["cases"]),
            {name: dict(one["verdicts"]) for name, one in summary["protocols"].items()},
            tuple(manifest["input"].get("more", ())),
            manifest.get("strict", False),
        )
    except (KeyError, TypeError, AttributeError):
        raise cannot_read(out / MANIFEST, "it is not what a batch writes") from None


def _rule_file(name: str) -> str:
    return name if name == "vocabulary" else f"protocols/{name.lower()}/protocol.yaml"


def _inputs(recorded: Json, out: Path) -> dict[str, str]:
    """The input files with their folder; a whole folder of cases has one digest."""
    path = recorded["path"]
    given = [path, *recorded.get("more", ())]
    given += [recorded["patients"]] if recorded.get("patients") else []
    by_name = {Path(one).name: one for one in given}
    if (out / path).is_dir() and len(recorded["files"]) == 1:
        return dict.fromkeys([path], next(iter(recorded["files"].values())))
    folder = Path(path) if (out / path).is_dir() else Path(path).parent
    return {
        by_name.get(name, (folder / name).as_posix()): digest
        for name, digest in sorted(recorded["files"].items())
    }


def moved(path: str, out: Path, ledger: Path) -> str:
    """A path as seen from `out`, as seen from the ledger's folder."""
    absolute = os.path.normpath(out.absolute() / path)
    return Path(os.path.relpath(absolute, ledger.absolute().parent)).as_posix()


def _read(path: Path) -> tuple[Any, str]:
    try:
        data = read_file(path, _LARGEST)
        return json.loads(data), digest_of(data)
    except FileNotFoundError:
        raise no_such_file(path) from None
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None
    except (ValueError, RecursionError):
        raise cannot_read(path, "it is no JSON") from None
