"""A snapshot of the rules is used only while it is what the rules would be read as."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids
from screen.language.loading.snapshot import load_snapshot, save_snapshot


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_rules_dir(), tmp_path / "rules"))


def test_it_holds_what_the_yaml_says(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    save_snapshot(rules, file)
    kept = load_snapshot(rules, file)
    vocabulary = load_vocabulary(rules)
    assert kept is not None
    assert kept.vocabulary == vocabulary
    assert kept.protocols == tuple(
        load_protocol(rules, name, vocabulary) for name in protocol_ids(rules)
    )


@pytest.mark.parametrize(
    "changed", ["vocabulary/units.yaml", "protocols/nct04334044/protocol.yaml"]
)
def test_a_changed_rule_file_is_read_again(rules: Path, tmp_path: Path, changed: str) -> None:
    file = tmp_path / "kept"
    save_snapshot(rules, file)
    with (rules / changed).open("a", encoding="utf-8") as text:
        text.write("\n")
    assert load_snapshot(rules, file) is None


def test_a_new_protocol_is_seen(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    save_snapshot(rules, file)
    shutil.copytree(rules / "protocols/nct04334044", rules / "protocols/another")
    assert load_snapshot(rules, file) is None


def test_a_damaged_snapshot_is_not_used(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    save_snapshot(rules, file)
    whole = file.read_bytes()
    for cut in (0, 10, 64, 65, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        assert load_snapshot(rules, file) is None
    file.write_bytes(b"0" + whole[1:] if whole[:1] != b"0" else b"1" + whole[1:])
    assert load_snapshot(rules, file) is None


def test_no_snapshot_is_no_problem(rules: Path, tmp_path: Path) -> None:
    assert load_snapshot(rules, tmp_path / "none") is None


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
@pytest.mark.parametrize("name", ["vocabulary/zz.yaml", "protocols/x/protocol.yaml"])
def test_what_is_no_file_of_rules_is_not_read_for_it(
    rules: Path, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "kept"
    save_snapshot(rules, file)
    (rules / name).parent.mkdir(exist_ok=True)
    os.mkfifo(rules / name)  # reading it would wait for ever
    assert load_snapshot(rules, file) is None
    (rules / name).unlink()
    with (rules / name).open("wb") as huge:
        huge.truncate(20 * 1024**3)  # sparse; read whole, it would take all memory
    assert load_snapshot(rules, file) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_a_link_to_itself_is_no_folder_of_rules(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert load_snapshot(tmp_path / "loop", tmp_path / "kept") is None


def test_any_changed_byte_means_that_the_yaml_is_read(tmp_path: Path) -> None:
    import random

    from screen.language.loading.own_folder import default_rules_dir
    from screen.language.loading.snapshot import load_snapshot, save_snapshot

    file = tmp_path / "kept"
    save_snapshot(default_rules_dir(), file)
    assert load_snapshot(default_rules_dir(), file) is not None
    whole, chance = file.read_bytes(), random.Random(20200321)
    for place in chance.sample(range(len(whole)), 40):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(changed))
        assert load_snapshot(default_rules_dir(), file) is None


def test_rules_that_were_forged_and_sealed_are_seen_by_whoever_audits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """93 % made 83 %, with every digest right: the program trusts it, verify and log say so."""
    from msgspec import msgpack
    from msgspec.structs import replace

    from screen.cli.main import main
    from screen.language.loading import snapshot
    from screen.language.loading.own_folder import default_rules_dir

    file = tmp_path / "kept"
    save_snapshot(default_rules_dir(), file)
    kept = load_snapshot(default_rules_dir(), file)
    assert kept is not None
    assert not snapshot.differs(default_rules_dir(), file)
    first, *others = kept.protocols
    forged = replace(kept, protocols=(replace(first, title="Another trial"), *others))
    data = msgpack.encode(forged, enc_hook=snapshot._plain)
    file.write_bytes(snapshot._sealed(kept.made_from, data) + data)
    assert snapshot.differs(default_rules_dir(), file)
    monkeypatch.setattr(snapshot, "FILE", file)
    ledger = tmp_path / "a.ledger"
    case = Path(__file__).parents[4] / "cases" / "respire-eligible.yaml"
    assert main(["case", str(case), "--ledger", str(ledger)]) == 0
    for command in ("verify", "log"):
        capsys.readouterr()
        assert main(["audit", command, "--ledger", str(ledger)]) == 1
        assert "kept of the rules is not what their files say" in capsys.readouterr().err
