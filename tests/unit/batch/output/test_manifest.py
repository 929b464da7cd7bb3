"""What a finished batch says of itself: written in one form, and read in every form there was."""

import json
from pathlib import Path
from typing import Any

import pytest

from screen.batch.output.manifest import (
    MANIFEST,
    Checked,
    FileUsed,
    InputUsed,
    Manifest,
    RulesUsed,
    read_manifest,
    read_outputs,
    write_manifest,
)
from screen.problems import ProblemsFound

WRITTEN = Manifest(
    program="trialscreen 0.2.0",
    format=2,
    engine="rules",
    screened_at=None,
    strict=False,
    input=InputUsed(path="../größe.csv", more=("../b.csv",), files={"größe.csv": "sha256:1"}),
    mapping=FileUsed("../map.yaml", "sha256:2", "2026.6"),
    rules=RulesUsed(None, {"vocabulary": "sha256:3", "P-1": "sha256:4"}),
    site=FileUsed("../site.yaml", "sha256:5"),
    cases={"in": 1, "screened": 1},
    decided_by={"rules": 1},
    checked=Checked("all", 1),
    outputs={"verdicts.csv": "sha256:6"},
)
TEXT = """{
  "program": "trialscreen 0.2.0",
  "format": 2,
  "engine": "rules",
  "screened_at": null,
  "strict": false,
  "input": {
    "path": "../größe.csv",
    "more": [
      "../b.csv"
    ],
    "patients": null,
    "files": {
      "größe.csv": "sha256:1"
    }
  },
  "mapping": {
    "path": "../map.yaml",
    "digest": "sha256:2",
    "tzdata": "2026.6"
  },
  "rules": {
    "path": null,
    "digests": {
      "vocabulary": "sha256:3",
      "P-1": "sha256:4"
    }
  },
  "site": {
    "path": "../site.yaml",
    "digest": "sha256:5"
  },
  "cases": {
    "in": 1,
    "screened": 1
  },
  "decided_by": {
    "rules": 1
  },
  "checked": {
    "asked": "all",
    "cases": 1
  },
  "outputs": {
    "verdicts.csv": "sha256:6"
  }
}
"""


def test_it_is_written_in_one_form_and_read_again(tmp_path: Path) -> None:
    write_manifest(tmp_path, WRITTEN)
    assert (tmp_path / MANIFEST).read_text(encoding="utf-8") == TEXT
    assert read_manifest(tmp_path) == WRITTEN
    assert read_outputs(tmp_path) == WRITTEN.outputs


def test_what_the_first_version_did_not_write_yet(tmp_path: Path) -> None:
    told = json.loads(TEXT)
    for name in ("format", "strict"):
        del told[name]
    (tmp_path / MANIFEST).write_text(json.dumps(told))
    found = read_manifest(tmp_path)
    assert (found.format, found.strict) == (1, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", "2"), ("strict", 0), ("cases", {"in": "1"}), ("input", []), ("rules", None)],
)
def test_what_is_of_another_type_is_no_manifest(tmp_path: Path, name: str, value: Any) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({**json.loads(TEXT), name: value}))
    with pytest.raises(ProblemsFound, match="it is no manifest of a batch"):
        read_manifest(tmp_path)


def test_a_link_is_no_manifest_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text(TEXT)
    (tmp_path / MANIFEST).symlink_to("elsewhere.json")
    with pytest.raises(OSError, match="no regular file"):
        read_outputs(tmp_path)
