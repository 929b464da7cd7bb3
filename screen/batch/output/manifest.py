"""What the manifest of a finished batch says that a later look needs, and its form."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from screen.documents.text_files import shown_path
from screen.files import read_file
from screen.problems import Kind, Problem, ProblemsFound
from screen.program import FORMAT

_LARGEST = 64 << 20


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class PlaceAndDigest(_Form):
    """A file as seen from the output folder, with the digest of what it held."""

    path: str | None
    digest: str
    tzdata: str = ""


class InputFiles(_Form):
    """The files of the input: `files` has their digests, by name."""

    path: str
    patients: str | None = None
    files: dict[str, str]
    more: list[str] = []


class RulesUsed(_Form):
    """The folder of the rules, and the digests of the vocabulary and of each protocol."""

    path: str | None
    digests: dict[str, str]


class Manifest(_Form):
    """The part of manifest.json by which a case is found again."""

    input: InputFiles
    mapping: PlaceAndDigest | None
    rules: RulesUsed
    site: PlaceAndDigest | None = None
    screened_at: str | None
    # Before 0.2.0 every cell that could not be read rejected its case.
    strict: bool = True
    format: int = 1


def manifest_of(out: Path) -> Manifest:
    """The manifest in an output folder. Raises ProblemsFound if there is none, or none of ours."""
    file = out / "manifest.json"
    try:
        found = Manifest.model_validate_json(read_file(file, _LARGEST))
    except FileNotFoundError:
        raise ProblemsFound([Problem(Kind.MISSING_FILE, shown_path(file))]) from None
    except (OSError, ValidationError):
        detail = "it is no manifest of a batch"
        raise ProblemsFound([Problem(Kind.UNREADABLE, shown_path(file), detail=detail)]) from None
    if found.format > FORMAT:
        detail = f"it is of a later version of the program (format {found.format})"
        raise ProblemsFound([Problem(Kind.UNREADABLE, shown_path(file), detail=detail)])
    return found
