"""The program's own rules as they were last read, so that a cold start need not read YAML.

`python -m screen.language.loading.snapshot` writes it beside the code when the program is set
up, as compiled bytecode is; it never lies in a folder of a user, and it is data, not code. It
counts only while every byte of every rule file and the code that reads them are what it was made
from; in any other case the YAML is read. Saves about 25 ms of a cold start
(`benchmarks/one_case.py`).
"""

import hashlib
import stat
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from msgspec import DecodeError, Struct, msgpack

from screen.documents.text_files import LARGEST_FILE
from screen.files import read_file
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from screen.writing import write_file

PACKAGE = Path(__file__).resolve().parents[2]
FILE = PACKAGE / "_rules.snapshot"
_HEAD = 2 * hashlib.sha256().digest_size * 2
_LARGEST = 64 << 20
_READERS = ("documents", "language", "model", "units")
_OF_READERS = (".py", ".lark", ".toml")


class Snapshot(Struct, frozen=True):
    """All rules of one folder; `made_from` stands for the files they were read from."""

    made_from: str
    vocabulary: Vocabulary
    protocols: tuple[Protocol, ...]


def load_snapshot(rules: Path, file: Path = FILE) -> Snapshot | None:
    """The rules of the folder `rules`; None unless they are exactly what was read then."""
    try:
        data = read_file(file, _LARGEST)
        made_from = _fingerprint(rules)
    except (OSError, RuntimeError, ValueError):
        # RuntimeError: a link that leads to itself. ValueError: a null byte.
        return None
    content = data[_HEAD:]
    # What follows is trusted like the YAML, so not one byte of it may be another.
    if data[:_HEAD] != _sealed(made_from, content):
        return None
    try:
        found = msgpack.decode(content, type=Snapshot, dec_hook=_fraction)
        return found if found.made_from == made_from else None
    except (DecodeError, ValueError, TypeError, ZeroDivisionError):
        return None


def differs(rules: Path, file: Path | None = None) -> bool:
    """Whether what is kept of the rules says something else than their files, though it claims
    to be made from them. Raises ProblemsFound for rules that cannot be read.
    """
    kept = load_snapshot(rules, file or FILE)
    if kept is None:
        return False
    from screen.language.loading.rules_folder import load_protocol, load_vocabulary

    vocabulary = load_vocabulary(rules)
    read = tuple(load_protocol(rules, one.id, vocabulary) for one in kept.protocols)
    return (kept.vocabulary, kept.protocols) != (vocabulary, read)


def save_snapshot(rules: Path, file: Path = FILE) -> None:
    """Read the rules from YAML and keep them. Raises ProblemsFound, OSError."""
    from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids

    vocabulary = load_vocabulary(rules)
    protocols = tuple(load_protocol(rules, name, vocabulary) for name in protocol_ids(rules))
    made_from = _fingerprint(rules)
    data = msgpack.encode(Snapshot(made_from, vocabulary, protocols), enc_hook=_plain)
    write_file(file, _sealed(made_from, data) + data)


def _sealed(made_from: str, content: bytes) -> bytes:
    """The digest of what it was made from, and that of what was made."""
    return made_from.encode() + hashlib.sha256(made_from.encode() + content).hexdigest().encode()


def _fingerprint(rules: Path) -> str:
    """SHA-256 over the bytes of the rule files, and size and time of the code that reads them.

    Raises OSError for what no rules are read from: a pipe, a device, a file too large.
    """
    digest = hashlib.sha256(str(rules.resolve()).encode())
    for path in _rule_files(rules):
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            raise OSError(path)
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    for package in _READERS:
        readers = (PACKAGE / package).rglob("*")
        for path in sorted(path for path in readers if path.suffix in _OF_READERS):
            status = path.stat()
            digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _rule_files(rules: Path) -> Iterator[Path]:
    yield from sorted((rules / "vocabulary").glob("*.yaml"))
    yield from sorted((rules / "protocols").glob("*/protocol.yaml"))


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return (value.numerator, value.denominator)
    return dict(value)


def _fraction(wanted: type, value: Any) -> Fraction:
    if wanted is not Fraction:
        raise TypeError(wanted)
    return Fraction(*value)


if __name__ == "__main__":
    from screen.language.loading.own_folder import default_rules_dir

    save_snapshot(default_rules_dir())
