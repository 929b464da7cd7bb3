"""Keys and signatures: Ed25519, over the hash of an entry and so over everything before it.

A signature holds what 21 CFR 11.50 asks for: the printed name, the date and time, the meaning.
"""

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screen.audit.entry.canonical_json import Json, canonical_bytes
from screen.audit.failures import cannot_read, cannot_write, not_accepted
from screen.audit.privacy.secret_file import read_secret
from screen.digests import digest_of
from screen.files import read_file, reason_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

MEANINGS = ("reviewed", "approved")
_PURPOSE = b"trialscreen signature 1\n"
_LARGEST_KEY = 1 << 14
_SIGNED = ("signs", "name", "meaning", "signed_at", "key")


def make_keys(path: Path) -> Path:
    """Make a key pair: the private key in `path`, mode 600, and the public one beside it.

    The answer is the public key's file, `<path>.pub`. Raises ProblemsFound; a file that exists
    is never overwritten.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public_path = path.with_name(path.name + ".pub")
    if public_path.exists() or public_path.is_symlink():
        raise cannot_write(public_path, "it exists already, and a key is never overwritten")
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    write_new(path, private, 0o600)
    write_new(public_path, public, 0o644)
    return public_path


def make_case_key(path: Path) -> None:
    """Make a site's secret for keyed case identifiers. Raises ProblemsFound, as `make_keys`."""
    write_new(path, os.urandom(32).hex().encode() + b"\n", 0o600)


def write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that must not exist yet, and see it safe on the disk. Raises ProblemsFound."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise cannot_write(path, "it exists already, and a key is never overwritten") from None
    except OSError as error:
        raise cannot_write(path, reason_of(error)) from None


def read_private_key(path: Path) -> "Ed25519PrivateKey":
    """A private key that nobody else may read. Raises ProblemsFound."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = read_secret(path, "so it proves nobody")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError):
        key = None
    except Exception as error:  # noqa: BLE001 - cryptography has no common base of its errors
        raise cannot_read(path, type(error).__name__) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise cannot_read(path, "it is no private key that audit keygen made")
    return key


def read_public_key(path: Path) -> str:
    """The public key in a file, as entries hold it. Raises ProblemsFound."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key: Any = load_pem_public_key(_read(path))
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise cannot_read(path, "it is no public key that audit keygen made")
    return public_text(key)


def _read(path: Path) -> bytes:
    try:
        return read_file(path, _LARGEST_KEY)
    except OSError as error:
        raise cannot_read(path, reason_of(error)) from None


def public_text(key: "Ed25519PublicKey") -> str:
    """The 32 bytes of a public key in base64."""
    return base64.b64encode(key.public_bytes_raw()).decode("ascii")


def fingerprint(key: str) -> str:
    """The first 16 hexadecimal digits of a public key's digest, for people to compare."""
    return digest_of(key.encode("ascii")).removeprefix("sha256:")[:16]


def signature_json(
    key: "Ed25519PrivateKey", signs: Json, name: str, meaning: str, signed_at: str
) -> Json:
    """What a signature entry holds; `signs` is the number and the hash of the entry.

    Raises ProblemsFound for an empty name or another meaning.
    """
    if not name.strip() or not name.isprintable():
        raise not_accepted("the name", name, "the printed name of the person who signs")
    if meaning not in MEANINGS:
        raise not_accepted("the meaning", meaning, " or ".join(MEANINGS))
    entry: Json = {
        "signs": signs,
        "name": name.strip(),
        "meaning": meaning,
        "signed_at": signed_at,
        "key": public_text(key.public_key()),
    }
    return entry | {"signature": base64.b64encode(key.sign(_signed(entry))).decode("ascii")}


def is_genuine(body: Json) -> bool:
    """Whether a signature entry was signed with the key that it names."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(body["key"], validate=True))
        key.verify(base64.b64decode(body["signature"], validate=True), _signed(body))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def _signed(body: Json) -> bytes:
    return _PURPOSE + canonical_bytes({name: body[name] for name in _SIGNED})
