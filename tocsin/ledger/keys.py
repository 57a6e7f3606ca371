"""The key that signs: a file outside the database that only its owner can read.

A key is known by the SHA-256 of its public part (DER, SubjectPublicKeyInfo): the fingerprint that
contracts, notices and the operator's pages print. When it is replaced, the new one lies beside the
old as ``….next`` until the entry that names it is committed, so a crash at any moment leaves a key
that the ledger knows.

Source: RFC 8032 (Ed25519); RFC 8410 (its keys in PEM); RFC 5280 (SubjectPublicKeyInfo).
"""

import os
import stat
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tocsin.errors import ConfigError, LedgerError
from tocsin.paths import make_private

_MOST_BYTES = 64 * 1024


class PublicKey:
    """The part of a key that everybody may have."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_id = sha256(der).hexdigest()
        self.pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def read(cls, pem: bytes) -> "PublicKey":
        """Return the key that a PEM text holds.

        Raises:
            LedgerError: It holds none of this kind.
        """
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise LedgerError("no public key in PEM") from error
        if not isinstance(key, Ed25519PublicKey):
            raise LedgerError("the public key is none of Ed25519")
        return cls(key)

    @property
    def fingerprint(self) -> str:
        """The key id in groups of four, as people compare it."""
        return " ".join(self.key_id[at : at + 4] for at in range(0, len(self.key_id), 4))

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Return whether this key signed exactly this."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The key itself. It is never printed and has no representation that shows it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message: 64 bytes."""
        return self._key.sign(message)


def open_key(path: Path) -> SigningKey:
    """Return the key a file holds; on first use it is made, readable for its owner only.

    Raises:
        ConfigError: Others can read it, it is no key, or it cannot be read or made.
    """
    try:
        _make(path)
        return _read(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: the ledger's key cannot be read or made: {error.strerror or error}",
            hint="Name a file in a folder of the service's own, on a local disk.",
        ) from error


def find_key(path: Path) -> SigningKey | None:
    """Return the key a file holds; None where there is no file, or no key in it. None is made.

    Raises:
        ConfigError: Others can read it, or it cannot be read: it need not be lost.
    """
    try:
        return _parsed(_pem(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(
            f"{path}: the ledger's key cannot be read: {error.strerror or error}",
            hint="Let the service's user read it, and nobody else.",
        ) from error


def next_path(path: Path) -> Path:
    """Return where the key lies that is to replace this one."""
    return path.with_name(f"{path.name}.next")


def replace_key(path: Path, *, is_old: bool = True) -> None:
    """Let the next key take the place of this one; the old one is gone then.

    Args:
        path: Of the key.
        is_old: What lies there is the old key. Anything else is nobody's to destroy: it is set
            aside under a name of its own.
    """
    if not is_old and os.path.lexists(path):
        number = 1
        while os.path.lexists(aside := path.with_name(f"{path.name}.set-aside-{number}")):
            number += 1
        path.rename(aside)
    next_path(path).replace(path)
    _sync(path.parent)


def _make(path: Path) -> None:
    if path.exists():
        return
    make_private(path.parent)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(unfinished)  # of two that make a key at once, one wins
        except FileExistsError:
            return
        _sync(path.parent)
    finally:
        unfinished.unlink()


def _read(path: Path) -> SigningKey:
    key = _parsed(_pem(path))
    if key is None:
        raise no_key(path)
    return key


def no_key(path: Path) -> ConfigError:
    """Return what to raise where a file holds no key."""
    return ConfigError(
        f"{path}: this is no Ed25519 key in PEM without a password",
        hint="Put the key back from your copy.",
    )


def _pem(path: Path) -> bytes:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            mode = stat.S_IMODE(status.st_mode)
            raise ConfigError(
                f"{path}: others can read the ledger's key (mode {mode:04o})",
                hint=f"Find out who had access, run: chmod 600 {path}, and if somebody may have "
                "read it: tocsin evidence rotate-key",
            )
        return file.read(_MOST_BYTES)


def _parsed(pem: bytes) -> SigningKey | None:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return SigningKey(key) if isinstance(key, Ed25519PrivateKey) else None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
