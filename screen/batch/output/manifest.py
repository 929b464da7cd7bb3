"""manifest.json: what a finished batch says of itself, written once and read by whoever looks."""

import json
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from screen.documents.text_files import shown_path
from screen.files import read_file
from screen.problems import Kind, Problem, ProblemsFound
from screen.program import FORMAT
from screen.writing import write_file

MANIFEST, SUMMARY = "manifest.json", "summary.json"
_LARGEST = 64 << 20


class FileUsed(Struct, frozen=True, omit_defaults=True):
    """A site's file as seen from the output folder, with the digest of what it held.

    `tzdata` is the version of the time zones that a mapping was read with.
    """

    path: str
    digest: str
    tzdata: str = ""


class InputUsed(Struct, frozen=True, kw_only=True):
    """The input as seen from the output folder; `files` has the digests of its files, by name."""

    path: str
    more: tuple[str, ...] = ()
    patients: str | None = None
    files: dict[str, str]


class RulesUsed(Struct, frozen=True):
    """The folder of the rules (None: the program's own), and the digests of the vocabulary and of
    each protocol.
    """

    path: str | None
    digests: dict[str, str]


class Checked(Struct, frozen=True):
    """How many cases were to be decided again by the reference evaluator, and how many were."""

    asked: int | Literal["all"]
    cases: int


class Manifest(Struct, frozen=True, kw_only=True):
    """A finished batch. Its fields are written in this order.

    `cases` says how many came in, were screened and were rejected, `decided_by` how many each
    engine decided; `outputs` has the digests of the files beside the manifest, by name. What has a
    default here is not in the manifests of every earlier version.
    """

    program: str
    format: int = 1
    engine: str
    screened_at: str | None
    # Before 0.2.0 every cell that could not be read rejected its case.
    strict: bool = True
    input: InputUsed
    mapping: FileUsed | None
    rules: RulesUsed
    site: FileUsed | None = None
    cases: dict[str, int]
    decided_by: dict[str, int] = {}
    checked: Checked | None = None
    outputs: dict[str, str]


class _Outputs(Struct, frozen=True):
    program: str
    outputs: dict[str, str]


class _ProtocolCounts(Struct, frozen=True):
    verdicts: dict[str, int]


class _Summary(Struct, frozen=True):
    protocols: dict[str, _ProtocolCounts]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest into the folder of the finished files. Raises OSError."""
    text = json.dumps(msgspec.to_builtins(manifest), ensure_ascii=False, indent=2) + "\n"
    write_file(folder / MANIFEST, text.encode())


def read_manifest(folder: Path) -> Manifest:
    """The manifest in an output folder. Raises ProblemsFound if there is none, or none of ours."""
    file = folder / MANIFEST
    found: Manifest = _read(file, Manifest, "it is no manifest of a batch")
    if found.format > FORMAT:
        detail = f"it is of a later version of the program (format {found.format})"
        raise ProblemsFound([Problem(Kind.UNREADABLE, shown_path(file), detail=detail)])
    return found


def read_outputs(folder: Path) -> dict[str, str]:
    """What a manifest of any version says of the files beside it: digests by name.

    A manifest that is a link is not followed. Raises OSError; ValueError or RecursionError if it
    is none.
    """
    data = read_file(folder / MANIFEST, _LARGEST, follow=False)
    return msgspec.json.decode(data, type=_Outputs).outputs


def read_verdict_counts(folder: Path) -> dict[str, dict[str, int]]:
    """How many cases have which verdict, for each protocol, by summary.json. Raises as above."""
    summary: _Summary = _read(folder / SUMMARY, _Summary, "it is no summary of a batch")
    return {name: protocol.verdicts for name, protocol in summary.protocols.items()}


def _read(file: Path, form: Any, otherwise: str) -> Any:
    try:
        return msgspec.json.decode(read_file(file, _LARGEST), type=form)
    except FileNotFoundError:
        raise ProblemsFound([Problem(Kind.MISSING_FILE, shown_path(file))]) from None
    except (OSError, ValueError, RecursionError):
        problem = Problem(Kind.UNREADABLE, shown_path(file), detail=otherwise)
        raise ProblemsFound([problem]) from None
