"""Every command in a page is a command of the program, and those in `sh` blocks run.

A page is one session: its `sh` blocks run from top to bottom, in a copy of the folders that they
need, with the program that is installed. `# exit status 1` behind a command is what it must give.
Blocks in other languages and code in the text may hold placeholders: their commands and options
have to exist.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from screen.cli.main import app, main
from tests.docs.pages import PAGES, ROOT, blocks, name_of, prose

ALSO = (ROOT / "screen" / "audit" / "README.md",)
PROGRAM = "trialscreen"

NOT_RUN = {
    "make screen": "sets up an environment of its own; .ci/run does it",
    "make test": "runs these tests",
    "make docs": "tests/docs/test_site.py builds the site",
    "pip install '.[spark]'": "a large download, and Java; `make test-spark` checks it",
    "trialscreen batch census.parquet --out out --engine spark": "needs Spark and Java",
    ".venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy": "`make test`",
    ".venv/bin/pytest tests/spec tests/unit": "runs these tests",
    ".venv/bin/pytest tests/docs": "runs these tests",
}
"""Commands in `sh` blocks that no test runs, and why."""

_STATUS = re.compile(r"\s#.*\bexit status (\d+)")
_COMMENT = re.compile(r"\s+# .*$")


def commands(page: Path) -> list[tuple[str, int]]:
    """The commands of a page's session, each with the exit status that it must give."""
    found = []
    for block in blocks(page):
        for line in block.lines if block.language == "sh" else ():
            status = _STATUS.search(line)
            command = _COMMENT.sub("", line).strip()
            if command and not command.startswith("#"):
                found.append((command, int(status[1]) if status else 0))
    return found


def session(page: Path) -> list[tuple[str, int]]:
    return [(command, status) for command, status in commands(page) if command not in NOT_RUN]


@pytest.mark.parametrize("page", [page for page in PAGES if session(page)], ids=name_of)
def test_the_session_runs(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(ROOT / "cases", tmp_path / "cases")
    monkeypatch.chdir(tmp_path)
    for name in ("TRIALSCREEN_LEDGER", "TRIALSCREEN_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for command, status in session(page):
        program, *arguments = shlex.split(command)
        assert program == PROGRAM, f"nobody knows how to run: {command}"
        into = arguments.pop() if len(arguments) > 1 and arguments[-2] == ">" else None
        if into is not None:
            assert arguments.pop() == ">"
        assert main(arguments) == status, f"{command}\n{capsys.readouterr().err}"
        shown = capsys.readouterr().out
        if into is not None:
            Path(into).write_text(shown, encoding="utf-8")


def test_what_is_not_run_is_still_there() -> None:
    written = {command for page in PAGES for command, _ in commands(page)}
    assert NOT_RUN.keys() <= written, NOT_RUN.keys() - written


def mentions(page: Path) -> Iterator[str]:
    """Every text that begins with the program's name, in blocks and in the running text."""
    lines = [line for block in blocks(page) for line in block.lines]
    lines += re.findall(r"`([^`\n]+)`", prose(page))
    for line in lines:
        text = line.removeprefix("#").strip().removeprefix(".venv/bin/")
        if text.startswith(f"{PROGRAM} ") and not re.match(rf"{PROGRAM} \d", text):
            yield _COMMENT.sub("", text)


@pytest.mark.parametrize("page", [*PAGES, *ALSO], ids=name_of)
def test_every_command_that_is_named_exists(page: Path) -> None:
    unknown = [text for text in mentions(page) if not is_known(text)]
    assert not unknown, f"{name_of(page)} names commands or options that are not there"


def is_known(text: str) -> bool:
    """Whether its command is one, and its options are of it or of a sibling (`log | show N`)."""
    command = typer.main.get_command(app)
    options = {"--help", "--version"}
    words = text.split()[1:]
    for word in words:
        if not isinstance(command, TyperGroup) or word.isupper():
            break
        if word.startswith("-"):
            continue
        if word not in command.commands:
            return False
        options |= {
            o for one in command.commands.values() for part in one.params for o in part.opts
        }
        command = command.commands[word]
    return all(word in options for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word))


def test_what_is_not_known_is_noticed() -> None:
    assert is_known("trialscreen batch FILE --map MAP --out DIR")
    assert not is_known("trialscreen guess FILE")
    assert not is_known("trialscreen case FILE --guess")
    assert not is_known("trialscreen --guess")
    assert not is_known("trialscreen protocols guess")
