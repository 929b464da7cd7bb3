"""Every command on terminals of several widths, with and without colour."""

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import sys
import termios
from pathlib import Path

import pytest

from screen.explain.words.plain_text import cells

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ANSI = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile("\x1b\\[[0-9;]*m")
# One process runs all commands of a terminal: to start Python is most of the time.
RUN = """
import json, sys
from screen.cli.main import main
for command in json.loads(sys.argv[1]):
    print("\\n=====", flush=True)
    print(f"\\n-----{main(command)}", flush=True)
"""
PROTOCOLS = sorted(path.name for path in (ROOT / "rules/protocols").iterdir())


def commands(folder: Path) -> list[list[str]]:
    """Every command, with what it needs in `folder`."""
    good, messy = "cases/eligible.yaml", "cases/messy.yaml"
    ledger, cases = str(folder / "ledger"), str(folder / "cases")
    shutil.copytree(HERE / "cases", cases)
    eligible = str(ROOT / "cases/ruxcoflam-eligible.yaml")
    of_ledger, signed = ["--ledger", ledger], ["--name", "Dr B", "--meaning", "approved"]
    reason = "the count of the evening before was taken from the wrong patient, see the ward's log"
    noted = ["-p", "NCT04338958", *_NOTED, "--reason", reason]
    return [
        ["case", good],
        ["case", good, messy],
        ["case", eligible, "--ledger", ledger],
        ["explain", good, "NCT04334044"],
        ["explain", messy, "NCT04338958"],
        ["batch", cases, "--out", str(folder / "out"), "--workers", "1"],
        ["protocols", "list"],
        *(["protocols", "show", name] for name in PROTOCOLS),
        ["concepts"],
        ["concepts", "platelets"],
        ["checklist", good, "-p", "NCT04334044", "--out", str(folder / "list.html")],
        ["explain", "--from", str(folder / "out"), "E-01", "NCT04334044"],
        ["audit", "keygen", "--out", str(folder / "key")],
        ["audit", "sign", *of_ledger, "--key", str(folder / "key"), *signed],
        ["audit", "note", "1", *of_ledger, *noted],
        ["audit", "show", "1", *of_ledger],
        ["audit", "show", "3", *of_ledger],
        ["audit", "replay", *of_ledger],
        ["audit", "screening-log", *of_ledger, "--out", str(folder / "log.md")],
        ["audit", "verify", *of_ledger],
        ["audit", "log", *of_ledger],
    ]


def refused(folder: Path) -> list[list[str]]:
    """What each command refuses."""
    good, of_ledger = "cases/eligible.yaml", ["--ledger", str(folder / "ledger")]
    bad, table = folder / "bad.yaml", folder / "bad.csv"
    bad.write_text("case: A\nscreened_at: yesterday\npatient: {sex: m}\nobservations: {PLT: 9}\n")
    table.write_text('case,screened_at,PLT,"long name of a column that nobody knows"\nA,2020,9,9\n')
    return [
        ["case", str(folder / "none.yaml")],
        ["case", str(bad)],
        ["case", good, "-p", "NCT0433404"],
        ["case", good, "--site", str(bad)],
        ["explain", good, "NCT0433404"],
        ["explain", "--from", str(folder / "out"), "nobody", "NCT04334044"],
        ["explain", "--from", str(folder / "cases"), "E-01", "NCT04334044"],
        ["batch", str(table), "--out", str(folder / "bad")],
        ["batch", str(folder / "cases"), "--out", str(folder / "out")],
        ["batch", str(folder / "cases"), "--out", str(folder / "new"), "--map", str(bad)],
        ["protocols", "show", "NCT0433404"],
        ["concepts", "platlets"],
        ["checklist", str(bad), "-p", "NCT04334044"],
        ["audit", "verify", "--ledger", str(table)],
        ["audit", "verify", *of_ledger, "--head", "a"],
        ["audit", "show", "99", *of_ledger],
        ["audit", "note", "1", *of_ledger, "-p", "X", *_NOTED, "--reason", "x"],
        ["audit", "sign", *of_ledger, "--key", str(bad), "--name", "B", "--meaning", "approved"],
        ["audit", "replay", *of_ledger, "--entry", "99"],
        ["audit", "keygen", "--out", str(folder / "key")],
    ]


_NOTED = ["--criterion", "thrombocytopenia", "--finding", "met"]


def shown(columns: int, folder: Path, **setting: str) -> list[tuple[list[str], int, str]]:
    """Each command with its exit status and what it writes to a terminal of `columns`."""
    told = [*commands(folder), *refused(folder)]
    child, terminal = pty.fork()
    if not child:
        os.chdir(HERE)
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        more = {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **setting}
        os.execve(sys.executable, [sys.executable, "-c", WAIT + RUN, json.dumps(told)], kept | more)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    os.write(terminal, b"\n")
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, b"".join(parts).decode()
    text = b"".join(parts).decode().replace("\r\n", "\n")
    entries = text.split("\n=====\n")[1:]
    assert len(entries) == len(told)
    found = []
    for command, entry in zip(told, entries, strict=True):
        out, _, status = entry.rpartition("\n-----")
        found.append((command, int(status), out))
    return found


# The child starts when its terminal has its size.
WAIT = "import sys; sys.stdin.readline()\n"


@pytest.mark.parametrize("columns", [60, 80, 132])
@pytest.mark.parametrize("setting", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_every_command_on_a_terminal(columns: int, setting: dict[str, str], tmp_path: Path) -> None:
    ran = shown(columns, tmp_path, **setting)
    good = len(ran) - len(refused(tmp_path))
    for place, (command, status, text) in enumerate(ran):
        assert (status == 0) == (place < good), (command, text)
        assert "unexpected" not in text, (command, text)
        assert "Traceback" not in text, (command, text)
        if setting:
            assert not COLOUR.search(text), command
            # A bar that shows how far a batch is moves the cursor.
            assert command[0] == "batch" or "\x1b" not in text, command
        if place >= good or "keygen" in command:
            # A message is one line, whatever paths it holds; the terminal breaks it.
            assert text.strip(), command
            continue
        lines = [ANSI.sub("", part) for line in text.split("\n") for part in line.split("\r")]
        # What is copied is never broken, a digest or a receipt, and audit writes 80 columns
        # whatever the terminal has.
        most = max(columns, 80) if command[0] == "audit" else columns
        whole = [line for line in lines if not line.startswith("receipt ")]
        assert not [line for line in whole if cells(line) > most], command
        if command[0] == "case" and "--ledger" in command:
            assert re.search(
                r"ELIGIBLE .*\d+ satisfied, 1 assumed$", "\n".join(lines), re.MULTILINE
            ), text
