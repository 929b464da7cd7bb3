"""What the terminal shows, to the letter.

`TRIALSCREEN_GOLDEN=write pytest tests/cli` writes the files anew; read the difference before
you keep it.
"""

import os
import re
from pathlib import Path

import pytest

from screen.cli.main import main
from screen.explain.words.plain_text import cells
from screen.language.loading.own_folder import default_rules_dir

HERE = Path(__file__).parent

COMMANDS = {
    "case-eligible.txt": "case cases/eligible.yaml -p gamma-3",
    "case-eligible.json": "case cases/eligible.yaml -p gamma-3 --format json",
    "case-pending.txt": "case cases/pending.yaml -p gamma-3",
    "case-messy.txt": "case cases/messy.yaml",
    "case-messy.md": "case cases/messy.yaml --format markdown",
    "case-two.txt": "case cases/eligible.yaml cases/pending.yaml -p beta-2",
    "explain-eligible.txt": "explain cases/eligible.yaml gamma-3",
    "explain-eligible.md": "explain cases/eligible.yaml gamma-3 --format markdown",
    "explain-messy.txt": "explain cases/messy.yaml alpha-1",
    "explain-messy.json": "explain cases/messy.yaml beta-2 --format json",
    "protocols-list.txt": "protocols list",
    "protocols-show.txt": "protocols show gamma-3",
    "concepts-tuberculosis.txt": "concepts tuberculosis",
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our vocabulary with the protocols beside this file, which nobody has reason to edit."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "vocabulary").symlink_to(default_rules_dir() / "vocabulary")
    (folder / "protocols").symlink_to(HERE / "protocols")
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_shown_to_the_letter(
    name: str, rules: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    status = main([*COMMANDS[name].split(), "--rules", str(rules)])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    if not name.endswith(".json"):
        assert max(cells(line) for line in out.splitlines()) <= 80
    # A digest changes with every byte of the rules, also with those that show nowhere.
    shown = re.sub("sha256:[0-9a-f]{64}", "sha256:<digest>", out)
    golden = HERE / "golden" / name
    if os.environ.get("TRIALSCREEN_GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_every_golden_file_has_its_command() -> None:
    assert {path.name for path in (HERE / "golden").iterdir()} == set(COMMANDS)
