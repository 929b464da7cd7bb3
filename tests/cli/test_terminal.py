"""The command as a process of its own: pipes, terminals, colour, encodings."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "screen.cli.main"]
CASE = [*COMMAND, "case", "cases/eligible.yaml", "-p", "NCT04334044"]
ANSI = re.compile("\x1b\\[[0-9;]*m")


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(HERE.parent.parent), "TERM": "xterm-256color", **more}


def on_a_terminal(command: list[str], **more: str) -> str:
    """What `command` writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=HERE, stdout=theirs, env=environment(**more)) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")


def in_a_pipe(command: list[str], **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, cwd=HERE, capture_output=True, env=environment(**more), check=False
    )


def test_colour_on_a_terminal_repeats_the_words_of_a_pipe() -> None:
    shown = on_a_terminal(CASE)
    piped = in_a_pipe(CASE)
    assert piped.returncode == 0
    assert b"\x1b" not in piped.stdout
    assert "\x1b[32m\x1b[1mELIGIBLE\x1b[0m" in shown
    assert ANSI.sub("", shown) == piped.stdout.decode()


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_turned_off(setting: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal(CASE, **setting)


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        CASE, cwd=HERE, stdout=write, stderr=subprocess.PIPE, env=environment(), check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_ascii_terminal_gets_ascii_and_json_stays_utf_8(tmp_path: Path) -> None:
    case = tmp_path / "é.json"
    told = {"case": "é", "screened_at": "2020-03-21", "patient": {"sex": "male"}}
    case.write_text(json.dumps({**told, "observations": {}}), encoding="utf-8")
    command = [*COMMAND, "case", str(case), "-p", "vannucchi-2020"]
    shown = in_a_pipe(command, PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert b"Case \\xe9" in shown.stdout
    shown = in_a_pipe([*command, "--format", "json"], PYTHONIOENCODING="ascii")
    assert json.loads(shown.stdout.decode("utf-8"))["case"] == "é"


def test_no_heavy_library_is_loaded_for_a_case() -> None:
    heavy = ("duckdb", "pyarrow", "openpyxl", "pint", "ucumvert", "lark", "ibis", "rich.console")
    code = (
        "import sys; from screen.cli.main import main; status = main(sys.argv[1:]);"
        f"print([name for name in {heavy!r} if name in sys.modules], status, file=sys.stderr)"
    )
    done = in_a_pipe([sys.executable, "-c", code, *CASE[3:]])
    assert done.stderr == b"[] 0\n"
