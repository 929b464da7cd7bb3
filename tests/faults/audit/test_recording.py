"""What is recorded can be read again, whatever it holds; what was done is told, come what may."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CASE = ROOT / "cases" / "respire-eligible.yaml"
PROTOCOL = "NCT04361903"


def ran(
    folder: Path, *arguments: str | bytes | Path, **more: object
) -> subprocess.CompletedProcess[str]:
    """The command in a folder, as a process of its own."""
    settings = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    environment = {**os.environ, **settings, **more.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "screen.cli.main", *arguments]
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=False,
        **{"stdout": subprocess.PIPE, **more},
    )  # fmt: skip


def screened(folder: Path, *arguments: str | bytes | Path) -> subprocess.CompletedProcess[str]:
    return ran(folder, "case", CASE, "-p", PROTOCOL, "--ledger", "a.ledger", *arguments)


def whole(folder: Path, ledger: str | Path = "a.ledger") -> bool:
    return ran(folder, "audit", "verify", "--ledger", ledger).returncode == 0


def test_a_name_that_is_no_unicode(tmp_path: Path) -> None:
    assert screened(tmp_path).returncode == 0
    for name in (b"M\xfcller", "", " ", "\u202eDr", "x" * 100_000, "a\nb"):
        said = screened(tmp_path, "--by", name)
        assert (said.returncode, said.stdout) == (2, ""), name
        assert "printable characters" in said.stderr
    assert screened(tmp_path, "--by", "Müller").returncode == 0
    assert whole(tmp_path)


@pytest.mark.parametrize("which", ["case", "site"])
def test_a_path_that_is_no_unicode(tmp_path: Path, which: str) -> None:
    assert screened(tmp_path).returncode == 0
    odd = os.fsencode(tmp_path) + b"/f\xff.yaml"
    text = CASE.read_bytes() if which == "case" else b"staleness: {platelets: 72 h}\n"
    Path(os.fsdecode(odd)).write_bytes(text)
    case, more = (odd, ()) if which == "case" else (CASE, ("--site", odd))
    said = ran(tmp_path, "case", case, "-p", PROTOCOL, "--ledger", "a.ledger", *more)
    assert (said.returncode, said.stdout) == (2, "")
    assert "not UTF-8" in said.stderr
    assert whole(tmp_path)


def test_a_reason_that_is_no_unicode(tmp_path: Path) -> None:
    assert screened(tmp_path).returncode == 0
    about = ("-p", PROTOCOL, "--criterion", "thrombocytopenia", "--finding", "met")
    note = ("audit", "note", "1", "--ledger", "a.ledger", *about, "--reason")
    said = ran(tmp_path, *note, b"M\xfcller")
    assert (said.returncode, said.stdout) == (2, "")
    assert ran(tmp_path, *note, "Müller sagt\nnein").returncode == 0
    assert whole(tmp_path)


def test_another_locale(tmp_path: Path) -> None:
    command = ("case", CASE, "-p", PROTOCOL, "--ledger", "a.ledger", "--by", "Müller")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert ran(tmp_path, *command, env=plain).returncode in (0, 2)
    assert screened(tmp_path).returncode == 0
    assert whole(tmp_path)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_writers_by_several_names_make_one_chain(tmp_path: Path, link: object) -> None:
    assert screened(tmp_path).returncode == 0
    (tmp_path / "ward").mkdir()
    link(tmp_path / "a.ledger", tmp_path / "ward" / "b.ledger")  # type: ignore[operator]
    cases = [str(CASE)] * 12
    command = [sys.executable, "-m", "screen.cli.main", "case", *cases, "-p", PROTOCOL, "--ledger"]
    writers = [
        subprocess.Popen(
            [*command, name],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )
        for name in ("a.ledger", "ward/b.ledger")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert whole(tmp_path)
    assert whole(tmp_path, "ward/b.ledger")
    assert len((tmp_path / "a.ledger").read_bytes().splitlines()) == 25
    assert not list(tmp_path.rglob("*.lock"))


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    assert screened(tmp_path).returncode == 0
    for command in (["log"], ["verify"], ["show", "1"], ["screening-log"]):
        ran(tmp_path, "audit", *command, "--ledger", "a.ledger")
    assert [path.name for path in tmp_path.iterdir()] == ["a.ledger"]


def test_a_full_output(tmp_path: Path) -> None:
    """Whatever was done by then is said, and is true."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_bytes(CASE.read_bytes())
    batch = ("batch", "in", "-p", PROTOCOL, "--out", "o", "--ledger", "a.ledger")
    note = ("audit", "note", "1", "-p", PROTOCOL, "--criterion", "thrombocytopenia")
    sign = ("audit", "sign", "--key", "k", "--name", "B", "--meaning", "approved")
    record = ("--ledger", "a.ledger")
    for command, status, said in (
        (("case", CASE, "-p", PROTOCOL), 1, "the answer could not be shown: no space"),
        (("case", CASE, "-p", PROTOCOL, *record), 1, "recorded as entry 1"),
        (batch, 1, "recorded as entry 2"),
        ((*note, "--finding", "met", "--reason", "x", *record), 1, "recorded as entry 3"),
        (("audit", "keygen", "--out", "k"), 1, "k.pub"),
        ((*sign, *record), 1, "recorded as entry 4"),
    ):
        with Path("/dev/full").open("w") as full:
            told = ran(tmp_path, *command, stdout=full)
        assert told.returncode == status, told.stderr
        assert said in told.stderr
        assert "could not be shown: no space left on device" in told.stderr
        assert "unexpected" not in told.stderr
    assert len((tmp_path / "a.ledger").read_bytes().splitlines()) == 4
    assert whole(tmp_path)


@pytest.mark.parametrize("ledger", ["/dev/full", "/dev/null", "folder", "", "x" * 300, "none/a"])
def test_what_can_be_no_ledger_stops_everything(tmp_path: Path, ledger: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_bytes(CASE.read_bytes())
    for command in (("case", CASE), ("batch", "in", "--out", "o")):
        said = ran(tmp_path, *command, "-p", PROTOCOL, "--ledger", ledger)
        assert (said.returncode, said.stdout) == (2, "")
        assert "unexpected" not in said.stderr
        assert said.stderr
    assert not (tmp_path / "o").exists()


def test_a_batch_that_cannot_be_recorded_gets_no_name(tmp_path: Path) -> None:
    """The ledger is replaced by a damaged one while the batch runs."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_bytes(CASE.read_bytes())
    (tmp_path / "spoil.py").write_text(
        "import sys, screen.batch.run as r\n"
        "from pathlib import Path\n"
        "from screen.cli.main import main\n"
        "before = r.finish\n"
        "def finish(*given):\n"
        "    Path('a.ledger').write_bytes(b'nothing of ours\\n')\n"
        "    return before(*given)\n"
        "r.finish = finish\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    arguments = ["batch", "in", "-p", PROTOCOL, "--out", "o", "--ledger", "a.ledger"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "spoil.py", *arguments]
    told = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (2, "")
    assert "a.ledger" in told.stderr
    assert "not recorded" in told.stderr
    assert "--resume records it" in " ".join(told.stderr.split())
    assert not (tmp_path / "o").exists()
    (tmp_path / "a.ledger").unlink()
    assert ran(tmp_path, *arguments, "--resume").returncode == 0
    assert whole(tmp_path)


def test_a_batch_with_a_case_key_names_no_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "smith.yaml").write_bytes(CASE.read_bytes())
    assert ran(tmp_path, "audit", "keygen", "--case-key", "--out", "key").returncode == 0
    keyed = ("--ledger", "a.ledger", "--case-key", "key")
    batch = ("batch", "in", "-p", PROTOCOL, "--out")
    assert ran(tmp_path, *batch, "o", *keyed).returncode == 0
    assert "smith" not in (tmp_path / "a.ledger").read_text()
    assert whole(tmp_path)
    (tmp_path / "key").chmod(0o644)
    said = ran(tmp_path, *batch, "p", *keyed)
    assert (said.returncode, (tmp_path / "p").exists()) == (2, False)
    assert "chmod 600" in said.stderr


@pytest.mark.parametrize("command", ["case", "batch"])
def test_a_ledger_that_is_damaged_in_its_middle_takes_no_entry(
    tmp_path: Path, command: str
) -> None:
    for _ in range(3):
        assert screened(tmp_path).returncode == 0
    ledger = tmp_path / "a.ledger"
    first, second, third = ledger.read_bytes().splitlines(keepends=True)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_bytes(CASE.read_bytes())
    given = {"case": ("case", CASE), "batch": ("batch", "in", "--out", "o")}[command]
    for damaged in (second.replace(b'"met"', b'"mex"', 1), b"", second + second):
        ledger.write_bytes(first + damaged + third)
        said = ran(tmp_path, *given, "-p", PROTOCOL, "--ledger", "a.ledger")
        assert (said.returncode, said.stdout) == (2, "")
        assert "nothing is added to it" in said.stderr
        assert ledger.read_bytes() == first + damaged + third
    assert not (tmp_path / "o").exists()


def test_an_output_of_a_later_version_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_bytes(CASE.read_bytes())
    assert ran(tmp_path, "batch", "in", "-p", PROTOCOL, "--out", "o").returncode == 0
    manifest = tmp_path / "o" / "manifest.json"
    told = manifest.read_text()
    assert '"format": 2' in told
    manifest.write_text(told.replace('"format": 2', '"format": 3'))
    said = ran(tmp_path, "explain", "--from", "o", "respire-eligible", PROTOCOL)
    assert said.returncode == 2
    assert "a later version of the program" in said.stderr
